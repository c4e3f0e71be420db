CREATE OR REPLACE FUNCTION internal.reduces_position(
  p_side trading.order_side, p_quantity numeric, p_held numeric, p_open_buys numeric, p_open_sells numeric)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN CASE p_side WHEN 'sell' THEN p_held - p_open_sells >= p_quantity ELSE p_held + p_open_buys <= -p_quantity END;
END
$$;
COMMENT ON FUNCTION internal.reduces_position(trading.order_side, numeric, numeric, numeric, numeric) IS
  'Whether an order can only make the position smaller, also after all open orders of its side have filled.';
