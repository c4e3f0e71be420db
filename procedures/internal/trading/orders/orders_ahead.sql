CREATE OR REPLACE FUNCTION internal.orders_ahead(p_orders internal.order_terms[])
RETURNS internal.orders_ahead[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN ARRAY(
    SELECT ROW (row_number() OVER (PARTITION BY n.portfolio_id ORDER BY n.ordinality) - 1,
                coalesce(sum(n.quantity) FILTER (WHERE n.side = 'buy') OVER ahead, 0),
                coalesce(sum(n.quantity) FILTER (WHERE n.side = 'sell') OVER ahead, 0),
                row_number() OVER (PARTITION BY n.portfolio_id, n.client_order_id
                                   ORDER BY n.ordinality) > 1)::internal.orders_ahead
      FROM unnest(p_orders) WITH ORDINALITY AS n
    WINDOW ahead AS (PARTITION BY n.portfolio_id, n.instrument_id
                     ORDER BY n.ordinality ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
     ORDER BY n.ordinality);
END
$$;
COMMENT ON FUNCTION internal.orders_ahead(internal.order_terms[]) IS
  'What of a batch comes before each of its orders, if all are accepted.';
