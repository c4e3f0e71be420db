-- reads trading.portfolios; errors TR211, TR701, TR702
CREATE OR REPLACE FUNCTION internal.find_portfolio(p_portfolio text)
RETURNS trading.portfolios
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  v_portfolio trading.portfolios;
BEGIN
  SELECT * INTO v_portfolio
    FROM trading.portfolios AS p WHERE p.portfolio_id = trading.portfolio_id(p_portfolio, 'trade');
  RETURN v_portfolio;
END
$$;
COMMENT ON FUNCTION internal.find_portfolio(text) IS
  'The portfolio with this name, for who may trade it. Errors TR211, TR701, TR702.';
