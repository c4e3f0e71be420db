-- writes trading.orders, trading.positions, ledger.books, ledger.transfers, ledger.balances, risk.breaches, risk.halts, risk.locks,
-- risk.peaks, ops.events; the caller holds the portfolios' locks
CREATE OR REPLACE FUNCTION internal.write_orders(p_decisions internal.order_decision[], p_with_rows boolean DEFAULT true)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_decision  internal.order_decision;
  v_order     trading.orders;
  v_movements internal.movement[] := '{}';
  v_kept      boolean := false;
BEGIN
  FOREACH v_decision IN ARRAY p_decisions LOOP
    v_order := v_decision.order_row;
    IF v_order.reserved > 0 THEN
      v_movements := v_movements || ROW (v_order.portfolio_id, v_order.reservation_id, v_decision.cash_id, v_decision.reserved_for_id,
        v_order.reserved, v_decision.currency, 'reservation', NULL, 'pending', v_order.submitted_at, v_order.order_id, NULL, NULL, NULL, NULL)::internal.movement;
    END IF;
    v_kept := v_kept OR v_decision.kept <> 0;
    IF v_decision.verdicts IS NOT NULL OR (v_decision.peak).portfolio_id IS NOT NULL THEN
      PERFORM internal.record_verdicts(v_decision);
    END IF;
  END LOOP;
  IF cardinality(v_movements) > 0 THEN
    PERFORM internal.write_movements(v_movements);
  END IF;
  IF v_kept THEN
    INSERT INTO trading.positions AS s
           (portfolio_id, instrument_id, multiplier, is_future, is_foreign, open_buy_quantity, open_sell_quantity, updated_at)
    SELECT (d.order_row).portfolio_id, (d.order_row).instrument_id, d.multiplier, d.is_future, d.is_foreign,
           coalesce(sum(d.kept) FILTER (WHERE (d.order_row).side = 'buy'), 0), coalesce(sum(d.kept) FILTER (WHERE (d.order_row).side = 'sell'), 0),
           min((d.order_row).submitted_at)
      FROM unnest(p_decisions) AS d
     WHERE d.kept <> 0
     GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT ON CONSTRAINT positions_pkey DO UPDATE
      SET open_buy_quantity = s.open_buy_quantity + EXCLUDED.open_buy_quantity,
          open_sell_quantity = s.open_sell_quantity + EXCLUDED.open_sell_quantity;
  END IF;
  WITH numbered AS (
    UPDATE ledger.books AS k
       SET stream_xid = greatest(k.stream_xid, pg_current_xact_id()), next_order_id = k.next_order_id + n.orders,
           next_transfer_id = k.next_transfer_id + n.transfers
      FROM (SELECT (d.order_row).portfolio_id, count(*) AS orders, count(*) FILTER (WHERE (d.order_row).reserved > 0) AS transfers
              FROM unnest(p_decisions) AS d GROUP BY 1) AS n
     WHERE k.portfolio_id = n.portfolio_id
  )
  INSERT INTO trading.orders SELECT (d.order_row).* FROM unnest(p_decisions) AS d WHERE p_with_rows;
END
$$;
COMMENT ON FUNCTION internal.write_orders(internal.order_decision[], boolean) IS
  'The one writer of new orders: their rows, what they reserve, what their positions keep, the breaches, and the portfolios'' numbers. p_with_rows false: the rows themselves are what an INSERT is about to write.';
