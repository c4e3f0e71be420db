-- reads trading.portfolio_values, trading.positions, market.quotes
CREATE OR REPLACE FUNCTION internal.latest_time(p_portfolio_id int)
RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN (SELECT greatest(v.at, (SELECT max(q.ts)
                                   FROM trading.positions AS n JOIN market.quotes AS q USING (instrument_id)
                                  WHERE n.portfolio_id = p_portfolio_id AND n.quantity <> 0))
            FROM trading.portfolio_values AS v WHERE v.portfolio_id = p_portfolio_id);
END
$$;
COMMENT ON FUNCTION internal.latest_time(int) IS
  'Event time up to which a portfolio is known: that of its valuation, or of a later price of what it holds.';
