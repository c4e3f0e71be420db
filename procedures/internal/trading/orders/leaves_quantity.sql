-- reads trading.orders
CREATE OR REPLACE FUNCTION internal.leaves_quantity(p_portfolio_id int, p_order_id bigint)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN (SELECT o.quantity - o.filled_quantity
            FROM trading.orders AS o
           WHERE o.portfolio_id = p_portfolio_id AND o.order_id = p_order_id);
END
$$;
COMMENT ON FUNCTION internal.leaves_quantity(int, bigint) IS 'What of an order has not filled.';
