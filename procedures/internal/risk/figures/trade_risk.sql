CREATE OR REPLACE FUNCTION internal.trade_risk(
  p_order internal.order_terms, p_opening numeric, p_reference numeric, p_unit numeric)
RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_distance numeric := CASE p_order.side WHEN 'buy' THEN p_reference - p_order.stop_loss
                                          ELSE p_order.stop_loss - p_reference END;
BEGIN
  -- A stop beyond the entry protects nothing, and without a stop all of it can be lost.
  RETURN p_opening * p_unit * CASE WHEN v_distance > 0 THEN v_distance / p_reference ELSE 1 END;
END
$$;
COMMENT ON FUNCTION internal.trade_risk(internal.order_terms, numeric, numeric, numeric) IS
  'What the opening part of an order loses, in the portfolio''s currency, when it fills at p_reference and its '
  'protective stop is hit; all of it without a stop.';
