-- writes risk.limits, ops.events; errors TR101, TR103, TR249, TR305, TR306, TR701,
-- TR702
CREATE OR REPLACE FUNCTION risk.set_limit(
  metric risk.metric, bound numeric, scope risk.scope DEFAULT 'system', target text DEFAULT NULL,
  at timestamptz DEFAULT now(),
  action risk.action DEFAULT 'reject', period interval DEFAULT NULL, symbol text DEFAULT NULL)
RETURNS risk.limits
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_scope_id      int  := internal.scope_id(set_limit.scope, set_limit.target);
  v_scope_name    text := CASE WHEN set_limit.scope IN ('user', 'sector') THEN set_limit.target END;
  v_instrument_id int  := market.instrument_id(set_limit.symbol);
  v_is_staff      boolean := identity.is_staff();
  v_limit         risk.limits;
BEGIN
  PERFORM internal.require_event_time(set_limit.at);
  IF num_nulls(set_limit.metric, set_limit.action) > 0
     OR NOT (coalesce(set_limit.bound, 0) >= 0 AND coalesce(set_limit.bound, 0) < 1e20) THEN
    RAISE EXCEPTION 'a limit needs a metric, an action and a bound that is not negative'
      USING ERRCODE = 'TR305',
            DETAIL = format('metric %s, bound %s, action %s.', coalesce(set_limit.metric::text, 'NULL'),
                            set_limit.bound, coalesce(set_limit.action::text, 'NULL')),
            HINT = 'bound => NULL takes the limit away.';
  ELSIF (set_limit.metric = 'order_rate') <> (set_limit.period IS NOT NULL)
        OR set_limit.period IS NOT NULL AND NOT (set_limit.period > interval '0'
                                                 AND set_limit.period <= interval '31 days')
        OR set_limit.metric IN ('order_rate', 'open_orders') AND set_limit.bound > 10000 THEN
    RAISE EXCEPTION 'an order_rate, and nothing else, needs a period, and orders are counted up to 10,000'
      USING ERRCODE = 'TR305',
            DETAIL = format('metric %s, bound %s, period %s.', set_limit.metric, set_limit.bound,
                            coalesce(set_limit.period::text, 'NULL')),
            HINT = 'For example risk.set_limit(''order_rate'', 10, period => ''1 second''), of at most 31 days; '
                   'risk.set_limit(''open_orders'', 50).';
  END IF;
  IF set_limit.bound IS NULL THEN
    DELETE FROM risk.limits AS l
     WHERE (v_is_staff OR NOT l.by_house)
       AND (l.subject, l.metric, l.action, l.instrument_id, l.period)
           IS NOT DISTINCT FROM (risk.subject(set_limit.scope, v_scope_id, v_scope_name), set_limit.metric,
                                 set_limit.action, v_instrument_id, set_limit.period)
    RETURNING * INTO v_limit;
  ELSE
    INSERT INTO risk.limits AS l (scope, scope_id, scope_name, instrument_id, metric, bound, action, period, set_at,
                                 by_house)
    VALUES (set_limit.scope, v_scope_id, v_scope_name, v_instrument_id, set_limit.metric, set_limit.bound,
            set_limit.action, set_limit.period, set_limit.at, v_is_staff)
    ON CONFLICT (subject, metric, action, coalesce(instrument_id, 0), coalesce(period, '0'))
    DO UPDATE SET bound = EXCLUDED.bound, set_at = EXCLUDED.set_at, set_by = EXCLUDED.set_by,
                  by_house = EXCLUDED.by_house
     WHERE v_is_staff OR NOT l.by_house
    RETURNING * INTO v_limit;
  END IF;
  IF NOT FOUND AND EXISTS (
       SELECT FROM risk.limits AS l
        WHERE (l.subject, l.metric, l.action, l.instrument_id, l.period)
              IS NOT DISTINCT FROM (risk.subject(set_limit.scope, v_scope_id, v_scope_name), set_limit.metric,
                                    set_limit.action, v_instrument_id, set_limit.period)) THEN
    PERFORM internal.require_staff('what an administrator has limited');
  END IF;
  PERFORM internal.emit_event('risk.limit_set', set_limit.at, p_payload => jsonb_strip_nulls(jsonb_build_object(
    'scope', set_limit.scope, 'target', set_limit.target, 'symbol', set_limit.symbol, 'metric', set_limit.metric,
    'bound', set_limit.bound, 'action', set_limit.action, 'period', set_limit.period)));
  PERFORM internal.ring_doorbell();
  RETURN v_limit;
END
$$;
COMMENT ON FUNCTION risk.set_limit(risk.metric, numeric, risk.scope, text, timestamptz, risk.action, interval, text) IS
  'Sets, changes or (bound NULL) takes away the limit of this metric, scope, action, period and symbol; it counts for '
  'orders submitted from then on. symbol narrows it to one instrument; order_rate needs a period. A trader limits '
  'what is theirs, and cannot change what an administrator has set. Errors TR101, TR103, TR249, TR305, TR306, TR701, '
  'TR702.';
REVOKE ALL ON FUNCTION risk.set_limit(risk.metric, numeric, risk.scope, text, timestamptz, risk.action, interval, text)
  FROM PUBLIC;
