-- AFTER UPDATE and DELETE on market.ticks, for each row; writes market.tick_corrections.
-- A hypertable with a columnstore has no transition table for DELETE: rows are noted, and the statement's end works them off.
CREATE OR REPLACE FUNCTION market.tg_ticks__correct()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_LEVEL = 'ROW' THEN
    -- What tg_ticks__accept takes back was never in a candle.
    IF pg_trigger_depth() = 1 THEN
      INSERT INTO market.tick_corrections (instrument_id, ts) VALUES (OLD.instrument_id, OLD.ts);
      IF TG_OP = 'UPDATE' AND (NEW.instrument_id, NEW.ts) <> (OLD.instrument_id, OLD.ts) THEN
        INSERT INTO market.tick_corrections (instrument_id, ts) VALUES (NEW.instrument_id, NEW.ts);
      END IF;
    END IF;
  ELSIF pg_trigger_depth() = 1 THEN
    PERFORM market.rebuild_candles(c.instrument_id, min(c.ts), max(c.ts) + interval '1 microsecond')
       FROM market.tick_corrections AS c GROUP BY c.instrument_id, date_bin('1 day', c.ts, '2000-01-01Z') ORDER BY c.instrument_id, min(c.ts);
    DELETE FROM market.tick_corrections;
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION market.tg_ticks__correct() IS 'Computes the candles of changed or deleted ticks anew.';
-- One row trigger: chunks with more of them refuse a COPY straight into the columnstore.
CREATE OR REPLACE TRIGGER "note correction" AFTER UPDATE OR DELETE ON market.ticks FOR EACH ROW EXECUTE FUNCTION market.tg_ticks__correct();
CREATE OR REPLACE TRIGGER correct_update AFTER UPDATE ON market.ticks FOR EACH STATEMENT EXECUTE FUNCTION market.tg_ticks__correct();
CREATE OR REPLACE TRIGGER correct_delete AFTER DELETE ON market.ticks FOR EACH STATEMENT EXECUTE FUNCTION market.tg_ticks__correct();
COMMENT ON TRIGGER "note correction" ON market.ticks IS 'Notes what the statement changes.';
COMMENT ON TRIGGER correct_update ON market.ticks IS 'Whoever corrects ticks corrects their candles.';
COMMENT ON TRIGGER correct_delete ON market.ticks IS 'Whoever deletes ticks corrects their candles; dropping chunks leaves them.';
