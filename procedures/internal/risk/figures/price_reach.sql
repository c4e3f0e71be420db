CREATE OR REPLACE FUNCTION internal.price_reach(
  p_side trading.order_side, p_limit_price numeric, p_stop_price numeric, p_last_price numeric)
RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  -- A limit behind a stop counts from where it comes to life.
  v_from numeric := coalesce(p_stop_price, p_last_price);
BEGIN
  IF p_limit_price IS NULL THEN
    RETURN -1;
  END IF;
  -- As in the price bands of exchanges only the side that trades through the market counts: a bid far below it waits
  -- and does no harm.
  RETURN greatest(CASE p_side WHEN 'buy' THEN p_limit_price - v_from ELSE v_from - p_limit_price END * 100 / v_from,
                  CASE WHEN v_from IS NOT NULL THEN 0 END);
END
$$;
COMMENT ON FUNCTION internal.price_reach(trading.order_side, numeric, numeric, numeric) IS
  'Percent by which a limit price is worse than the last price, or than its own stop price; 0 when it is better, NULL '
  'when there is no last price, -1 for orders without a limit.';
