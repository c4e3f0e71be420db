-- writes strategy.strategy_versions, ops.events; errors TR249, TR501, TR502
CREATE OR REPLACE FUNCTION strategy.record_check(
  strategy text, version int, status strategy.check_status, error text DEFAULT NULL, explanation text DEFAULT NULL,
  normalized jsonb DEFAULT NULL, models text[] DEFAULT '{}', at timestamptz DEFAULT now())
RETURNS strategy.strategy_versions
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_version strategy.strategy_versions := internal.find_version(record_check.strategy, record_check.version);
BEGIN
  IF (record_check.status <> 'unchecked' AND (record_check.status = 'refused') = (record_check.error IS NOT NULL)
      AND length(coalesce(record_check.error, '')) <= 10000
      AND length(coalesce(record_check.explanation, '')) <= 1000000
      AND (record_check.normalized IS NULL OR jsonb_typeof(record_check.normalized) = 'object')
      AND cardinality(record_check.models) <= 1000
      AND array_position(record_check.models, NULL) IS NULL) IS NOT TRUE THEN
    RAISE EXCEPTION 'a check ends with checked, or with refused and an error'
      USING ERRCODE = 'TR502',
            DETAIL = format('status %s, error %L, models %s.', coalesce(record_check.status::text, 'NULL'),
                            left(record_check.error, 100), coalesce(left(record_check.models::text, 100), 'NULL')),
            HINT = 'Give status => ''checked'', or status => ''refused'' and error => what is wrong, and where.';
  END IF;
  RETURN internal.put_check(v_version.strategy_id, v_version.version, record_check.status, record_check.error,
                            record_check.explanation, record_check.normalized, record_check.models, record_check.at);
END
$$;
COMMENT ON FUNCTION strategy.record_check(
  text, int, strategy.check_status, text, text, jsonb, text[], timestamptz) IS
  'Records what the parser of the program or a runner says of a version that was unchecked: checked with its '
  'explanation, normal form and models, or refused with the error. The first check counts; a version that was checked '
  'already is answered as it is. version NULL: the latest. Errors TR249, TR501, TR502.';
REVOKE ALL ON FUNCTION strategy.record_check(
  text, int, strategy.check_status, text, text, jsonb, text[], timestamptz) FROM PUBLIC;
