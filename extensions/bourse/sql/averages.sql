-- Runs against the extension and against the twins.
SELECT bool_and(same(sma, sma20)) AS sma, bool_and(same(ema, ema20)) AS ema, bool_and(same(ema2, ema50)) AS ema50,
       bool_and(same(rsi, rsi14)) AS rsi, bool_and(same(atr, atr14)) AS atr
  FROM (SELECT *, ta.sma(close, 20) OVER w AS sma, ta.ema(close, 20) OVER w AS ema, ta.ema(close, 50) OVER w AS ema2,
               ta.rsi(close, 14) OVER w AS rsi, ta.atr(high, low, close, 14) OVER w AS atr
          FROM golden WINDOW w AS (ORDER BY i)) AS results;

-- The warm-up is null; a row with a null is skipped and the value before stands.
SELECT i, x, ta.sma(x, 3) OVER w AS sma, round((ta.ema(x, 3) OVER w)::numeric, 6) AS ema,
       round((ta.rsi(x, 3) OVER w)::numeric, 6) AS rsi, round((ta.atr(x + 1, x, x, 2) OVER w)::numeric, 6) AS atr
  FROM unnest(ARRAY[1, 2, NULL, 4, 3, NULL, 7, 9]::float8[]) WITH ORDINALITY AS t (x, i)
WINDOW w AS (ORDER BY i);

-- Plainly and with GROUP BY; groups do not mix.
SELECT ta.sma(x, 2 ORDER BY x) AS sma, ta.ema(x, 2 ORDER BY x) FROM generate_series(1, 5) AS x;
SELECT x % 3 AS part, ta.sma(x, 2 ORDER BY x) AS sma, round(ta.ema(x, 2 ORDER BY x)::numeric, 6) AS ema,
       ta.rsi(x, 2 ORDER BY x) AS rsi, ta.atr(x + 1, x, x, 2 ORDER BY x) AS atr
  FROM generate_series(1, 12) AS x GROUP BY 1 ORDER BY 1;
SELECT part, i, ta.sma(i, 2) OVER (PARTITION BY part ORDER BY i) AS sma
  FROM (VALUES (1, 1), (1, 2), (1, 3), (2, 10), (2, 20), (2, 30)) AS t (part, i) ORDER BY part, i;

-- No rows, only nulls.
SELECT ta.sma(x, 2) AS sma, ta.ema(x, 2) AS ema, ta.rsi(x, 2) AS rsi, ta.atr(x, x, x, 2) AS atr
  FROM (SELECT 1::float8 AS x WHERE false) AS t;
SELECT ta.sma(x, 1) AS sma, ta.ema(x, 1) AS ema, ta.rsi(x, 1) AS rsi, ta.atr(1, x, 1, 1) AS atr
  FROM (VALUES (NULL::float8), (NULL)) AS t (x);

-- A flat series.
SELECT ta.sma(x, 3) AS sma, ta.ema(x, 3) AS ema, ta.rsi(x, 3) AS rsi, ta.atr(x, x, x, 3) AS atr
  FROM (SELECT 0.1::float8 AS x FROM generate_series(1, 50)) AS t;

-- A moving frame: each value is that of its rows alone.
SELECT i, ta.sma(i, 2) OVER f AS sma, ta.ema(i, 3) OVER f AS ema, ta.rsi(i, 2) OVER f AS rsi,
       ta.atr(i, i, i, 2) OVER f AS atr
  FROM generate_series(1, 6) AS i
WINDOW f AS (ORDER BY i ROWS BETWEEN 2 PRECEDING AND CURRENT ROW);
SELECT bool_and(same(w, plain))
  FROM (SELECT ta.ema(close, 5) OVER (ORDER BY i ROWS BETWEEN 7 PRECEDING AND 3 FOLLOWING) AS w,
               (SELECT ta.ema(b.close, 5 ORDER BY b.i) FROM golden b
                 WHERE b.i BETWEEN a.i - 7 AND a.i + 3 AND b.i < 200) AS plain
          FROM golden a WHERE a.i < 200) AS t;

-- Errors have codes.
\set VERBOSITY sqlstate
SELECT ta.sma('NaN', 2);
SELECT ta.ema('Infinity', 2);
SELECT ta.rsi('-Infinity', 2);
SELECT ta.atr(1, 'NaN', 1, 2);
SELECT ta.sma(1, 0);
SELECT ta.ema(1, -1);
SELECT ta.rsi(1, 100001);
SELECT ta.atr(1, 1, 1, NULL);
SELECT ta.sma(NULL, 0);
SELECT ta.sma(x, x) FROM generate_series(1, 3) AS x;
SELECT ta.rsi(x, x) FROM generate_series(1, 3) AS x;
