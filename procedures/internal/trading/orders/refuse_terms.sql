-- reads market.instruments, trading.portfolios; errors TR101, TR118, TR201-TR203, TR212, TR249, TR503
CREATE OR REPLACE FUNCTION internal.refuse_terms(p_order internal.order_terms, p_fault text)
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_instrument market.instruments;
BEGIN
  SELECT * INTO v_instrument FROM market.instruments AS i WHERE i.instrument_id = p_order.instrument_id;
  CASE p_fault
  WHEN 'instrument' THEN
    RAISE EXCEPTION 'unknown instrument %', coalesce(p_order.instrument_id::text, 'NULL')
      USING ERRCODE = 'TR101', DETAIL = 'No instrument has this identifier.',
            HINT = 'market.instrument_id(symbol) finds it.';
  WHEN 'agent' THEN
    RAISE EXCEPTION 'unknown agent %', p_order.agent_id
      USING ERRCODE = 'TR503', DETAIL = 'No agent of the portfolio has this identifier.',
            HINT = 'Create it with strategy.create_agent(...), or leave it out for a person''s order.';
  WHEN 'missing' THEN
    RAISE EXCEPTION 'a new order has side, type, time in force, product and client_order_id'
      USING ERRCODE = 'TR212',
            DETAIL = format('side %s, type %s, time in force %s, product %s, client_order_id %s.',
                            coalesce(p_order.side::text, 'NULL'), coalesce(p_order.type::text, 'NULL'),
                            coalesce(p_order.time_in_force::text, 'NULL'), coalesce(p_order.product::text, 'NULL'),
                            coalesce(quote_literal(p_order.client_order_id), 'NULL')),
            HINT = 'trading.submit_order(...) has defaults for all but the side.';
  WHEN 'time' THEN
    RAISE EXCEPTION 'an order cannot be submitted then'
      USING ERRCODE = CASE WHEN isfinite(p_order.submitted_at) THEN 'TR249' ELSE 'TR212' END,
            DETAIL = format('It was submitted at %s; the portfolio was opened at %s.',
                            coalesce(p_order.submitted_at::text, 'NULL'),
                            (SELECT p.opened_at FROM trading.portfolios AS p
                              WHERE p.portfolio_id = p_order.portfolio_id)),
            HINT = 'Leave the time out, or give the event''s: since the portfolio was opened, until 2199.';
  WHEN 'key' THEN
    RAISE EXCEPTION 'a client_order_id has 1 to 256 printable characters of ASCII, and no space at either end'
      USING ERRCODE = 'TR212',
            DETAIL = format('client_order_id %L, of %s characters.', left(p_order.client_order_id, 40),
                            length(p_order.client_order_id)),
            HINT = 'Leave it out for one that is made up.';
  WHEN 'quantity' THEN
    RAISE EXCEPTION 'invalid quantity %', coalesce(trim_scale(p_order.quantity)::text, 'NULL')
      USING ERRCODE = 'TR201',
            DETAIL = format('%s trades in lots of %s.', v_instrument.symbol, trim_scale(v_instrument.lot_size)),
            HINT = 'Give a positive multiple of the lot below 10,000,000,000, or the whole position.';
  WHEN 'prices' THEN
    RAISE EXCEPTION 'the prices do not fit a % order', p_order.type
      USING ERRCODE = 'TR202',
            DETAIL = format('limit_price %s, stop_price %s, trail_amount %s, trail_percent %s.',
                            coalesce(p_order.limit_price::text, 'NULL'), coalesce(p_order.stop_price::text, 'NULL'),
                            coalesce(p_order.trail_amount::text, 'NULL'),
                            coalesce(p_order.trail_percent::text, 'NULL')),
            HINT = 'market takes none, limit takes limit_price, stop takes stop_price, stop_limit and limit_if_touched '
                   'take both, '
                   'trailing_stop takes trail_amount or trail_percent.';
  WHEN 'sign' THEN
    RAISE EXCEPTION 'a price is not above zero'
      USING ERRCODE = 'TR118',
            DETAIL = format('limit_price %s, stop_price %s.', coalesce(p_order.limit_price::text, 'NULL'),
                            coalesce(p_order.stop_price::text, 'NULL')),
            HINT = 'Markets may trade at or below zero; this engine does not.';
  WHEN 'grid' THEN
    RAISE EXCEPTION 'a price is off the tick grid or too large'
      USING ERRCODE = 'TR202',
            DETAIL = format('limit_price %s, stop_price %s; %s moves in steps of %s.',
                            coalesce(trim_scale(p_order.limit_price)::text, 'NULL'),
                            coalesce(trim_scale(p_order.stop_price)::text, 'NULL'), v_instrument.symbol,
                            trim_scale(v_instrument.tick_size)),
            HINT = 'Round the price to the tick size.';
  WHEN 'expiry' THEN
    RAISE EXCEPTION 'the time in force % and expires_at do not fit', p_order.time_in_force
      USING ERRCODE = 'TR203',
            DETAIL = format('expires_at %s, submitted at %s.', coalesce(p_order.expires_at::text, 'NULL'),
                            p_order.submitted_at),
            HINT = 'gtd needs an expires_at after submission; all others take none: day, at_open and at_close end with '
                   'the session by themselves.';
  WHEN 'combination' THEN
    RAISE EXCEPTION 'the type % does not go with % or post_only', p_order.type, p_order.time_in_force
      USING ERRCODE = 'TR203',
            DETAIL = format('type %s, time in force %s, post_only %s.', p_order.type, p_order.time_in_force,
                            p_order.post_only),
            HINT = 'at_open and at_close are for market and limit orders; post_only is for limit orders that may rest.';
  WHEN 'links' THEN
    RAISE EXCEPTION 'the order does not fit the group %', coalesce(p_order.oco_group_id::text, 'NULL')
      USING ERRCODE = 'TR212',
            DETAIL = format('oco_leg %s, instrument %s, side %s.', coalesce(p_order.oco_leg::text, 'NULL'),
                            v_instrument.symbol, p_order.side),
            HINT = 'A group begins with oco_group_id => 0; its orders have a leg from 1, one instrument, one side and '
                   'one parent, and join while '
                   'one of its orders is open.';
  END CASE;
END
$$;
COMMENT ON FUNCTION internal.refuse_terms(internal.order_terms, text) IS
  'Says what is wrong with the terms of an order: the fault that internal.decide_orders found. Errors TR101 '
  'instrument, TR118 prices at or below zero, TR201 quantity, TR202 prices, TR203 time in force, TR249 time, TR503 '
  'agent, TR212 the rest.';
