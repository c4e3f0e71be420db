-- reads trading.orders, trading.order_events, ops.events
CREATE OR REPLACE FUNCTION internal.verify_orders()
RETURNS TABLE (relation text, key text, fault text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  WITH journal AS (
    SELECT e.*, (e.payload ->> 'version')::int AS version,
           row_number() OVER (PARTITION BY e.portfolio_id, e.order_id, e.payload ->> 'version'
                              ORDER BY e.stream_xid, e.event_id) AS copy
      FROM ops.events AS e WHERE e.kind LIKE 'order.%' AND e.kind <> 'order.kept_small'
  )
  SELECT 'trading.order_events', format('%s/%s/%s', portfolio_id, order_id, version),
         format('removed: the journal tells of it at %s/%s', j.stream_xid, j.event_id)
    FROM journal AS j LEFT JOIN trading.order_events AS v USING (portfolio_id, order_id, version)
   WHERE v.order_id IS NULL
  UNION ALL
  SELECT 'ops.events', format('order %s/%s/%s', portfolio_id, order_id, version),
         'removed, or the event of the order was inserted: the journal does not tell of it'
    FROM trading.order_events AS v LEFT JOIN journal AS j USING (portfolio_id, order_id, version)
   WHERE j.order_id IS NULL
  UNION ALL
  SELECT 'ops.events', format('%s/%s', j.stream_xid, j.event_id),
         format('changed or inserted, or version %s of order %s/%s was changed: they do not say the same', j.version,
                portfolio_id, order_id)
    FROM journal AS j
    JOIN trading.order_events AS v USING (portfolio_id, order_id, version)
    JOIN trading.orders AS o USING (portfolio_id, order_id)
   WHERE j.copy > 1
      OR (j.actor, j.at, j.instrument_id, j.payload ->> 'client_order_id', j.payload ->> 'reason_code',
          (j.payload ->> 'fill_id')::bigint)
         IS DISTINCT FROM (v.actor, v.at, o.instrument_id, o.client_order_id, v.reason_code, v.fill_id)
      OR j.kind <> 'order.' || v.to_status AND (j.kind <> 'order.adjusted' OR v.from_status <> v.to_status)
  UNION ALL
  SELECT 'trading.orders', format('%s/%s', o.portfolio_id, o.order_id),
         format('changed: it is not as version %s of its events says', o.version)
    FROM trading.orders AS o
    LEFT JOIN trading.order_events AS v USING (portfolio_id, order_id, version)
   WHERE (o.status, o.quantity, o.filled_quantity, o.limit_price, o.reason_code, o.reason)
         IS DISTINCT FROM (v.to_status, v.quantity, v.filled_quantity, v.limit_price, v.reason_code, v.reason)
      -- Where a trailing stop stands is no news.
      OR o.type <> 'trailing_stop' AND (o.stop_price, o.updated_at) IS DISTINCT FROM (v.stop_price, v.at)
$$;
COMMENT ON FUNCTION internal.verify_orders() IS
  'The part of ops.verify_audit that compares orders with their events, and these with the journal, sealed or not.';
