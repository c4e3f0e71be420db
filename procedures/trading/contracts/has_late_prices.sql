-- for programs; reads trading.unpriced_settlements, and what internal.price_of_day reads
CREATE OR REPLACE FUNCTION trading.has_late_prices(portfolio_ids int[], at timestamptz)
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN EXISTS (
    SELECT FROM trading.unpriced_settlements AS u
      JOIN market.instruments AS i USING (instrument_id)
      JOIN trading.positions AS p ON p.portfolio_id = u.portfolio_id AND p.instrument_id = u.instrument_id
      CROSS JOIN LATERAL internal.days_to_settle(u.portfolio_id, i, NULL, has_late_prices.at) AS d
     WHERE u.portfolio_id = ANY (has_late_prices.portfolio_ids) AND p.quantity <> 0
       AND internal.settlement_price(i, d.kind, d.price_day) IS NOT NULL);
END
$$;
COMMENT ON FUNCTION trading.has_late_prices(int[], timestamptz) IS
  'Whether a price has come of a day for which a position of these portfolios is unsettled: then trading.settle_late '
  'settles it.';
REVOKE ALL ON FUNCTION trading.has_late_prices(int[], timestamptz) FROM PUBLIC;
