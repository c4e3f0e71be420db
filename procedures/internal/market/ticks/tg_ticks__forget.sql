-- AFTER TRUNCATE on market.ticks; writes market.candle_store; locks: the advisory lock that writers of candles share,
-- until commit
CREATE OR REPLACE FUNCTION internal.tg_ticks__forget()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_from  timestamptz := (SELECT p.dropped_before FROM market.tick_policy AS p);
  v_ids   int[];
  v_hours timestamptz[];
  v_days  timestamptz[];
BEGIN
  PERFORM pg_advisory_xact_lock(1114599796, 2);
  PERFORM internal.restore_candles(array_agg(m.instrument_id), array_agg(v_from - interval '1 day'),
                                   array_agg(timestamptz 'infinity'))
    FROM market.candle_marks AS m HAVING count(*) > 0;
  DELETE FROM market.candle_store AS s USING market.instruments AS i
   WHERE i.instrument_id = s.instrument_id AND s.bucket > v_from - interval '25 hours'
     AND market.candle_end(s.bucket, s.minutes, i.exchange_id) > v_from;
  -- An hour or a day of which the beginning was dropped by policy keeps that.
  SELECT array_agg(m.instrument_id), array_agg(market.candle_bucket(v_from, 60, i.exchange_id)),
         array_agg(market.candle_bucket(v_from, 1440, i.exchange_id))
    INTO v_ids, v_hours, v_days
    FROM market.candle_marks AS m
    JOIN market.instruments AS i USING (instrument_id)
   WHERE least(m.rolled_1h, m.rolled_1d) > v_from;
  PERFORM internal.roll_level(60, 15, v_ids, v_hours, array_fill(v_from, ARRAY[cardinality(v_ids)]))
    WHERE v_ids IS NOT NULL;
  PERFORM internal.roll_level(1440, 15, v_ids, v_days, array_fill(v_from, ARRAY[cardinality(v_ids)]))
    WHERE v_ids IS NOT NULL;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_ticks__forget() IS
  'Takes the candles of all ticks along, but those of ticks that were dropped by policy.';
CREATE OR REPLACE TRIGGER forget AFTER TRUNCATE ON market.ticks
  FOR EACH STATEMENT EXECUTE FUNCTION internal.tg_ticks__forget();
COMMENT ON TRIGGER forget ON market.ticks IS
  'Whoever empties the table empties its candles: the same ticks may come again.';
