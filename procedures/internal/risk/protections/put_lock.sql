-- writes risk.locks, ops.events; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.put_lock(
  p_portfolio_id int, p_instrument_id int, p_agent_id int, p_code text, p_cause_id int, p_reason text, p_at timestamptz,
  p_expires_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  UPDATE risk.locks AS l
     SET expires_at = greatest(l.expires_at, p_expires_at), reason = p_reason
   WHERE l.portfolio_id = p_portfolio_id AND l.released_at IS NULL AND l.expires_at > p_at
     AND (l.code, l.cause_id, l.instrument_id, l.agent_id)
         IS NOT DISTINCT FROM (p_code, p_cause_id, p_instrument_id, p_agent_id);
  IF NOT FOUND THEN
    INSERT INTO risk.locks (portfolio_id, instrument_id, agent_id, code, cause_id, reason, locked_at, expires_at)
    VALUES (p_portfolio_id, p_instrument_id, p_agent_id, p_code, p_cause_id, p_reason, p_at, p_expires_at);
  END IF;
  PERFORM internal.emit_event('risk.locked', p_at, p_portfolio_id, p_instrument_id,
                              p_payload => jsonb_build_object('code', p_code, 'reason', p_reason, 'expires_at',
                                                              p_expires_at));
END
$$;
COMMENT ON FUNCTION internal.put_lock(int, int, int, text, int, text, timestamptz, timestamptz) IS
  'Pauses opening orders until a time; a pause of the same cause that is in force gets longer instead.';
