CREATE OR REPLACE FUNCTION trading.slippage_bps(side trading.order_side, price numeric, reference float8)
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
RETURN CASE side WHEN 'buy' THEN price::float8 - reference ELSE reference - price::float8 END * 10000
       / nullif(reference, 0);
COMMENT ON FUNCTION trading.slippage_bps(trading.order_side, numeric, float8) IS
  'By how much a price is worse for who buys or sells than a reference, in hundredths of a percent of the reference; '
  'negative when it is better. NULL: no reference.';
