-- reads trading.orders of an order that replaces or is linked to another
CREATE OR REPLACE FUNCTION internal.order_fault(
  p_order internal.order_terms, p_instrument market.instruments, p_held numeric, p_since timestamptz)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN CASE
    WHEN p_instrument.symbol IS NULL THEN 'instrument'
    WHEN num_nulls(p_order.side, p_order.type, p_order.time_in_force, p_order.product, p_order.client_order_id) > 0
      THEN 'missing'
    WHEN (internal.is_event_time(p_order.submitted_at) AND p_order.submitted_at >= p_since) IS NOT TRUE THEN 'time'
    WHEN length(p_order.client_order_id) NOT BETWEEN 1 AND 256 OR p_order.client_order_id ~ '[^ -~]'
         OR p_order.client_order_id <> btrim(p_order.client_order_id) THEN 'key'
    -- Splits and brokers leave fractions of a lot behind: they may be sold (bought back) with the whole position,
    -- and stay in an order that is replaced.
    WHEN (p_order.quantity > 0 AND p_order.quantity < 1e10 AND p_order.quantity = round(p_order.quantity, 8)
          AND (p_order.quantity % p_instrument.lot_size = 0
               OR p_order.quantity = CASE p_order.side WHEN 'sell' THEN p_held ELSE -p_held END
               OR p_order.replaces_order_id IS NOT NULL
                  AND p_order.quantity = internal.leaves_quantity(p_order.portfolio_id, p_order.replaces_order_id)))
         IS NOT TRUE THEN 'quantity'
    WHEN (p_order.limit_price IS NOT NULL) <> (p_order.type IN ('limit', 'stop_limit', 'limit_if_touched'))
         OR (p_order.stop_price IS NOT NULL) <> (p_order.type IN ('stop', 'stop_limit', 'limit_if_touched'))
           AND p_order.type <> 'trailing_stop'
         OR num_nonnulls(p_order.trail_amount, p_order.trail_percent) <> (p_order.type = 'trailing_stop')::int
           THEN 'prices'
    WHEN p_order.limit_price <= 0 OR p_order.stop_price <= 0 THEN 'sign'
    WHEN p_order.limit_price >= 1e10 OR p_order.stop_price >= 1e10 OR p_order.trail_amount <= 0
         OR p_order.trail_amount >= 1e10 OR p_order.trail_percent NOT BETWEEN 0.00000001 AND 99.99999999
         OR p_order.trail_percent <> round(p_order.trail_percent, 8)
         OR p_order.limit_price % p_instrument.tick_size <> 0 OR p_order.stop_price % p_instrument.tick_size <> 0
           OR p_order.trail_amount % p_instrument.tick_size <> 0 THEN 'grid'
    WHEN p_order.time_in_force <> 'gtd' AND p_order.expires_at IS NOT NULL
         OR p_order.time_in_force = 'gtd'
            AND (p_order.expires_at > p_order.submitted_at AND isfinite(p_order.expires_at)) IS NOT TRUE THEN 'expiry'
    WHEN p_order.time_in_force IN ('at_open', 'at_close') AND p_order.type NOT IN ('market', 'limit')
         OR p_order.post_only
            AND (p_order.type <> 'limit' OR p_order.time_in_force IN ('ioc', 'fok', 'at_open', 'at_close'))
      THEN 'combination'
    WHEN num_nonnulls(p_order.oco_group_id, p_order.oco_leg) > 0 AND NOT internal.links_fit(p_order) THEN 'links' END;
END
$$;
COMMENT ON FUNCTION internal.order_fault(internal.order_terms, market.instruments, numeric, timestamptz) IS
  'What makes no sense in the terms of a new order, whatever the market and the books; NULL: nothing. p_held is what '
  'the portfolio holds of the instrument, p_since when it was opened. internal.refuse_terms tells what each means.';
