-- locks ledger.portfolio_clocks for a portfolio, agent or strategy; writes risk.halts, trading.portfolio_values,
-- ops.events; errors TR249, TR306, TR307, TR701
CREATE OR REPLACE FUNCTION risk.resume(
  scope risk.scope DEFAULT 'system', target text DEFAULT NULL, at timestamptz DEFAULT now())
RETURNS risk.halts
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_scope_id     int  := internal.scope_id(resume.scope, resume.target);
  v_subject      text := risk.subject(resume.scope, v_scope_id, resume.target);
  v_portfolio_id int  := internal.scope_portfolio_id(resume.scope, v_scope_id);
  v_halt         risk.halts;
BEGIN
  PERFORM internal.require_event_time(resume.at);
  PERFORM internal.lock_scope(resume.scope, v_scope_id);
  UPDATE risk.halts AS h SET resumed_at = resume.at, resumed_by = ops.actor()
   WHERE h.subject = v_subject AND h.resumed_at IS NULL AND (NOT h.by_house OR identity.is_staff())
  RETURNING * INTO v_halt;
  IF NOT FOUND THEN
    IF EXISTS (SELECT FROM risk.halts AS h WHERE h.subject = v_subject AND h.resumed_at IS NULL) THEN
      PERFORM internal.require_staff('the end of what an administrator halted');
    END IF;
    RAISE EXCEPTION 'there is no halt of % % to end', resume.scope, coalesce(resume.target, '')
      USING ERRCODE = 'TR307',
            DETAIL = 'It is active.', HINT = 'SELECT * FROM risk.in_force shows what is in force.';
  END IF;
  IF v_halt.metric = 'drawdown' THEN
    PERFORM internal.reset_peak(v_portfolio_id, resume.at);
  END IF;
  PERFORM internal.emit_event('risk.resumed', resume.at, v_portfolio_id,
                              p_payload => jsonb_build_object('scope', resume.scope, 'target', resume.target, 'state',
                                                              v_halt.state));
  PERFORM internal.ring_doorbell(v_portfolio_id);
  RETURN v_halt;
END
$$;
COMMENT ON FUNCTION risk.resume(risk.scope, text, timestamptz) IS
  'Ends the state reducing or halted of a scope. One that a drawdown had set begins a new peak at today''s index. '
  'What an administrator set, an administrator ends. Errors TR249, TR306, TR307, TR701.';
REVOKE ALL ON FUNCTION risk.resume(risk.scope, text, timestamptz) FROM PUBLIC;
