-- reads ops.events, trading.order_events, trading.orders, trading.fills, ledger.transfers
-- The settings make one text of one row, whoever reads it; the columns are listed, since a table may get more of them.
CREATE OR REPLACE FUNCTION internal.sealed_rows(p_after ops.journal_seals, p_until ops.journal_seals)
RETURNS TABLE (relation text, major bigint, minor bigint, hash bytea)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
AS $$
  WITH events AS MATERIALIZED (
    SELECT e.*, CASE WHEN e.kind LIKE 'order.%' THEN (e.payload ->> 'version')::int END AS version
      FROM ops.events AS e
     WHERE e.portfolio_id = (p_until).portfolio_id
       AND (e.stream_xid, e.event_id) > ((p_after).stream_xid, (p_after).event_id)
       AND (e.stream_xid, e.event_id) <= ((p_until).stream_xid, (p_until).event_id)
    UNION ALL
    SELECT e.*, NULL
      FROM ops.events AS e
     WHERE e.portfolio_id IS NULL AND (p_until).portfolio_id = 0
       AND (e.stream_xid, e.event_id) > ((p_after).stream_xid, (p_after).event_id)
       AND (e.stream_xid, e.event_id) <= ((p_until).stream_xid, (p_until).event_id)
  ), changes AS MATERIALIZED (
    SELECT v.* FROM events AS e JOIN trading.order_events AS v USING (portfolio_id, order_id, version)
  ), rows AS (
    SELECT 'ops.events', e.stream_xid::text::bigint, e.event_id,
           ROW(e.kind, e.portfolio_id, e.instrument_id, e.order_id, e.payload, e.actor, e.at, e.recorded_at)::text
      FROM events AS e
    UNION ALL
    SELECT 'trading.order_events', v.order_id, v.version,
           ROW(v.from_status, v.to_status, v.quantity, v.filled_quantity, v.limit_price, v.stop_price, v.fill_id,
               v.reason_code, v.reason, v.actor, v.at, v.recorded_at)::text
      FROM changes AS v
    UNION ALL
    -- What of an order never changes: internal.tg_orders__guard refuses it.
    SELECT 'trading.orders', o.order_id, 0,
           ROW(o.client_order_id, o.instrument_id, o.agent_id, o.side, o.type, o.time_in_force, o.product,
               o.reduce_only, o.post_only, o.oco_group_id, o.oco_leg, o.replaces_order_id, o.submitted_by,
               o.submitted_at, o.created_at)::text
      FROM trading.orders AS o
     WHERE o.portfolio_id = (p_until).portfolio_id
       AND o.order_id > (p_after).order_id AND o.order_id <= (p_until).order_id
    UNION ALL
    -- And what changes no more once it is closed. Busts and late fills move the rest, each with its event.
    SELECT 'trading.orders', o.order_id, v.version,
           ROW(o.status, o.trail_amount, o.trail_percent, o.expires_at, o.active_at, o.triggered_at, o.parent_order_id,
               o.planned_quantity, o.oco_taken, o.broker_order_id, o.approved_by, o.closed_at)::text
      FROM changes AS v
      JOIN trading.orders AS o USING (portfolio_id, order_id)
     WHERE v.to_status IN ('filled', 'rejected', 'cancelled', 'expired', 'replaced') AND v.from_status <> v.to_status
    UNION ALL
    SELECT 'trading.fills', f.fill_id, 0,
           ROW(f.order_id, f.instrument_id, f.side, f.quantity, f.price, f.value, f.fee, f.liquidity,
               f.closed_quantity, f.realised_pnl, f.fifo_pnl, f.broker, f.execution_id, f.busts_fill_id,
               f.corrects_fill_id, f.at, f.recorded_at)::text
      FROM trading.fills AS f
     WHERE f.portfolio_id = (p_until).portfolio_id
       AND f.fill_id > (p_after).fill_id AND f.fill_id <= (p_until).fill_id
    UNION ALL
    SELECT 'ledger.transfers', t.transfer_id, 0,
           ROW(t.debit_account_id, t.credit_account_id, t.amount, t.currency, t.kind, t.component, t.state,
               t.pending_id, t.order_id, t.fill_id, t.reference, t.at, t.recorded_at)::text
      FROM ledger.transfers AS t
     WHERE t.portfolio_id = (p_until).portfolio_id
       AND t.transfer_id > (p_after).transfer_id AND t.transfer_id <= (p_until).transfer_id
  )
  SELECT r.relation, r.major, r.minor,
         sha256(convert_to(ROW(r.relation, (p_until).portfolio_id, r.major, r.minor, r.content)::text, 'UTF8'))
    FROM rows AS r (relation, major, minor, content)
$$;
COMMENT ON FUNCTION internal.sealed_rows(ops.journal_seals, ops.journal_seals) IS
  'The rows between two seals of a portfolio, each with its key and its hash: what is hashed when it is sealed, and '
  'again when it is verified.';
