-- writes market.candle_store, market.archived_days; the caller holds the advisory lock that writers of candles share
CREATE OR REPLACE FUNCTION internal.restore_candles(p_instrument_ids int[], p_from timestamptz[], p_until timestamptz[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  WITH restored AS (
    DELETE FROM market.archived_days AS d
     WHERE EXISTS (SELECT FROM unnest(p_instrument_ids, p_from, p_until) AS n (instrument_id, from_time, until_time)
                    WHERE n.instrument_id = d.instrument_id AND d.day > n.from_time - interval '1 day'
                      AND d.day <= n.until_time)
    RETURNING d.instrument_id, d.day)
  INSERT INTO market.candle_store (bucket, open, high, low, close, volume, turnover, first_ts, last_ts, first_seq,
                                   last_seq, ticks, instrument_id, minutes)
  SELECT h.bucket, h.open, h.high, h.low, h.close, h.volume, h.turnover, h.first_ts, h.last_ts, h.first_seq, h.last_seq,
         h.ticks, h.instrument_id, h.minutes
    FROM restored AS r
    JOIN market.history AS h
      ON h.instrument_id = r.instrument_id AND h.bucket >= r.day AND h.bucket < r.day + interval '1 day';
END
$$;
COMMENT ON FUNCTION internal.restore_candles(int[], timestamptz[], timestamptz[]) IS
  'Brings the archived candles of the days that these spans touch back into market.candle_store, before something '
  'changes them.';
