-- reads market.*, risk.*; writes ledger.*, risk.breaches; the caller holds the book's lock
-- refusals TR105, TR107, TR220, TR240, TR3xx, TR401, TR402, TR225, TR226
CREATE OR REPLACE FUNCTION trading.judge_order(
  p_order trading.orders, p_portfolio trading.portfolios, p_instrument market.instruments, p_position trading.positions)
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_order     trading.orders := p_order;
  v_verdict   record;
  v_reference numeric;
  v_capacity  numeric;  -- quantity of this side that would only close what is held
  v_fees      numeric[];
  v_cost      numeric := 0;
  v_free      numeric;
BEGIN
  v_order.reason_code := NULL;
  v_order.reason := NULL;
  -- The price at which the order is judged: its own, or else the latest.
  v_reference := coalesce(v_order.limit_price, v_order.stop_price, trading.reference_price(v_order.instrument_id, v_order.updated_at));
  IF v_order.type = 'trailing_stop' AND v_order.stop_price IS NULL AND v_reference IS NOT NULL THEN
    v_order.stop_price := trading.trail_price(v_order, v_reference, p_instrument.tick_size);
    v_reference := v_order.stop_price;
  END IF;

  v_capacity := CASE v_order.side WHEN 'sell' THEN p_position.quantity - p_position.open_sell_quantity ELSE -p_position.quantity - p_position.open_buy_quantity END;
  IF v_order.oco_group_id IS NOT NULL THEN
    -- What the other legs are promised serves this one too; what its own leg is promised does not.
    v_capacity := v_capacity + trading.group_open(v_order.portfolio_id, v_order.oco_group_id, v_order.order_id, v_order.oco_leg, 0)
                  - (SELECT coalesce(sum(o.quantity - o.filled_quantity), 0) FROM trading.orders AS o
                      WHERE o.portfolio_id = v_order.portfolio_id AND o.oco_group_id = v_order.oco_group_id AND o.oco_leg = v_order.oco_leg
                        AND o.closed_at IS NULL AND o.status NOT IN ('held', 'pending_approval') AND o.order_id <> v_order.order_id);
  END IF;
  v_order.opening_quantity := greatest(v_order.quantity - v_order.filled_quantity - greatest(v_capacity, 0), 0);
  -- What a market buy may lose on the way is reserved too.
  v_order.reserve_price := round(CASE WHEN v_order.opening_quantity = 0 THEN NULL
                                      WHEN v_order.limit_price IS NOT NULL OR v_order.side = 'sell' THEN v_reference
                                      ELSE v_reference * (1 + p_portfolio.market_order_buffer) END, 8);
  v_order.status := 'accepted';
  v_fees := trading.order_fees(p_portfolio.fee_schedule, v_order.submitted_at, v_order.side, v_order.product, v_order.quantity - v_order.busted_quantity,
                               v_order.filled_value + round((v_order.quantity - v_order.filled_quantity) * v_order.reserve_price * p_instrument.multiplier, 8), v_order.maker_value);

  IF NOT p_instrument.is_active
     OR v_order.updated_at >= market.day_start(p_instrument.exchange_id, p_instrument.expires_on + 1) THEN
    v_order.reason_code := 'TR107';
    v_order.reason := format('%s takes no new orders', p_instrument.symbol);
  ELSIF v_reference IS NULL AND v_order.opening_quantity > 0 OR v_order.stop_price IS NULL AND v_order.type = 'trailing_stop' THEN
    v_order.reason_code := 'TR105';
    v_order.reason := format('no price of %s is known', p_instrument.symbol);
  ELSIF v_fees IS NULL THEN
    v_order.reason_code := 'TR240';
    v_order.reason := format('the fee schedule "%s" has no terms for %s', p_portfolio.fee_schedule, (v_order.submitted_at AT TIME ZONE 'UTC')::date);
  ELSIF v_order.reduce_only AND v_order.opening_quantity > 0 THEN
    v_order.reason_code := 'TR220';
    v_order.reason := format('%s %s can be closed, the order is of %s and may only reduce', trim_scale(greatest(v_capacity, 0)), p_instrument.symbol, trim_scale(v_order.quantity));
  ELSE
    v_verdict := risk.check_order(v_order, p_portfolio, p_instrument, p_position, v_reference);
    IF v_verdict.code IS NOT NULL THEN
      v_order.reason_code := v_verdict.code;
      v_order.reason := v_verdict.reason;
    ELSIF v_order.opening_quantity > 0 THEN
      v_cost := trading.order_cost(v_order, v_fees, p_instrument);
      v_free := coalesce(ledger.available(v_order.portfolio_id, p_instrument.currency), 0);
      IF p_portfolio.account_type = 'cash' AND v_order.side = 'sell' AND p_instrument.kind <> 'future' THEN
        v_order.reason_code := 'TR402';
        v_order.reason := format('%s %s are held, %s of them promised to open sells, %s are to be sold', trim_scale(p_position.quantity),
          p_instrument.symbol, trim_scale(p_position.open_sell_quantity), trim_scale(v_order.quantity));
      ELSIF p_portfolio.account_type = 'cash' AND p_instrument.kind = 'future' THEN
        v_order.reason_code := 'TR225';
        v_order.reason := format('%s is dealt on margin, the portfolio has a cash account', p_instrument.symbol);
      ELSIF v_order.side = 'sell' AND NOT p_instrument.is_shortable AND p_instrument.kind <> 'future' THEN
        v_order.reason_code := 'TR226';
        v_order.reason := format('%s cannot be sold short; %s more than can be closed', p_instrument.symbol, trim_scale(v_order.opening_quantity));
      ELSIF (v_cost < 1e20 AND v_cost <= v_free) IS NOT TRUE THEN
        v_order.reason_code := 'TR401';
        v_order.reason := format('%s %s are available, %s are needed', trim_scale(v_free), p_instrument.currency, trim_scale(v_cost));
      END IF;
    END IF;
  END IF;

  IF v_order.reason_code IS NOT NULL THEN
    v_order.status := 'rejected';
    RETURN v_order;
  END IF;
  v_order.status := CASE WHEN p_portfolio.is_paper THEN 'accepted' ELSE 'pending_submit' END::trading.order_status;
  IF v_cost > 0 THEN
    v_order.reservation_id := ledger.reserve(v_order.portfolio_id, p_instrument.currency, v_cost, v_order.order_id, v_order.updated_at,
      CASE WHEN v_order.side = 'sell' OR p_instrument.kind = 'future' THEN 'margin' ELSE 'securities' END::ledger.account_kind);
  END IF;
  RETURN v_order;
END
$$;
COMMENT ON FUNCTION trading.judge_order(trading.orders, trading.portfolios, market.instruments, trading.positions) IS
  'Judges an order whose terms make sense by the market, risk rules, holdings and funds as of its updated_at, and reserves its money. Returns it accepted (pending_submit when it goes to a real broker), or rejected with code and figures.';
REVOKE ALL ON FUNCTION trading.judge_order(trading.orders, trading.portfolios, market.instruments, trading.positions) FROM PUBLIC;
