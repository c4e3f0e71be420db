-- AFTER INSERT, UPDATE, DELETE on trading.fee_schedules: an insert that found its row there already changes nothing and
-- asks for nothing; locks ledger.portfolio_clocks; reads trading.orders, trading.fee_plans, market.*; writes
-- trading.orders and what its triggers write, ledger.*; errors TR241
CREATE OR REPLACE FUNCTION internal.tg_fee_schedules__keep_terms()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_names text[] := ARRAY[OLD.name, NEW.name];
  v_days  date[] := ARRAY[OLD.valid_from, NEW.valid_from];
  v_open  record;
BEGIN
  IF TG_OP = 'UPDATE'
     AND (NEW.name, NEW.valid_from, NEW.lines, NEW.exercise_lines)
         = (OLD.name, OLD.valid_from, OLD.lines, OLD.exercise_lines) THEN
    RETURN NULL;
  END IF;
  -- Their locks come first, so that no order is submitted on the old terms meanwhile; they also move the clocks that
  -- tell runners to look again.
  PERFORM internal.lock_portfolios(internal.fee_users(v_names));
  SELECT p.name AS portfolio, o.order_id, o.submitted_at INTO v_open
    FROM unnest(v_names, v_days) AS c (name, day)
    JOIN trading.portfolios AS p ON p.portfolio_id = ANY (internal.fee_users(ARRAY[c.name]))
    JOIN trading.orders AS o ON o.portfolio_id = p.portfolio_id AND o.closed_at IS NULL
    JOIN market.instruments AS i USING (instrument_id)
    -- Fills until now were charged by the terms of their days; those of later days are what they come to be.
   WHERE c.day <= market.trading_day(i.exchange_id, o.updated_at)
     AND trading.planned_schedule(p.fee_schedule, i.kind, i.exchange_id) = c.name
     AND NOT EXISTS (SELECT FROM trading.fee_schedules AS f
                      WHERE f.name = c.name AND f.valid_from > c.day
                        AND f.valid_from <= market.trading_day(i.exchange_id, o.submitted_at))
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'open orders have the terms of fee schedule "%" that would change', coalesce(NEW.name, OLD.name)
      USING ERRCODE = 'TR241',
            DETAIL = format('Order %s of portfolio %L was submitted at %s.', v_open.order_id, v_open.portfolio,
                            v_open.submitted_at),
            HINT = 'Give the new terms a valid_from after the last day on which an open order was submitted or filled, '
                   'or end those orders first.';
  END IF;
  PERFORM internal.adjust_reservations(v_names);
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_fee_schedules__keep_terms() IS
  'Refuses what would change the terms that an open order was submitted or filled on, and adjusts what open orders '
  'reserve for fees to come. Error TR241.';
CREATE OR REPLACE TRIGGER keep_terms AFTER INSERT OR UPDATE OR DELETE ON trading.fee_schedules
  FOR EACH ROW EXECUTE FUNCTION internal.tg_fee_schedules__keep_terms();
COMMENT ON TRIGGER keep_terms ON trading.fee_schedules IS 'What was charged to an open order keeps its terms.';
