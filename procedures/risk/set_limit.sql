-- writes risk.limits, ops.events; errors TR305, TR306
CREATE OR REPLACE FUNCTION risk.set_limit(metric risk.metric, bound numeric, scope risk.scope DEFAULT 'system', target text DEFAULT NULL, at timestamptz DEFAULT now())
RETURNS risk.limits
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_scope_id int := risk.scope_id(set_limit.scope, set_limit.target);
  v_limit    risk.limits;
BEGIN
  IF set_limit.metric IS NULL OR NOT (coalesce(set_limit.bound, 0) >= 0 AND coalesce(set_limit.bound, 0) < 1e20) THEN
    RAISE EXCEPTION 'a limit needs a metric and a bound that is not negative'
      USING ERRCODE = 'TR305', DETAIL = format('metric %s, bound %s.', coalesce(set_limit.metric::text, 'NULL'), set_limit.bound),
            HINT = 'bound => NULL takes the limit away.';
  END IF;
  IF set_limit.bound IS NULL THEN
    DELETE FROM risk.limits AS l
     WHERE l.scope = set_limit.scope AND l.scope_id IS NOT DISTINCT FROM v_scope_id AND l.metric = set_limit.metric
    RETURNING * INTO v_limit;
  ELSE
    INSERT INTO risk.limits AS l (scope, scope_id, metric, bound, set_at)
    VALUES (set_limit.scope, v_scope_id, set_limit.metric, set_limit.bound, set_limit.at)
    ON CONFLICT (scope, coalesce(scope_id, 0), metric) DO UPDATE SET bound = EXCLUDED.bound, set_at = EXCLUDED.set_at, set_by = EXCLUDED.set_by
    RETURNING * INTO v_limit;
  END IF;
  PERFORM ops.emit_event('risk.limit_set', set_limit.at,
                         p_payload => jsonb_build_object('scope', set_limit.scope, 'target', set_limit.target, 'metric', set_limit.metric, 'bound', set_limit.bound));
  PERFORM ops.ring_doorbell();
  RETURN v_limit;
END
$$;
COMMENT ON FUNCTION risk.set_limit(risk.metric, numeric, risk.scope, text, timestamptz) IS
  'Sets, changes or (bound NULL) takes away a limit; it counts for orders submitted from then on. Errors TR305, TR306.';
REVOKE ALL ON FUNCTION risk.set_limit(risk.metric, numeric, risk.scope, text, timestamptz) FROM PUBLIC;
