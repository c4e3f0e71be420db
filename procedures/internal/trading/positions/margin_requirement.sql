-- reads trading.positions, trading.portfolios, market.instruments, ledger.exchange_rates
CREATE OR REPLACE FUNCTION internal.margin_requirement(p_portfolio_id int, p_at timestamptz)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN (
    SELECT coalesce(sum(round(i.maintenance_margin * internal.base_rate(i.currency, f.currency, p_at)
                              * CASE WHEN i.kind = 'option' THEN -p.quantity * i.strike * p.multiplier
                                     WHEN p.is_future THEN abs(p.cost + p.market_value)
                                     ELSE -p.market_value END, 8)), 0)
      FROM trading.positions AS p
      JOIN trading.portfolios AS f USING (portfolio_id)
      JOIN market.instruments AS i USING (instrument_id)
     WHERE p.portfolio_id = p_portfolio_id AND p.quantity <> 0 AND (p.is_future OR p.quantity < 0));
END
$$;
COMMENT ON FUNCTION internal.margin_requirement(int, timestamptz) IS
  'Sum of the maintenance margins of shorts, futures and written options at their last valuation, in the base '
  'currency: rate × value, of a written option rate × strike × multiplier.';
