-- reads trading.portfolio_values, trading.positions, market.quotes
CREATE OR REPLACE FUNCTION risk.profit(p_portfolio_id int, p_currency text, p_at timestamptz, OUT profit numeric, OUT deposits numeric)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_value      trading.portfolio_values;
  v_unrealised numeric;
BEGIN
  SELECT * INTO v_value FROM trading.portfolio_values AS v WHERE v.portfolio_id = p_portfolio_id;
  -- The valuation is as old as the last fill or snapshot; a loss counts when it happens, so open positions are valued at the last prices.
  SELECT coalesce(sum((round(p.quantity * q.last::numeric * p.multiplier, 8) - p.cost)
                      * CASE WHEN i.currency = p_currency THEN 1 ELSE ledger.exchange_rate(i.currency, p_currency, p_at) END), 0)
    INTO v_unrealised
    FROM trading.positions AS p
    JOIN market.instruments AS i USING (instrument_id)
    JOIN market.quotes AS q USING (instrument_id)
   WHERE p.portfolio_id = p_portfolio_id AND p.quantity <> 0;
  profit := v_value.realised_pnl + v_unrealised - v_value.fees + v_value.income;
  deposits := v_value.equity - (v_value.realised_pnl + v_value.unrealised_pnl - v_value.fees + v_value.income);
END
$$;
COMMENT ON FUNCTION risk.profit(int, text, timestamptz) IS 'Profit of a portfolio since its opening at the last prices, after fees, and its net deposits, in its currency.';
REVOKE ALL ON FUNCTION risk.profit(int, text, timestamptz) FROM PUBLIC;
