-- Candles of ticks alone, whatever bars there are, one view for each length. Coarser ones than a minute have two parts:
-- what is rolled up, and the rest out of finer candles, so that the forming candle is there at once. OFFSET 0 keeps a
-- planner without statistics from reading all candles of an instrument to filter them.
CREATE OR REPLACE VIEW market.tick_candles_1m WITH (security_invoker = true) AS
SELECT s.instrument_id, s.bucket, s.open, s.high, s.low, s.close, s.volume, s.turnover / nullif(s.volume, 0) AS vwap,
       s.ticks
  FROM market.candle_rows AS s
 WHERE s.minutes = 1;

DO $views$
DECLARE
  v_view   record;
  v_column record;
BEGIN
  FOR v_view IN
    SELECT v.name, v.minutes, v.bucket,
           -- Of each finer length: what is not yet rolled up into this one or into one between.
           (SELECT string_agg(format($$SELECT * FROM (SELECT * FROM market.candle_store AS c
                                                      WHERE c.instrument_id = m.instrument_id AND c.minutes = %s
                                                        AND c.bucket >= m.%I OFFSET 0) AS c$$,
                                     split_part(f.part, ' ', 1), split_part(f.part, ' ', 2)),
                              ' UNION ALL ' ORDER BY f.place)
              FROM unnest(v.finer || '1 rolled_5m'::text) WITH ORDINALITY AS f (part, place)) AS finer
      FROM (VALUES
        ('tick_candles_5m', 5, $$date_bin('5 minutes', s.bucket, '2000-01-01Z')$$, '{}'::text[]),
        ('tick_candles_15m', 15, $$date_bin('15 minutes', s.bucket, '2000-01-01Z')$$, '{5 rolled_15m}'),
        ('tick_candles_1h', 60,
         $$date_bin('1 hour', s.bucket, timestamptz '2000-01-01Z' + e.hour_offset * interval '1 minute')$$,
         '{15 rolled_1h,5 rolled_15m}'),
        ('tick_candles_1d', 1440,
         $$(date_trunc('day', (s.bucket AT TIME ZONE e.time_zone) - e.day_starts) + e.day_starts)
             AT TIME ZONE e.time_zone$$,
         '{15 rolled_1d,5 rolled_15m}')) AS v (name, minutes, bucket, finer)
  LOOP
    EXECUTE format($sql$
      CREATE OR REPLACE VIEW market.%1$I WITH (security_invoker = true) AS
      SELECT s.instrument_id, s.bucket, s.open, s.high, s.low, s.close, s.volume,
             s.turnover / nullif(s.volume, 0) AS vwap, s.ticks
        FROM market.candle_rows AS s
       WHERE s.minutes = %2$s
      UNION ALL
      SELECT r.instrument_id, r.bucket, (array_agg(r.open ORDER BY r.first_ts, r.first_seq))[1], max(r.high),
             min(r.low), (array_agg(r.close ORDER BY r.last_ts DESC, r.last_seq DESC))[1], sum(r.volume),
             sum(r.turnover) / nullif(sum(r.volume), 0), sum(r.ticks)::bigint
        FROM (SELECT m.instrument_id, %3$s AS bucket, s.open, s.high, s.low, s.close, s.volume, s.turnover, s.first_ts,
                     s.last_ts, s.first_seq, s.last_seq, s.ticks
                FROM market.candle_marks AS m
                JOIN market.instruments AS i USING (instrument_id)
                JOIN market.exchanges AS e USING (exchange_id)
                CROSS JOIN LATERAL (%4$s) AS s) AS r
       GROUP BY r.instrument_id, r.bucket
      $sql$, v_view.name, v_view.minutes, v_view.bucket, v_view.finer);
  END LOOP;

  FOR v_column IN
    SELECT v.name AS view, c.name, c.meaning
      FROM unnest('{1m,5m,15m,1h,1d}'::text[]) AS v (name)
      CROSS JOIN (VALUES
        ('instrument_id', 'Identifier of the instrument; market.listings has its name.'),
        ('bucket', 'Beginning of the candle.'),
        ('open', 'First price by (ts, seq).'),
        ('high', 'Highest price.'),
        ('low', 'Lowest price.'),
        ('close', 'Last price so far by (ts, seq).'),
        ('volume', 'Units traded.'),
        ('vwap', 'Average price by volume; NULL without volume.'),
        ('ticks', 'Number of ticks.')) AS c (name, meaning)
  LOOP
    EXECUTE format('COMMENT ON COLUMN market.%I.%I IS %L', 'tick_candles_' || v_column.view, v_column.name,
                   v_column.meaning);
  END LOOP;
END
$views$;
COMMENT ON VIEW market.tick_candles_1m IS
  'Candles of one minute of ticks alone, the forming one included; '
  'market.candles_1m shows a vendor''s bar instead where they are not complete.';
COMMENT ON VIEW market.tick_candles_5m IS
  'Candles of 5 minutes of ticks alone, the forming one included; '
  'market.candles_5m shows a vendor''s bar instead where they are not complete.';
COMMENT ON VIEW market.tick_candles_15m IS
  'Candles of 15 minutes of ticks alone, the forming one included; '
  'market.candles_15m shows a vendor''s bar instead where they are not complete.';
COMMENT ON VIEW market.tick_candles_1h IS
  'Candles of an hour, counted from the open of the exchange, of ticks alone, the forming one included; '
  'market.candles_1h shows a vendor''s bar instead where they are not complete.';
COMMENT ON VIEW market.tick_candles_1d IS
  'Candles of a trading day of the exchange of ticks alone, the forming one included; '
  'market.candles_1d shows a vendor''s bar instead where they are not complete.';
