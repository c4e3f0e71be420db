-- reads trading.orders; errors TR201, TR202, TR203, TR212
CREATE OR REPLACE FUNCTION trading.check_order_terms(p_order trading.orders, p_instrument market.instruments, p_held numeric)
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF num_nulls(p_order.side, p_order.type, p_order.time_in_force, p_order.product, p_order.client_order_id) > 0 THEN
    RAISE EXCEPTION 'a new order has side, type, time in force, product and client_order_id'
      USING ERRCODE = 'TR212', DETAIL = format('side %s, type %s, time in force %s, product %s, client_order_id %s.', p_order.side, p_order.type,
                                               p_order.time_in_force, p_order.product, coalesce(quote_literal(p_order.client_order_id), 'NULL')),
            HINT = 'trading.submit_order(...) has defaults for all but the side.';
  END IF;
  IF (p_order.quantity > 0 AND p_order.quantity % p_instrument.lot_size = 0) IS NOT TRUE THEN
    -- Splits and brokers leave fractions of a lot behind: they may be sold (bought back) with the whole position, and stay in an order
    -- that is replaced.
    IF (p_order.quantity > 0
        AND (p_order.quantity = CASE p_order.side WHEN 'sell' THEN p_held ELSE -p_held END
             OR p_order.quantity = (SELECT o.quantity - o.filled_quantity FROM trading.orders AS o
                                     WHERE o.portfolio_id = p_order.portfolio_id AND o.order_id = p_order.replaces_order_id))) IS NOT TRUE THEN
      RAISE EXCEPTION 'invalid quantity %', coalesce(p_order.quantity::text, 'NULL')
        USING ERRCODE = 'TR201', DETAIL = format('%s trades in lots of %s.', p_instrument.symbol, trim_scale(p_instrument.lot_size)),
              HINT = 'Give a positive multiple of the lot, or the whole position.';
    END IF;
  END IF;
  IF (p_order.limit_price IS NOT NULL) <> (p_order.type IN ('limit', 'stop_limit', 'limit_if_touched'))
     OR (p_order.stop_price IS NOT NULL) <> (p_order.type IN ('stop', 'stop_limit', 'limit_if_touched')) AND p_order.type <> 'trailing_stop'
     OR num_nonnulls(p_order.trail_amount, p_order.trail_percent) <> (p_order.type = 'trailing_stop')::int THEN
    RAISE EXCEPTION 'the prices do not fit a % order', p_order.type
      USING ERRCODE = 'TR202',
            DETAIL = format('limit_price %s, stop_price %s, trail_amount %s, trail_percent %s.', coalesce(p_order.limit_price::text, 'NULL'), coalesce(p_order.stop_price::text, 'NULL'),
                            coalesce(p_order.trail_amount::text, 'NULL'), coalesce(p_order.trail_percent::text, 'NULL')),
            HINT = 'market takes none, limit takes limit_price, stop takes stop_price, stop_limit and limit_if_touched take both, trailing_stop takes trail_amount or trail_percent.';
  END IF;
  IF p_order.limit_price <= 0 OR p_order.stop_price <= 0 OR p_order.trail_amount <= 0 OR p_order.trail_percent NOT BETWEEN 0.00000001 AND 99.99999999
     OR p_order.limit_price % p_instrument.tick_size <> 0 OR p_order.stop_price % p_instrument.tick_size <> 0 OR p_order.trail_amount % p_instrument.tick_size <> 0 THEN
    RAISE EXCEPTION 'a price is off the tick grid or not positive'
      USING ERRCODE = 'TR202',
            DETAIL = format('limit_price %s, stop_price %s; %s moves in steps of %s.', coalesce(trim_scale(p_order.limit_price)::text, 'NULL'),
                            coalesce(trim_scale(p_order.stop_price)::text, 'NULL'), p_instrument.symbol, trim_scale(p_instrument.tick_size)),
            HINT = 'Round the price to the tick size.';
  END IF;
  IF p_order.time_in_force <> 'gtd' AND p_order.expires_at IS NOT NULL
     OR p_order.time_in_force = 'gtd' AND (p_order.expires_at > p_order.submitted_at) IS NOT TRUE THEN
    RAISE EXCEPTION 'the time in force % and expires_at do not fit', p_order.time_in_force
      USING ERRCODE = 'TR203', DETAIL = format('expires_at %s, submitted at %s.', coalesce(p_order.expires_at::text, 'NULL'), p_order.submitted_at),
            HINT = 'gtd needs an expires_at after submission; all others take none: day, at_open and at_close end with the session by themselves.';
  END IF;
  IF p_order.time_in_force IN ('at_open', 'at_close') AND p_order.type NOT IN ('market', 'limit')
     OR p_order.post_only AND (p_order.type <> 'limit' OR p_order.time_in_force IN ('ioc', 'fok', 'at_open', 'at_close')) THEN
    RAISE EXCEPTION 'the type % does not go with % or post_only', p_order.type, p_order.time_in_force
      USING ERRCODE = 'TR203', DETAIL = format('type %s, time in force %s, post_only %s.', p_order.type, p_order.time_in_force, p_order.post_only),
            HINT = 'at_open and at_close are for market and limit orders; post_only is for limit orders that may rest.';
  END IF;
  IF num_nonnulls(p_order.oco_group_id, p_order.oco_leg) > 0 THEN
    PERFORM trading.check_order_links(p_order);
  END IF;
END
$$;
COMMENT ON FUNCTION trading.check_order_terms(trading.orders, market.instruments, numeric) IS
  'Raises when an order makes no sense, whatever the market and the books: TR201 quantity, TR202 prices, TR203 time in force, TR212 the rest. p_held is the position, 0 when there is none.';
