-- reads trading.portfolio_values, trading.positions and what internal.return_correlations reads; errors TR211, TR249
CREATE OR REPLACE FUNCTION risk.correlations(portfolio text, at timestamptz DEFAULT NULL)
RETURNS TABLE (symbol text, other text, correlation float8)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_portfolio_id int := trading.portfolio_id(correlations.portfolio);
  v_held         int[] := ARRAY(SELECT p.instrument_id FROM trading.positions AS p
                                 WHERE p.portfolio_id = v_portfolio_id AND p.quantity <> 0);
BEGIN
  IF correlations.at IS NOT NULL THEN
    PERFORM internal.require_event_time(correlations.at);
  END IF;
  RETURN QUERY
    SELECT i.symbol, o.symbol, c.correlation
      FROM internal.return_correlations(
             v_held, v_held, coalesce(correlations.at, (SELECT v.at FROM trading.portfolio_values AS v
                                                         WHERE v.portfolio_id = v_portfolio_id))) AS c
      JOIN market.listings AS i ON i.instrument_id = c.instrument_id
      JOIN market.listings AS o ON o.instrument_id = c.other_id
     ORDER BY 1, 2;
END
$$;
COMMENT ON FUNCTION risk.correlations(text, timestamptz) IS
  'Correlations of the daily returns of what a portfolio holds, each pair both ways, over up to 60 days of which both '
  'have at least 20; those days had ended at this time, or at the portfolio''s last valuation when it is NULL. '
  'Errors TR211, TR249.';
REVOKE ALL ON FUNCTION risk.correlations(text, timestamptz) FROM PUBLIC;
