-- writes trading.fills, trading.orders, trading.order_events, trading.positions, trading.lots, trading.lot_closures, ledger.portfolio_clocks,
-- ledger.transfers, ledger.balances, ops.events and what their triggers write; the caller holds the portfolios' locks
CREATE OR REPLACE FUNCTION internal.write_fills(p_reports internal.fill_report[], p_decisions internal.fill_decision[])
RETURNS trading.fills[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_count     int;
  v_rows      trading.fills[];
  v_decision  internal.fill_decision;
  v_movements internal.movement[] := '{}';
  v_closures  trading.lot_closures[] := '{}';
BEGIN
  FOREACH v_decision IN ARRAY p_decisions LOOP
    v_movements := v_movements || v_decision.movements;
    v_closures := v_closures || v_decision.closures;
  END LOOP;
  v_count := internal.write_movements(v_movements);
  IF cardinality(v_closures) > 0 THEN
    PERFORM internal.write_closures(v_closures);
  END IF;
  WITH decided AS MATERIALIZED (
    SELECT d.* FROM ROWS FROM (unnest(p_reports), unnest(p_decisions)) AS d
  ), numbered AS (
    UPDATE ledger.portfolio_clocks AS k
       SET stream_xid = greatest(k.stream_xid, pg_current_xact_id()), next_fill_id = k.next_fill_id + n.fills,
           next_transfer_id = k.next_transfer_id + n.transfers
      FROM (SELECT d.portfolio_id, count(*) AS fills, sum(cardinality(d.movements)) AS transfers FROM decided AS d GROUP BY d.portfolio_id) AS n
     WHERE k.portfolio_id = n.portfolio_id
  ), filled AS (
    UPDATE trading.orders AS o
       SET status = d.status, version = d.version, filled_quantity = d.filled, filled_value = d.filled_value, maker_value = d.maker_value,
           fees = d.fees, fee_lines = d.fee_lines, reserved = d.reserved, last_fill_id = d.number, average_fill_price = d.average_price,
           updated_at = d.changed_at, closed_at = CASE d.status WHEN 'filled' THEN d.changed_at END
      FROM decided AS d
     WHERE o.portfolio_id = d.portfolio_id AND o.order_id = d.target_id
  ), event AS (
    INSERT INTO trading.order_events
           (portfolio_id, order_id, version, from_status, to_status, quantity, filled_quantity, limit_price, stop_price, fill_id, reason_code, reason, at)
    SELECT d.portfolio_id, d.target_id, d.version, d.from_status, d.status, d.ordered, d.filled, d.limited, d.stopped, d.number, d.former_code,
           d.former_reason, d.changed_at
      FROM decided AS d
  ), journal AS (
    INSERT INTO ops.events (stream_xid, kind, portfolio_id, instrument_id, order_id, payload, at)
    SELECT d.clock, 'order.' || d.status, d.portfolio_id, d.instrument_id, d.target_id,
           jsonb_strip_nulls(jsonb_build_object('client_order_id', d.target_key, 'fill_id', d.number, 'reason_code', d.former_code)), d.changed_at
      FROM decided AS d
  ), moved AS (
    UPDATE trading.positions AS s
       SET quantity = d.held, cost = d.cost, realised_pnl = s.realised_pnl + d.realised, fifo_pnl = s.fifo_pnl + d.fifo_pnl,
           fees = s.fees + d.charged, margin = s.margin + d.margin, market_value = d.market_value, intraday_quantity = d.intraday,
           open_buy_quantity = s.open_buy_quantity - CASE d.side WHEN 'buy' THEN d.kept ELSE 0 END,
           open_sell_quantity = s.open_sell_quantity - CASE d.side WHEN 'sell' THEN d.kept ELSE 0 END,
           updated_at = greatest(d.at, s.updated_at)
      FROM decided AS d
     WHERE s.portfolio_id = d.portfolio_id AND s.instrument_id = d.instrument_id
  ), opened AS (
    INSERT INTO trading.lots (portfolio_id, fill_id, instrument_id, opened_at, quantity, cost)
    SELECT d.portfolio_id, d.number, d.instrument_id, d.at, d.opened, d.opened_cost FROM decided AS d WHERE d.opened <> 0
  ), written AS (
    INSERT INTO trading.fills AS f
           (portfolio_id, fill_id, order_id, instrument_id, side, quantity, price, value, fee, liquidity, realised_pnl, fifo_pnl, closed_quantity,
            broker, execution_id, at)
    SELECT d.portfolio_id, d.number, d.target_id, d.instrument_id, d.side, d.size, d.paid_price, d.value, d.charged, d.charged_as, d.realised,
           d.fifo_pnl, d.closed, d.at_broker, d.execution_id, d.at
      FROM decided AS d
    RETURNING f.*
  )
  SELECT array_agg(w) INTO v_rows FROM written AS w;
  RETURN v_rows;
END
$$;
COMMENT ON FUNCTION internal.write_fills(internal.fill_report[], internal.fill_decision[]) IS
  'The one writer of fills: fill, order with its event, position, lots and ledger of executions, at most one for each position; returns the fills.';
