-- Messages with detail and hint.
SELECT ta.sma('NaN', 20);
SELECT ta.atr(2, '-Infinity', 1, 14);
SELECT ta.sma(1, 0);
SELECT ta.linreg_slope(1, 1);
SELECT ta.rsi(1, 100001);
SELECT ta.bbands(1, 20, -1);
SELECT ta.sar(1, 1, 'NaN', 0.2);
SELECT ta.macd(1, 12, NULL, 9);
SELECT ta.ema(x, x) FROM generate_series(3, 5) AS x;
SELECT ta.vwap(1e200, 1e200);
SELECT ta.ohlcv(1, -1, now());
SELECT ta.ohlcv(1, 1, 'infinity');

\set VERBOSITY terse
-- Every period of every aggregate is checked.
DO $$
DECLARE
  v_aggregate record;
  v_arguments text[];
  v_bad text;
  v_position integer;
  v_checks integer := 0;
BEGIN
  FOR v_aggregate IN
    SELECT p.oid::regprocedure AS name, p.proname, p.proargtypes::oid[] AS types, p.proargnames AS names
      FROM pg_proc p WHERE p.pronamespace = 'ta'::regnamespace AND p.prokind = 'a' AND proname NOT IN ('ohlcv', 'rollup')
  LOOP
    FOR v_position IN 1..cardinality(v_aggregate.names) LOOP
      FOREACH v_bad IN ARRAY CASE v_aggregate.types[v_position - 1]
                               WHEN 'integer'::regtype THEN '{0,-1,-2147483648,2147483647,100001,NULL}'
                               ELSE '{NaN,Infinity,-Infinity}' END::text[]
      LOOP
        SELECT array_agg(coalesce(CASE WHEN k = v_position THEN quote_nullable(v_bad) || '::' || format_type(t, NULL) END, '2'))
          INTO v_arguments
          FROM unnest(v_aggregate.types) WITH ORDINALITY AS a (t, k);
        BEGIN
          EXECUTE format('SELECT ta.%I(%s)', v_aggregate.proname, array_to_string(v_arguments, ', '));
          RAISE NOTICE '% took %', v_aggregate.name, v_bad;
        EXCEPTION
          WHEN SQLSTATE 'TR110' OR SQLSTATE 'TR111' THEN
            v_checks := v_checks + 1;
        END;
      END LOOP;
    END LOOP;
  END LOOP;
  RAISE NOTICE '% bad calls refused', v_checks;
END $$;

-- Functions of the aggregates cannot be called by themselves; PostgreSQL 15 has other words for it than later ones.
DO $$
DECLARE
  v_call text;
BEGIN
  FOREACH v_call IN ARRAY ARRAY['final_value(NULL)', 'candle_serialize(NULL)', 'candle_deserialize(''\x00'', NULL)'] LOOP
    BEGIN
      EXECUTE 'SELECT ta.' || v_call;
      RAISE NOTICE '% was called', v_call;
    EXCEPTION
      WHEN undefined_function OR feature_not_supported THEN
        RAISE NOTICE '% is refused', v_call;
    END;
  END LOOP;
END $$;

\set VERBOSITY sqlstate

-- A cancel in mid-query leaves the session sound.
SET statement_timeout = '50ms';
SELECT count(*) FROM (SELECT ta.cci(x, x, x, 5000) OVER (ORDER BY x) FROM generate_series(1, 10000000) AS x) AS t;
RESET statement_timeout;
SELECT ta.sma(x, 2) FROM generate_series(1, 3) AS x;
