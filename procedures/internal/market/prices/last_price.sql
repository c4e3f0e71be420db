-- reads market.candle_rows, market.ticks, market.bars, market.quotes, market.corporate_actions, market.instruments
CREATE OR REPLACE FUNCTION internal.last_price(
  p_instrument_id int, p_from timestamptz, p_closes timestamptz, p_until timestamptz)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_candle market.candle_rows;
  v_at     timestamptz;
  v_last   float8;
  v_price  float8;
BEGIN
  -- Kept candles outlast the ticks; a batch that is being stored has ticks that are in no candle yet.
  SELECT * INTO v_candle FROM market.candle_rows AS c
   WHERE c.instrument_id = p_instrument_id AND c.minutes = 1
     AND c.bucket >= p_from AND c.bucket < p_until AND c.last_ts < p_until
   ORDER BY c.bucket DESC LIMIT 1;
  SELECT t.ts, t.price INTO v_at, v_last FROM market.ticks AS t
   WHERE t.instrument_id = p_instrument_id AND t.ts >= coalesce(v_candle.last_ts, p_from) AND t.ts < p_until
     AND NOT t.suspicious
   ORDER BY t.ts DESC, t.seq DESC LIMIT 1;
  IF NOT FOUND THEN
    v_at := v_candle.last_ts;
    v_last := v_candle.close;
  END IF;
  WITH RECURSIVE lengths AS (
    SELECT min(b.resolution) AS resolution FROM market.bars AS b WHERE b.instrument_id = p_instrument_id
    UNION ALL
    SELECT (SELECT min(b.resolution) FROM market.bars AS b
             WHERE b.instrument_id = p_instrument_id AND b.resolution > l.resolution)
      FROM lengths AS l
     WHERE l.resolution IS NOT NULL
  )
  SELECT n.price INTO v_price
    FROM (SELECT v_at AS at, 1 AS rank, NULL::interval AS resolution, v_last AS price
          UNION ALL
          -- A bar is of the time at which it ends, at the latest that of the close; the day's own goes first.
          SELECT b.ends_at, 2, l.resolution, b.close
            FROM lengths AS l
            CROSS JOIN LATERAL (
              SELECT e.ends_at, b.close
                FROM market.bars AS b
                CROSS JOIN LATERAL (
                  SELECT CASE WHEN b.resolution < interval '1 day' THEN least(b.ts + b.resolution, p_closes)
                              ELSE p_closes END) AS e (ends_at)
               WHERE b.instrument_id = p_instrument_id AND b.resolution = l.resolution
                 AND b.ts >= p_from AND b.ts < p_until AND e.ends_at <= p_until
               ORDER BY b.ts DESC LIMIT 1) AS b
           WHERE l.resolution <= interval '1 day'
          UNION ALL
          -- A quote that a split has restated is of the day before.
          SELECT q.ts, 3, NULL, q.last FROM market.quotes AS q
           WHERE q.instrument_id = p_instrument_id AND q.ts >= p_from AND q.ts < p_until
             AND NOT EXISTS (SELECT FROM market.corporate_actions AS a
                              JOIN market.instruments AS i USING (instrument_id)
                              WHERE a.instrument_id = q.instrument_id AND a.numerator IS NOT NULL
                                AND market.day_start(i.exchange_id, a.ex_date) = q.ts)) AS n
   WHERE n.price IS NOT NULL
   ORDER BY n.at DESC, n.rank, n.resolution DESC LIMIT 1;
  RETURN round(v_price::numeric, 8);
END
$$;
COMMENT ON FUNCTION internal.last_price(int, timestamptz, timestamptz, timestamptz) IS
  'The latest price of an instrument from p_from until before p_until, out of stored ticks, the candles that are kept '
  'of them, imported bars of up to a day, or the latest quote: whichever is of the latest time. p_closes is the close '
  'of its session. NULL when there is none.';
