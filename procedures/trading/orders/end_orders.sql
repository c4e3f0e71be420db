-- the array form for programs; locks ledger.portfolio_clocks; writes trading.orders and what its triggers write; errors
-- TR604
CREATE OR REPLACE FUNCTION trading.end_orders(
  portfolio_ids int[], order_ids bigint[], statuses text[], codes text[], reasons text[], times timestamptz[])
RETURNS SETOF trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_item  record;
  v_order trading.orders;
BEGIN
  IF (cardinality(portfolio_ids) <= 100000
      AND cardinality(portfolio_ids) = ALL (ARRAY[cardinality(order_ids), cardinality(statuses), cardinality(codes),
                                                  cardinality(reasons), cardinality(times)])) IS NOT TRUE THEN
    RAISE EXCEPTION 'the arrays of a batch of endings differ in length, or are too long'
      USING ERRCODE = 'TR604',
            DETAIL = format('%s portfolios, %s orders.', cardinality(portfolio_ids), cardinality(order_ids)),
            HINT = 'Give one element per order in each array, at most 100,000.';
  END IF;
  SELECT * INTO v_item FROM unnest(statuses, reasons, times) AS n (status, reason, at)
   WHERE (n.status = ANY (enum_range(NULL::trading.order_status)::text[]) AND n.reason IS NOT NULL
          AND internal.is_event_time(n.at)) IS NOT TRUE
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'an order cannot end so'
      USING ERRCODE = CASE WHEN internal.is_event_time(v_item.at) THEN 'TR604' ELSE 'TR249' END,
            DETAIL = format('status %s, reason %s, at %s.', coalesce(quote_literal(left(v_item.status, 40)), 'NULL'),
                            coalesce(quote_literal(left(v_item.reason, 40)), 'NULL'),
                            coalesce(v_item.at::text, 'NULL')),
            HINT = 'Name a final status of trading.order_status, a reason, and a time from 1900 until 2199.';
  END IF;
  PERFORM internal.lock_portfolios(portfolio_ids);
  FOR v_item IN
    SELECT *
      FROM unnest(portfolio_ids, order_ids, statuses, codes, reasons, times) WITH ORDINALITY AS n (portfolio_id,
                                                                                                   order_id, status,
                                                                                                   code, reason, at,
                                                                                                   position)
     ORDER BY n.position
  LOOP
    v_order := internal.find_order(v_item.portfolio_id, v_item.order_id, NULL);
    -- Somebody else may have closed it meanwhile: then that stands.
    IF v_order.closed_at IS NULL THEN
      v_order := CASE v_item.status
                   WHEN 'cancelled' THEN internal.request_cancel(v_order, v_item.code, v_item.reason, v_item.at)
                   ELSE internal.end_order(v_order, v_item.status::trading.order_status, v_item.code, v_item.reason,
                                           v_item.at) END;
    END IF;
    RETURN NEXT v_order;
  END LOOP;
END
$$;
COMMENT ON FUNCTION trading.end_orders(int[], bigint[], text[], text[], text[], timestamptz[]) IS
  'Cancels or expires orders and returns their rows in this order; one that is closed already stays as it is, and one '
  'that is to be cancelled at a broker becomes pending_cancel. Errors TR205, TR249, TR604.';
REVOKE ALL ON FUNCTION trading.end_orders(int[], bigint[], text[], text[], text[], timestamptz[]) FROM PUBLIC;
