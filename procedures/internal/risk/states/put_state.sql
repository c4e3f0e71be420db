-- writes risk.halts, ops.events; errors TR249, TR305
CREATE OR REPLACE FUNCTION internal.put_state(
  p_state risk.trading_state, p_scope risk.scope, p_scope_id int, p_scope_name text, p_reason text, p_at timestamptz,
  p_expires_at timestamptz DEFAULT NULL, p_metric risk.metric DEFAULT NULL)
RETURNS risk.halts
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_subject      text := risk.subject(p_scope, p_scope_id, p_scope_name);
  v_portfolio_id int := internal.scope_portfolio_id(p_scope, p_scope_id);
  v_halt         risk.halts;
BEGIN
  PERFORM internal.require_event_time(p_at);
  IF (length(p_reason) BETWEEN 1 AND 1000) IS NOT TRUE THEN
    RAISE EXCEPTION 'a halt needs a reason of 1 to 1,000 characters'
      USING ERRCODE = 'TR305',
            DETAIL = format('reason is %s, of %s characters.', coalesce(quote_literal(left(p_reason, 40)), 'NULL'),
                            coalesce(length(p_reason), 0)),
            HINT = 'Leave it out, or say in a sentence why.';
  END IF;
  LOOP
    SELECT * INTO v_halt FROM risk.halts AS h WHERE h.subject = v_subject AND h.resumed_at IS NULL FOR UPDATE;
    IF FOUND AND (v_halt.state = 'halted' OR p_state = 'reducing' AND (v_halt.expires_at > p_at) IS NOT FALSE) THEN
      -- The stricter state, and the longer time, stay.
      IF v_halt.expires_at < coalesce(p_expires_at, 'infinity') THEN
        UPDATE risk.halts AS h
           SET expires_at = p_expires_at, reason = p_reason, metric = p_metric
         WHERE h.halt_id = v_halt.halt_id
        RETURNING * INTO v_halt;
      END IF;
      RETURN v_halt;
    ELSIF FOUND THEN
      UPDATE risk.halts AS h
         SET resumed_at = least(h.expires_at, p_at), resumed_by = ops.actor()
       WHERE h.halt_id = v_halt.halt_id;
    END IF;
    INSERT INTO risk.halts (scope, scope_id, scope_name, state, reason, halted_at, expires_at, metric, by_house)
    VALUES (p_scope, p_scope_id, p_scope_name, p_state, p_reason, p_at, p_expires_at, p_metric,
            -- What the house set stays the house's when it becomes stricter.
            coalesce(v_halt.by_house, false) OR p_metric IS NULL AND identity.is_staff())
    ON CONFLICT (subject) WHERE resumed_at IS NULL DO NOTHING
    RETURNING * INTO v_halt;
    EXIT WHEN FOUND;
    -- Somebody else was quicker: look again.
  END LOOP;
  PERFORM internal.emit_event('risk.' || p_state, p_at, v_portfolio_id,
                         p_payload => jsonb_strip_nulls(jsonb_build_object('scope', p_scope, 'subject', v_subject,
                                                                           'reason', p_reason, 'expires_at',
                                                                           p_expires_at, 'metric', p_metric)));
  PERFORM internal.ring_doorbell(v_portfolio_id);
  RETURN v_halt;
END
$$;
COMMENT ON FUNCTION internal.put_state(
  risk.trading_state, risk.scope, int, text, text, timestamptz, timestamptz, risk.metric) IS
  'Puts a scope into the state reducing or halted; one that is in a stricter or equal state stays in it, for the '
  'longer of both times. Errors TR249, TR305.';
