-- reads what rules, holdings and funds need; refusals TR105, TR107, TR220, TR240, TR3xx, TR401, TR402, TR225, TR226
CREATE OR REPLACE FUNCTION internal.judge_order(
  p_order trading.orders, p_facts internal.order_facts, p_stop_loss numeric DEFAULT NULL, p_explain boolean DEFAULT false)
RETURNS internal.order_decision
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_order      trading.orders := p_order;
  v_portfolio  trading.portfolios := p_facts.portfolio;
  v_instrument market.instruments := p_facts.instrument;
  v_position   trading.positions := p_facts.position;
  v_decision   internal.order_decision;
  v_verdict    record;
  v_group_open numeric := 0;  -- of the orders that exclude this one, as the position keeps it without this one
  v_reference  numeric;
  v_capacity   numeric;       -- quantity of this side that would only close what is held
  v_open       numeric := p_order.quantity - p_order.filled_quantity;
  v_fees       numeric[];
BEGIN
  v_order.reason_code := NULL;
  v_order.reason := NULL;
  v_order.reserved := 0;
  -- The price at which the order is judged: its own, or else the latest.
  v_reference := coalesce(v_order.limit_price, v_order.stop_price, p_facts.last_price);
  IF v_reference IS NULL THEN
    v_reference := trading.reference_price(v_order.instrument_id, v_order.updated_at);
  END IF;
  IF v_order.type = 'trailing_stop' AND v_order.stop_price IS NULL AND v_reference IS NOT NULL THEN
    v_order.stop_price := trading.trail_price(v_order, v_reference, v_instrument.tick_size);
    v_reference := v_order.stop_price;
  END IF;

  v_capacity := CASE v_order.side WHEN 'sell' THEN v_position.quantity - v_position.open_sell_quantity
                                  ELSE -v_position.quantity - v_position.open_buy_quantity END;
  IF v_order.oco_group_id IS NOT NULL THEN
    -- What the position keeps for the other legs serves this one too; what it keeps for its own leg does not.
    v_group_open := trading.group_open(v_order.portfolio_id, v_order.oco_group_id, v_order.order_id, v_order.oco_leg, 0);
    v_capacity := v_capacity + v_group_open
                  - (SELECT coalesce(sum(o.quantity - o.filled_quantity), 0) FROM trading.orders AS o
                      WHERE o.portfolio_id = v_order.portfolio_id AND o.oco_group_id = v_order.oco_group_id AND o.oco_leg = v_order.oco_leg
                        AND o.closed_at IS NULL AND o.status NOT IN ('held', 'pending_approval') AND o.order_id <> v_order.order_id);
  END IF;
  v_order.opening_quantity := greatest(v_open - greatest(v_capacity, 0), 0);
  -- What a market buy may lose on the way is reserved too.
  v_order.reserve_price := round(CASE WHEN v_order.opening_quantity = 0 THEN NULL
                                      WHEN v_order.limit_price IS NOT NULL OR v_order.side = 'sell' THEN v_reference
                                      ELSE v_reference * (1 + v_portfolio.market_order_buffer) END, 8);
  v_order.status := CASE WHEN v_portfolio.broker LIKE 'paper%' THEN 'accepted' ELSE 'pending_submit' END::trading.order_status;
  v_fees := trading.order_fees(v_portfolio.fee_schedule, v_order.submitted_at, v_order.side, v_order.product,
    v_order.quantity - v_order.busted_quantity, v_order.filled_value + round(v_open * v_order.reserve_price * v_instrument.multiplier, 8),
    v_order.maker_value);

  IF NOT v_instrument.is_active
     OR v_order.updated_at >= market.day_start(v_instrument.exchange_id, v_instrument.expires_on + 1) THEN
    v_order.reason_code := 'TR107';
    v_order.reason := format('%s takes no new orders', v_instrument.symbol);
  ELSIF v_reference IS NULL AND v_order.opening_quantity > 0 OR v_order.stop_price IS NULL AND v_order.type = 'trailing_stop' THEN
    v_order.reason_code := 'TR105';
    v_order.reason := format('no price of %s is known', v_instrument.symbol);
  ELSIF v_fees IS NULL THEN
    v_order.reason_code := 'TR240';
    v_order.reason := format('the fee schedule "%s" has no terms for %s', v_portfolio.fee_schedule,
                             (v_order.submitted_at AT TIME ZONE 'UTC')::date);
  ELSIF v_order.reduce_only AND v_order.opening_quantity > 0 THEN
    v_order.reason_code := 'TR220';
    v_order.reason := format('%s %s can be closed, the order is of %s and may only reduce', trim_scale(greatest(v_capacity, 0)),
                             v_instrument.symbol, trim_scale(v_order.quantity));
  END IF;
  IF v_order.reason_code IS NULL OR p_explain THEN
    v_verdict := internal.check_rules(v_order, p_facts, v_reference, p_stop_loss, p_explain);
    v_decision.verdicts := v_verdict.verdicts;
    v_decision.peak := v_verdict.peak;
    v_order.reason := coalesce(v_order.reason, v_verdict.reason);
    v_order.reason_code := coalesce(v_order.reason_code, v_verdict.code);
  END IF;
  IF v_order.reason_code IS NULL AND v_order.opening_quantity > 0 THEN
    v_order.reserved := trading.order_cost(v_order, v_fees, v_instrument);
    IF v_portfolio.account_type = 'cash' AND v_order.side = 'sell' AND v_instrument.kind <> 'future' THEN
      v_order.reason_code := 'TR402';
      v_order.reason := format('%s %s are held, %s of them promised to open sells, %s are to be sold', trim_scale(v_position.quantity),
        v_instrument.symbol, trim_scale(v_position.open_sell_quantity), trim_scale(v_order.quantity));
    ELSIF v_portfolio.account_type = 'cash' AND v_instrument.kind = 'future' THEN
      v_order.reason_code := 'TR225';
      v_order.reason := format('%s is dealt on margin, the portfolio has a cash account', v_instrument.symbol);
    ELSIF v_order.side = 'sell' AND NOT v_instrument.is_shortable AND v_instrument.kind <> 'future' THEN
      v_order.reason_code := 'TR226';
      v_order.reason := format('%s cannot be sold short; %s more than can be closed', v_instrument.symbol,
                               trim_scale(v_order.opening_quantity));
    ELSIF (v_order.reserved < 1e20 AND v_order.reserved <= p_facts.available) IS NOT TRUE THEN
      v_order.reason_code := 'TR401';
      v_order.reason := format('%s %s are available, %s are needed', trim_scale(coalesce(p_facts.available, 0)), v_instrument.currency,
                               trim_scale(v_order.reserved));
    END IF;
  END IF;

  IF v_order.reason_code IS NOT NULL THEN
    v_order.status := 'rejected';
    v_order.reserved := 0;
  ELSE
    v_decision.kept := v_open;
    IF v_order.oco_group_id IS NOT NULL THEN
      v_decision.kept := trading.group_open(v_order.portfolio_id, v_order.oco_group_id, v_order.order_id, v_order.oco_leg, v_open) - v_group_open;
    END IF;
  END IF;
  IF v_order.reserved > 0 THEN
    v_order.reservation_id := p_facts.next_transfer_id;
  END IF;
  v_decision.order_row := v_order;
  v_decision.cash_id := p_facts.cash_id;
  v_decision.reserved_for_id := p_facts.reserved_for_id;
  v_decision.currency := v_instrument.currency;
  v_decision.multiplier := v_instrument.multiplier;
  v_decision.is_future := v_instrument.kind = 'future';
  v_decision.is_foreign := v_instrument.currency <> v_portfolio.currency;
  v_decision.exchange_id := v_instrument.exchange_id;
  RETURN v_decision;
END
$$;
COMMENT ON FUNCTION internal.judge_order(trading.orders, internal.order_facts, numeric, boolean) IS
  'What becomes of an order whose terms make sense, by the market, risk rules, holdings and funds as of its updated_at: accepted (pending_submit when it goes to a real broker) with what it reserves, or rejected with code and figures. Nothing is written. p_explain: verdicts tells of all rules.';
