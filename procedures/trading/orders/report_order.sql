-- locks ledger.portfolio_clocks; writes trading.orders and what its triggers write; errors TR205, TR206, TR211, TR229,
-- TR249
CREATE OR REPLACE FUNCTION trading.report_order(
  portfolio text, status trading.order_status, order_id bigint DEFAULT NULL, client_order_id text DEFAULT NULL,
  broker_order_id text DEFAULT NULL,
  reason text DEFAULT NULL, at timestamptz DEFAULT now())
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_id int := trading.portfolio_id(report_order.portfolio, 'trade');
  v_order        trading.orders;
  v_is_receipt   boolean;  -- the broker's first word of an order whose cancel was asked for before
BEGIN
  PERFORM internal.require_event_time(report_order.at);
  PERFORM internal.lock_portfolio(v_portfolio_id);
  v_order := internal.find_order(v_portfolio_id, report_order.order_id, report_order.client_order_id);
  IF (report_order.status IN ('accepted', 'working', 'pending_cancel', 'unknown', 'rejected', 'cancelled', 'expired')
      AND length(report_order.broker_order_id) IS DISTINCT FROM 0
      AND (v_order.broker_order_id IS NULL
           OR v_order.broker_order_id = coalesce(report_order.broker_order_id, v_order.broker_order_id))) IS NOT TRUE
  THEN
    RAISE EXCEPTION 'a broker cannot report that'
      USING ERRCODE = 'TR229',
            DETAIL = format('status %s, broker_order_id %s; order %s is %s, broker_order_id %s.',
                            coalesce(report_order.status::text, 'NULL'),
                            coalesce(quote_literal(report_order.broker_order_id), 'NULL'), v_order.order_id,
                            v_order.status, coalesce(quote_literal(v_order.broker_order_id), 'NULL')),
            HINT = 'Report accepted, working, pending_cancel, unknown, rejected, cancelled or expired; fills go '
                   'through trading.record_fill(...).';
  END IF;
  -- The same answer twice, or one that a fill has overtaken, says nothing new.
  IF v_order.status = report_order.status
     AND (report_order.broker_order_id IS NULL OR v_order.broker_order_id = report_order.broker_order_id)
     OR report_order.status IN ('accepted', 'working')
    AND (v_order.closed_at IS NOT NULL OR v_order.status = 'partially_filled') THEN
    RETURN v_order;
  END IF;
  v_is_receipt := v_order.status = 'pending_cancel' AND v_order.broker_order_id IS NULL
                  AND report_order.broker_order_id IS NOT NULL AND report_order.status IN ('accepted', 'working');
  UPDATE trading.orders AS o
     SET status = CASE WHEN v_is_receipt THEN 'pending_cancel'
                       WHEN report_order.status IN ('accepted', 'working') AND o.filled_quantity > 0
                         THEN 'partially_filled'
                       ELSE report_order.status END,
         broker_order_id = coalesce(report_order.broker_order_id, o.broker_order_id),
         updated_at = greatest(report_order.at, o.updated_at),
         -- What was asked for keeps the words of who asked.
         reason_code = CASE WHEN v_is_receipt OR o.status = 'pending_cancel' AND report_order.status = 'cancelled'
                              THEN o.reason_code
                            ELSE CASE report_order.status WHEN 'rejected' THEN 'TR230' WHEN 'cancelled' THEN 'TR216'
                                                          WHEN 'expired' THEN 'TR217' WHEN 'unknown' THEN 'TR231' END
                       END,
         reason = CASE WHEN v_is_receipt OR o.status = 'pending_cancel' AND report_order.status = 'cancelled'
                         THEN coalesce(report_order.reason, o.reason)
                       WHEN report_order.status IN ('rejected', 'cancelled', 'expired', 'unknown')
                       THEN coalesce(report_order.reason, 'said by the broker') END
   WHERE o.portfolio_id = v_portfolio_id AND o.order_id = v_order.order_id
  RETURNING * INTO v_order;
  RETURN v_order;
END
$$;
COMMENT ON FUNCTION trading.report_order(text, trading.order_status, bigint, text, text, text, timestamptz) IS
  'Records what a broker said of an order, or (unknown) that it did not answer: such an order is asked about by its '
  'client_order_id and never sent again blindly. An order that is pending_cancel ends by cancelled, or goes on by '
  'working; its first broker_order_id alone does not end that. Errors TR205, TR206, TR211, TR229, TR249.';
REVOKE ALL ON FUNCTION trading.report_order(text, trading.order_status, bigint, text, text, text, timestamptz)
  FROM PUBLIC;
