-- reads trading.portfolios; errors TR211
CREATE OR REPLACE FUNCTION ledger.find_portfolio(p_portfolio text)
RETURNS trading.portfolios
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio trading.portfolios;
BEGIN
  SELECT * INTO v_portfolio FROM trading.portfolios AS p WHERE p.name = p_portfolio;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown portfolio "%"', coalesce(p_portfolio, 'NULL')
      USING ERRCODE = 'TR211', DETAIL = format('%s portfolios are known.', (SELECT count(*) FROM trading.portfolios)),
            HINT = 'Create it with trading.create_portfolio(name => ..., currency => ..., capital => ...).';
  END IF;
  RETURN v_portfolio;
END
$$;
COMMENT ON FUNCTION ledger.find_portfolio(text) IS 'The portfolio with this name. Error TR211.';
