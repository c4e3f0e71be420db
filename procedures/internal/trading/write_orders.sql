-- writes trading.orders, trading.order_events, trading.positions, ledger.portfolio_clocks, ledger.transfers, ledger.balances, risk.breaches, risk.halts,
-- risk.locks, risk.peaks, ops.events; the caller holds the portfolios' locks
CREATE OR REPLACE FUNCTION internal.write_orders(p_orders internal.order_terms[], p_decisions internal.order_decision[], p_with_rows boolean DEFAULT true)
RETURNS trading.orders[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_rows      trading.orders[];
  v_decision  internal.order_decision;
  v_place     int := 0;
BEGIN
  FOREACH v_decision IN ARRAY p_decisions LOOP
    v_place := v_place + 1;
    IF v_decision.has_news THEN
      PERFORM internal.record_verdicts(p_orders[v_place], v_decision);
    END IF;
  END LOOP;
  WITH decided AS MATERIALIZED (
    SELECT d.* FROM ROWS FROM (unnest(p_orders), unnest(p_decisions)) AS d
  ), numbered AS (
    UPDATE ledger.portfolio_clocks AS k
       SET stream_xid = greatest(k.stream_xid, pg_current_xact_id()), next_order_id = k.next_order_id + n.orders,
           next_transfer_id = k.next_transfer_id + n.transfers
      FROM (SELECT d.portfolio_id, count(*) AS orders, count(d.reservation_id) AS transfers FROM decided AS d GROUP BY d.portfolio_id) AS n
     WHERE k.portfolio_id = n.portfolio_id
  ), reserved AS (
    INSERT INTO ledger.transfers (portfolio_id, transfer_id, debit_account_id, credit_account_id, amount, currency, kind, state, order_id, at)
    SELECT d.portfolio_id, d.reservation_id, (d.reservation).debit_id, (d.reservation).credit_id, (d.reservation).amount, (d.reservation).currency,
           'reservation', 'pending', d.number, d.at
      FROM decided AS d WHERE d.reservation_id IS NOT NULL
  ), balanced AS (
    UPDATE ledger.balances AS b SET debits_pending = b.debits_pending + n.debited, credits_pending = b.credits_pending + n.credited
      FROM (SELECT d.portfolio_id, s.account_id, sum(s.debited) AS debited, sum(s.credited) AS credited
              FROM decided AS d
              CROSS JOIN LATERAL (VALUES ((d.reservation).debit_id, (d.reservation).amount, 0), ((d.reservation).credit_id, 0, (d.reservation).amount))
                AS s (account_id, debited, credited)
             WHERE d.reservation_id IS NOT NULL
             GROUP BY d.portfolio_id, s.account_id) AS n
     WHERE b.portfolio_id = n.portfolio_id AND b.account_id = n.account_id
  ), kept AS (
    INSERT INTO trading.positions AS s
           (portfolio_id, instrument_id, multiplier, is_future, is_foreign, open_buy_quantity, open_sell_quantity, updated_at)
    SELECT d.portfolio_id, d.instrument_id, d.multiplier, d.is_future, d.is_foreign, coalesce(sum(d.kept) FILTER (WHERE d.side = 'buy'), 0),
           coalesce(sum(d.kept) FILTER (WHERE d.side = 'sell'), 0),
           (array_agg(d.at ORDER BY d.number))[1]
      FROM decided AS d
     WHERE d.kept <> 0
     GROUP BY d.portfolio_id, d.instrument_id, d.multiplier, d.is_future, d.is_foreign
    ON CONFLICT ON CONSTRAINT positions_pkey DO UPDATE
      SET open_buy_quantity = s.open_buy_quantity + EXCLUDED.open_buy_quantity,
          open_sell_quantity = s.open_sell_quantity + EXCLUDED.open_sell_quantity
  ), event AS (
    INSERT INTO trading.order_events
           (portfolio_id, order_id, version, from_status, to_status, quantity, filled_quantity, limit_price, stop_price, reason_code, reason, at)
    SELECT d.portfolio_id, d.number, 1, 'new', d.status, d.size, 0, d.limit_price, d.stop, d.code, d.reason, d.at FROM decided AS d
  ), journal AS (
    INSERT INTO ops.events (stream_xid, kind, portfolio_id, instrument_id, order_id, payload, at)
    SELECT d.clock, 'order.' || d.status, d.portfolio_id, d.instrument_id, d.number,
           jsonb_strip_nulls(jsonb_build_object('client_order_id', d.client_order_id, 'reason_code', d.code)), d.at
      FROM decided AS d
  ), written AS (
    INSERT INTO trading.orders AS o
           (portfolio_id, order_id, client_order_id, instrument_id, agent_id, side, type, time_in_force, product, quantity, limit_price, stop_price,
            trail_amount, trail_percent, reduce_only, post_only, parent_order_id, planned_quantity, oco_group_id, oco_leg, expires_at, active_at,
            status, opening_quantity, reserve_price, reserved, reservation_id, replaces_order_id, reason_code, reason, submitted_by, submitted_at,
            updated_at, closed_at)
    SELECT d.portfolio_id, d.number, d.client_order_id, d.instrument_id, d.agent_id, d.side, d.type, d.time_in_force, d.product, d.size, d.limit_price,
           d.stop, d.trail_amount, d.trail_percent, d.reduce_only, d.post_only, d.parent_order_id, d.planned_size, d.group_id, d.oco_leg, d.ends_at,
           d.active_at, d.status, d.opening, d.reserve_price, coalesce((d.reservation).amount, 0), d.reservation_id, d.replaces_order_id,
           d.code, d.reason, d.submitted_by, d.submitted_at, d.at, CASE d.status WHEN 'rejected' THEN d.at END
      FROM decided AS d WHERE p_with_rows
    RETURNING o.*
  )
  SELECT array_agg(w) INTO v_rows FROM written AS w;
  RETURN v_rows;
END
$$;
COMMENT ON FUNCTION internal.write_orders(internal.order_terms[], internal.order_decision[], boolean) IS
  'The one writer of new orders: their rows with their first events, what they reserve, what their positions keep, the breaches, and the portfolios'' numbers; returns the rows. p_with_rows false: the rows themselves are what an INSERT is about to write.';
