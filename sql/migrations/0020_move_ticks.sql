-- Ticks of before, into the new partitions, and their candles. Bars of before are rolled up as their trigger would.
DO $$
DECLARE
  v_name text;
BEGIN
  FOR v_name IN SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
                 WHERE i.inhparent = 'before_0018.ticks'::regclass AND c.relname ~ '^ticks_\d{8}$' LOOP
    EXECUTE format('CREATE TABLE market.%I PARTITION OF market.ticks FOR VALUES FROM (%L) TO (%L)', v_name,
                   to_char(to_date(right(v_name, 8), 'YYYYMMDD'), 'YYYY-MM-DD') || ' 00:00:00+00',
                   to_char(to_date(right(v_name, 8), 'YYYYMMDD') + 1, 'YYYY-MM-DD') || ' 00:00:00+00');
    EXECUTE format('COMMENT ON TABLE market.%I IS %L', v_name, format('Ticks of %s (UTC).', to_date(right(v_name, 8), 'YYYYMMDD')));
  END LOOP;
END
$$;
INSERT INTO market.ticks (ts, price, size, seq, instrument_id, suspicious, venue, sale_condition)
SELECT t.ts, t.price, t.size, t.seq, t.instrument_id, t.suspicious, t.venue, t.sale_condition FROM before_0018.ticks AS t ORDER BY t.ts;
DROP SCHEMA before_0018 CASCADE;

INSERT INTO market.candle_store (instrument_id, minutes, bucket, open, high, low, close, volume, turnover, first_ts, first_seq, last_ts, last_seq, ticks)
SELECT t.instrument_id, 1, date_bin('1 minute', t.ts, '2000-01-01Z'), (array_agg(t.price ORDER BY t.ts, t.seq))[1], max(t.price), min(t.price),
       (array_agg(t.price ORDER BY t.ts DESC, t.seq DESC))[1], sum(t.size), sum(t.price * t.size), min(t.ts), (array_agg(t.seq ORDER BY t.ts, t.seq))[1],
       max(t.ts), (array_agg(t.seq ORDER BY t.ts DESC, t.seq DESC))[1], count(*)
  FROM market.ticks AS t JOIN market.instruments AS i USING (instrument_id) WHERE NOT t.suspicious GROUP BY 1, 3;
-- Nothing is rolled up yet: the marks stand before the first candle.
INSERT INTO market.candle_marks (instrument_id, rolled_5m, rolled_15m, rolled_1h, rolled_1d)
SELECT s.instrument_id, date_bin('5 minutes', s.bucket, '2000-01-01Z'), date_bin('15 minutes', s.bucket, '2000-01-01Z'),
       date_bin('1 hour', s.bucket, timestamptz '2000-01-01Z' + e.hour_offset * interval '1 minute'),
       (date_trunc('day', (s.bucket AT TIME ZONE e.time_zone) - e.day_starts) + e.day_starts) AT TIME ZONE e.time_zone
  FROM (SELECT c.instrument_id, min(c.bucket) AS bucket FROM market.candle_store AS c GROUP BY 1) AS s
  JOIN market.instruments AS i USING (instrument_id) JOIN market.exchanges AS e USING (exchange_id);

-- Candles of the past are not journaled as closed.
UPDATE market.candle_marks AS m
   SET closed_until = (SELECT max(c.bucket) + interval '1 minute' FROM market.candle_store AS c WHERE c.instrument_id = m.instrument_id);

-- Imported bars, as their trigger rolls them up from now on.
INSERT INTO market.bar_rollups (instrument_id, minutes, bucket, open, high, low, close, volume)
SELECT x.instrument_id, x.minutes, x.bucket, (array_agg(x.open ORDER BY x.ts))[1], max(x.high), min(x.low), (array_agg(x.close ORDER BY x.ts DESC))[1], sum(x.volume)
  FROM (SELECT p.*, rank() OVER (PARTITION BY p.instrument_id, p.minutes, p.bucket ORDER BY p.resolution DESC) AS place
          FROM (SELECT b.*, l.minutes,
                       CASE l.minutes
                         WHEN 60 THEN date_bin('1 hour', b.ts, timestamptz '2000-01-01Z' + e.hour_offset * interval '1 minute')
                         WHEN 1440 THEN (date_trunc('day', (b.ts AT TIME ZONE e.time_zone) - e.day_starts) + e.day_starts) AT TIME ZONE e.time_zone
                         ELSE date_bin(l.minutes * interval '1 minute', b.ts, '2000-01-01Z') END AS bucket
                  FROM market.bars AS b
                  JOIN market.instruments AS i USING (instrument_id)
                  JOIN market.exchanges AS e USING (exchange_id)
                  JOIN (VALUES (5), (15), (60), (1440)) AS l (minutes)
                    ON b.resolution < l.minutes * interval '1 minute' AND l.minutes * 60 % extract(epoch FROM b.resolution) = 0) AS p) AS x
 WHERE x.place = 1
 GROUP BY x.instrument_id, x.minutes, x.bucket;
