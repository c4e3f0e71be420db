CREATE OR REPLACE FUNCTION internal.trade_risk(p_order trading.orders, p_reference numeric, p_unit numeric, p_stop_loss numeric)
RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_distance numeric := CASE p_order.side WHEN 'buy' THEN p_reference - p_stop_loss ELSE p_stop_loss - p_reference END;
BEGIN
  -- A stop beyond the entry protects nothing, and without a stop all of it can be lost.
  RETURN p_order.opening_quantity * p_unit * CASE WHEN v_distance > 0 THEN v_distance / p_reference ELSE 1 END;
END
$$;
COMMENT ON FUNCTION internal.trade_risk(trading.orders, numeric, numeric, numeric) IS
  'What the opening part of an order loses, in the portfolio''s currency, when it fills at p_reference and its protective stop p_stop_loss is hit; all of it without a stop (NULL).';
