-- Runs against the extension and against the twins.
SELECT bool_and(same((b).upper, bb_upper)) AS upper, bool_and(same((b).middle, bb_middle)) AS middle,
       bool_and(same((b).lower, bb_lower)) AS lower
  FROM (SELECT *, ta.bbands(close, 20, 2) OVER (ORDER BY i) AS b FROM golden) AS results;

SELECT x, b IS NULL AS warming_up, round((b).upper::numeric, 6) AS upper, (b).middle, round((b).lower::numeric, 6) AS lower
  FROM (SELECT x, ta.bbands(x, 3, 1.5) OVER (ORDER BY x) AS b FROM generate_series(1, 5) AS x) AS t;

-- A flat window has no width.
SELECT ta.bbands(x, 3, 2) FROM (SELECT 0.1::float8 AS x FROM generate_series(1, 9)) AS t;

SELECT ta.bbands(NULL, 3, 2);

\set VERBOSITY sqlstate
SELECT ta.bbands(1, 3, 0);
SELECT ta.bbands(1, 3, -2);
SELECT ta.bbands(1, 3, 'NaN');
SELECT ta.bbands(1, 3, 'Infinity');
SELECT ta.bbands(1, 3, NULL);
SELECT ta.bbands(1, 0, 2);
SELECT ta.bbands('NaN', 3, 2);
SELECT ta.bbands(1, 3, x) FROM generate_series(1, 2) AS x;
