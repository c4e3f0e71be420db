-- In the place of ticks/tg_ticks__correct.sql: AFTER UPDATE and BEFORE DELETE on market.ticks, once per statement;
-- writes market.candle_store; errors TR119
CREATE OR REPLACE FUNCTION internal.tg_ticks__correct()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- What tg_ticks__accept takes back was never in a candle.
  IF pg_trigger_depth() > 1 THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'DELETE' THEN
    -- A whole batch of the columnstore goes without telling a trigger; triggers for rows would keep batches out of it.
    IF current_setting('bourse.procedure', true) IS DISTINCT FROM 'ticks' THEN
      RAISE EXCEPTION 'ticks of a hypertable are deleted through market.delete_ticks'
        USING ERRCODE = 'TR119',
              DETAIL = 'The columnstore does not say which ticks a DELETE takes, '
                       'so that their candles would stay as they are.',
              HINT = 'Use market.delete_ticks(symbol, from_time, until_time); for whole days market.tick_policy.';
    END IF;
    RETURN NULL;
  END IF;
  PERFORM market.rebuild_candles(o.instrument_id, min(o.ts), max(o.ts) + interval '1 microsecond')
    FROM old_ticks AS o GROUP BY o.instrument_id ORDER BY 1;
  PERFORM market.rebuild_candles(n.instrument_id, min(n.ts), max(n.ts) + interval '1 microsecond')
    FROM new_ticks AS n GROUP BY n.instrument_id ORDER BY 1;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_ticks__correct() IS
  'Computes the candles of changed ticks anew, and refuses to delete ticks behind their back. Error TR119.';
CREATE OR REPLACE TRIGGER correct_update AFTER UPDATE ON market.ticks
  REFERENCING OLD TABLE AS old_ticks NEW TABLE AS new_ticks
  FOR EACH STATEMENT EXECUTE FUNCTION internal.tg_ticks__correct();
CREATE OR REPLACE TRIGGER correct_delete BEFORE DELETE ON market.ticks
  FOR EACH STATEMENT EXECUTE FUNCTION internal.tg_ticks__correct();
COMMENT ON TRIGGER correct_update ON market.ticks IS 'Whoever corrects ticks corrects their candles.';
COMMENT ON TRIGGER correct_delete ON market.ticks IS
  'Lets only market.delete_ticks through; dropping chunks leaves candles as they are.';
