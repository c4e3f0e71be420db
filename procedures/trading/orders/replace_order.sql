-- locks ledger.portfolio_clocks; writes what internal.replace_order writes; errors TR205, TR210, TR211, TR201-TR204,
-- TR249, and the code of the rule that refuses the new terms
CREATE OR REPLACE FUNCTION trading.replace_order(
  portfolio text, order_id bigint DEFAULT NULL, client_order_id text DEFAULT NULL,
  new_client_order_id text DEFAULT NULL, quantity numeric DEFAULT NULL,
  limit_price numeric DEFAULT NULL, stop_price numeric DEFAULT NULL, at timestamptz DEFAULT now(),
  trail_amount numeric DEFAULT NULL, trail_percent numeric DEFAULT NULL)
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN internal.replace_order(
    trading.portfolio_id(replace_order.portfolio, 'trade'), replace_order.order_id, replace_order.client_order_id,
    replace_order.new_client_order_id, replace_order.quantity, replace_order.limit_price, replace_order.stop_price,
    replace_order.at, replace_order.trail_amount, replace_order.trail_percent);
END
$$;
COMMENT ON FUNCTION trading.replace_order(
  text, bigint, text, text, numeric, numeric, numeric, timestamptz, numeric, numeric) IS
  'Replaces what is open of an order by a new order on other terms (NULL keeps the old term; quantity counts what is '
  'filled). Refused terms are an error with the rule''s code, and the old order stands. Errors TR201 to TR205, TR210, '
  'TR211.';
REVOKE ALL ON FUNCTION trading.replace_order(
  text, bigint, text, text, numeric, numeric, numeric, timestamptz, numeric, numeric) FROM PUBLIC;
