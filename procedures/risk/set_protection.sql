-- writes risk.protections, ops.events; errors TR249, TR305, TR306, TR701, TR702
CREATE OR REPLACE FUNCTION risk.set_protection(
  kind risk.protection_kind, pause interval, scope risk.scope DEFAULT 'system', target text DEFAULT NULL,
  per risk.protected DEFAULT 'instrument',
  period interval DEFAULT NULL, trades int DEFAULT 1, least_profit numeric DEFAULT NULL, at timestamptz DEFAULT now())
RETURNS risk.protections
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_scope_id   int  := internal.scope_id(set_protection.scope, set_protection.target);
  v_scope_name text := CASE WHEN set_protection.scope IN ('user', 'sector') THEN set_protection.target END;
  v_is_staff   boolean := identity.is_staff();
  v_row        risk.protections;
BEGIN
  PERFORM internal.require_event_time(set_protection.at);
  IF num_nulls(set_protection.kind, set_protection.per) > 0
     OR set_protection.pause IS NOT NULL
        AND (set_protection.pause > interval '0' AND set_protection.pause <= interval '3650 days'
             AND set_protection.trades BETWEEN 1 AND 1000
             AND (set_protection.period IS NOT NULL) = (set_protection.kind <> 'cooldown')
             AND coalesce(set_protection.period, interval '1 day') > interval '0'
             AND coalesce(set_protection.period, interval '1 day') <= interval '3650 days'
             AND (set_protection.kind <> 'cooldown' OR set_protection.trades = 1)
             AND (set_protection.least_profit IS NOT NULL) = (set_protection.kind = 'low_profit')
             AND coalesce(abs(set_protection.least_profit), 0) < 1e20) IS NOT TRUE THEN
    RAISE EXCEPTION 'the terms of the protection do not fit'
      USING ERRCODE = 'TR305',
            DETAIL = format('kind %s, pause %s, period %s, trades %s, least_profit %s.', set_protection.kind,
                            set_protection.pause, set_protection.period, set_protection.trades,
                            set_protection.least_profit),
            HINT = 'cooldown takes a pause; stop_loss_guard also period and trades; low_profit also least_profit. '
                   'pause => NULL takes it away.';
  END IF;
  IF set_protection.pause IS NULL THEN
    DELETE FROM risk.protections AS n
     WHERE (v_is_staff OR NOT n.by_house)
       AND (n.subject, n.kind, n.per) = (risk.subject(set_protection.scope, v_scope_id, v_scope_name),
                                           set_protection.kind, set_protection.per)
    RETURNING * INTO v_row;
  ELSE
    INSERT INTO risk.protections AS n (kind, per, scope, scope_id, scope_name, pause, period, trades, least_profit,
                                       set_at, by_house)
    VALUES (set_protection.kind, set_protection.per, set_protection.scope, v_scope_id, v_scope_name,
            set_protection.pause, set_protection.period, set_protection.trades, set_protection.least_profit,
            set_protection.at, v_is_staff)
    ON CONFLICT (subject, kind, per) DO UPDATE
      SET pause = EXCLUDED.pause, period = EXCLUDED.period, trades = EXCLUDED.trades,
          least_profit = EXCLUDED.least_profit, set_at = EXCLUDED.set_at, set_by = EXCLUDED.set_by,
          by_house = EXCLUDED.by_house
      WHERE v_is_staff OR NOT n.by_house
    RETURNING * INTO v_row;
  END IF;
  IF NOT FOUND AND EXISTS (
       SELECT FROM risk.protections AS n
        WHERE (n.subject, n.kind, n.per) = (risk.subject(set_protection.scope, v_scope_id, v_scope_name),
                                            set_protection.kind, set_protection.per)) THEN
    PERFORM internal.require_staff('what an administrator has set');
  END IF;
  PERFORM internal.emit_event('risk.protection_set', set_protection.at,
                              p_payload => jsonb_strip_nulls(jsonb_build_object(
    'scope', set_protection.scope, 'target', set_protection.target, 'kind', set_protection.kind, 'per',
    set_protection.per, 'pause', set_protection.pause, 'period', set_protection.period, 'trades', set_protection.trades,
    'least_profit', set_protection.least_profit)));
  RETURN v_row;
END
$$;
COMMENT ON FUNCTION risk.set_protection(
  risk.protection_kind, interval, risk.scope, text, risk.protected, interval, int, numeric, timestamptz) IS
  'Sets, changes or (pause NULL) takes away a pause after losses; it counts for fills from then on. A trader '
  'protects what is theirs, and cannot change what an administrator has set. Errors TR101, TR103, TR249, TR305, TR306, '
  'TR701, TR702.';
REVOKE ALL ON FUNCTION risk.set_protection(
  risk.protection_kind, interval, risk.scope, text, risk.protected, interval, int, numeric, timestamptz) FROM PUBLIC;
