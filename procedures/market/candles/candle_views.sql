-- The candles that people read, one view for each length: of ticks, where a vendor has no bar of the same time or the
-- ticks are complete; otherwise the vendor's bar of the length, or what shorter bars make.
DO $views$
DECLARE
  v_view   record;
  v_column record;
BEGIN
  FOR v_view IN
    SELECT v.*,
           -- Nothing is rolled up into minutes, and of a minute there is one candle.
           CASE WHEN v.minutes > 1 THEN format($sql$
             LEFT JOIN market.bar_rollups AS r
               ON r.instrument_id = t.instrument_id AND r.minutes = %s AND r.bucket = t.bucket$sql$, v.minutes)
           ELSE ' CROSS JOIN (SELECT NULL::float8 AS high, NULL::float8 AS low, NULL::float8 AS volume) AS r' END
           AS rolled,
           CASE WHEN v.minutes > 1 THEN format($sql$
             LEFT JOIN LATERAL (SELECT s.high, s.low, s.volume, s.bucket FROM market.candle_rows AS s
                                 WHERE s.instrument_id = b.instrument_id AND s.minutes = 1
                                   AND s.bucket >= b.ts AND s.bucket < b.ts + interval %L LIMIT 1) AS t ON true$sql$,
             v.length)
           ELSE ' LEFT JOIN market.tick_candles_1m AS t ON t.instrument_id = b.instrument_id AND t.bucket = b.ts' END
           AS minute,
           CASE WHEN v.minutes > 1 THEN format($sql$
             UNION ALL
             SELECT r.instrument_id, r.bucket, r.open, r.high, r.low, r.close, r.volume, NULL, NULL,
                    coalesce(r.vendor, 'bars')
               FROM market.bar_rollups AS r
              WHERE r.minutes = %1$s
                AND NOT EXISTS (SELECT FROM market.bars AS x
                                 WHERE x.instrument_id = r.instrument_id AND x.resolution = interval %2$L
                                   AND x.ts = r.bucket)
                AND NOT EXISTS (SELECT FROM market.candle_rows AS s
                                 WHERE s.instrument_id = r.instrument_id AND s.minutes = 1
                                   AND s.bucket >= r.bucket AND s.bucket < r.bucket + interval %2$L)
             UNION ALL
             SELECT r.instrument_id, r.bucket, c.open, c.high, c.low, c.close, c.volume, NULL, NULL, c.source
               FROM market.bar_rollups AS r
               CROSS JOIN LATERAL market.mixed_candle(r.instrument_id, %1$s, r.bucket) AS c
              WHERE r.minutes = %1$s
                AND NOT EXISTS (SELECT FROM market.bars AS x
                                 WHERE x.instrument_id = r.instrument_id AND x.resolution = interval %2$L
                                   AND x.ts = r.bucket)
                AND EXISTS (SELECT FROM market.candle_rows AS s
                             WHERE s.instrument_id = r.instrument_id AND s.minutes = 1
                               AND s.bucket >= r.bucket AND s.bucket < r.bucket + interval %2$L)
             $sql$, v.minutes, v.length) END AS rollups
      FROM (VALUES ('candles_1m', 1, '1 minute'), ('candles_5m', 5, '5 minutes'), ('candles_15m', 15, '15 minutes'),
                   ('candles_1h', 60, '1 hour'), ('candles_1d', 1440, '24 hours')) AS v (name, minutes, length)
  LOOP
    EXECUTE format($sql$
      CREATE OR REPLACE VIEW market.%1$I WITH (security_invoker = true) AS
      SELECT t.instrument_id, t.bucket, t.open, t.high, t.low, t.close, t.volume, t.vwap, t.ticks, 'ticks' AS source
        FROM market.tick_%1$I AS t
        LEFT JOIN market.bars AS b
          ON b.instrument_id = t.instrument_id AND b.resolution = interval %3$L AND b.ts = t.bucket
        %4$s
       WHERE CASE
               WHEN coalesce(b.volume, r.volume) IS NULL THEN true
               -- What is asked most is answered here.
               WHEN coalesce(b.volume, r.volume) > 0 AND t.volume >= coalesce(b.volume, r.volume)
                    AND t.high >= coalesce(b.high, r.high) AND t.low <= coalesce(b.low, r.low)
                    AND NOT EXISTS (SELECT FROM market.tick_coverage AS c WHERE c.instrument_id = t.instrument_id)
                 THEN true
               ELSE market.ticks_are_complete(t.instrument_id, t.bucket, t.bucket + interval %3$L,
                                              coalesce(b.high, r.high), coalesce(b.low, r.low),
                                              coalesce(b.volume, r.volume)) END
      UNION ALL
      SELECT b.instrument_id, b.ts, b.open, b.high, b.low, b.close, b.volume, NULL, NULL, coalesce(b.vendor, 'bars')
        FROM market.bars AS b
        %5$s
       WHERE b.resolution = interval %3$L
         AND CASE
               WHEN t.bucket IS NULL THEN true
               -- One minute may know it all.
               WHEN b.volume > 0 AND t.volume >= b.volume AND t.high >= b.high AND t.low <= b.low
                    AND NOT EXISTS (SELECT FROM market.tick_coverage AS c WHERE c.instrument_id = b.instrument_id)
                 THEN false
               ELSE NOT market.ticks_are_complete(b.instrument_id, b.ts, b.ts + interval %3$L, b.high, b.low,
                                                  b.volume) END
      %6$s
      $sql$, v_view.name, v_view.minutes, v_view.length, v_view.rolled, v_view.minute, v_view.rollups);
  END LOOP;

  FOR v_column IN
    SELECT v.name AS view, c.name, c.meaning
      FROM unnest('{candles_1m,candles_5m,candles_15m,candles_1h,candles_1d}'::text[]) AS v (name)
      CROSS JOIN (VALUES
        ('instrument_id', 'Identifier of the instrument; market.listings has its name.'),
        ('bucket', 'Beginning of the candle.'),
        ('open', 'First price.'),
        ('high', 'Highest price.'),
        ('low', 'Lowest price.'),
        ('close', 'Last price so far.'),
        ('volume', 'Units traded.'),
        ('vwap', 'Average price by volume; NULL without volume and for imported bars.'),
        ('ticks', 'Number of ticks; NULL for imported bars.'),
        ('source', 'What it is made of: ticks; bars, or the vendor''s name where the bars have one; or bars+ticks, '
                   'bars and the ticks of minutes that they do not cover.')) AS c (name, meaning)
  LOOP
    EXECUTE format('COMMENT ON COLUMN market.%I.%I IS %L', v_column.view, v_column.name, v_column.meaning);
  END LOOP;
END
$views$;
COMMENT ON VIEW market.candles_1m IS
  'Candles of one minute: of ticks, the forming one included, and imported bars (vwap and ticks NULL) where ticks are '
  'missing or not complete (market.ticks_are_complete).';
COMMENT ON VIEW market.candles_5m IS
  'Candles of 5 minutes: of ticks, the forming one included, and of imported bars (vwap and ticks NULL) where ticks '
  'are missing or not complete (market.ticks_are_complete).';
COMMENT ON VIEW market.candles_15m IS
  'Candles of 15 minutes: of ticks, the forming one included, and of imported bars (vwap and ticks NULL) where ticks '
  'are missing or not complete (market.ticks_are_complete).';
COMMENT ON VIEW market.candles_1h IS
  'Candles of an hour, counted from the open of the exchange: of ticks, the forming one included, and of imported bars '
  '(vwap and ticks NULL) where ticks are missing or not complete (market.ticks_are_complete).';
COMMENT ON VIEW market.candles_1d IS
  'Candles of a trading day of the exchange: of ticks, the forming one included, and of imported bars (vwap and ticks '
  'NULL) where ticks are missing or not complete (market.ticks_are_complete).';
