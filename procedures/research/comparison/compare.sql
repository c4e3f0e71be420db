-- reads research.backtests, research.backtest_equity, strategy.strategies; errors TR533, TR552
CREATE OR REPLACE FUNCTION research.compare(VARIADIC runs bigint[])
RETURNS TABLE (topic text, name text, "values" text[], differs boolean, explanation text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  IF (cardinality(compare.runs) BETWEEN 2 AND 50) IS NOT TRUE THEN
    RAISE EXCEPTION 'two to fifty backtests are compared'
      USING ERRCODE = 'TR552', DETAIL = format('%s are named.', coalesce(cardinality(compare.runs), 0)),
            HINT = 'SELECT * FROM research.compare(1, 2); SELECT run_id, symbols FROM research.backtests lists them.';
  END IF;
  RETURN QUERY
    WITH runs AS (
      SELECT r.run, r.place FROM unnest(compare.runs) WITH ORDINALITY AS r (run, place)
    ), figures AS (
      SELECT r.place, s.topic, s.name, s.value, s.explanation, s.ordinality AS line
        FROM runs AS r CROSS JOIN LATERAL research.summary(r.run) WITH ORDINALITY AS s
    ), settings AS (
      SELECT r.place, 'setting' AS topic, e.key AS name, e.value::text AS value,
             'A setting: docs/backtests.md says what it means.' AS explanation, 1000 AS line
        FROM runs AS r
        JOIN research.backtests AS b ON b.run_id = r.run
        CROSS JOIN LATERAL jsonb_each(b.settings) AS e
    ), days AS (
      SELECT r.place, e.day, e.equity::float8 / nullif(lag(e.equity::float8) OVER w, 0) - 1 AS return
        FROM runs AS r JOIN research.backtest_equity AS e ON e.run_id = r.run
      WINDOW w AS (PARTITION BY r.place ORDER BY e.day)
    ), correlations AS (
      SELECT b.place, 'return' AS topic, 'correlation' AS name,
             round(corr(a.return, b.return)::numeric, 4)::text AS value,
             'Correlation of its daily returns with those of the first run, over the days of both.' AS explanation,
             900 AS line
        FROM days AS a JOIN days AS b USING (day) WHERE a.place = 1 GROUP BY b.place
    ), lines AS (
      SELECT * FROM figures UNION ALL SELECT * FROM settings UNION ALL SELECT * FROM correlations
    ), named AS (
      SELECT l.topic, l.name, min(l.line) AS line, max(l.explanation) AS explanation FROM lines AS l
       GROUP BY l.topic, l.name
    )
    SELECT n.topic, n.name, array_agg(l.value ORDER BY r.place), count(DISTINCT coalesce(l.value, '')) > 1,
           CASE WHEN n.name = 'equity' AND n.topic = 'result' THEN 'Equity as a line of block characters.'
                ELSE n.explanation END
      FROM named AS n
      CROSS JOIN runs AS r
      LEFT JOIN lines AS l ON l.place = r.place AND l.topic = n.topic AND l.name = n.name
     GROUP BY n.topic, n.name, n.line, n.explanation
    -- Of the settings those that tell the runs apart.
    HAVING n.topic <> 'setting' OR count(DISTINCT coalesce(l.value, '')) > 1
     ORDER BY n.line, n.name;
END
$$;
COMMENT ON FUNCTION research.compare(bigint[]) IS
  'Backtests beside each other: a row for each figure of research.summary, with its value in each run in the order '
  'in which they were named, and whether it differs; also how the daily returns correlate with those of the first, '
  'and the settings that differ. Errors TR533, TR552.';
