-- writes trading.fills, trading.orders, trading.order_events, trading.positions, trading.lots, trading.lot_closures,
-- ledger.portfolio_clocks, ledger.transfers, ledger.balances, ops.events and what their triggers write; the caller
-- holds the portfolios' locks
CREATE OR REPLACE FUNCTION internal.write_fills(
  p_reports internal.fill_report[], p_decisions internal.fill_decision[],
  p_recorded_at timestamptz DEFAULT clock_timestamp())
RETURNS trading.fills[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_rows       trading.fills[];
  v_report     internal.fill_report;
  v_decision   internal.fill_decision;
  v_movements  internal.movement[];
  v_closures   trading.lot_closures[];
  v_owners     int[];                    -- portfolio of each
  v_place      int;
  v_portfolios int[] := ARRAY[]::int[];
  v_fills      int[];                    -- how many of each portfolio
  v_transfers  int[];
  v_stream_xid xid8 := internal.stream_xid();
BEGIN
  FOR n IN 1 .. cardinality(p_decisions) LOOP
    v_decision := p_decisions[n];
    v_movements := v_movements || v_decision.movements;
    v_closures := v_closures || v_decision.closures;
    v_report := p_reports[n];
    v_owners := v_owners || v_report.portfolio_id;
    v_place := coalesce(array_position(v_portfolios, v_report.portfolio_id), cardinality(v_portfolios) + 1);
    v_portfolios[v_place] := v_report.portfolio_id;
    v_fills[v_place] := coalesce(v_fills[v_place], 0) + 1;
    v_transfers[v_place] := coalesce(v_transfers[v_place], 0) + cardinality(v_decision.movements);
    -- The columns in the order of the table.
    v_rows := v_rows || ROW (
      v_report.portfolio_id, v_decision.number, v_decision.target_id, v_decision.instrument_id, v_decision.side,
        v_decision.size,
      v_decision.paid_price, v_decision.value, v_decision.charged, v_decision.charged_as, v_decision.closed,
        v_decision.realised,
      v_decision.fifo_pnl, v_decision.at_broker, v_report.execution_id, NULL, NULL, v_report.at,
        p_recorded_at)::trading.fills;
  END LOOP;
  v_place := internal.write_movements(v_movements);
  IF cardinality(v_closures) > 0 THEN
    PERFORM internal.write_closures(v_closures);
  END IF;
  WITH decided AS MATERIALIZED (
    SELECT * FROM unnest(p_decisions) WITH ORDINALITY
  ), numbered AS (
    UPDATE ledger.portfolio_clocks AS k
       SET stream_xid = greatest(k.stream_xid, v_stream_xid), transitions = k.transitions + 1,
           next_fill_id = k.next_fill_id + n.fills,
           next_transfer_id = k.next_transfer_id + n.transfers
      FROM unnest(v_portfolios, v_fills, v_transfers) AS n (portfolio_id, fills, transfers)
     WHERE k.portfolio_id = n.portfolio_id
  ), filled AS (
    UPDATE trading.orders AS o
       SET status = d.status, version = d.version, filled_quantity = d.filled, filled_value = d.filled_value,
         maker_value = d.maker_value,
           fees = d.fees, fee_lines = d.fee_lines, reserved = d.reserved, last_fill_id = d.number,
             average_fill_price = d.average_price,
           updated_at = d.changed_at,
           closed_at = coalesce(o.closed_at, CASE d.status WHEN 'filled' THEN d.changed_at END)
      FROM decided AS d
     WHERE o.portfolio_id = v_owners[d.ordinality] AND o.order_id = d.target_id
  ), event AS (
    INSERT INTO trading.order_events
           (portfolio_id, order_id, version, from_status, to_status, quantity, filled_quantity, limit_price,
            stop_price, fill_id,
            reason_code, reason, at)
    SELECT v_owners[d.ordinality], d.target_id, d.version, d.from_status, d.status, d.ordered, d.filled, d.limited,
      d.stopped, d.number,
           d.former_code, d.former_reason, d.changed_at
      FROM decided AS d
  ), journal AS (
    INSERT INTO ops.events (stream_xid, kind, portfolio_id, instrument_id, order_id, payload, at)
    SELECT greatest(d.clock, v_stream_xid), 'order.' || d.status, v_owners[d.ordinality], d.instrument_id, d.target_id,
           jsonb_strip_nulls(jsonb_build_object('client_order_id', d.target_key, 'version', d.version, 'fill_id',
                                                d.number, 'reason_code', d.former_code)),
           d.changed_at
      FROM decided AS d
  ), moved AS (
    UPDATE trading.positions AS s
       SET quantity = d.held, cost = d.cost, realised_pnl = s.realised_pnl + d.realised,
         fifo_pnl = s.fifo_pnl + d.fifo_pnl,
           fees = s.fees + d.charged, margin = s.margin + d.margin, market_value = d.market_value,
             intraday_quantity = d.intraday,
           open_buy_quantity = s.open_buy_quantity - CASE d.side WHEN 'buy' THEN d.kept ELSE 0 END,
           open_sell_quantity = s.open_sell_quantity - CASE d.side WHEN 'sell' THEN d.kept ELSE 0 END,
           updated_at = greatest(p_reports[d.ordinality].at, s.updated_at)
      FROM decided AS d
     WHERE s.portfolio_id = v_owners[d.ordinality] AND s.instrument_id = d.instrument_id
  ), opened AS (
    INSERT INTO trading.lots (portfolio_id, fill_id, instrument_id, opened_at, quantity, cost)
    SELECT v_owners[d.ordinality], d.number, d.instrument_id, p_reports[d.ordinality].at, d.opened, d.opened_cost
      FROM decided AS d WHERE d.opened <> 0
  )
  INSERT INTO trading.fills SELECT f.* FROM unnest(v_rows) AS f;
  RETURN v_rows;
END
$$;
COMMENT ON FUNCTION internal.write_fills(internal.fill_report[], internal.fill_decision[], timestamptz) IS
  'The one writer of fills: fill, order with its event, position, lots and ledger of executions, at most one for '
  'each position; returns the fills.';
