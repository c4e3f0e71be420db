-- reads market.ticks, market.tick_policy; writes market.candle_store; locks: the advisory lock that writers of candles
-- share, until commit
CREATE OR REPLACE FUNCTION market.rebuild_candles(
  instrument_id int, from_time timestamptz DEFAULT '-infinity', until_time timestamptz DEFAULT 'infinity')
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_exchange_id int := (SELECT i.exchange_id FROM market.instruments AS i
                         WHERE i.instrument_id = rebuild_candles.instrument_id);
  v_from  timestamptz := market.candle_bucket(from_time, 1440, v_exchange_id);
  v_until timestamptz := market.candle_end(until_time - interval '1 microsecond', 1440, v_exchange_id);
  v_ticks timestamptz;
  v_marks market.candle_marks;
  v_rows  int;
BEGIN
  IF v_exchange_id IS NULL OR v_from IS NULL OR v_until IS NULL THEN
    RETURN 0;
  END IF;
  PERFORM pg_advisory_xact_lock(1114599796, 2);
  -- Whole days, and the hours that lie across their ends: so every candle of every length is made of all its ticks.
  v_from := market.candle_bucket(v_from, 60, v_exchange_id);
  v_until := market.candle_end(v_until - interval '1 microsecond', 60, v_exchange_id);
  PERFORM internal.restore_candles(ARRAY[instrument_id], ARRAY[v_from - interval '1 day'],
                                   ARRAY[v_until + interval '1 day']);
  -- What was dropped by policy is known from its minutes alone.
  v_ticks := greatest(v_from, (SELECT p.dropped_before FROM market.tick_policy AS p));
  DELETE FROM market.candle_store AS s
   WHERE s.instrument_id = rebuild_candles.instrument_id AND s.minutes = 1
     AND s.bucket >= v_ticks AND s.bucket < v_until;
  INSERT INTO market.candle_store (instrument_id, minutes, bucket, open, high, low, close, volume, turnover, first_ts,
                                   last_ts, first_seq, last_seq, ticks)
  SELECT t.instrument_id, 1, date_bin('1 minute', t.ts, '2000-01-01Z'), (array_agg(t.price ORDER BY t.ts, t.seq))[1],
         max(t.price), min(t.price), (array_agg(t.price ORDER BY t.ts DESC, t.seq DESC))[1], sum(t.size),
         sum(t.price * t.size), min(t.ts), max(t.ts), (array_agg(t.seq ORDER BY t.ts, t.seq))[1],
         (array_agg(t.seq ORDER BY t.ts DESC, t.seq DESC))[1], count(*)
    FROM market.ticks AS t
   WHERE t.instrument_id = rebuild_candles.instrument_id AND t.ts >= v_ticks AND t.ts < v_until AND NOT t.suspicious
   GROUP BY 1, 3;
  GET DIAGNOSTICS v_rows = ROW_COUNT;
  -- Coarser candles of the range anew; the marks stay where they are.
  SELECT * INTO v_marks FROM market.candle_marks AS m WHERE m.instrument_id = rebuild_candles.instrument_id;
  IF FOUND THEN
    DELETE FROM market.candle_store AS s
     WHERE s.instrument_id = rebuild_candles.instrument_id AND s.minutes > 1
       AND s.bucket > v_from - interval '25 hours' AND s.bucket < v_until
       AND market.candle_end(s.bucket, s.minutes, v_exchange_id) > v_from;
    v_rows := v_rows
      + internal.roll_level(5, 1, ARRAY[instrument_id], ARRAY[v_from], ARRAY[least(v_until, v_marks.rolled_5m)])
      + internal.roll_level(15, 5, ARRAY[instrument_id], ARRAY[v_from], ARRAY[least(v_until, v_marks.rolled_15m)])
      + internal.roll_level(60, 15, ARRAY[instrument_id], ARRAY[v_from], ARRAY[least(v_until, v_marks.rolled_1h)])
      + internal.roll_level(1440, 15, ARRAY[instrument_id], ARRAY[market.candle_bucket(v_from, 1440, v_exchange_id)],
                            ARRAY[least(market.candle_end(v_until - interval '1 microsecond', 1440, v_exchange_id),
                                        v_marks.rolled_1d)]);
  END IF;
  RETURN v_rows;
END
$$;
COMMENT ON FUNCTION market.rebuild_candles(int, timestamptz, timestamptz) IS
  'Computes all candles of the trading days that this span touches anew from the stored ticks; returns how many. Where '
  'ticks were dropped by policy their candles stay; where they are gone otherwise, so are their candles then.';
REVOKE ALL ON FUNCTION market.rebuild_candles(int, timestamptz, timestamptz) FROM PUBLIC;
