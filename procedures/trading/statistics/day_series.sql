-- reads nothing; errors TR243, TR604
CREATE OR REPLACE FUNCTION trading.day_series(p_days date[], p_equity float8[], p_benchmark float8[] DEFAULT NULL)
RETURNS TABLE (place bigint, day date, equity float8, return float8, benchmark float8, benchmark_return float8,
               drawdown float8)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_fault text;
BEGIN
  IF coalesce(cardinality(p_days), 0) <> coalesce(cardinality(p_equity), 0)
     OR cardinality(p_benchmark) <> coalesce(cardinality(p_days), 0) THEN
    RAISE EXCEPTION 'days and values do not fit together'
      USING ERRCODE = 'TR604',
            DETAIL = format('%s days, %s values, %s of a benchmark.', coalesce(cardinality(p_days), 0),
                            coalesce(cardinality(p_equity), 0), coalesce(cardinality(p_benchmark), 0)),
            HINT = 'Give a value for each day; NULL where none is known.';
  END IF;
  SELECT concat_ws(', ', coalesce(n.day::text, 'NULL'), n.equity, n.benchmark) INTO v_fault
    FROM (SELECT u.*, lag(u.day) OVER (ORDER BY u.place) AS before
            FROM unnest(p_days, p_equity, p_benchmark) WITH ORDINALITY AS u (day, equity, benchmark, place)) AS n
   WHERE (n.day >= coalesce(n.before, '0001-01-01') AND n.day < '10000-01-01') IS NOT TRUE
      OR greatest(abs(n.equity), abs(n.benchmark)) > 1e30
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'statistics need finite values of days in order'
      USING ERRCODE = 'TR243', DETAIL = format('The first that is not: %s.', v_fault),
            HINT = 'Order the days, and give NULL, which is left out, where a value is not known.';
  END IF;
  RETURN QUERY
    WITH known AS (
      -- What is too small to divide by is nothing.
      SELECT row_number() OVER (ORDER BY u.place) AS place, u.day,
             CASE WHEN abs(u.equity) >= 1e-30 THEN u.equity ELSE 0 END AS equity,
             CASE WHEN abs(u.benchmark) < 1e-30 THEN 0 ELSE u.benchmark END AS benchmark
        FROM unnest(p_days, p_equity, p_benchmark) WITH ORDINALITY AS u (day, equity, benchmark, place)
       WHERE u.equity IS NOT NULL
    )
    SELECT k.place, k.day, k.equity, k.equity / nullif(greatest(lag(k.equity) OVER w, 0), 0) - 1, k.benchmark,
           k.benchmark / nullif(greatest(lag(k.benchmark) OVER w, 0), 0) - 1,
           k.equity / nullif(greatest(max(k.equity) OVER w, 0), 0) - 1
      FROM known AS k
    WINDOW w AS (ORDER BY k.place)
     ORDER BY k.place;
END
$$;
COMMENT ON FUNCTION trading.day_series(date[], float8[], float8[]) IS
  'Values of days one by one, with the return since the value before, the benchmark''s, and the fraction by which each '
  'is below the highest so far. Days without a value are left out; a return on nothing, or on less, is NULL. Errors '
  'TR243, TR604.';
