-- locks ledger.portfolio_clocks; writes trading.fills, trading.orders, trading.positions, trading.lots, ledger.*,
-- ops.events; errors TR219, TR235, TR236, TR401
CREATE OR REPLACE FUNCTION internal.amend_fill(
  p_fill trading.fills, p_quantity numeric, p_price numeric, p_fee numeric, p_execution_id text, p_reason text,
  p_at timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  c_none       CONSTANT numeric[] := ARRAY[]::numeric[];
  v_instrument market.instruments;
  v_portfolio  trading.portfolios;
  v_order      trading.orders;
  v_before     trading.positions;
  v_after      trading.positions;
  v_new        trading.fills := p_fill;
  v_bust_id    bigint;
  v_returned   numeric[];  -- the busted fill's fee, by component
  v_components text[];
  v_charged    numeric[];  -- the new one's
  v_securities numeric;    -- what the securities account gains
  v_margin     numeric;
  v_cash       numeric;
  v_accounts   smallint[];
  v_movements  internal.movement[];
BEGIN
  IF p_fill.busts_fill_id IS NOT NULL
     OR EXISTS (SELECT FROM trading.settlements AS s
                 WHERE s.portfolio_id = p_fill.portfolio_id AND s.instrument_id = p_fill.instrument_id
                   AND s.after_fill_id >= p_fill.fill_id)
     OR EXISTS (SELECT FROM trading.position_adjustments AS a WHERE a.portfolio_id = p_fill.portfolio_id
                   AND a.instrument_id = p_fill.instrument_id AND a.after_fill_id >= p_fill.fill_id) THEN
    RAISE EXCEPTION 'fill % cannot be taken back', p_fill.fill_id
      USING ERRCODE = 'TR235',
            DETAIL = CASE WHEN p_fill.busts_fill_id IS NOT NULL
                            THEN format('It took back fill %s itself.', p_fill.busts_fill_id)
                                             ELSE 'Its position was settled or split since.' END,
            HINT = 'Book the difference with ledger.deposit(...) or ledger.withdraw(...).';
  END IF;
  SELECT * INTO v_portfolio FROM trading.portfolios AS p WHERE p.portfolio_id = p_fill.portfolio_id;
  SELECT * INTO v_instrument FROM market.instruments AS i WHERE i.instrument_id = p_fill.instrument_id;
  SELECT * INTO v_before FROM trading.positions AS p
   WHERE p.portfolio_id = p_fill.portfolio_id AND p.instrument_id = p_fill.instrument_id;
  SELECT array_agg(t.amount ORDER BY t.component), array_agg(t.component ORDER BY t.component)
    INTO v_returned, v_components
    FROM (SELECT n.component, sum(n.amount) AS amount FROM ledger.transfers AS n
           WHERE n.portfolio_id = p_fill.portfolio_id AND n.order_id = p_fill.order_id AND n.fill_id = p_fill.fill_id
             AND n.kind = 'fee'
           GROUP BY n.component) AS t;
  v_returned := coalesce(v_returned, c_none);
  v_components := coalesce(v_components, ARRAY[]::text[]);

  UPDATE ledger.portfolio_clocks AS b SET next_fill_id = b.next_fill_id + CASE WHEN p_quantity > 0 THEN 2 ELSE 1 END
   WHERE b.portfolio_id = p_fill.portfolio_id
  RETURNING b.next_fill_id - CASE WHEN p_quantity > 0 THEN 2 ELSE 1 END INTO v_bust_id;
  -- The busted fill stays in the journal of fills; what the position is made of now stands under the new number, in the
  -- old place.
  v_new.quantity := p_quantity;
  v_new.price := p_price;
  v_new.value := round(p_quantity * p_price * v_instrument.multiplier, 8);
  v_after := internal.replay_position(v_before, v_instrument, v_new);
  v_charged := CASE WHEN p_quantity = 0 THEN c_none WHEN p_fee IS NULL THEN v_returned ELSE ARRAY[p_fee] END;
  v_new.fee := (SELECT coalesce(sum(f), 0) FROM unnest(v_charged) AS f);

  v_securities := CASE WHEN v_before.is_future THEN 0
                       ELSE v_after.cost - v_before.cost END - (v_after.realised_pnl - v_before.realised_pnl);
  v_margin := v_after.margin - v_before.margin;
  v_cash := ledger.available(p_fill.portfolio_id,
                             v_instrument.currency) - v_securities - v_margin + p_fill.fee - v_new.fee;
  IF v_cash < 0 THEN
    RAISE EXCEPTION 'insufficient funds to take back fill %', p_fill.fill_id
      USING ERRCODE = 'TR401', DETAIL = format('%s %s are missing.', trim_scale(-v_cash), v_instrument.currency),
            HINT = 'Deposit money, or cancel open orders, which hold cash; then try again.';
  END IF;
  SELECT array_agg(a.account_id ORDER BY a.kind) INTO v_accounts FROM ledger.accounts AS a
   WHERE a.portfolio_id = p_fill.portfolio_id AND a.currency = v_instrument.currency;
  v_movements := internal.fill_movements(p_fill.portfolio_id, p_fill.order_id, v_bust_id, p_at, v_instrument.currency,
                                         v_accounts,
                                         ARRAY['securities', 'margin', 'cash', 'cash']::ledger.account_kind[]
                                           || array_fill('fees'::ledger.account_kind, ARRAY[cardinality(v_returned)]),
                                         ARRAY['cash', 'cash', 'securities', 'margin']::ledger.account_kind[]
                                           || array_fill('cash'::ledger.account_kind, ARRAY[cardinality(v_returned)]),
                                         ARRAY[greatest(-v_securities, 0), greatest(-v_margin, 0),
                                               greatest(v_securities, 0), greatest(v_margin, 0)]
                                           || v_returned,
                                         ARRAY['trade', 'margin', 'trade', 'margin']::ledger.transfer_kind[]
                                           || array_fill('fee'::ledger.transfer_kind, ARRAY[cardinality(v_returned)]),
                                         array_fill(NULL::text, ARRAY[4]) || v_components);
  IF p_quantity > 0 THEN
    v_movements := v_movements
                   || internal.fill_movements(p_fill.portfolio_id, p_fill.order_id, v_bust_id + 1, p_at,
                                              v_instrument.currency, v_accounts,
                                              array_fill('cash'::ledger.account_kind, ARRAY[cardinality(v_charged)]),
                                              array_fill('fees'::ledger.account_kind, ARRAY[cardinality(v_charged)]),
                                              v_charged,
                                              array_fill('fee'::ledger.transfer_kind, ARRAY[cardinality(v_charged)]),
                                              CASE WHEN p_fee IS NULL THEN v_components ELSE ARRAY['brokerage'] END);
  END IF;
  PERFORM internal.write_movements(coalesce(v_movements, '{}'));
  UPDATE ledger.portfolio_clocks AS b
     SET next_transfer_id = b.next_transfer_id + coalesce(cardinality(v_movements), 0)
   WHERE b.portfolio_id = p_fill.portfolio_id;

  INSERT INTO trading.fills (portfolio_id, fill_id, order_id, instrument_id, side, quantity, price, value, fee,
                             liquidity, realised_pnl, fifo_pnl, busts_fill_id, broker, execution_id, at)
  VALUES (p_fill.portfolio_id, v_bust_id, p_fill.order_id, p_fill.instrument_id,
          CASE p_fill.side WHEN 'buy' THEN 'sell' ELSE 'buy' END::trading.order_side, p_fill.quantity, p_fill.price,
          p_fill.value, -p_fill.fee, p_fill.liquidity, v_after.realised_pnl - v_before.realised_pnl,
          v_after.fifo_pnl - v_before.fifo_pnl, p_fill.fill_id, p_fill.broker, 'bust/' || p_fill.execution_id, p_at);
  IF p_quantity > 0 THEN
    INSERT INTO trading.fills (portfolio_id, fill_id, order_id, instrument_id, side, quantity, price, value, fee,
                               liquidity, realised_pnl, fifo_pnl, corrects_fill_id, broker, execution_id, at)
    VALUES (p_fill.portfolio_id, v_bust_id + 1, p_fill.order_id, p_fill.instrument_id, p_fill.side, p_quantity, p_price,
            v_new.value, v_new.fee, p_fill.liquidity, 0, 0, p_fill.fill_id, p_fill.broker, p_execution_id, p_at);
  END IF;
  UPDATE trading.positions AS p
     SET quantity = v_after.quantity, cost = v_after.cost, realised_pnl = v_after.realised_pnl,
         fifo_pnl = v_after.fifo_pnl, margin = v_after.margin, fees = p.fees - p_fill.fee + v_new.fee,
         intraday_quantity = v_after.intraday_quantity,
         market_value = internal.market_value(p.instrument_id, v_after.quantity, v_after.cost, p.multiplier,
                                              p.is_future), updated_at = greatest(p_at, p.updated_at)
   WHERE p.portfolio_id = p_fill.portfolio_id AND p.instrument_id = p_fill.instrument_id;
  v_new.fill_id := v_bust_id + CASE WHEN p_quantity > 0 THEN 1 ELSE 0 END;
  v_order := internal.amend_order(p_fill, v_new, CASE WHEN p_quantity = 0 OR p_fee IS NOT NULL THEN v_returned END,
                                  v_components, v_portfolio, v_instrument, p_at);
  PERFORM internal.emit_event('fill.busted', p_at, p_fill.portfolio_id, p_fill.instrument_id, p_fill.order_id,
                         jsonb_build_object('client_order_id', v_order.client_order_id, 'fill_id', p_fill.fill_id,
                                            'by_fill_id', v_bust_id, 'quantity', p_quantity, 'price', p_price,
                                            'reason', p_reason));
  PERFORM internal.ring_doorbell(p_fill.portfolio_id);
  IF v_order.closed_at IS NOT NULL AND v_order.filled_quantity = v_order.busted_quantity THEN
    PERFORM internal.end_children(v_order);
  END IF;
  PERFORM internal.apply_links(v_order, 0, v_portfolio, v_instrument, p_at);
  IF v_portfolio.account_type = 'cash' THEN
    PERFORM internal.bound_sells(v_portfolio, v_instrument, p_at);
  END IF;
  RETURN v_bust_id;
END
$$;
COMMENT ON FUNCTION internal.amend_fill(trading.fills, numeric, numeric, numeric, text, text, timestamptz) IS
  'Takes back a fill and, with a quantity above zero, books what it really was in its place: new rows that name it, '
  'the difference in money, and position and lots as if it had never been otherwise. Returns the number of the row '
  'that took it back. Errors TR235, TR401.';
