CREATE OR REPLACE FUNCTION internal.position_value(
  p_quantity numeric, p_cost numeric, p_multiplier numeric, p_is_future boolean, p_price numeric)
RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  IF p_quantity = 0 THEN
    RETURN 0;
  END IF;
  RETURN coalesce(round(p_quantity * p_price * p_multiplier, 8), p_cost) - CASE WHEN p_is_future THEN p_cost ELSE 0 END;
END
$$;
COMMENT ON FUNCTION internal.position_value(numeric, numeric, numeric, boolean, numeric) IS
  'What a position counts at a price, at cost without one (NULL); a future its gain since the last settlement.';
