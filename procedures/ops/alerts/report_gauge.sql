-- writes ops.gauges; errors TR813
CREATE OR REPLACE FUNCTION ops.report_gauge(metric text, subject text, value float8)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF (report_gauge.metric ~ '^[a-z][a-z0-9_]{0,62}$' AND length(report_gauge.subject) <= 300
      AND abs(report_gauge.value) < 'Infinity') IS NOT TRUE
     OR (SELECT count(*) FROM ops.gauges AS g WHERE (g.metric, g.subject) <> (report_gauge.metric,
                                                                              report_gauge.subject)) >= 1000 THEN
    RAISE EXCEPTION 'a gauge is a word, a subject and a finite number, and there are at most 1,000'
      USING ERRCODE = 'TR813', DETAIL = format('%s of %s: %s.', left(report_gauge.metric, 64),
                                               left(report_gauge.subject, 64), report_gauge.value),
            HINT = 'ops.gauges lists those there are.';
  END IF;
  INSERT INTO ops.gauges AS g (metric, subject, value, reported_at)
  VALUES (report_gauge.metric, report_gauge.subject, report_gauge.value, internal.clock())
  ON CONFLICT ON CONSTRAINT gauges_pkey DO UPDATE SET value = EXCLUDED.value, reported_at = EXCLUDED.reported_at;
END
$$;
COMMENT ON FUNCTION ops.report_gauge(text, text, float8) IS
  'Reports what PostgreSQL cannot measure, for rules of alerts to ask: runners report how much of the disk is free. '
  'Error TR813.';
REVOKE ALL ON FUNCTION ops.report_gauge(text, text, float8) FROM PUBLIC;
