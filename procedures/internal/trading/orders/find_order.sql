-- reads trading.orders; errors TR205
CREATE OR REPLACE FUNCTION internal.find_order(p_portfolio_id int, p_order_id bigint, p_client_order_id text)
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_order trading.orders;
BEGIN
  IF p_order_id IS NOT NULL THEN
    SELECT * INTO v_order FROM trading.orders AS o
     WHERE o.portfolio_id = p_portfolio_id AND o.order_id = p_order_id
       AND (p_client_order_id IS NULL OR o.client_order_id = p_client_order_id);
  ELSE
    SELECT * INTO v_order FROM trading.orders AS o
     WHERE o.portfolio_id = p_portfolio_id AND o.client_order_id = p_client_order_id;
  END IF;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown order'
      USING ERRCODE = 'TR205',
            DETAIL = format('order_id %s, client_order_id %s in portfolio %s.', coalesce(p_order_id::text, 'NULL'),
                            coalesce(quote_literal(p_client_order_id), 'NULL'), p_portfolio_id),
            HINT = 'Give order_id => ... or client_order_id => ...; trading.open_orders lists what is open.';
  END IF;
  RETURN v_order;
END
$$;
COMMENT ON FUNCTION internal.find_order(int, bigint, text) IS
  'The order with this order_id, or else with this client_order_id. Error TR205.';
