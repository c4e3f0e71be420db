-- locks: an advisory lock of those who evaluate; reads ops.alert_rules, ops.alert_settings and what conditions read;
-- writes ops.rule_states and what internal.apply_breaches and internal.notify_alerts write; errors TR249
CREATE OR REPLACE FUNCTION ops.evaluate_alerts(at timestamptz DEFAULT clock_timestamp(), slow boolean DEFAULT NULL)
RETURNS TABLE (event text, alert_id bigint, owner text, rule text, subject text, severity ops.severity, value float8)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_settings  ops.alert_settings := (SELECT s FROM ops.alert_settings AS s);
  v_is_within boolean := current_setting('statement_timeout')::interval BETWEEN '1 ms' AND v_settings.longest_statement;
  v_parts     boolean[];
  v_rule      ops.alert_rules;
  v_began     timestamptz;
  v_found     record;
  v_breaches  internal.breach[] := ARRAY[]::internal.breach[];
  v_evaluated int[] := ARRAY[]::int[];
  v_opened    bigint[];
  v_resolved  bigint[];
  v_left      int := 0;
BEGIN
  PERFORM internal.require_event_time(evaluate_alerts.at);
  -- One evaluates at a time, and who comes second has nothing to do.
  v_parts := ARRAY(SELECT p FROM unnest('{f,t}'::boolean[]) AS p
                    WHERE p = coalesce(evaluate_alerts.slow, p) AND pg_try_advisory_xact_lock(1114599799, p::int));
  FOR v_rule IN
    SELECT r.* FROM ops.alert_rules AS r LEFT JOIN ops.rule_states AS s USING (rule_id)
     WHERE r.enabled AND r.is_slow = ANY (v_parts)
       AND (s.evaluated_at BETWEEN evaluate_alerts.at - r.evaluate_every + interval '1 us' AND evaluate_alerts.at)
           IS NOT TRUE
       AND NOT (r.kind = 'price' AND r.comparison IS NOT NULL AND r.timeframe = '0')
     ORDER BY s.evaluated_at NULLS FIRST, r.rule_id
  LOOP
    -- A query of a user may take any time where nothing stops it.
    IF NOT v_is_within AND v_rule.owner IS NOT NULL AND internal.owner_role(v_rule.owner) NOT IN ('admin', 'runner')
    THEN
      v_left := v_left + 1;
      CONTINUE;
    END IF;
    v_began := internal.clock();
    v_found := internal.rule_breaches(v_rule, evaluate_alerts.at, v_settings.rows_per_condition);
    IF v_found.code IS NULL THEN
      v_breaches := v_breaches || v_found.breaches;
      v_evaluated := v_evaluated || v_rule.rule_id;
    ELSE
      v_breaches := v_breaches || (v_rule.rule_id, 'condition failed', NULL, NULL,
                                   format('%s: %s', v_found.code, v_found.error), true)::internal.breach;
    END IF;
    INSERT INTO ops.rule_states (rule_id, evaluated_at, milliseconds, code, error)
    VALUES (v_rule.rule_id, evaluate_alerts.at, extract(epoch FROM internal.clock() - v_began) * 1000, v_found.code,
            v_found.error)
    ON CONFLICT ON CONSTRAINT rule_states_pkey DO UPDATE
       SET evaluated_at = EXCLUDED.evaluated_at, milliseconds = EXCLUDED.milliseconds, code = EXCLUDED.code,
           error = EXCLUDED.error;
    -- Nothing stops the next one any more; it is the first next time.
    EXIT WHEN v_found.code = '57014';
  END LOOP;
  IF v_left > 0 THEN
    RAISE WARNING 'conditions of users were left out'
      USING ERRCODE = 'TR814', DETAIL = format('%s; statement_timeout is %s.', v_left,
                                               current_setting('statement_timeout')),
            HINT = format('SET statement_timeout = ''10s'' first: at most %s is allowed.',
                          v_settings.longest_statement);
  END IF;
  IF false = ANY (v_parts) THEN
    v_breaches := v_breaches || internal.price_breaches();
    v_evaluated := v_evaluated || ARRAY(
      SELECT r.rule_id FROM ops.alert_rules AS r
       WHERE NOT r.enabled OR r.kind = 'price' AND r.comparison IS NOT NULL AND r.timeframe = '0');
  END IF;
  IF v_parts <> '{}' THEN
    SELECT array_agg(c.alert_id) FILTER (WHERE c.event = 'opened'),
           array_agg(c.alert_id) FILTER (WHERE c.event = 'resolved') INTO v_opened, v_resolved
      FROM internal.apply_breaches(v_breaches, v_evaluated, evaluate_alerts.at, v_settings) AS c;
    PERFORM internal.notify_alerts(v_resolved, evaluate_alerts.at);
    RETURN QUERY
      SELECT CASE a.alert_id = ANY (v_opened) WHEN true THEN 'opened' ELSE 'resolved' END, a.alert_id, a.owner, a.rule,
             a.subject, a.severity, a.value
        FROM ops.alerts AS a WHERE a.alert_id = ANY (v_opened || v_resolved) ORDER BY a.alert_id;
  END IF;
END
$$;
COMMENT ON FUNCTION ops.evaluate_alerts(timestamptz, boolean) IS
  'Evaluates the rules of alerts that are due, opens alerts and ends them, writes notifications, and returns what has '
  'changed. Runners call it every few seconds; any session or job of cron may, and of two at the same time one has '
  'nothing to do. slow: only rules that may take long (true) or the others (false); NULL: all. Queries of users are '
  'left out, with a warning TR814, where statement_timeout would not stop them. Error TR249.';
REVOKE ALL ON FUNCTION ops.evaluate_alerts(timestamptz, boolean) FROM PUBLIC;
