-- reads market.quotes, market.candle_rows, market.ticks, market.rejected_ticks
CREATE OR REPLACE FUNCTION internal.prices_before(
  p_instrument_ids int[], p_times timestamptz[], p_seqs bigint[], p_doubted_ids int[] DEFAULT '{}',
  p_doubted_times timestamptz[] DEFAULT '{}', p_doubted_seqs bigint[] DEFAULT '{}')
RETURNS TABLE (instrument_id int, accepted float8, jumped float8)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT d.instrument_id, coalesce(a.price, q.last),
         (SELECT r.price FROM market.rejected_ticks AS r
           WHERE r.instrument_id = d.instrument_id AND r.reason = 'jump' AND (r.ts, r.seq) < (d.ts, d.seq)
             AND (a.ts IS NULL OR (r.ts, r.seq) > (a.ts, a.seq))
           ORDER BY r.rejected_id DESC LIMIT 1)
    FROM unnest(p_instrument_ids, p_times, p_seqs) AS d (instrument_id, ts, seq)
    LEFT JOIN market.quotes AS q ON q.instrument_id = d.instrument_id AND q.ts <= d.ts
    LEFT JOIN LATERAL (SELECT s.* FROM market.candle_rows AS s
                        WHERE s.instrument_id = d.instrument_id AND s.minutes = 1 AND s.bucket <= d.ts
                          AND (s.first_ts, s.first_seq) < (d.ts, d.seq)
                        ORDER BY s.bucket DESC LIMIT 1) AS s ON true
    -- Of a minute into which it comes late only the tick itself tells.
    LEFT JOIN LATERAL (SELECT s.last_ts AS ts, s.last_seq AS seq, s.close AS price
                        WHERE (s.last_ts, s.last_seq) < (d.ts, d.seq)
                       UNION ALL
                       (SELECT t.ts, t.seq, t.price FROM market.ticks AS t
                         WHERE t.instrument_id = d.instrument_id AND t.ts >= s.bucket AND t.ts <= d.ts
                           AND (t.ts, t.seq) < (d.ts, d.seq) AND NOT t.suspicious
                           AND (s.last_ts, s.last_seq) > (d.ts, d.seq)
                           AND NOT EXISTS (SELECT FROM unnest(p_doubted_ids, p_doubted_times, p_doubted_seqs)
                                                       AS x (instrument_id, ts, seq)
                                            WHERE (x.ts, x.instrument_id, x.seq) = (t.ts, t.instrument_id, t.seq))
                         ORDER BY t.ts DESC, t.seq DESC LIMIT 1)) AS a ON true
$$;
COMMENT ON FUNCTION internal.prices_before(int[], timestamptz[], bigint[], int[], timestamptz[], bigint[]) IS
  'What lies before a tick of each instrument: the last accepted price and, if it came after that, one that was '
  'rejected as a jump; two that agree are the market. What is as old as the tick or newer says nothing: a file that is '
  'loaded again is judged as the first time. Doubted ticks are stored, but not accepted.';
