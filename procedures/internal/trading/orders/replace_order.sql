-- locks ledger.portfolio_clocks; writes trading.orders and what its triggers write; errors TR205, TR210, TR211,
-- TR201-TR204, TR249, and the code of the rule that refuses the new terms
CREATE OR REPLACE FUNCTION internal.replace_order(
  p_portfolio_id int, p_order_id bigint, p_client_order_id text, p_new_client_order_id text, p_quantity numeric,
  p_limit_price numeric, p_stop_price numeric, p_at timestamptz, p_trail_amount numeric, p_trail_percent numeric)
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_key text := coalesce(p_new_client_order_id, gen_random_uuid()::text);
  v_old trading.orders;
  v_new trading.orders;
BEGIN
  PERFORM internal.require_event_time(p_at);
  PERFORM internal.lock_portfolio(p_portfolio_id);
  v_old := internal.find_order(p_portfolio_id, p_order_id, p_client_order_id);
  SELECT * INTO v_new FROM trading.orders AS o
   WHERE o.portfolio_id = p_portfolio_id AND o.client_order_id = v_key AND o.replaces_order_id = v_old.order_id;
  IF FOUND THEN
    RETURN v_new;  -- asked for before
  END IF;
  IF v_old.closed_at IS NOT NULL THEN
    RAISE EXCEPTION 'order % is closed already', v_old.order_id
      USING ERRCODE = 'TR210', DETAIL = format('It was %s at %s.', v_old.status, v_old.closed_at),
            HINT = 'Submit a new order instead.';
  END IF;
  IF p_quantity <= v_old.filled_quantity THEN
    RAISE EXCEPTION 'the new quantity is filled already'
      USING ERRCODE = 'TR201',
            DETAIL = format('%s are filled, %s were asked for.', trim_scale(v_old.filled_quantity),
                            trim_scale(p_quantity)),
            HINT = 'quantity is the whole order''s, fills included; to stop here, cancel the order.';
  END IF;
  IF v_old.parent_order_id IS NOT NULL AND v_old.status <> 'held'
     AND EXISTS (SELECT FROM trading.orders AS o WHERE o.portfolio_id = p_portfolio_id
                    AND o.order_id = v_old.parent_order_id AND o.closed_at IS NULL) THEN
    RAISE EXCEPTION 'order % still grows with its parent', v_old.order_id
      USING ERRCODE = 'TR212', DETAIL = format('Order %s has not filled in whole.', v_old.parent_order_id),
            HINT = 'Replace it before its parent fills or after, or cancel the rest of the parent first.';
  END IF;
  IF EXISTS (SELECT FROM trading.orders AS o WHERE o.portfolio_id = p_portfolio_id
                AND o.parent_order_id = v_old.order_id AND o.closed_at IS NULL AND o.status <> 'held') THEN
    RAISE EXCEPTION 'order % has exits at work', v_old.order_id
      USING ERRCODE = 'TR212',
            DETAIL = format('%s are filled, and its children have begun to protect them.',
                            trim_scale(v_old.filled_quantity)),
            HINT = 'Cancel the rest of it, and submit a new bracket.';
  END IF;
  -- The old order frees its cash and quantity before the new one is decided; if the new one is refused, both are
  -- undone.
  PERFORM internal.end_order(v_old, 'replaced', NULL, 'replaced by ' || v_key, p_at);
  v_new := (internal.submit_orders(ARRAY[ROW (
    NULL, p_portfolio_id, v_key, v_old.instrument_id, v_old.agent_id, v_old.side, v_old.type, v_old.time_in_force,
    v_old.product,
    coalesce(p_quantity,
             CASE v_old.status WHEN 'held' THEN v_old.planned_quantity ELSE v_old.quantity END) - v_old.filled_quantity,
    coalesce(p_limit_price, v_old.limit_price),
    CASE WHEN v_old.type = 'trailing_stop' AND num_nonnulls(p_trail_amount, p_trail_percent) > 0
         THEN p_stop_price ELSE coalesce(p_stop_price, v_old.stop_price) END,
    CASE WHEN p_trail_percent IS NULL THEN coalesce(p_trail_amount, v_old.trail_amount) END,
    CASE WHEN p_trail_amount IS NULL THEN coalesce(p_trail_percent, v_old.trail_percent) END,
    v_old.reduce_only, v_old.post_only, CASE v_old.status WHEN 'held' THEN v_old.parent_order_id END,
    v_old.oco_group_id, v_old.oco_leg,
    CASE v_old.time_in_force WHEN 'gtd' THEN v_old.expires_at END, v_old.order_id, ops.actor(),
    greatest(p_at, v_old.updated_at), greatest(p_at, v_old.updated_at), NULL, NULL, false, 0, 0,
    0, 0, 0, 0, 0)::internal.order_terms]))[1];
  IF v_new.replaces_order_id IS DISTINCT FROM v_old.order_id OR v_new.status = 'rejected' THEN
    RAISE EXCEPTION 'the order was not replaced: %',
      CASE WHEN v_new.status = 'rejected' THEN v_new.reason ELSE 'the new client_order_id is in use' END
      USING ERRCODE = CASE WHEN v_new.status = 'rejected' THEN v_new.reason_code ELSE 'TR204' END,
            DETAIL = format('Order %s stands as it was.', v_old.order_id), HINT = 'Ask for other terms, or cancel it.';
  END IF;
  -- What waits for its fills waits for the new order's.
  UPDATE trading.orders AS o
     SET parent_order_id = v_new.order_id, planned_quantity = least(o.planned_quantity, v_new.quantity),
         quantity = least(o.quantity, v_new.quantity), updated_at = v_new.submitted_at
   WHERE o.portfolio_id = p_portfolio_id AND o.parent_order_id = v_old.order_id AND o.status = 'held';
  RETURN v_new;
END
$$;
COMMENT ON FUNCTION internal.replace_order(
  int, bigint, text, text, numeric, numeric, numeric, timestamptz, numeric, numeric) IS
  'Locks the portfolio and replaces what is open of an order, as trading.replace_order says.';
