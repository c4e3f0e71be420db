CREATE OR REPLACE FUNCTION trading.opening_cost(
  p_side trading.order_side, p_opening numeric, p_price numeric, p_instrument market.instruments, p_fees numeric[],
  p_paid numeric)
RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_fees numeric := 0;
  v_fee  numeric;
BEGIN
  FOREACH v_fee IN ARRAY coalesce(p_fees, '{}') LOOP
    v_fees := v_fees + v_fee;
  END LOOP;
  RETURN trading.opening_money(p_side, p_opening, round(p_opening * p_price * p_instrument.multiplier, 8), p_instrument)
         + greatest(v_fees - p_paid, 0);
END
$$;
COMMENT ON FUNCTION trading.opening_cost(
  trading.order_side, numeric, numeric, market.instruments, numeric[], numeric) IS
  'Most that opening this quantity may take out of the cash at a price: what it is paid or backed with, and what the '
  'fees of the whole order (p_fees) add to those that it has paid.';
