-- writes trading.orders, trading.order_events, trading.positions, ledger.portfolio_clocks, ledger.transfers,
-- ledger.balances, risk.breaches, risk.halts, risk.locks, trading.portfolio_values, ops.events; the caller holds
-- the portfolios' locks; errors TR412
CREATE OR REPLACE FUNCTION internal.write_orders(
  p_orders internal.order_terms[], p_decisions internal.order_decision[], p_with_rows boolean DEFAULT true,
  p_recorded_at timestamptz DEFAULT clock_timestamp())
RETURNS trading.orders[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_rows         trading.orders[];
  v_order        internal.order_terms;
  v_decision     internal.order_decision;
  v_reservation  internal.movement;
  v_place        int;
  v_key          bigint;
  -- What the orders add up to, in arrays: an aggregate in the statement costs more than this for a single order.
  v_reservations internal.movement[];
  v_numbers      bigint[];
  v_portfolios   int[] := ARRAY[]::int[];
  v_orders       int[];
  v_transfers    int[];
  v_accounts     bigint[] := ARRAY[]::bigint[];
  v_debited      numeric[];
  v_credited     numeric[];
  v_positions    bigint[] := ARRAY[]::bigint[];
  v_firsts       int[];
  v_buys         numeric[];
  v_sells        numeric[];
  v_stream_xid   xid8 := internal.stream_xid();
BEGIN
  FOR n IN 1 .. cardinality(p_decisions) LOOP
    v_order := p_orders[n];
    v_decision := p_decisions[n];
    IF v_decision.has_news THEN
      PERFORM internal.record_verdicts(v_order, v_decision);
    END IF;
    v_place := coalesce(array_position(v_portfolios, v_order.portfolio_id), cardinality(v_portfolios) + 1);
    v_portfolios[v_place] := v_order.portfolio_id;
    v_orders[v_place] := coalesce(v_orders[v_place], 0) + 1;
    v_transfers[v_place] := coalesce(v_transfers[v_place], 0) + (v_decision.reservation_id IS NOT NULL)::int;
    IF v_decision.reservation_id IS NOT NULL THEN
      v_reservation := v_decision.reservation;
      v_reservations := v_reservations || v_reservation;
      v_numbers := v_numbers || v_decision.reservation_id;
      v_key := v_order.portfolio_id::bigint << 16 | v_reservation.debit_id;
      v_place := coalesce(array_position(v_accounts, v_key), cardinality(v_accounts) + 1);
      v_accounts[v_place] := v_key;
      v_debited[v_place] := coalesce(v_debited[v_place], 0) + v_reservation.amount;
      v_credited[v_place] := coalesce(v_credited[v_place], 0);
      v_key := v_order.portfolio_id::bigint << 16 | v_reservation.credit_id;
      v_place := coalesce(array_position(v_accounts, v_key), cardinality(v_accounts) + 1);
      v_accounts[v_place] := v_key;
      v_debited[v_place] := coalesce(v_debited[v_place], 0);
      v_credited[v_place] := coalesce(v_credited[v_place], 0) + v_reservation.amount;
    END IF;
    IF v_decision.kept <> 0 THEN
      v_key := v_order.portfolio_id::bigint << 32 | v_order.instrument_id;
      v_place := coalesce(array_position(v_positions, v_key), cardinality(v_positions) + 1);
      v_positions[v_place] := v_key;
      v_firsts[v_place] := coalesce(v_firsts[v_place], n);
      v_buys[v_place] := coalesce(v_buys[v_place], 0) + CASE v_order.side WHEN 'buy' THEN v_decision.kept ELSE 0 END;
      v_sells[v_place] := coalesce(v_sells[v_place], 0) + CASE v_order.side WHEN 'sell' THEN v_decision.kept ELSE 0 END;
    END IF;
    -- The columns in the order of the table.
    v_rows := v_rows || ROW (
      v_order.portfolio_id, v_decision.number, v_order.client_order_id, v_order.instrument_id, v_order.agent_id,
      v_order.side, v_order.type, v_order.time_in_force, v_order.product, v_decision.size, v_order.limit_price,
      v_decision.stop, v_order.trail_amount, v_order.trail_percent, v_order.reduce_only, v_order.post_only,
      v_decision.ends_at, v_decision.active_at, NULL, v_decision.status, 1, 0, 0, 0, 0, 0, NULL, NULL, 0, '{}',
      v_decision.reserve_price, v_decision.reservation_id,
      CASE WHEN v_decision.reservation_id IS NULL THEN 0 ELSE v_reservation.amount END, v_decision.opening,
      v_order.parent_order_id, v_decision.planned_size, v_decision.group_id, v_order.oco_leg, 0,
      v_order.replaces_order_id, NULL, v_decision.code, v_decision.reason, v_order.submitted_by, NULL,
      v_order.submitted_at, v_order.at, CASE v_decision.status WHEN 'rejected' THEN v_order.at END,
        p_recorded_at)::trading.orders;
  END LOOP;
  WITH numbered AS (
    UPDATE ledger.portfolio_clocks AS k
       SET stream_xid = greatest(k.stream_xid, v_stream_xid), transitions = k.transitions + 1,
           next_order_id = k.next_order_id + n.orders,
           next_transfer_id = k.next_transfer_id + n.transfers
      FROM unnest(v_portfolios, v_orders, v_transfers) AS n (portfolio_id, orders, transfers)
     WHERE k.portfolio_id = n.portfolio_id
  ), balanced AS (
    UPDATE ledger.balances AS b
       SET debits_pending = b.debits_pending + n.debited, credits_pending = b.credits_pending + n.credited
      FROM unnest(v_accounts, v_debited, v_credited) AS n (account, debited, credited)
     WHERE b.portfolio_id = (n.account >> 16)::int AND b.account_id = (n.account & 65535)::smallint
    RETURNING b.account_id
  ), reserved AS (
    INSERT INTO ledger.transfers
           (portfolio_id, transfer_id, debit_account_id, credit_account_id, amount, currency, kind, state, order_id, at)
    SELECT m.portfolio_id,
           CASE (SELECT count(*) FROM balanced) WHEN cardinality(v_accounts) THEN v_numbers[m.ordinality]
             ELSE internal.missing_balance(v_accounts) END,
           m.debit_id, m.credit_id, m.amount, m.currency, 'reservation', 'pending', m.order_id, m.at
      FROM unnest(v_reservations) WITH ORDINALITY AS m
  ), kept AS (
    INSERT INTO trading.positions AS s
           (portfolio_id, instrument_id, multiplier, is_future, is_foreign, open_buy_quantity, open_sell_quantity,
            updated_at)
    SELECT (n.position >> 32)::int, (n.position & 4294967295)::int, p_decisions[n.first].multiplier,
      p_decisions[n.first].is_future,
           p_decisions[n.first].is_foreign, n.buys, n.sells, p_orders[n.first].at
      FROM unnest(v_positions, v_firsts, v_buys, v_sells) AS n (position, first, buys, sells)
    ON CONFLICT ON CONSTRAINT positions_pkey DO UPDATE
      SET open_buy_quantity = s.open_buy_quantity + EXCLUDED.open_buy_quantity,
          open_sell_quantity = s.open_sell_quantity + EXCLUDED.open_sell_quantity
  ), event AS (
    INSERT INTO trading.order_events
           (portfolio_id, order_id, version, from_status, to_status, quantity, filled_quantity, limit_price,
            stop_price, reason_code,
            reason, at)
    SELECT o.portfolio_id, o.order_id, 1, 'new', o.status, o.quantity, 0, o.limit_price, o.stop_price, o.reason_code,
      o.reason,
           o.updated_at
      FROM unnest(v_rows) AS o
  ), journal AS (
    INSERT INTO ops.events (stream_xid, kind, portfolio_id, instrument_id, order_id, payload, at)
    SELECT greatest(p_decisions[o.ordinality].clock, v_stream_xid), 'order.' || o.status, o.portfolio_id,
           o.instrument_id, o.order_id,
           jsonb_strip_nulls(jsonb_build_object('client_order_id', o.client_order_id, 'version', 1, 'reason_code',
                                                o.reason_code)),
           o.updated_at
      FROM unnest(v_rows) WITH ORDINALITY AS o
  )
  INSERT INTO trading.orders SELECT o.* FROM unnest(v_rows) AS o WHERE p_with_rows;
  RETURN v_rows;
END
$$;
COMMENT ON FUNCTION internal.write_orders(internal.order_terms[], internal.order_decision[], boolean, timestamptz) IS
  'The one writer of new orders: their rows with their first events, what they reserve, what their positions keep, '
  'the breaches, and the portfolios'' numbers; returns the rows. p_with_rows false: the rows themselves are what an '
  'INSERT is about to write.';
