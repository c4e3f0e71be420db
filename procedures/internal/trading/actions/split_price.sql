CREATE OR REPLACE FUNCTION internal.split_price(
  p_price numeric, p_side trading.order_side, p_action market.corporate_actions, p_tick_size numeric)
RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT greatest(p_tick_size, p_tick_size * CASE p_side WHEN 'buy' THEN floor(n.steps) ELSE ceil(n.steps) END)
    FROM (SELECT p_price * (p_action).denominator / ((p_action).numerator * p_tick_size) AS steps) AS n
   WHERE p_price IS NOT NULL
$$;
COMMENT ON FUNCTION internal.split_price(numeric, trading.order_side, market.corporate_actions, numeric) IS
  'A price after a split, on the tick grid: rounded down for a buy, up for a sell. NULL stays NULL.';
