-- writes trading.portfolio_values; errors TR211
CREATE OR REPLACE FUNCTION trading.update_portfolio_value(portfolio text, at timestamptz DEFAULT now())
RETURNS trading.portfolio_values
LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (trading.revalue(trading.portfolio_id(portfolio), at)).*
$$;
COMMENT ON FUNCTION trading.update_portfolio_value(text, timestamptz) IS 'Values a portfolio at the latest quotes and returns the valuation. Error TR211.';
REVOKE ALL ON FUNCTION trading.update_portfolio_value(text, timestamptz) FROM PUBLIC;
