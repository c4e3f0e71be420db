CREATE OR REPLACE FUNCTION internal.trail_price(
  p_side trading.order_side, p_trail_amount numeric, p_trail_percent numeric, p_best numeric, p_tick_size numeric)
RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_distance numeric := coalesce(p_trail_amount, p_best * p_trail_percent * 0.01);
BEGIN
  -- Rounded away from the market: never closer than asked for.
  RETURN CASE p_side WHEN 'sell' THEN greatest(p_tick_size * div(p_best - v_distance, p_tick_size), p_tick_size)
                           ELSE p_tick_size * (div(p_best + v_distance,
                                                   p_tick_size) + ((p_best + v_distance) % p_tick_size <> 0)::int) END;
END
$$;
COMMENT ON FUNCTION internal.trail_price(trading.order_side, numeric, numeric, numeric, numeric) IS
  'Where a trailing stop stands when p_best is the best price since it was submitted, on the tick grid, away from the '
  'market; never below one tick.';
