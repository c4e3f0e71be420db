-- reads risk.halts, risk.limits
CREATE OR REPLACE FUNCTION risk.check_order(
  p_order trading.orders, p_value numeric, p_held numeric, p_open_buys numeric, p_open_sells numeric, p_unit_value numeric,
  OUT code text, OUT reason text, OUT limit_id int, OUT figure numeric, OUT bound numeric)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_halt     risk.halts;
  v_limit    risk.limits;
  v_position numeric;
BEGIN
  -- Neither a halt nor a limit keeps anybody in a position.
  IF risk.reduces_position(p_order.side, p_order.quantity, p_held, p_open_buys, p_open_sells) THEN
    RETURN;
  END IF;
  SELECT * INTO v_halt FROM risk.halts AS h
   WHERE h.resumed_at IS NULL
     AND CASE h.scope WHEN 'system' THEN true WHEN 'portfolio' THEN h.scope_id = p_order.portfolio_id
                      WHEN 'agent' THEN h.scope_id = p_order.agent_id WHEN 'instrument' THEN h.scope_id = p_order.instrument_id END
   ORDER BY h.halt_id LIMIT 1;
  IF FOUND THEN
    code := 'TR301';
    reason := format('%s halted since %s: %s', v_halt.scope, v_halt.halted_at AT TIME ZONE 'UTC', v_halt.reason);
    RETURN;
  END IF;

  -- The position if this order and all open ones of its side fill.
  v_position := abs(CASE p_order.side WHEN 'buy' THEN p_held + p_open_buys + p_order.quantity ELSE p_held - p_open_sells - p_order.quantity END);
  FOR v_limit IN
    SELECT l.* FROM risk.limits AS l
     WHERE CASE l.scope WHEN 'system' THEN true WHEN 'portfolio' THEN l.scope_id = p_order.portfolio_id
                        WHEN 'agent' THEN l.scope_id = p_order.agent_id WHEN 'instrument' THEN l.scope_id = p_order.instrument_id END
     ORDER BY l.metric, l.bound, l.limit_id
  LOOP
    figure := CASE v_limit.metric WHEN 'order_value' THEN p_value WHEN 'position_quantity' THEN v_position ELSE round(v_position * p_unit_value, 8) END;
    IF figure > v_limit.bound THEN
      code := CASE v_limit.metric WHEN 'order_value' THEN 'TR302' WHEN 'position_quantity' THEN 'TR303' ELSE 'TR304' END;
      reason := format('%s would be %s, the limit of the %s is %s', replace(v_limit.metric::text, '_', ' '), trim_scale(figure), v_limit.scope, trim_scale(v_limit.bound));
      limit_id := v_limit.limit_id;
      bound := v_limit.bound;
      RETURN;
    END IF;
  END LOOP;
  figure := NULL;
END
$$;
COMMENT ON FUNCTION risk.check_order(trading.orders, numeric, numeric, numeric, numeric, numeric) IS
  'The first rule that a new order breaks, with its figures; code is NULL when it breaks none. p_unit_value is the value of one unit of quantity.';
REVOKE ALL ON FUNCTION risk.check_order(trading.orders, numeric, numeric, numeric, numeric, numeric) FROM PUBLIC;
