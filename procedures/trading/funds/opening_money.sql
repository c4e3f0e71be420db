CREATE OR REPLACE FUNCTION trading.opening_money(
  p_side trading.order_side, p_quantity numeric, p_value numeric, p_instrument market.instruments)
RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN CASE WHEN p_instrument.kind = 'future' THEN round(p_value * p_instrument.initial_margin, 8)
              WHEN p_side = 'buy' THEN p_value
              WHEN p_instrument.kind = 'option'
                THEN round(p_quantity * p_instrument.strike * p_instrument.multiplier * p_instrument.initial_margin, 8)
              ELSE round(p_value * p_instrument.initial_margin, 8) END;
END
$$;
COMMENT ON FUNCTION trading.opening_money(trading.order_side, numeric, numeric, market.instruments) IS
  'Cash that opening this quantity for this value takes: a purchase its value; a short sale and a future their initial '
  'margin; a written option the margin on strike × multiplier.';
