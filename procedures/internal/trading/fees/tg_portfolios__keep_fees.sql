-- BEFORE UPDATE OF fee_schedule on trading.portfolios
-- locks ledger.portfolio_clocks; reads trading.orders, trading.fee_schedules, trading.fee_plans; errors TR214, TR241
CREATE OR REPLACE FUNCTION internal.tg_portfolios__keep_fees()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_order_id bigint;
BEGIN
  PERFORM internal.lock_portfolio(NEW.portfolio_id);
  IF NOT EXISTS (SELECT FROM trading.fee_schedules AS f WHERE f.name = NEW.fee_schedule)
     AND NOT EXISTS (SELECT FROM trading.fee_plans AS n WHERE n.name = NEW.fee_schedule) THEN
    RAISE EXCEPTION 'unknown fee schedule "%"', NEW.fee_schedule
      USING ERRCODE = 'TR214', DETAIL = 'Neither trading.fee_schedules nor trading.fee_plans has a row of this name.',
            HINT = 'Insert its terms first.';
  END IF;
  SELECT o.order_id INTO v_order_id FROM trading.orders AS o
   WHERE o.portfolio_id = NEW.portfolio_id AND o.closed_at IS NULL
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'portfolio "%" has open orders on fee schedule "%"', NEW.name, OLD.fee_schedule
      USING ERRCODE = 'TR241', DETAIL = format('Order %s is open.', v_order_id), HINT = 'End its orders first.';
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION internal.tg_portfolios__keep_fees() IS
  'Refuses another fee schedule while orders are open, and one that does not exist. Errors TR214, TR241.';
CREATE OR REPLACE TRIGGER keep_fees BEFORE UPDATE OF fee_schedule ON trading.portfolios
  FOR EACH ROW WHEN (NEW.fee_schedule <> OLD.fee_schedule) EXECUTE FUNCTION internal.tg_portfolios__keep_fees();
COMMENT ON TRIGGER keep_fees ON trading.portfolios IS 'An order keeps the terms that it was submitted on.';
