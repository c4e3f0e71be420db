-- writes research.backtest_orders, research.backtest_fills, research.backtest_trades, research.backtest_lots,
-- research.backtest_equity, research.backtest_curves
CREATE OR REPLACE FUNCTION internal.write_backtest_rows(p_run_id bigint, p_capital numeric, p_result jsonb)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_orders jsonb := p_result -> 'orders';
  v_fills  jsonb := p_result -> 'fills';
  v_trades jsonb := p_result -> 'trades';
  v_lots   jsonb := p_result -> 'lots';
  v_days   jsonb := p_result -> 'days';
BEGIN
  INSERT INTO research.backtest_orders (
    run_id, order_id, instrument_id, agent, client_order_id, side, type, quantity, limit_price, stop_price, status,
    reason_code, reason, submitted_at, closed_at, filled_quantity, average_price, fees)
  SELECT p_run_id, o.id, o.instrument, v_orders ->> 'agent', o.client_order_id, o.side, o.type, o.quantity,
         o.limit_price, o.stop_price, o.status, o.code, o.reason, internal.instant(o.submitted_at),
         internal.instant(o.closed_at), o.filled, o.average_price, o.fees
    FROM (SELECT unnest((v_orders ->> 'id')::bigint[]) AS id,
                 unnest((v_orders ->> 'instrument')::int[]) AS instrument,
                 unnest((v_orders ->> 'client_order_id')::text[]) AS client_order_id,
                 unnest((v_orders ->> 'side')::trading.order_side[]) AS side,
                 unnest((v_orders ->> 'type')::trading.order_type[]) AS type,
                 unnest((v_orders ->> 'quantity')::numeric[]) AS quantity,
                 unnest((v_orders ->> 'limit_price')::numeric[]) AS limit_price,
                 unnest((v_orders ->> 'stop_price')::numeric[]) AS stop_price,
                 unnest((v_orders ->> 'status')::trading.order_status[]) AS status,
                 unnest((v_orders ->> 'code')::text[]) AS code, unnest((v_orders ->> 'reason')::text[]) AS reason,
                 unnest((v_orders ->> 'submitted_at')::bigint[]) AS submitted_at,
                 unnest((v_orders ->> 'closed_at')::bigint[]) AS closed_at,
                 unnest((v_orders ->> 'filled')::numeric[]) AS filled,
                 unnest((v_orders ->> 'average_price')::numeric[]) AS average_price,
                 unnest((v_orders ->> 'fees')::numeric[]) AS fees) AS o;
  INSERT INTO research.backtest_fills (
    run_id, fill_id, order_id, instrument_id, side, quantity, price, fee, realised_pnl, at)
  SELECT p_run_id, f.id, f.order_id, f.instrument, f.side, f.quantity, f.price, f.fee, f.realised,
         internal.instant(f.at)
    FROM (SELECT unnest((v_fills ->> 'id')::bigint[]) AS id, unnest((v_fills ->> 'order')::bigint[]) AS order_id,
                 unnest((v_fills ->> 'instrument')::int[]) AS instrument,
                 unnest((v_fills ->> 'side')::trading.order_side[]) AS side,
                 unnest((v_fills ->> 'quantity')::numeric[]) AS quantity,
                 unnest((v_fills ->> 'price')::numeric[]) AS price, unnest((v_fills ->> 'fee')::numeric[]) AS fee,
                 unnest((v_fills ->> 'realised')::numeric[]) AS realised,
                 unnest((v_fills ->> 'at')::bigint[]) AS at) AS f;
  INSERT INTO research.backtest_trades (
    run_id, trade_no, instrument_id, side, quantity, opened_at, closed_at, entry_price, exit_price, pnl, fees, net_pnl,
    return, bars, mae, mfe, exit_reason)
  SELECT p_run_id, t.no, t.instrument, t.side, t.quantity, internal.instant(t.opened_at), internal.instant(t.closed_at),
         t.entry_price, t.exit_price, t.pnl, t.fees, t.pnl - t.fees, t.pnl::float8 / nullif(t.entry_value::float8, 0),
         t.bars, t.mae, t.mfe, t.exit_reason
    FROM (SELECT unnest((v_trades ->> 'no')::int[]) AS no, unnest((v_trades ->> 'instrument')::int[]) AS instrument,
                 unnest((v_trades ->> 'side')::trading.order_side[]) AS side,
                 unnest((v_trades ->> 'quantity')::numeric[]) AS quantity,
                 unnest((v_trades ->> 'opened_at')::bigint[]) AS opened_at,
                 unnest((v_trades ->> 'closed_at')::bigint[]) AS closed_at,
                 unnest((v_trades ->> 'entry_price')::numeric[]) AS entry_price,
                 unnest((v_trades ->> 'exit_price')::numeric[]) AS exit_price,
                 unnest((v_trades ->> 'entry_value')::numeric[]) AS entry_value,
                 unnest((v_trades ->> 'pnl')::numeric[]) AS pnl, unnest((v_trades ->> 'fees')::numeric[]) AS fees,
                 unnest((v_trades ->> 'bars')::int[]) AS bars, unnest((v_trades ->> 'mae')::float8[]) AS mae,
                 unnest((v_trades ->> 'mfe')::float8[]) AS mfe,
                 unnest((v_trades ->> 'exit_reason')::text[]) AS exit_reason) AS t;
  INSERT INTO research.backtest_lots (
    run_id, fill_id, lot_fill_id, instrument_id, quantity, cost, value, opened_at, closed_at, settled_pnl, fees)
  SELECT p_run_id, c.fill, c.lot, c.instrument, c.quantity, c.cost, c.value, internal.instant(c.opened_at),
         internal.instant(c.closed_at), c.settled, c.fees
    FROM (SELECT unnest((v_lots ->> 'fill')::bigint[]) AS fill, unnest((v_lots ->> 'lot')::bigint[]) AS lot,
                 unnest((v_lots ->> 'instrument')::int[]) AS instrument,
                 unnest((v_lots ->> 'quantity')::numeric[]) AS quantity, unnest((v_lots ->> 'cost')::numeric[]) AS cost,
                 unnest((v_lots ->> 'value')::numeric[]) AS value,
                 unnest((v_lots ->> 'opened_at')::bigint[]) AS opened_at,
                 unnest((v_lots ->> 'closed_at')::bigint[]) AS closed_at,
                 unnest((v_lots ->> 'settled')::numeric[]) AS settled,
                 unnest((v_lots ->> 'fees')::numeric[]) AS fees) AS c;
  INSERT INTO research.backtest_equity (run_id, day, at, equity, cash, positions_value, drawdown)
  SELECT p_run_id, date '2000-01-01' + d.day, internal.instant(d.at), d.equity, d.cash, d.equity - d.cash,
         (d.equity / greatest(max(d.equity) OVER (ORDER BY d.day), p_capital) - 1)::float8
    FROM (SELECT unnest((v_days ->> 'day')::int[]) AS day, unnest((v_days ->> 'at')::bigint[]) AS at,
                 unnest((v_days ->> 'equity')::numeric[]) AS equity,
                 unnest((v_days ->> 'cash')::numeric[]) AS cash) AS d;
  INSERT INTO research.backtest_curves (run_id, times, equity)
  SELECT p_run_id,
         ARRAY(SELECT internal.instant(t.value)
                 FROM unnest((p_result #>> '{curve,times}')::bigint[]) WITH ORDINALITY AS t (value, place)
                ORDER BY t.place),
         (p_result #>> '{curve,equity}')::float8[];
END
$$;
COMMENT ON FUNCTION internal.write_backtest_rows(bigint, numeric, jsonb) IS
  'Writes what a backtest did: orders, fills, trades, closed lots, days and curve of its result.';
