-- AFTER UPDATE and DELETE on market.ticks, once per statement; writes market.candle_store
CREATE OR REPLACE FUNCTION internal.tg_ticks__correct()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- What tg_ticks__accept takes back was never in a candle.
  IF pg_trigger_depth() = 1 THEN
    PERFORM market.rebuild_candles(o.instrument_id, min(o.ts), max(o.ts) + interval '1 microsecond')
      FROM old_ticks AS o GROUP BY o.instrument_id ORDER BY 1;
    IF TG_OP = 'UPDATE' THEN
      PERFORM market.rebuild_candles(n.instrument_id, min(n.ts), max(n.ts) + interval '1 microsecond')
        FROM new_ticks AS n GROUP BY n.instrument_id ORDER BY 1;
    END IF;
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_ticks__correct() IS 'Computes the candles of changed or deleted ticks anew.';
CREATE OR REPLACE TRIGGER correct_update AFTER UPDATE ON market.ticks
  REFERENCING OLD TABLE AS old_ticks NEW TABLE AS new_ticks
  FOR EACH STATEMENT EXECUTE FUNCTION internal.tg_ticks__correct();
CREATE OR REPLACE TRIGGER correct_delete AFTER DELETE ON market.ticks
  REFERENCING OLD TABLE AS old_ticks FOR EACH STATEMENT EXECUTE FUNCTION internal.tg_ticks__correct();
COMMENT ON TRIGGER correct_update ON market.ticks IS 'Whoever corrects ticks corrects their candles.';
COMMENT ON TRIGGER correct_delete ON market.ticks IS
  'Whoever deletes ticks corrects their candles; dropping or detaching a partition leaves them.';
