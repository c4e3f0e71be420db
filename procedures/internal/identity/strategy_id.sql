-- reads strategy.strategies; errors TR702
CREATE OR REPLACE FUNCTION internal.strategy_id(p_strategy text)
RETURNS int
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  v_actor    text := ops.actor();
  v_is_staff boolean := identity.is_staff();
  v_owner    text := substring(p_strategy FROM '^(.*)/[^/]*$');
  v_name     text := substring(p_strategy FROM '[^/]*$');
  v_ids      int[];
  v_labels   text[];
BEGIN
  IF v_owner IS NULL THEN
    SELECT array_agg(s.strategy_id ORDER BY s.owner) INTO v_ids
      FROM strategy.strategies AS s WHERE s.name = v_name AND (s.owner = v_actor OR s.owner IS NULL);
  END IF;
  IF v_ids IS NULL THEN
    SELECT array_agg(s.strategy_id), array_agg(s.owner || '/' || s.name ORDER BY s.strategy_id) INTO v_ids, v_labels
      FROM strategy.strategies AS s
     WHERE s.name = v_name AND (v_owner IS NULL OR coalesce(s.owner, '') = v_owner)
       AND (v_is_staff OR s.owner = v_actor OR s.owner IS NULL);
    IF cardinality(v_ids) > 1 THEN
      RAISE EXCEPTION 'more than one strategy is named "%"', p_strategy
        USING ERRCODE = 'TR702', DETAIL = format('They are %s.', array_to_string(v_labels[:10], ', ')),
              HINT = 'Say owner/name.';
    END IF;
  END IF;
  RETURN v_ids[1];
END
$$;
COMMENT ON FUNCTION internal.strategy_id(text) IS
  'Identifier of the strategy with this name that who acts may read: their own, else the house''s, which /name says '
  'alone; for administrators and runners that of anybody, by owner/name where the name is not clear. NULL when there '
  'is none. Error TR702.';
