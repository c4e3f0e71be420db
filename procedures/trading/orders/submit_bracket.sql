-- writes trading.orders and what its triggers write; errors those of trading.submit_order, TR227
CREATE OR REPLACE FUNCTION trading.submit_bracket(
  portfolio text, symbol text, side trading.order_side, quantity numeric, type trading.order_type DEFAULT 'market',
  limit_price numeric DEFAULT NULL, stop_price numeric DEFAULT NULL, take_profits numeric[] DEFAULT NULL,
  take_profit_quantities numeric[] DEFAULT NULL,
  stop_loss numeric DEFAULT NULL, stop_loss_limit numeric DEFAULT NULL, trail_amount numeric DEFAULT NULL,
  trail_percent numeric DEFAULT NULL,
  time_in_force trading.time_in_force DEFAULT 'day', exit_time_in_force trading.time_in_force DEFAULT 'gtc',
  product trading.product DEFAULT 'delivery',
  client_order_id text DEFAULT NULL, agent text DEFAULT NULL, at timestamptz DEFAULT now())
RETURNS SETOF trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_key     text := coalesce(submit_bracket.client_order_id, gen_random_uuid()::text);
  v_exit    trading.order_side := CASE submit_bracket.side WHEN 'buy' THEN 'sell' ELSE 'buy' END::trading.order_side;
  v_targets int := coalesce(cardinality(submit_bracket.take_profits), 0);
  v_shares  numeric[] := submit_bracket.take_profit_quantities;
  v_entry   trading.orders;
  v_order   trading.orders;
  v_group   bigint := 0;
  v_price   numeric;  -- at which the entry is decided
BEGIN
  IF v_targets = 1 AND v_shares IS NULL THEN
    v_shares := ARRAY[submit_bracket.quantity];
  END IF;
  IF (v_targets + num_nonnulls(submit_bracket.stop_loss, submit_bracket.trail_amount, submit_bracket.trail_percent) > 0
      AND num_nonnulls(submit_bracket.stop_loss, submit_bracket.trail_amount, submit_bracket.trail_percent) <= 1
      AND (submit_bracket.stop_loss_limit IS NULL OR submit_bracket.stop_loss IS NOT NULL)
      AND v_targets <= 20 AND v_targets = coalesce(cardinality(v_shares), 0)
      AND (v_targets = 0
           OR (SELECT sum(s) = submit_bracket.quantity AND min(s) > 0 AND count(*) = count(s)
                 FROM unnest(v_shares) AS s))) IS NOT TRUE THEN
    RAISE EXCEPTION 'the exits of the bracket do not fit its entry'
      USING ERRCODE = 'TR227',
            DETAIL = format('quantity %s; %s take-profits of %s; stop_loss %s, trail_amount %s, trail_percent %s.',
                            submit_bracket.quantity, v_targets, coalesce(v_shares::text, 'NULL'),
                            coalesce(submit_bracket.stop_loss::text, 'NULL'),
                            coalesce(submit_bracket.trail_amount::text, 'NULL'),
                            coalesce(submit_bracket.trail_percent::text, 'NULL')),
            HINT = 'Give take_profits with take_profit_quantities that add up to the quantity (at most 20), or one of '
                   'stop_loss, trail_amount and trail_percent, or both.';
  END IF;
  -- The entry is decided by what its stop would lose (internal.trade_risk).
  v_price := coalesce(submit_bracket.limit_price, submit_bracket.stop_price,
                      internal.reference_price(market.instrument_id(submit_bracket.symbol), submit_bracket.at));
  v_entry := (internal.submit_orders(
    ARRAY[internal.order_terms(submit_bracket.portfolio, submit_bracket.symbol, submit_bracket.side,
                               submit_bracket.quantity, submit_bracket.type, submit_bracket.limit_price,
                               submit_bracket.stop_price, submit_bracket.time_in_force,
                               p_product => submit_bracket.product, p_client_order_id => v_key,
                               p_agent => submit_bracket.agent, p_at => submit_bracket.at,
                               p_stop_loss => coalesce(submit_bracket.stop_loss,
                                                       v_price + CASE v_exit WHEN 'sell' THEN -1 ELSE 1 END
                                * coalesce(submit_bracket.trail_amount,
                                           v_price * submit_bracket.trail_percent / 100)))]))[1];
  RETURN NEXT v_entry;
  -- Submitted before: its exits were too, or it was refused and has none.
  IF v_entry.status = 'rejected'
     OR EXISTS (SELECT FROM trading.orders AS o WHERE o.portfolio_id = v_entry.portfolio_id
                   AND o.parent_order_id = v_entry.order_id) THEN
    RETURN QUERY SELECT o.* FROM trading.orders AS o
      WHERE o.portfolio_id = v_entry.portfolio_id AND o.parent_order_id = v_entry.order_id
      ORDER BY o.order_id;
    RETURN;
  END IF;
  FOR n IN 1 .. v_targets LOOP
    v_order := trading.submit_order(submit_bracket.portfolio, submit_bracket.symbol, v_exit, v_shares[n], 'limit',
                                    submit_bracket.take_profits[n], time_in_force => submit_bracket.exit_time_in_force,
                                    product => submit_bracket.product,
                                    client_order_id => format('%s/target-%s', v_key, n), agent => submit_bracket.agent,
                                    at => submit_bracket.at, reduce_only => true, parent_order_id => v_entry.order_id,
                                    oco_group_id => v_group,
                                    oco_leg => 1);
    v_group := v_order.oco_group_id;
    RETURN NEXT v_order;
  END LOOP;
  IF num_nonnulls(submit_bracket.stop_loss, submit_bracket.trail_amount, submit_bracket.trail_percent) = 1 THEN
    v_order := trading.submit_order(submit_bracket.portfolio, submit_bracket.symbol, v_exit, submit_bracket.quantity,
      CASE WHEN submit_bracket.stop_loss IS NULL THEN 'trailing_stop'
           WHEN submit_bracket.stop_loss_limit IS NULL THEN 'stop' ELSE 'stop_limit' END::trading.order_type,
                                    submit_bracket.stop_loss_limit, submit_bracket.stop_loss,
                                    submit_bracket.exit_time_in_force,
                                    product => submit_bracket.product, client_order_id => v_key || '/stop',
                                    agent => submit_bracket.agent, at => submit_bracket.at,
                                    trail_amount => submit_bracket.trail_amount,
                                    trail_percent => submit_bracket.trail_percent, reduce_only => true,
                                    parent_order_id => v_entry.order_id,
                                    oco_group_id => v_group, oco_leg => 2);
    RETURN NEXT v_order;
  END IF;
END
$$;
COMMENT ON FUNCTION trading.submit_bracket(
  text, text, trading.order_side, numeric, trading.order_type, numeric, numeric, numeric[], numeric[], numeric, numeric,
  numeric, numeric, trading.time_in_force, trading.time_in_force, trading.product, text, text, timestamptz) IS
  'Submits an entry with its exits and returns them in this order: a ladder of limit orders (take_profits, '
  'take_profit_quantities) against a stop (stop_loss, with stop_loss_limit a stop-limit; or a trailing stop). The '
  'exits are held until the entry fills, grow with its fills, and a fill of one takes as much from the other side. The '
  'same client_order_id again answers the first bracket. Errors of trading.submit_order, TR227.';
REVOKE ALL ON FUNCTION trading.submit_bracket(
  text, text, trading.order_side, numeric, trading.order_type, numeric, numeric, numeric[], numeric[], numeric, numeric,
  numeric, numeric, trading.time_in_force, trading.time_in_force, trading.product, text, text, timestamptz) FROM PUBLIC;
