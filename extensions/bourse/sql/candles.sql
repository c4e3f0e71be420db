-- Runs against the extension and against the twins.
SET timezone = 'UTC';
CREATE TABLE ticks AS
SELECT timestamptz '2013-10-07 09:30+00' + make_interval(secs => i / 3) AS ts, i AS seq,
       100 + round((10 * sin(i / 50.0))::numeric, 2)::float8 AS price, (i % 7) * 100::float8 AS size
  FROM generate_series(0, 5999) AS i;

-- The order of ticks does not matter.
SELECT a = b AS same, a
  FROM (SELECT ta.ohlcv(price, size, ts ORDER BY ts) AS a, ta.ohlcv(price, size, ts ORDER BY md5(seq::text)) AS b
          FROM ticks) AS t;

-- Equal to the plain aggregates, per minute.
SELECT bool_and((c).high = high AND (c).low = low AND (c).volume = volume AND (c).ticks = ticks
                AND same((c).vwap, vwap) AND (c).first_ts = first_ts AND (c).last_ts = last_ts
                AND (c).open = open AND (c).close = close) AS same, count(*) AS minutes
  FROM (SELECT ta.ohlcv(price, size, ts, seq) AS c, max(price) AS high, min(price) AS low, sum(size) AS volume,
               count(*) AS ticks, sum(price * size) / sum(size) AS vwap, min(ts) AS first_ts, max(ts) AS last_ts,
               (array_agg(price ORDER BY seq))[1] AS open, (array_agg(price ORDER BY seq DESC))[1] AS close
          FROM ticks GROUP BY date_trunc('minute', ts)) AS t;

-- Ties in time: by sequence number, without one by price.
SELECT (ta.ohlcv(p, 1, '2013-10-07', s)).*
  FROM (VALUES (5::float8, 2), (9, 1), (1, 3), (7, 2)) AS t (p, s);
SELECT (c).open, (c).close
  FROM (SELECT ta.ohlcv(p, 1, '2013-10-07') AS c FROM (VALUES (5::float8), (9), (1)) AS t (p)) AS t;

-- From one minute to five, from there to the day: the same as at once.
WITH one AS (SELECT ta.ohlcv(price, size, ts) AS c FROM ticks GROUP BY date_trunc('minute', ts)),
five AS (SELECT ta.rollup(c) AS c FROM one GROUP BY date_bin('5 minutes', (c).first_ts, '2013-10-07')),
day AS (SELECT ta.rollup(c) AS c FROM five),
whole AS (SELECT ta.ohlcv(price, size, ts) AS c FROM ticks)
SELECT (day.c).open = (whole.c).open AND (day.c).high = (whole.c).high AND (day.c).low = (whole.c).low
       AND (day.c).close = (whole.c).close AND (day.c).volume = (whole.c).volume AND same((day.c).vwap, (whole.c).vwap)
       AND (day.c).ticks = (whole.c).ticks AND (day.c).first_ts = (whole.c).first_ts
       AND (day.c).last_ts = (whole.c).last_ts AS same, (SELECT count(*) FROM five) AS fives
  FROM day, whole;

-- A parallel plan: partial states, the same candle.
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT ta.ohlcv(price, size, ts) FROM ticks;
CREATE TEMP TABLE parallel AS
SELECT ta.ohlcv(price, size, ts, seq) AS c,
       ta.rollup((price, price, price, price, size, price, 1, ts, ts)::ta.candle) AS r
  FROM ticks;
SET max_parallel_workers_per_gather = 0;
SELECT c = (SELECT ta.ohlcv(price, size, ts, seq) FROM ticks) AS same, (r).ticks, (r).volume FROM parallel;

-- As a window function: the forming candle.
SELECT seq, (ta.ohlcv(price, size, ts, seq) OVER (ORDER BY seq)).* FROM ticks WHERE seq < 4;

-- Nothing in, nothing out; nulls are skipped; no volume, no VWAP.
SELECT ta.ohlcv(price, size, ts) FROM ticks WHERE false;
SELECT ta.ohlcv(NULL, 1, now()), ta.ohlcv(1, NULL, now()), ta.ohlcv(1, 1, NULL), ta.ohlcv(1, 1, now(), NULL),
       ta.rollup(NULL);
SELECT ta.ohlcv(5, 0, '2013-10-07');
SELECT ta.rollup(c) FROM (SELECT ta.ohlcv(5, 0, '2013-10-07') AS c) AS t;

\set VERBOSITY sqlstate
SELECT ta.ohlcv('NaN', 1, now());
SELECT ta.ohlcv(1, 'Infinity', now());
SELECT ta.ohlcv(1, -1, now());
SELECT ta.ohlcv(1, 1, 'infinity');
SELECT ta.ohlcv(1, 1, '-infinity');
DROP TABLE ticks;
