-- locks ledger.books for a portfolio or agent; writes risk.halts, ops.events; errors TR306
CREATE OR REPLACE FUNCTION risk.halt(scope risk.scope DEFAULT 'system', target text DEFAULT NULL, reason text DEFAULT 'halted by hand', at timestamptz DEFAULT now())
RETURNS risk.halts
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_scope_id int := risk.scope_id(halt.scope, halt.target);
  v_halt     risk.halts;
BEGIN
  -- Orders of that portfolio that are on their way come before the halt or are refused. The halt of the whole system or of an instrument
  -- waits for nobody: an order whose transaction is open at that moment was judged before it.
  IF halt.scope IN ('portfolio', 'agent') THEN
    PERFORM ledger.lock_book(risk.scope_portfolio_id(halt.scope, v_scope_id));
  END IF;
  LOOP
    INSERT INTO risk.halts (scope, scope_id, reason, halted_at) VALUES (halt.scope, v_scope_id, halt.reason, halt.at)
    ON CONFLICT (scope, coalesce(scope_id, 0)) WHERE resumed_at IS NULL DO NOTHING
    RETURNING * INTO v_halt;
    EXIT WHEN FOUND;
    SELECT * INTO v_halt FROM risk.halts AS h WHERE h.scope = halt.scope AND h.scope_id IS NOT DISTINCT FROM v_scope_id AND h.resumed_at IS NULL;
    IF FOUND THEN
      RETURN v_halt;
    END IF;
    -- Somebody resumed in between: try again.
  END LOOP;
  PERFORM ops.emit_event('risk.halted', halt.at, risk.scope_portfolio_id(halt.scope, v_scope_id),
                         p_payload => jsonb_build_object('scope', halt.scope, 'target', halt.target, 'reason', halt.reason));
  PERFORM ops.ring_doorbell(risk.scope_portfolio_id(halt.scope, v_scope_id));
  RETURN v_halt;
END
$$;
COMMENT ON FUNCTION risk.halt(risk.scope, text, text, timestamptz) IS
  'Stops new orders of the whole system, a portfolio, an agent or an instrument; orders that only make a position smaller still pass. A second halt of the same scope answers the first. Error TR306.';
REVOKE ALL ON FUNCTION risk.halt(risk.scope, text, text, timestamptz) FROM PUBLIC;
