-- writes market.candle_store, market.candle_marks; locks: tries the advisory lock that writers of candles share, until
-- commit
CREATE OR REPLACE FUNCTION internal.roll_candles(p_instrument_ids int[] DEFAULT NULL)
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_ids  int[];
  v_from timestamptz[];
  v_next timestamptz[];
  v_rows int := 0;
BEGIN
  IF NOT pg_try_advisory_xact_lock(1114599796, 2) THEN
    RETURN 0;  -- Somebody adds candles. The views are right without; the next one rolls up.
  END IF;
  -- Finer ones first: each length is made of one that is rolled up as far.
  SELECT array_agg(m.instrument_id), array_agg(m.rolled_5m), array_agg(x.next) INTO v_ids, v_from, v_next
    FROM market.candle_marks AS m
    CROSS JOIN LATERAL (SELECT s.bucket FROM market.candle_store AS s
                         WHERE s.instrument_id = m.instrument_id AND s.minutes = 1
                         ORDER BY s.bucket DESC LIMIT 1) AS newest
    CROSS JOIN LATERAL (SELECT date_bin('5 minutes', newest.bucket, '2000-01-01Z') AS next) AS x
   WHERE (p_instrument_ids IS NULL OR m.instrument_id = ANY (p_instrument_ids)) AND x.next > m.rolled_5m;
  IF v_ids IS NULL THEN
    RETURN 0;
  END IF;
  v_rows := internal.roll_level(5, 1, v_ids, v_from, v_next);
  UPDATE market.candle_marks AS m
     SET rolled_5m = n.next
    FROM unnest(v_ids, v_next) AS n (instrument_id, next)
   WHERE m.instrument_id = n.instrument_id;

  SELECT array_agg(m.instrument_id), array_agg(m.rolled_15m), array_agg(x.next) INTO v_ids, v_from, v_next
    FROM market.candle_marks AS m
    CROSS JOIN LATERAL (SELECT date_bin('15 minutes', m.rolled_5m, '2000-01-01Z') AS next) AS x
   WHERE m.instrument_id = ANY (v_ids) AND x.next > m.rolled_15m;
  IF v_ids IS NULL THEN
    RETURN v_rows;
  END IF;
  v_rows := v_rows + internal.roll_level(15, 5, v_ids, v_from, v_next);
  UPDATE market.candle_marks AS m
     SET rolled_15m = n.next
    FROM unnest(v_ids, v_next) AS n (instrument_id, next)
   WHERE m.instrument_id = n.instrument_id;

  -- Hours follow the open, days the calendar of the exchange: an hour may lie in two days, so that both are made of
  -- quarters.
  SELECT array_agg(m.instrument_id), array_agg(m.rolled_1h), array_agg(x.next) INTO v_ids, v_from, v_next
    FROM market.candle_marks AS m
    JOIN market.instruments AS i USING (instrument_id)
    CROSS JOIN LATERAL (SELECT market.candle_bucket(m.rolled_15m, 60, i.exchange_id) AS next) AS x
   WHERE m.instrument_id = ANY (v_ids) AND x.next > m.rolled_1h;
  IF v_ids IS NULL THEN
    RETURN v_rows;
  END IF;
  v_rows := v_rows + internal.roll_level(60, 15, v_ids, v_from, v_next);
  UPDATE market.candle_marks AS m
     SET rolled_1h = n.next
    FROM unnest(v_ids, v_next) AS n (instrument_id, next)
   WHERE m.instrument_id = n.instrument_id;

  SELECT array_agg(m.instrument_id), array_agg(m.rolled_1d), array_agg(x.next) INTO v_ids, v_from, v_next
    FROM market.candle_marks AS m
    JOIN market.instruments AS i USING (instrument_id)
    CROSS JOIN LATERAL (SELECT market.candle_bucket(m.rolled_15m, 1440, i.exchange_id) AS next) AS x
   WHERE m.instrument_id = ANY (v_ids) AND x.next > m.rolled_1d;
  IF v_ids IS NULL THEN
    RETURN v_rows;
  END IF;
  v_rows := v_rows + internal.roll_level(1440, 15, v_ids, v_from, v_next);
  UPDATE market.candle_marks AS m
     SET rolled_1d = n.next
    FROM unnest(v_ids, v_next) AS n (instrument_id, next)
   WHERE m.instrument_id = n.instrument_id;
  RETURN v_rows;
END
$$;
COMMENT ON FUNCTION internal.roll_candles(int[]) IS
  'Rolls up candles whose time is over, of these instruments (NULL: of all), unless somebody is adding some; returns '
  'how many it made. A matter of speed alone: the views show the same before and after.';
