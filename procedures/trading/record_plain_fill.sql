-- locks ledger.books; writes trading.fills, trading.orders, trading.order_events, trading.positions, trading.portfolio_values, trading.lots, ledger.*, ops.events
CREATE OR REPLACE FUNCTION trading.record_plain_fill(
  p_portfolio_id int, p_order_id bigint, p_client_order_id text, p_quantity numeric, p_price numeric, p_broker text, p_execution_id text, p_fee numeric, p_liquidity trading.liquidity,
  p_at timestamptz)
RETURNS trading.fills
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET bourse.procedure = 'bulk'
SET plan_cache_mode = force_generic_plan
SET join_collapse_limit = 1  -- the joins are written in their order: whatever the statistics say, each row is found by its key
SET enable_hashjoin = off
AS $$
DECLARE
  v_components CONSTANT text[] := enum_range(NULL::trading.fee_component)::text[];
  v_price      numeric := round(p_price, 8);
  v_order_id   bigint := p_order_id;
  v_book       record;
  v_found      record;
  v_is_buy     boolean;
  v_value      numeric;
  v_maker      numeric;  -- part of the value that rested in the book
  v_lines      numeric[];
  v_fee        numeric := 0;
  v_cost       numeric;  -- of what the fill closes, below zero of what it opens
  v_realised   numeric := 0;
  v_fifo_pnl   numeric := 0;
  v_holds      numeric;
  v_costs      numeric;
  v_worth      numeric;
  v_amounts    numeric[];
  v_debits     int[];
  v_credits    int[];
  v_kinds      ledger.transfer_kind[] := ARRAY['trade'::ledger.transfer_kind];
  v_names      text[] := ARRAY[NULL::text];
  v_fill       trading.fills;
