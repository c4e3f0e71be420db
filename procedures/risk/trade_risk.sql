CREATE OR REPLACE FUNCTION risk.trade_risk(p_order trading.orders, p_reference numeric, p_unit numeric)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  -- The orders of a bracket come one after the other: whoever submits the entry says first where its stop will be.
  v_stop     numeric := nullif(current_setting('bourse.protective_stop', true), '')::numeric;
  v_distance numeric := CASE p_order.side WHEN 'buy' THEN p_reference - v_stop ELSE v_stop - p_reference END;
BEGIN
  -- A stop beyond the entry protects nothing, and without a stop all of it can be lost.
  RETURN p_order.opening_quantity * p_unit * CASE WHEN v_distance > 0 THEN v_distance / p_reference ELSE 1 END;
END
$$;
COMMENT ON FUNCTION risk.trade_risk(trading.orders, numeric, numeric) IS
  'What the opening part of an order loses, in the portfolio''s currency, when it fills at p_reference and the stop of the setting bourse.protective_stop is hit; all of it without a stop.';
