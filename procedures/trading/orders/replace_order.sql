-- locks ledger.portfolio_clocks; writes trading.orders and what its triggers write; errors TR205, TR210, TR211,
-- TR201-TR204, TR249, and the code of the rule that refuses the new terms
CREATE OR REPLACE FUNCTION trading.replace_order(
  portfolio text, order_id bigint DEFAULT NULL, client_order_id text DEFAULT NULL,
  new_client_order_id text DEFAULT NULL, quantity numeric DEFAULT NULL,
  limit_price numeric DEFAULT NULL, stop_price numeric DEFAULT NULL, at timestamptz DEFAULT now(),
  trail_amount numeric DEFAULT NULL, trail_percent numeric DEFAULT NULL)
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_id int := trading.portfolio_id(replace_order.portfolio);
  v_key          text := coalesce(replace_order.new_client_order_id, gen_random_uuid()::text);
  v_old          trading.orders;
  v_new          trading.orders;
BEGIN
  PERFORM internal.require_event_time(replace_order.at);
  PERFORM internal.lock_portfolio(v_portfolio_id);
  v_old := internal.find_order(v_portfolio_id, replace_order.order_id, replace_order.client_order_id);
  SELECT * INTO v_new FROM trading.orders AS o
   WHERE o.portfolio_id = v_portfolio_id AND o.client_order_id = v_key AND o.replaces_order_id = v_old.order_id;
  IF FOUND THEN
    RETURN v_new;  -- asked for before
  END IF;
  IF v_old.closed_at IS NOT NULL THEN
    RAISE EXCEPTION 'order % is closed already', v_old.order_id
      USING ERRCODE = 'TR210', DETAIL = format('It was %s at %s.', v_old.status, v_old.closed_at),
            HINT = 'Submit a new order instead.';
  END IF;
  IF replace_order.quantity <= v_old.filled_quantity THEN
    RAISE EXCEPTION 'the new quantity is filled already'
      USING ERRCODE = 'TR201',
            DETAIL = format('%s are filled, %s were asked for.', trim_scale(v_old.filled_quantity),
                            trim_scale(replace_order.quantity)),
            HINT = 'quantity is the whole order''s, fills included; to stop here, cancel the order.';
  END IF;
  IF v_old.parent_order_id IS NOT NULL AND v_old.status <> 'held'
     AND EXISTS (SELECT FROM trading.orders AS o WHERE o.portfolio_id = v_portfolio_id
                    AND o.order_id = v_old.parent_order_id AND o.closed_at IS NULL) THEN
    RAISE EXCEPTION 'order % still grows with its parent', v_old.order_id
      USING ERRCODE = 'TR212', DETAIL = format('Order %s has not filled in whole.', v_old.parent_order_id),
            HINT = 'Replace it before its parent fills or after, or cancel the rest of the parent first.';
  END IF;
  IF EXISTS (SELECT FROM trading.orders AS o WHERE o.portfolio_id = v_portfolio_id
                AND o.parent_order_id = v_old.order_id AND o.closed_at IS NULL AND o.status <> 'held') THEN
    RAISE EXCEPTION 'order % has exits at work', v_old.order_id
      USING ERRCODE = 'TR212',
            DETAIL = format('%s are filled, and its children have begun to protect them.',
                            trim_scale(v_old.filled_quantity)),
            HINT = 'Cancel the rest of it, and submit a new bracket.';
  END IF;
  -- The old order frees its cash and quantity before the new one is decided; if the new one is refused, both are
  -- undone.
  PERFORM internal.end_order(v_old, 'replaced', NULL, 'replaced by ' || v_key, replace_order.at);
  v_new := (internal.submit_orders(ARRAY[ROW (
    NULL, v_portfolio_id, v_key, v_old.instrument_id, v_old.agent_id, v_old.side, v_old.type, v_old.time_in_force,
    v_old.product,
    coalesce(replace_order.quantity,
             CASE v_old.status WHEN 'held' THEN v_old.planned_quantity ELSE v_old.quantity END) - v_old.filled_quantity,
    coalesce(replace_order.limit_price, v_old.limit_price),
    CASE WHEN v_old.type = 'trailing_stop' AND num_nonnulls(replace_order.trail_amount, replace_order.trail_percent) > 0
         THEN replace_order.stop_price ELSE coalesce(replace_order.stop_price, v_old.stop_price) END,
    CASE WHEN replace_order.trail_percent IS NULL THEN coalesce(replace_order.trail_amount, v_old.trail_amount) END,
    CASE WHEN replace_order.trail_amount IS NULL THEN coalesce(replace_order.trail_percent, v_old.trail_percent) END,
    v_old.reduce_only, v_old.post_only, CASE v_old.status WHEN 'held' THEN v_old.parent_order_id END,
    v_old.oco_group_id, v_old.oco_leg,
    CASE v_old.time_in_force WHEN 'gtd' THEN v_old.expires_at END, v_old.order_id, ops.actor(),
    greatest(replace_order.at, v_old.updated_at), greatest(replace_order.at, v_old.updated_at), NULL, NULL, false, 0, 0,
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
   WHERE o.portfolio_id = v_portfolio_id AND o.parent_order_id = v_old.order_id AND o.status = 'held';
  RETURN v_new;
END
$$;
COMMENT ON FUNCTION trading.replace_order(
  text, bigint, text, text, numeric, numeric, numeric, timestamptz, numeric, numeric) IS
  'Replaces what is open of an order by a new order on other terms (NULL keeps the old term; quantity counts what is '
  'filled). Refused terms are an error with the rule''s code, and the old order stands. Errors TR201 to TR205, TR210, '
  'TR211.';
REVOKE ALL ON FUNCTION trading.replace_order(
  text, bigint, text, text, numeric, numeric, numeric, timestamptz, numeric, numeric) FROM PUBLIC;
