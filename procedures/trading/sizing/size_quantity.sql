-- reads trading.fee_plans, trading.fee_schedules, market.exchanges; errors TR240, TR242
CREATE OR REPLACE FUNCTION trading.size_quantity(
  p_sizing jsonb, p_price numeric, p_stop_distance numeric, p_average_true_range numeric, p_deviation numeric,
  p_equity numeric, p_cash numeric, p_tick_size numeric, p_lot numeric, p_multiplier numeric, p_fee_schedule text,
  p_at timestamptz, p_kind market.instrument_kind DEFAULT 'equity', p_exchange_id int DEFAULT NULL)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_terms    jsonb := trading.sizing_terms(p_sizing);
  v_price    numeric := trading.ceil_to_tick(p_price, p_tick_size);
  v_lot      numeric := p_lot * p_multiplier;
  v_risk     numeric := round(p_equity * (v_terms ->> 'risk_percent')::numeric * 0.01, 8);
  v_fall     numeric;
  v_lots     numeric;
  v_least    numeric := 0;
  v_tried    numeric;
  v_value    numeric;
  v_fees     trading.fee_line[] := (trading.fee_terms_at(p_fee_schedule, p_kind, p_exchange_id, p_at)).lines;
BEGIN
  -- The same steps and roundings as PositionSizing of TradingCore. div() is exact, where / would round.
  IF v_price <= 0 OR p_cash <= 0 THEN
    RETURN 0;
  END IF;
  v_fall := trading.ceil_to_tick(CASE v_terms ->> 'method'
    WHEN 'fixed_fractional' THEN p_stop_distance
    WHEN 'volatility' THEN round(p_average_true_range * (v_terms ->> 'atr_multiple')::numeric, 8)
    WHEN 'deviation' THEN round(p_deviation * (v_terms ->> 'deviations')::numeric, 8) END, p_tick_size);
  IF v_fall IS NOT NULL THEN
    v_lots := CASE WHEN v_fall > 0 THEN div(v_risk, v_fall * v_lot) ELSE 0 END;
  ELSIF v_terms ->> 'method' = 'fixed_quantity' THEN
    v_lots := div((v_terms ->> 'quantity')::numeric, p_lot);
  ELSE
    v_lots := div(coalesce((v_terms ->> 'value')::numeric, trading.kelly_value(v_terms, p_equity)), v_price * v_lot);
  END IF;
  v_lots := least(v_lots, div(p_cash, v_price * v_lot), div(9999999999.99999999, p_lot));

  -- Fees never fall with the quantity, so that halving finds the most lots that the cash pays for: v_least are, more
  -- than v_lots are not.
  IF v_fees IS NULL AND v_lots > 0 THEN
    RAISE EXCEPTION 'fee schedule "%" has no terms for what is to be bought', p_fee_schedule
      USING ERRCODE = 'TR240',
            DETAIL = format('No terms of %s are valid on %s.', p_kind,
                            coalesce(market.trading_day(p_exchange_id, p_at), (p_at AT TIME ZONE 'UTC')::date)),
            HINT = 'Insert its terms, or give the portfolio another schedule.';
  END IF;
  v_tried := v_lots;
  WHILE v_lots > v_least LOOP
    v_value := round(v_tried * p_lot * v_price * p_multiplier, 8);
    IF v_value + (SELECT sum(f)
                    FROM unnest(trading.fees_of_lines(v_fees, 'buy', 'delivery', v_tried * p_lot, v_value, 0)) AS f)
       <= p_cash THEN
      v_least := v_tried;
    ELSE
      v_lots := v_tried - 1;
    END IF;
    v_tried := v_least + div(v_lots - v_least + 1, 2);
  END LOOP;
  RETURN greatest(v_least, 0) * p_lot;
END
$$;
COMMENT ON FUNCTION trading.size_quantity(
  jsonb, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, text, timestamptz,
  market.instrument_kind, int) IS
  'How much to buy, in whole lots and for no more than the cash pays for with fees: PositionSizing of TradingCore in '
  'SQL, to the last digit. Errors TR240, TR242.';
