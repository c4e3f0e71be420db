-- reads strategy.strategies, strategy.strategy_versions; errors TR501, TR702
CREATE OR REPLACE FUNCTION internal.find_version(p_strategy text, p_version int)
RETURNS strategy.strategy_versions
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  v_version strategy.strategy_versions;
BEGIN
  SELECT v.* INTO v_version
    FROM strategy.strategy_versions AS v
   WHERE v.strategy_id = internal.strategy_id(p_strategy) AND v.version = coalesce(p_version, v.version)
   ORDER BY v.version DESC LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown strategy "%" version %',
      coalesce(left(p_strategy, 330), 'NULL'), coalesce(p_version::text, 'latest')
      USING ERRCODE = 'TR501', DETAIL = 'Neither you nor the house has such a strategy.',
            HINT = 'Create it with strategy.create_strategy(...).';
  END IF;
  RETURN v_version;
END
$$;
COMMENT ON FUNCTION internal.find_version(text, int) IS
  'This version of a strategy, or (NULL) its latest, for who may read it. Errors TR501, TR702.';
