-- BEFORE DELETE on trading.orders; errors TR213
CREATE OR REPLACE FUNCTION internal.tg_orders__keep()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'orders are never deleted'
    USING ERRCODE = 'TR213', DETAIL = format('Order %s of portfolio %s.', OLD.order_id, OLD.portfolio_id),
          HINT = 'Cancel it with trading.cancel_order(...).';
END
$$;
COMMENT ON FUNCTION internal.tg_orders__keep() IS 'Refuses to delete an order, whoever tries.';
CREATE
  OR REPLACE TRIGGER trigger_keep_order BEFORE DELETE
     ON trading.orders FOR EACH ROW EXECUTE FUNCTION internal.tg_orders__keep();
COMMENT ON TRIGGER trigger_keep_order ON trading.orders IS 'Orders stay.';
