CREATE OR REPLACE FUNCTION trading.fees_of_lines(
  p_lines trading.fee_line[], p_side trading.order_side, p_product trading.product, p_quantity numeric, p_value numeric,
  p_maker_value numeric)
RETURNS numeric[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_line trading.fee_line;
  v_fees numeric[];
BEGIN
  IF p_lines IS NULL OR p_quantity = 0 OR p_quantity + p_value + p_maker_value IS NULL THEN
    RETURN CASE WHEN p_lines IS NULL THEN NULL WHEN p_quantity = 0 THEN ARRAY[0::numeric]
                ELSE ARRAY[NULL::numeric] END;
  END IF;
  -- The same steps and roundings as FeeSchedule of TradingCore.
  v_fees := array_fill(0::numeric, ARRAY[p_lines[cardinality(p_lines)].component::int]);
  FOREACH v_line IN ARRAY p_lines LOOP
    IF (v_line.side <> p_side OR v_line.product <> p_product) IS NOT TRUE THEN
      v_fees[v_line.component] := v_fees[v_line.component] + round(least(
        greatest(CASE WHEN v_line.percent_of IS NOT NULL
                        THEN trading.fee_on_fees(v_fees, v_line.percent_of, v_line.percent)
                      WHEN v_line.maker_percent IS NULL THEN round(p_value * v_line.percent * 0.01, 8)
                      ELSE round((p_value - p_maker_value) * v_line.percent * 0.01,
                                 8) + round(p_maker_value * v_line.maker_percent * 0.01, 8) END
                 + v_line.per_order + round(v_line.per_share * p_quantity, 8), v_line.minimum),
        v_line.maximum, round(p_value * v_line.maximum_percent * 0.01, 8)), v_line.decimals);
    END IF;
  END LOOP;
  RETURN v_fees;
END
$$;
COMMENT ON FUNCTION trading.fees_of_lines(
  trading.fee_line[], trading.order_side, trading.product, numeric, numeric, numeric) IS
  'Fee by component, in the order of trading.fee_component, of an order that has filled this quantity for this value, '
  'of which p_maker_value rested in the book. It never falls as they grow. NULL without lines.';
