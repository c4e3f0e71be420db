-- reads trading.orders
CREATE OR REPLACE FUNCTION internal.fills_ahead(p_reports internal.fill_report[])
RETURNS internal.fills_ahead[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN ARRAY(
    SELECT ROW (row_number() OVER (PARTITION BY n.portfolio_id ORDER BY n.ordinality) - 1,
                row_number() OVER (PARTITION BY n.portfolio_id, o.instrument_id
                                   ORDER BY n.ordinality) > 1)::internal.fills_ahead
      FROM unnest(p_reports) WITH ORDINALITY AS n
      LEFT JOIN trading.orders AS o ON o.portfolio_id = n.portfolio_id AND o.order_id = n.order_id
     ORDER BY n.ordinality);
END
$$;
COMMENT ON FUNCTION internal.fills_ahead(internal.fill_report[]) IS
  'What of a batch comes before each of its executions, if all are booked; those of one position come one after the '
  'other.';
