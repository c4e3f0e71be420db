-- writes research.backtest_orders, research.backtest_fills, research.backtest_trades, research.backtest_equity,
-- research.backtest_curves
CREATE OR REPLACE FUNCTION internal.write_backtest_rows(p_run_id bigint, p_capital numeric, p_result jsonb)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  INSERT INTO research.backtest_orders (
    run_id, order_id, instrument_id, agent, client_order_id, side, type, quantity, limit_price, stop_price, status,
    reason_code, reason, submitted_at, closed_at, filled_quantity, average_price, fees)
  SELECT p_run_id, o.id, o.instrument, o.agent, o.client_order_id, o.side, o.type, o.quantity, o.limit_price,
         o.stop_price, o.status, o.code, o.reason, internal.instant(o.submitted_at), internal.instant(o.closed_at),
         o.filled, o.average_price, o.fees
    FROM jsonb_to_recordset(p_result -> 'orders') AS o (
           id bigint, instrument int, agent text, client_order_id text, side trading.order_side,
           type trading.order_type,
           quantity numeric, limit_price numeric, stop_price numeric, status trading.order_status, code text,
           reason text, submitted_at bigint, closed_at bigint, filled numeric, average_price numeric, fees numeric);
  INSERT INTO research.backtest_fills (
    run_id, fill_id, order_id, instrument_id, side, quantity, price, fee, realised_pnl, at)
  SELECT p_run_id, f.id, f."order", f.instrument, f.side, f.quantity, f.price, f.fee, f.realised,
         internal.instant(f.at)
    FROM jsonb_to_recordset(p_result -> 'fills') AS f (
           id bigint, "order" bigint, instrument int, side trading.order_side, quantity numeric, price numeric,
           fee numeric, realised numeric, at bigint);
  INSERT INTO research.backtest_trades (
    run_id, trade_no, instrument_id, side, quantity, opened_at, closed_at, entry_price, exit_price, pnl, fees, net_pnl,
    return, bars, mae, mfe, exit_reason)
  SELECT p_run_id, t.no, t.instrument, t.side, t.quantity, internal.instant(t.opened_at), internal.instant(t.closed_at),
         t.entry_price, t.exit_price, t.pnl, t.fees, t.pnl - t.fees, t.pnl::float8 / nullif(t.entry_value::float8, 0),
         t.bars, t.mae, t.mfe, t.exit_reason
    FROM jsonb_to_recordset(p_result -> 'trades') AS t (
           no int, instrument int, side trading.order_side, quantity numeric, opened_at bigint, closed_at bigint,
           entry_price numeric, exit_price numeric, entry_value numeric, pnl numeric, fees numeric, bars int,
           mae float8, mfe float8, exit_reason text);
  INSERT INTO research.backtest_equity (run_id, day, at, equity, cash, positions_value, drawdown)
  SELECT p_run_id, date '2000-01-01' + d.day, internal.instant(d.at), d.equity, d.cash, d.equity - d.cash,
         (d.equity / greatest(max(d.equity) OVER (ORDER BY d.day), p_capital) - 1)::float8
    FROM jsonb_to_recordset(p_result -> 'days') AS d (day int, at bigint, equity numeric, cash numeric);
  INSERT INTO research.backtest_curves (run_id, times, equity)
  SELECT p_run_id,
         ARRAY(SELECT internal.instant(t.value::bigint)
                 FROM jsonb_array_elements_text(p_result #> '{curve,times}') WITH ORDINALITY AS t (value, place)
                ORDER BY t.place),
         ARRAY(SELECT e.value::float8
                 FROM jsonb_array_elements_text(p_result #> '{curve,equity}') WITH ORDINALITY AS e (value, place)
                ORDER BY e.place);
END
$$;
COMMENT ON FUNCTION internal.write_backtest_rows(bigint, numeric, jsonb) IS
  'Writes what a backtest did: orders, fills, trades, days and curve of its result.';
