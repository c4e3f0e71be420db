-- reads trading.portfolios, trading.positions, trading.orders, trading.fills, trading.lots, trading.fee_schedules,
-- trading.fee_plans, market.instruments, market.exchanges, market.quotes, ledger.portfolio_clocks, ledger.accounts,
-- ledger.balances, risk.protections; the caller holds the portfolios' locks
-- refusals TR208, TR210, TR220, TR240, TR247-TR249, TR401
CREATE OR REPLACE FUNCTION internal.decide_fills(p_reports internal.fill_report[],
                                                 p_ahead internal.fills_ahead[] DEFAULT NULL,
                                                 p_now timestamptz DEFAULT clock_timestamp())
RETURNS internal.fill_decision[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_decisions  internal.fill_decision[];
  v_found      record;                     -- what there is
  v_report     internal.fill_report;
  v_ahead      internal.fills_ahead;
  v_order      trading.orders;
  v_instrument market.instruments;
  v_known      trading.fills;
  v_move       record;                     -- what it does to the position
  v_closures   trading.lot_closures[];
  v_movements  internal.movement[];
  v_number     bigint;
  v_size       numeric;
  v_price      numeric;
  v_value      numeric;
  v_filled     numeric;                    -- of the order, with this fill
  v_worth      numeric;
  v_maker      numeric;
  v_lines      numeric[];
  v_fee        numeric;
  v_need       numeric;
  v_cash       numeric;
  v_freed      numeric;                    -- what the reservation gives up
  v_fifo_pnl   numeric;
  v_fault      text;
  v_code       text;
  v_is_alone   boolean;
  v_verdict    internal.fill_verdict;     -- what contradicts it, and what of that refuses it
BEGIN
  -- As internal.decide_orders: what there is in one narrow statement, the rest in PL/pgSQL.
  FOR v_found IN
    SELECT n.ordinality::int AS place, coalesce(n.broker, p.broker) AS broker, p.fee_schedule, p.currency,
           p.is_paper, p.opened_at, k.stream_xid AS clock, k.next_fill_id, o AS order_row,
           i AS instrument,
           (SELECT q.last::numeric FROM market.quotes AS q WHERE q.instrument_id = o.instrument_id) AS last,
           x AS known, h.quantity::numeric AS held, h.cost::numeric AS cost,
           h.margin::numeric AS margin, h.intraday_quantity::numeric AS intraday, c.account_id AS cash_id,
           b.credits_posted - b.debits_posted - b.debits_pending AS available,
           ARRAY(SELECT t.account_id FROM ledger.accounts AS t
                  WHERE t.portfolio_id = n.portfolio_id AND t.currency = i.currency ORDER BY t.kind) AS accounts,
           o.oco_group_id IS NOT NULL OR o.parent_order_id IS NOT NULL
             OR EXISTS (SELECT FROM trading.orders AS d
                         WHERE d.portfolio_id = n.portfolio_id AND d.parent_order_id = o.order_id)
             OR sign(h.quantity) = CASE o.side WHEN 'sell' THEN 1 ELSE -1 END
                AND EXISTS (SELECT FROM trading.orders AS d
                             WHERE d.portfolio_id = n.portfolio_id AND d.instrument_id = o.instrument_id
                               AND d.closed_at IS NULL AND d.reduce_only) AS is_linked,
           sign(h.quantity) = CASE o.side WHEN 'sell' THEN 1 ELSE -1 END
             AND EXISTS (SELECT FROM risk.protections) AS is_watched
      FROM unnest(p_reports) WITH ORDINALITY AS n
      JOIN trading.portfolios AS p ON p.portfolio_id = n.portfolio_id
      JOIN ledger.portfolio_clocks AS k ON k.portfolio_id = n.portfolio_id
      LEFT JOIN trading.orders AS o ON o.portfolio_id = n.portfolio_id
            AND o.order_id = coalesce(n.order_id, (SELECT d.order_id FROM trading.orders AS d
                                                    WHERE d.portfolio_id = n.portfolio_id
                                                      AND d.client_order_id = n.client_order_id))
            AND (n.client_order_id IS NULL OR o.client_order_id = n.client_order_id)
      LEFT JOIN market.instruments AS i ON i.instrument_id = o.instrument_id
      LEFT JOIN trading.positions AS h ON h.portfolio_id = n.portfolio_id AND h.instrument_id = o.instrument_id
      LEFT JOIN trading.fills AS x ON x.portfolio_id = n.portfolio_id AND x.order_id = o.order_id
            AND x.execution_id = n.execution_id
      LEFT JOIN ledger.accounts AS c ON c.portfolio_id = n.portfolio_id AND c.currency = i.currency AND c.kind = 'cash'
      LEFT JOIN ledger.balances AS b ON b.portfolio_id = n.portfolio_id AND b.account_id = c.account_id
     ORDER BY n.ordinality
  LOOP
    v_report := p_reports[v_found.place];
    v_ahead := p_ahead[v_found.place];
    v_order := v_found.order_row;
    v_instrument := v_found.instrument;
    v_known := v_found.known;
    v_number := v_found.next_fill_id + coalesce(v_ahead.fills, 0);
    v_size := round(v_report.quantity, 8);
    v_price := round(v_report.price, 8);
    v_value := round(v_size * v_price * v_instrument.multiplier, 8);
    v_filled := v_order.filled_quantity + v_size;
    -- What makes no sense, whatever the order.
    v_fault := CASE
      WHEN v_order.order_id IS NULL THEN 'order'
      WHEN (v_size > 0 AND v_size < 1e10 AND v_size = v_report.quantity
            AND v_price > 0 AND v_price < 1e10 AND v_price = v_report.price
            AND coalesce(v_report.fee, 0) >= 0 AND coalesce(v_report.fee, 0) < 1e10
            AND v_report.at >= v_found.opened_at AND internal.is_event_time(v_report.at)
            AND length(v_report.execution_id) BETWEEN 1 AND 256 AND v_report.execution_id !~ '[^ -~]'
            AND v_report.execution_id = btrim(v_report.execution_id) AND NOT starts_with(v_report.execution_id, 'bust/')
            AND length(v_found.broker) BETWEEN 1 AND 256) IS NOT TRUE THEN 'report'
      WHEN v_known.fill_id IS NOT NULL
           AND ((v_known.quantity, v_known.price) IS DISTINCT FROM (v_size, v_price)
                OR v_known.fee <> round(v_report.fee, 8) OR v_known.broker <> v_report.broker) THEN 'execution' END;
    v_verdict := CASE
      WHEN v_fault IS NULL AND v_known.fill_id IS NULL
           AND (v_order.closed_at IS NOT NULL OR v_filled > v_order.quantity
                OR v_order.status IN ('held', 'pending_approval')
                OR v_order.reduce_only AND v_size > greatest(CASE v_order.side WHEN 'sell' THEN v_found.held
                                                                              ELSE -v_found.held END, 0)
                OR v_price > v_order.limit_price AND v_order.side = 'buy'
                OR v_price < v_order.limit_price AND v_order.side = 'sell'
                OR v_size % v_instrument.lot_size <> 0
                OR v_report.at < v_order.submitted_at OR NOT v_found.is_paper AND v_report.at > p_now)
        THEN internal.fill_verdict(v_order, v_instrument, v_found.held, v_size, v_price, v_report.at, v_found.is_paper,
                                   coalesce(v_report.is_fact, NOT v_found.is_paper), p_now) END;
    v_code := v_verdict.code;
    v_fee := 0;
    v_freed := 0;
    IF v_code IS NULL AND v_fault IS NULL AND v_known.fill_id IS NULL THEN
      v_worth := v_order.filled_value + v_value;
      v_maker := v_order.maker_value + CASE v_report.liquidity WHEN 'maker' THEN v_value ELSE 0 END;
      v_move := internal.move_position(v_order.side, v_size, v_value, v_found.held, v_found.cost, v_found.margin,
                                       v_instrument);
      v_lines := CASE WHEN v_report.fee IS NULL
                      THEN internal.fill_fees(v_found.fee_schedule, v_order, v_instrument, v_report.at, v_filled,
                                              v_worth, v_maker)
                      ELSE ARRAY[round(v_report.fee, 8)] END;
      FOR n IN 1 .. coalesce(cardinality(v_lines), 0) LOOP
        v_fee := v_fee + v_lines[n];
      END LOOP;
      v_need := CASE WHEN v_order.reserved = 0 OR v_filled >= v_order.quantity THEN 0
        ELSE least(v_order.reserved, trading.required_reservation(
          v_order, v_found.fee_schedule, v_instrument, v_filled, v_worth, v_maker, v_order.fees + v_fee)) END;
      v_freed := v_order.reserved - v_need;
      v_cash := v_move.cash - v_fee;
      v_code := CASE WHEN v_lines IS NULL THEN 'TR240' WHEN v_found.available + v_freed + v_cash < 0 THEN 'TR401' END;
    END IF;
    -- A foreign position revalues the whole portfolio, what is written with it included.
    v_is_alone := v_found.is_linked OR v_found.is_watched OR v_instrument.currency <> v_found.currency
                  OR v_ahead.is_again OR v_verdict.objections IS NOT NULL
                  OR v_code = 'TR401' AND (v_report.is_fact OR NOT v_found.is_paper);
    IF v_code IS NOT NULL OR v_fault IS NOT NULL OR v_known.fill_id IS NOT NULL THEN
      v_decisions := v_decisions || internal.refused_fill(
        v_order, v_found.broker, v_found.cash_id, v_found.available, v_freed, v_code,
        CASE v_code
          WHEN 'TR240' THEN format('the fee schedule "%s" has no terms for %s (%s) on %s', v_found.fee_schedule,
                                   v_instrument.symbol, v_instrument.kind,
                                   market.trading_day(v_instrument.exchange_id, v_report.at))
          WHEN 'TR401' THEN format('%s %s are available, the fill costs %s', trim_scale(v_found.available + v_freed),
                                   v_instrument.currency, trim_scale(-v_cash))
          ELSE v_verdict.reason END,
        v_fault, v_known.fill_id IS NOT NULL, v_found.is_linked, v_is_alone,
        CASE WHEN v_code = 'TR401' AND (v_report.is_fact OR NOT v_found.is_paper) THEN -(v_freed + v_cash) END);
      CONTINUE;
    END IF;
    v_fifo_pnl := 0;
    v_closures := NULL;
    IF v_move.closed > 0 THEN
      v_closures := internal.find_closures(
        v_report.portfolio_id, v_order.instrument_id, v_move.closed, v_move.closed_value, v_number, v_report.at);
      FOR c IN 1 .. cardinality(v_closures) LOOP
        v_fifo_pnl := v_fifo_pnl + v_closures[c].value - v_closures[c].cost;
      END LOOP;
    END IF;
    v_movements := internal.fill_movements(
      v_report.portfolio_id, v_order.order_id, v_number, v_report.at,
      v_instrument.currency, v_found.accounts,
      v_move.debits || array_fill('cash'::ledger.account_kind, ARRAY[cardinality(v_lines)]),
      v_move.credits || array_fill('fees'::ledger.account_kind, ARRAY[cardinality(v_lines)]),
      v_move.amounts || v_lines, v_move.kinds || array_fill('fee'::ledger.transfer_kind, ARRAY[cardinality(v_lines)]),
      array_fill(NULL::text, ARRAY[cardinality(v_move.amounts)])
        || (enum_range(NULL::trading.fee_component)::text[])[: cardinality(v_lines)],
      v_order.reservation_id,
      CASE WHEN v_order.side = 'sell' OR v_instrument.kind = 'future' THEN 'margin'
        ELSE 'securities' END::ledger.account_kind,
      v_freed);
    v_decisions := v_decisions || ROW (
      v_found.clock, v_number, v_order.order_id, v_order.client_order_id,
      v_order.quantity, v_order.limit_price, v_order.stop_price, v_order.reason_code, v_order.reason,
      v_order.instrument_id, v_order.side, v_size, v_price, v_value, v_fee, coalesce(v_report.liquidity, 'taker'),
      v_found.broker, v_order.status,
      CASE WHEN v_order.closed_at IS NOT NULL THEN v_order.status WHEN v_filled >= v_order.quantity THEN 'filled'
           WHEN v_order.status = 'pending_cancel' THEN 'pending_cancel' ELSE 'partially_filled' END,
      v_order.version + 1, v_filled, v_worth, v_maker, v_order.fees + v_fee,
      CASE v_order.fee_lines WHEN '{}' THEN v_lines ELSE internal.add_fee_lines(v_order.fee_lines, v_lines) END, v_need,
      round(v_worth / ((v_filled - v_order.busted_quantity) * v_instrument.multiplier), 8),
      greatest(v_report.at, v_order.updated_at),
      v_move.held, v_found.cost + v_move.cost_change, v_move.realised, v_fifo_pnl, v_move.closed,
      v_move.margin_change,
      CASE WHEN v_order.closed_at IS NOT NULL THEN 0
           WHEN v_order.oco_group_id IS NULL THEN least(v_size, v_order.quantity - v_order.filled_quantity)
           ELSE internal.freed_open_quantity(v_report.portfolio_id, v_order.order_id, v_size) END,
      internal.position_value(v_move.held, v_found.cost + v_move.cost_change, v_instrument.multiplier,
                              v_instrument.kind = 'future', v_found.last),
      CASE WHEN v_found.intraday = 0 AND v_order.product <> 'intraday' THEN 0
        ELSE internal.intraday_part(v_found.intraday + CASE v_order.product WHEN 'intraday'
        THEN v_move.held - v_found.held ELSE 0 END, v_move.held) END,
      v_movements, v_closures, v_move.opened, v_move.opened_cost, v_found.cash_id, v_found.available,
      v_freed + v_cash, NULL, NULL, NULL, false, v_found.is_linked, v_is_alone,
      v_verdict.objections, NULL)::internal.fill_decision;
  END LOOP;
  RETURN v_decisions;
END
$$;
COMMENT ON FUNCTION internal.decide_fills(internal.fill_report[], internal.fills_ahead[], timestamptz) IS
  'What becomes of executions, one decision for each in their order: fill, order, position, lots and ledger after '
  'it; or why its order or the cash cannot take it. p_ahead says what of a batch comes before each; the cash that '
  'those take or bring is left to internal.record_fills; p_now: what is later than that a broker cannot report yet. '
  'Nothing is written.';
