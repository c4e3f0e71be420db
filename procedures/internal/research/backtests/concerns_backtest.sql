-- reads market.instruments, trading.portfolios
CREATE OR REPLACE FUNCTION internal.concerns_backtest(
  p_scope risk.scope, p_scope_id int, p_scope_name text, p_portfolio_id int, p_strategy_id int, p_instrument_ids int[])
RETURNS boolean
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
  SELECT CASE p_scope
    WHEN 'system' THEN true
    WHEN 'user' THEN p_scope_name = (SELECT p.owner FROM trading.portfolios AS p
                                      WHERE p.portfolio_id = p_portfolio_id)
    WHEN 'portfolio' THEN p_scope_id = p_portfolio_id
    WHEN 'strategy' THEN p_scope_id = p_strategy_id
    WHEN 'instrument' THEN p_scope_id = ANY (p_instrument_ids)
    WHEN 'sector' THEN EXISTS (SELECT FROM market.instruments AS i
                                WHERE i.instrument_id = ANY (p_instrument_ids) AND i.sector = p_scope_name)
    ELSE false END
$$;
COMMENT ON FUNCTION internal.concerns_backtest(risk.scope, int, text, int, int, int[]) IS
  'Whether a rule of this scope concerns orders of a backtest with the terms of a portfolio; rules of agents do not.';
