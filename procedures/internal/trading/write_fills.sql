-- writes trading.fills, trading.orders, trading.positions, trading.lots, trading.lot_closures, ledger.books, ledger.transfers,
-- ledger.balances and what their triggers write; the caller holds the portfolios' locks
CREATE OR REPLACE FUNCTION internal.write_fills(p_decisions internal.fill_decision[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_decision  internal.fill_decision;
  v_movements internal.movement[] := '{}';
  v_closures  trading.lot_closures[] := '{}';
  v_lots      trading.lots[] := '{}';
BEGIN
  FOREACH v_decision IN ARRAY p_decisions LOOP
    v_movements := v_movements || v_decision.movements;
    v_closures := v_closures || v_decision.closures;
    IF (v_decision.lot).fill_id IS NOT NULL THEN
      v_lots := v_lots || v_decision.lot;
    END IF;
  END LOOP;
  PERFORM internal.write_movements(v_movements);
  PERFORM internal.write_lots(v_closures, v_lots);
  WITH numbered AS (
    UPDATE ledger.books AS k
       SET stream_xid = greatest(k.stream_xid, pg_current_xact_id()), next_fill_id = k.next_fill_id + n.fills,
           next_transfer_id = k.next_transfer_id + n.transfers
      FROM (SELECT (d.fill).portfolio_id, count(*) AS fills, sum(cardinality(d.movements)) AS transfers FROM unnest(p_decisions) AS d GROUP BY 1) AS n
     WHERE k.portfolio_id = n.portfolio_id
  )
  UPDATE trading.orders AS o
     SET status = (d.order_row).status, filled_quantity = (d.order_row).filled_quantity, filled_value = (d.order_row).filled_value,
         maker_value = (d.order_row).maker_value, fees = (d.order_row).fees, fee_lines = (d.order_row).fee_lines,
         reserved = (d.order_row).reserved, last_fill_id = (d.order_row).last_fill_id,
         average_fill_price = (d.order_row).average_fill_price, updated_at = (d.order_row).updated_at
    FROM unnest(p_decisions) AS d
   WHERE o.portfolio_id = (d.order_row).portfolio_id AND o.order_id = (d.order_row).order_id;
  WITH moved AS (
    UPDATE trading.positions AS s
       SET quantity = (d.position).quantity, cost = (d.position).cost, realised_pnl = (d.position).realised_pnl,
           fifo_pnl = (d.position).fifo_pnl, fees = (d.position).fees, margin = (d.position).margin,
           open_buy_quantity = (d.position).open_buy_quantity, open_sell_quantity = (d.position).open_sell_quantity,
           market_value = (d.position).market_value, intraday_quantity = (d.position).intraday_quantity, updated_at = (d.position).updated_at
      FROM unnest(p_decisions) AS d
     WHERE s.portfolio_id = (d.position).portfolio_id AND s.instrument_id = (d.position).instrument_id
  )
  INSERT INTO trading.fills
         (portfolio_id, fill_id, order_id, instrument_id, side, quantity, price, value, fee, liquidity, realised_pnl, fifo_pnl, closed_quantity,
          broker, execution_id, at)
  SELECT (d.fill).portfolio_id, (d.fill).fill_id, (d.fill).order_id, (d.fill).instrument_id, (d.fill).side, (d.fill).quantity, (d.fill).price,
         (d.fill).value, (d.fill).fee, (d.fill).liquidity, (d.fill).realised_pnl, (d.fill).fifo_pnl, (d.fill).closed_quantity,
         (d.fill).broker, (d.fill).execution_id, (d.fill).at
    FROM unnest(p_decisions) AS d;
END
$$;
COMMENT ON FUNCTION internal.write_fills(internal.fill_decision[]) IS
  'The one writer of fills: fill, order, position, lots and ledger of executions, at most one for each position.';
