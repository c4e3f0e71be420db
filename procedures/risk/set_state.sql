-- locks ledger.portfolio_clocks for a portfolio, agent or strategy; writes risk.halts, ops.events; errors TR249,
-- TR305, TR306, TR701, TR702
CREATE OR REPLACE FUNCTION risk.set_state(
  state risk.trading_state, scope risk.scope DEFAULT 'system', target text DEFAULT NULL,
  reason text DEFAULT 'set by hand', at timestamptz DEFAULT now())
RETURNS risk.halts
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_scope_id   int  := internal.scope_id(set_state.scope, set_state.target);
  v_scope_name text := CASE WHEN set_state.scope IN ('user', 'sector') THEN set_state.target END;
BEGIN
  IF set_state.state IS NULL THEN
    RAISE EXCEPTION 'a trading state is missing'
      USING ERRCODE = 'TR305', DETAIL = 'state is NULL.', HINT = 'Name active, reducing or halted.';
  END IF;
  PERFORM internal.lock_scope(set_state.scope, v_scope_id);
  IF set_state.state = 'active' THEN
    IF EXISTS (SELECT FROM risk.halts AS h WHERE h.subject = risk.subject(set_state.scope, v_scope_id, v_scope_name)
                  AND h.resumed_at IS NULL) THEN
      RETURN risk.resume(set_state.scope, set_state.target, set_state.at);
    END IF;
    RETURN NULL;
  END IF;
  -- A person who asks for less than what is in force means it.
  IF set_state.state = 'reducing'
     AND EXISTS (SELECT FROM risk.halts AS h WHERE h.subject = risk.subject(set_state.scope, v_scope_id, v_scope_name)
                                                                            AND h.resumed_at IS NULL
                                                                            AND h.state = 'halted') THEN
    PERFORM risk.resume(set_state.scope, set_state.target, set_state.at);
  END IF;
  RETURN internal.put_state(set_state.state, set_state.scope, v_scope_id, v_scope_name, set_state.reason, set_state.at);
END
$$;
COMMENT ON FUNCTION risk.set_state(risk.trading_state, risk.scope, text, text, timestamptz) IS
  'Puts a scope into a trading state: active, reducing or halted. Answers the row in force, for active the one that '
  'ended, NULL when none was. Errors TR249, TR305, TR306, TR701, TR702.';
REVOKE ALL ON FUNCTION risk.set_state(risk.trading_state, risk.scope, text, text, timestamptz) FROM PUBLIC;
