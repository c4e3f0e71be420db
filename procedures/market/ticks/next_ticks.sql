-- reads market.ticks, market.candle_rows, market.instruments, market.exchanges
CREATE OR REPLACE FUNCTION market.next_ticks(
  p_instrument_ids int[], p_times timestamptz[], p_seqs bigint[], p_until timestamptz, p_limit int)
RETURNS TABLE (instrument_id int, ts timestamptz, price float8, size float8, seq bigint, good_for int)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_from  timestamptz;
  v_until timestamptz;
BEGIN
  -- Ticks are indexed by time. Where those of a few instruments lie is known from their one-minute candles.
  SELECT min(greatest(p.ts, b.bucket)) INTO v_from
    FROM unnest(p_instrument_ids, p_times, p_seqs) AS p (instrument_id, ts, seq)
    CROSS JOIN LATERAL (
      SELECT s.bucket FROM market.candle_rows AS s
       WHERE s.instrument_id = p.instrument_id AND s.minutes = 1
         AND s.bucket >= date_bin('1 minute', greatest(p.ts, '1900-01-01Z'), '2000-01-01Z')
         AND (s.last_ts, s.last_seq) > (p.ts, p.seq)
       ORDER BY s.bucket LIMIT 1) AS b;
  IF v_from IS NULL THEN
    RETURN;
  END IF;
  -- An hour from there, or as many minutes as have enough of them.
  v_until := least(p_until, v_from + interval '1 hour');
  SELECT least(v_until, min(w.bucket) + interval '1 minute') INTO v_until FROM (
    SELECT s.bucket, sum(sum(s.ticks)) OVER (ORDER BY s.bucket) AS ticks
      FROM market.candle_rows AS s
     WHERE s.instrument_id = ANY (p_instrument_ids) AND s.minutes = 1 AND s.bucket > v_from AND s.bucket < v_until
     GROUP BY s.bucket) AS w
   WHERE w.ticks >= p_limit;
  RETURN QUERY
    SELECT t.instrument_id, t.ts, t.price, t.size, t.seq,
           -- Received in time and stored late, as when the server was away, is late all the same.
           CASE WHEN t.received_at IS NULL THEN NULL
                WHEN greatest(t.received_at, t.stored_at) > t.ts + p.stale_after THEN -1 ELSE p.good_for END
      FROM market.ticks AS t
      JOIN (SELECT u.instrument_id, u.ts, u.seq, u.place, e.stale_after,
                   least(ceil(extract(epoch FROM e.stale_after)), 2147483646)::int AS good_for
              FROM unnest(p_instrument_ids, p_times, p_seqs) WITH ORDINALITY AS u (instrument_id, ts, seq, place)
              JOIN market.instruments AS i USING (instrument_id)
              JOIN market.exchanges AS e USING (exchange_id)) AS p USING (instrument_id)
     WHERE t.ts >= v_from AND t.ts < v_until AND t.instrument_id = ANY (p_instrument_ids)
       AND (t.ts, t.seq) > (p.ts, p.seq) AND NOT t.suspicious
     ORDER BY t.ts, p.place, t.seq LIMIT p_limit;
END
$$;
COMMENT ON FUNCTION market.next_ticks(int[], timestamptz[], bigint[], timestamptz, int) IS
  'The next stored ticks of these instruments, each behind its own (time, seq), before p_until, in order of time and '
  'at most p_limit; suspicious ones are left out. None means that there are no more. good_for: seconds after ts within '
  'which an order has to have come to be filled at it, -1 for one that was older than its exchange''s stale_after when '
  'it was received or stored; NULL when its feed does not say when it received it, as on tapes of the past.';
