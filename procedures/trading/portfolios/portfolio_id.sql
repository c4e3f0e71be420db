-- reads trading.portfolios; errors TR211
CREATE OR REPLACE FUNCTION trading.portfolio_id(portfolio text)
RETURNS int
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_id int;
BEGIN
  SELECT p.portfolio_id INTO v_portfolio_id FROM trading.portfolios AS p WHERE p.name = portfolio_id.portfolio;
  IF v_portfolio_id IS NULL THEN
    RAISE EXCEPTION 'unknown portfolio "%"', coalesce(portfolio_id.portfolio, 'NULL')
      USING ERRCODE = 'TR211', DETAIL = format('%s portfolios are known.', (SELECT count(*) FROM trading.portfolios)),
            HINT = 'Create it with trading.create_portfolio(name => ..., currency => ..., capital => ...).';
  END IF;
  RETURN v_portfolio_id;
END
$$;
COMMENT ON FUNCTION trading.portfolio_id(text) IS
  'Identifier of the portfolio with this name: the door through which every call that names a portfolio goes. Error '
  'TR211.';
