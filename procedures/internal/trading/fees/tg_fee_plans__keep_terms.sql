-- AFTER INSERT, UPDATE, DELETE on trading.fee_plans; locks ledger.portfolio_clocks; reads trading.orders,
-- trading.fee_schedules, market.instruments; errors TR241, TR251
CREATE OR REPLACE FUNCTION internal.tg_fee_plans__keep_terms()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_open record;
BEGIN
  IF TG_OP <> 'DELETE'
     AND (NOT EXISTS (SELECT FROM trading.fee_schedules AS f WHERE f.name = NEW.fee_schedule)
          OR EXISTS (SELECT FROM trading.fee_schedules AS f WHERE f.name = NEW.name)) THEN
    RAISE EXCEPTION 'a row of fee plan "%" makes no sense', NEW.name
      USING ERRCODE = 'TR251',
            DETAIL = CASE WHEN EXISTS (SELECT FROM trading.fee_schedules AS f WHERE f.name = NEW.name)
                          THEN format('%L is the name of a fee schedule.', NEW.name)
                          ELSE format('trading.fee_schedules has no row named %L.', NEW.fee_schedule) END,
            HINT = 'A plan has a name of its own, and each of its rows names a schedule that is there.';
  END IF;
  PERFORM internal.lock_portfolios(internal.fee_users(ARRAY[OLD.name, NEW.name]));
  SELECT c.name, p.name AS portfolio, o.order_id INTO v_open
    FROM (VALUES (OLD.name, OLD.kind, OLD.exchange_id), (NEW.name, NEW.kind, NEW.exchange_id))
         AS c (name, kind, exchange_id)
    JOIN trading.portfolios AS p ON p.fee_schedule = c.name
    JOIN trading.orders AS o ON o.portfolio_id = p.portfolio_id AND o.closed_at IS NULL
    JOIN market.instruments AS i ON i.instrument_id = o.instrument_id
     AND coalesce(i.kind = c.kind, true) AND coalesce(i.exchange_id = c.exchange_id, true)
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'open orders are on fee plan "%"', v_open.name
      USING ERRCODE = 'TR241', DETAIL = format('Order %s of portfolio %L is open.', v_open.order_id, v_open.portfolio),
            HINT = 'End its orders first.';
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_fee_plans__keep_terms() IS
  'Refuses another schedule for what open orders are on, and a plan that makes no sense. Errors TR241, TR251.';
CREATE OR REPLACE TRIGGER keep_terms AFTER INSERT OR UPDATE OR DELETE ON trading.fee_plans
  FOR EACH ROW EXECUTE FUNCTION internal.tg_fee_plans__keep_terms();
COMMENT ON TRIGGER keep_terms ON trading.fee_plans IS 'An order keeps the schedule that it was submitted on.';
