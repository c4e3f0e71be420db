-- reads trading.portfolios; errors TR211
CREATE OR REPLACE FUNCTION internal.find_portfolio(p_portfolio text)
RETURNS trading.portfolios
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_portfolio trading.portfolios;
BEGIN
  SELECT * INTO v_portfolio FROM trading.portfolios AS p WHERE p.portfolio_id = trading.portfolio_id(p_portfolio);
  RETURN v_portfolio;
END
$$;
COMMENT ON FUNCTION internal.find_portfolio(text) IS 'The portfolio with this name. Error TR211.';