BEGIN
  IF (p_quantity > 0 AND p_quantity < 1e10 AND v_price > 0 AND p_price < 1e10 AND isfinite(p_at) AND p_broker <> '' AND p_execution_id <> ''
      AND coalesce(p_fee, 0) >= 0 AND coalesce(p_fee, 0) < 1e20) IS NOT TRUE THEN
    RETURN NULL;
  END IF;
  SELECT k.next_fill_id, k.next_transfer_id, greatest(k.stream_xid, pg_current_xact_id()) AS stream_xid INTO v_book
    FROM ledger.books AS k WHERE k.portfolio_id = p_portfolio_id FOR NO KEY UPDATE;
  IF v_order_id IS NULL THEN
    SELECT o.order_id INTO v_order_id FROM trading.orders AS o WHERE o.portfolio_id = p_portfolio_id AND o.client_order_id = p_client_order_id;
  END IF;
  -- What is not here makes the fill one that is not plain. Each condition is one under which trading.apply_fill has no choice.
  SELECT o.instrument_id, o.client_order_id, o.side, o.product, o.status, o.version, o.filled_value, o.maker_value, o.fee_lines, o.submitted_at, o.limit_price, o.stop_price,
         o.reservation_id, o.reason_code, o.reason, greatest(p_at, o.updated_at) AS updated_at, o.quantity, p.currency, p.fee_schedule, i.multiplier,
         s.quantity AS held, s.cost, s.market_value, greatest(p_at, s.updated_at) AS position_at, q.last::numeric AS last, r.remaining,
         c.account_id AS cash_id, v.account_id AS securities_id, f.account_id AS fees_id, l.runner_id
    INTO v_found
    FROM trading.orders AS o
    JOIN trading.portfolios AS p ON p.portfolio_id = p_portfolio_id
    JOIN market.instruments AS i ON i.instrument_id = o.instrument_id
    JOIN trading.positions AS s ON s.portfolio_id = p_portfolio_id AND s.instrument_id = o.instrument_id
    JOIN ledger.accounts AS c ON c.portfolio_id = p_portfolio_id AND c.currency = p.currency AND c.kind = 'cash'
    JOIN ledger.accounts AS v ON v.portfolio_id = p_portfolio_id AND v.currency = p.currency AND v.kind = 'securities'
    JOIN ledger.accounts AS f ON f.portfolio_id = p_portfolio_id AND f.currency = p.currency AND f.kind = 'fees'
    LEFT JOIN ledger.reservations AS r ON r.portfolio_id = p_portfolio_id AND r.transfer_id = o.reservation_id
    LEFT JOIN market.quotes AS q ON q.instrument_id = o.instrument_id
    LEFT JOIN ops.leases AS l ON l.portfolio_id = p_portfolio_id
   WHERE o.portfolio_id = p_portfolio_id AND o.order_id = v_order_id AND (p_client_order_id IS NULL OR o.client_order_id = p_client_order_id)
     AND p_quantity = o.quantity - o.filled_quantity AND o.status IN ('accepted', 'working', 'partially_filled')
     AND o.oco_group_id IS NULL AND NOT o.reduce_only AND o.busted_quantity = 0
     AND i.kind NOT IN ('future', 'option') AND i.currency = p.currency AND NOT s.is_future AND NOT s.is_foreign
     AND CASE o.side WHEN 'buy' THEN s.quantity >= 0 ELSE s.quantity >= p_quantity AND o.reservation_id IS NULL END
     AND NOT EXISTS (SELECT FROM trading.fills AS x WHERE x.portfolio_id = p_portfolio_id AND x.broker = p_broker AND x.execution_id = p_execution_id OFFSET 0)
     AND NOT EXISTS (SELECT FROM trading.orders AS x WHERE x.portfolio_id = p_portfolio_id AND x.parent_order_id = v_order_id OFFSET 0)
     AND (o.side = 'buy' OR NOT EXISTS (SELECT FROM risk.protections)
            AND NOT EXISTS (SELECT FROM trading.orders AS x WHERE x.portfolio_id = p_portfolio_id AND x.instrument_id = o.instrument_id AND x.closed_at IS NULL AND x.reduce_only OFFSET 0));
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  v_is_buy := v_found.side = 'buy';
  v_value := round(p_quantity * v_price * v_found.multiplier, 8);
  v_maker := v_found.maker_value + CASE p_liquidity WHEN 'maker' THEN v_value ELSE 0 END;
  v_lines := CASE WHEN p_fee IS NOT NULL THEN ARRAY[round(p_fee, 8)]
                  ELSE trading.order_fees(v_found.fee_schedule, v_found.submitted_at, v_found.side, v_found.product, v_found.quantity, v_found.filled_value + v_value, v_maker) END;
  IF v_lines IS NULL THEN
    RETURN NULL;
  END IF;
  v_amounts := ARRAY[v_value];
  FOR n IN 1 .. cardinality(v_lines) LOOP
    IF p_fee IS NULL THEN
      v_lines[n] := greatest(v_lines[n] - coalesce(v_found.fee_lines[n], 0), 0);
    END IF;
    IF v_lines[n] > 0 THEN
      v_fee := v_fee + v_lines[n];
      v_amounts := v_amounts || v_lines[n];
      v_kinds := v_kinds || 'fee'::ledger.transfer_kind;
      v_names := v_names || v_components[n];
    END IF;
  END LOOP;
  IF (CASE WHEN v_is_buy THEN v_found.remaining >= v_value + v_fee ELSE v_value >= v_fee END AND v_value > 0) IS NOT TRUE THEN
    RETURN NULL;
  END IF;
  v_debits := array_fill(v_found.cash_id, ARRAY[cardinality(v_amounts)]);
  v_credits := array_fill(v_found.fees_id, ARRAY[cardinality(v_amounts)]);
  IF v_is_buy THEN
    v_credits[1] := v_found.securities_id;
    v_cost := -v_value;
    IF v_found.remaining > v_value + v_fee THEN
      v_amounts := v_amounts || (v_found.remaining - v_value - v_fee);
      v_debits := v_debits || v_found.cash_id;
      v_credits := v_credits || v_found.securities_id;
      v_kinds := v_kinds || 'reservation'::ledger.transfer_kind;
      v_names := v_names || NULL::text;
    END IF;
  ELSE
    v_debits[1] := v_found.securities_id;
    v_credits[1] := v_found.cash_id;
    v_cost := CASE v_found.held WHEN p_quantity THEN v_found.cost ELSE ledger.prorate(v_found.cost, p_quantity, v_found.held) END;
    v_realised := v_value - v_cost;
    v_fifo_pnl := trading.close_lots(p_portfolio_id, v_found.instrument_id, p_quantity, v_value, v_book.next_fill_id, p_at);
  END IF;
  v_holds := v_found.held + CASE WHEN v_is_buy THEN p_quantity ELSE -p_quantity END;
  v_costs := v_found.cost - v_cost;
  v_worth := CASE v_holds WHEN 0 THEN 0 ELSE coalesce(round(v_holds * v_found.last * v_found.multiplier, 8), v_costs) END;

  WITH numbers AS (
    UPDATE ledger.books SET stream_xid = v_book.stream_xid, next_fill_id = next_fill_id + 1, next_transfer_id = next_transfer_id + cardinality(v_amounts)
     WHERE portfolio_id = p_portfolio_id
  ), posted AS (
    INSERT INTO ledger.transfers (portfolio_id, transfer_id, debit_account_id, credit_account_id, amount, currency, kind, component, state, pending_id, order_id, fill_id, at)
    SELECT p_portfolio_id, v_book.next_transfer_id - 1 + t.n, t.debit_id, t.credit_id, t.amount, v_found.currency, t.kind, t.component,
           CASE t.kind WHEN 'reservation' THEN 'voided' ELSE 'posted' END::ledger.transfer_state, v_found.reservation_id, v_order_id,
           CASE t.kind WHEN 'reservation' THEN NULL ELSE v_book.next_fill_id END, p_at
      FROM unnest(v_debits, v_credits, v_amounts, v_kinds, v_names) WITH ORDINALITY AS t (debit_id, credit_id, amount, kind, component, n)
  ), drawn AS (
    DELETE FROM ledger.reservations AS r WHERE v_is_buy AND r.portfolio_id = p_portfolio_id AND r.transfer_id = v_found.reservation_id
  ), balanced AS (
    UPDATE ledger.balances AS b
       SET debits_posted = b.debits_posted + CASE b.account_id WHEN v_found.cash_id THEN v_fee + CASE WHEN v_is_buy THEN v_value ELSE 0 END
                                                               WHEN v_found.securities_id THEN CASE WHEN v_is_buy THEN 0 ELSE v_value END ELSE 0 END,
           credits_posted = b.credits_posted + CASE b.account_id WHEN v_found.cash_id THEN CASE WHEN v_is_buy THEN 0 ELSE v_value END
                                                                 WHEN v_found.securities_id THEN CASE WHEN v_is_buy THEN v_value ELSE 0 END ELSE v_fee END,
           debits_pending = b.debits_pending - CASE b.account_id WHEN v_found.cash_id THEN coalesce(v_found.remaining, 0) ELSE 0 END,
           credits_pending = b.credits_pending - CASE b.account_id WHEN v_found.securities_id THEN coalesce(v_found.remaining, 0) ELSE 0 END
     WHERE b.portfolio_id = p_portfolio_id AND b.account_id IN (v_found.cash_id, v_found.securities_id, v_found.fees_id)
  ), filled AS (
    UPDATE trading.orders AS o
       SET status = 'filled', version = o.version + 1, filled_quantity = o.quantity, filled_value = o.filled_value + v_value, maker_value = v_maker, fees = o.fees + v_fee,
           fee_lines = trading.add_lines(o.fee_lines, v_lines), last_fill_id = v_book.next_fill_id,
           average_fill_price = round((o.filled_value + v_value) / (o.quantity * v_found.multiplier), 8), updated_at = v_found.updated_at, closed_at = v_found.updated_at
     WHERE o.portfolio_id = p_portfolio_id AND o.order_id = v_order_id
  ), event AS (
    INSERT INTO trading.order_events
           (portfolio_id, order_id, version, from_status, to_status, quantity, filled_quantity, limit_price, stop_price, fill_id, reason_code, reason, at)
    VALUES (p_portfolio_id, v_order_id, v_found.version + 1, v_found.status, 'filled', v_found.quantity, v_found.quantity, v_found.limit_price, v_found.stop_price,
            v_book.next_fill_id, v_found.reason_code, v_found.reason, v_found.updated_at)
  ), journal AS (
    INSERT INTO ops.events (stream_xid, kind, portfolio_id, instrument_id, order_id, payload, at)
    VALUES (v_book.stream_xid, 'order.filled', p_portfolio_id, v_found.instrument_id, v_order_id,
            jsonb_strip_nulls(jsonb_build_object('client_order_id', v_found.client_order_id, 'fill_id', v_book.next_fill_id, 'reason_code', v_found.reason_code)), v_found.updated_at)
  ), opened AS (
    INSERT INTO trading.lots (portfolio_id, fill_id, instrument_id, opened_at, quantity, cost)
    SELECT p_portfolio_id, v_book.next_fill_id, v_found.instrument_id, p_at, p_quantity, v_value WHERE v_is_buy
  ), position AS (
    UPDATE trading.positions AS s
       SET quantity = v_holds, cost = v_costs, realised_pnl = s.realised_pnl + v_realised, fifo_pnl = s.fifo_pnl + v_fifo_pnl, fees = s.fees + v_fee, market_value = v_worth,
           open_buy_quantity = s.open_buy_quantity - CASE WHEN v_is_buy THEN p_quantity ELSE 0 END,
           open_sell_quantity = s.open_sell_quantity - CASE WHEN v_is_buy THEN 0 ELSE p_quantity END,
           intraday_quantity = CASE v_holds WHEN 0 THEN 0 ELSE least(greatest(
             s.intraday_quantity + CASE WHEN v_found.product <> 'intraday' THEN 0 WHEN v_is_buy THEN p_quantity ELSE -p_quantity END, 0), v_holds) END,
           updated_at = v_found.position_at
     WHERE s.portfolio_id = p_portfolio_id AND s.instrument_id = v_found.instrument_id
  ), valued AS (
    UPDATE trading.portfolio_values AS v
       SET cash = v.cash + v_realised - v_fee + v_cost, positions_value = v.positions_value + v_worth - v_found.market_value, realised_pnl = v.realised_pnl + v_realised,
           unrealised_pnl = v.unrealised_pnl + v_worth - v_found.market_value + v_cost, fees = v.fees + v_fee, at = greatest(v.at, v_found.position_at)
     WHERE v.portfolio_id = p_portfolio_id
  )
  INSERT INTO trading.fills AS f
         (portfolio_id, fill_id, order_id, instrument_id, side, quantity, price, value, fee, liquidity, realised_pnl, fifo_pnl, closed_quantity, broker, execution_id, at)
  VALUES (p_portfolio_id, v_book.next_fill_id, v_order_id, v_found.instrument_id, v_found.side, p_quantity, v_price, v_value, v_fee, coalesce(p_liquidity, 'taker'), v_realised,
          v_fifo_pnl, CASE WHEN v_is_buy THEN 0 ELSE p_quantity END, p_broker, p_execution_id, p_at)
  RETURNING f.* INTO v_fill;
  IF v_found.runner_id IS NOT NULL THEN
    PERFORM ops.ring_doorbell(p_portfolio_id);
  END IF;
  RETURN v_fill;
END
$$;
COMMENT ON FUNCTION trading.record_plain_fill(int, bigint, text, numeric, numeric, text, text, numeric, trading.liquidity, timestamptz) IS
  'Records one execution in a few statements when it is plain, as trading.record_plain_fills does a batch: what trading.apply_fill would write, row for row. NULL, and nothing is written, when it is not plain.';
REVOKE ALL ON FUNCTION trading.record_plain_fill(int, bigint, text, numeric, numeric, text, text, numeric, trading.liquidity, timestamptz) FROM PUBLIC;
