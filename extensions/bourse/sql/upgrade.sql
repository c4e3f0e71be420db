-- 1.0 and its upgrades end in what 1.3 is.
CREATE FUNCTION members() RETURNS TABLE (description text, comment text, definition text) LANGUAGE sql AS $$
  SELECT pg_describe_object(classid, objid, 0), obj_description(objid, classid::regclass::name),
         (SELECT concat_ws(' ', proparallel, provolatile, prosrc) FROM pg_proc WHERE oid = objid)
    FROM pg_depend
   WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'bourse')
     AND deptype = 'e'
$$;
CREATE TEMP TABLE fresh AS SELECT * FROM members();
DROP EXTENSION bourse;
CREATE EXTENSION bourse VERSION '1.0';
SELECT to_regprocedure('ta.sma(float8, integer)') IS NOT NULL AS has_sma,
       to_regprocedure('ta.rollup(ta.candle)') IS NOT NULL AS has_rollup;
ALTER EXTENSION bourse UPDATE TO '1.1';
SELECT to_regprocedure('ta.rollup(ta.candle)') IS NOT NULL AS has_rollup,
       to_regprocedure('ta.check_strategy(text, interval, text)') IS NOT NULL AS has_strategies;
ALTER EXTENSION bourse UPDATE TO '1.2';
SELECT to_regprocedure('ta.check_strategy(text, interval, text)') IS NOT NULL AS has_strategies,
       to_regprocedure('ta.run_backtest(text)') IS NOT NULL AS has_backtests;
ALTER EXTENSION bourse UPDATE;
(SELECT * FROM members() EXCEPT TABLE fresh)
UNION ALL (TABLE fresh EXCEPT SELECT * FROM members());
SELECT count(*) = (SELECT count(*) FROM fresh) AS complete FROM members();
SELECT ta.sma(x, 2), (ta.rollup(c)).ticks
  FROM (SELECT x, ta.ohlcv(x, 1, '2013-10-07') AS c FROM generate_series(1, 3) AS x GROUP BY x) AS t;
SELECT ta.check_strategy('custom', '1 day', '{"entry": "close > 1"}') -> 'error' AS error;
DROP EXTENSION bourse;
SELECT count(*) AS left_over FROM pg_proc WHERE pronamespace = 'ta'::regnamespace;
DROP SCHEMA ta;
