-- reads trading.orders, trading.positions
CREATE OR REPLACE FUNCTION internal.fill_results(p_fills trading.fills[], p_links_changed boolean DEFAULT false)
RETURNS internal.fill_result[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN ARRAY(
    SELECT ROW (p_fills[f.ordinality::int], o, s.quantity, s.cost, p_links_changed, NULL, NULL)::internal.fill_result
      FROM unnest(p_fills) WITH ORDINALITY AS f
      JOIN trading.orders AS o ON o.portfolio_id = f.portfolio_id AND o.order_id = f.order_id
      JOIN trading.positions AS s ON s.portfolio_id = f.portfolio_id AND s.instrument_id = f.instrument_id
     ORDER BY f.ordinality);
END
$$;
COMMENT ON FUNCTION internal.fill_results(trading.fills[], boolean) IS
  'Fills that were booked, with their orders and positions as they stand now.';
