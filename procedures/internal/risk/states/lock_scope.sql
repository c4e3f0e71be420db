-- locks ledger.portfolio_clocks for a portfolio, an agent or a strategy
CREATE OR REPLACE FUNCTION internal.lock_scope(p_scope risk.scope, p_scope_id int)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  -- Orders that are on their way come before the change of state or meet it. A change for the whole system, a user, an
  -- instrument or a sector waits for nobody: an order whose transaction is open at that moment was decided before it.
  IF p_scope IN ('portfolio', 'agent', 'strategy') THEN
    PERFORM internal.lock_portfolios(internal.scope_portfolio_ids(p_scope, p_scope_id));
  END IF;
END
$$;
COMMENT ON FUNCTION internal.lock_scope(risk.scope, int) IS
  'Waits for the orders on their way in a portfolio, of an agent or of a strategy, and keeps further ones out until '
  'the transaction ends.';
