-- writes research.backtests and its rows; reads strategy.*, market.*, trading.*, risk.*, research.*; calls
-- ta.run_backtest of the extension bourse; errors TR101, TR103, TR211, TR501, TR502, TR510, TR526, TR530, TR531, TR532,
-- TR755
CREATE OR REPLACE FUNCTION research.run_backtest(
  strategy text, symbols text[], "from" timestamptz, until timestamptz, capital numeric, settings jsonb DEFAULT '{}')
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_kernel        regproc := internal.engine_function('ta.run_backtest(text)');
  v_begin         timestamptz := internal.clock();
  v_specification jsonb;
  v_result        text;
BEGIN
  PERFORM internal.require_capacity('backtest');
  IF v_kernel IS NULL THEN
    RAISE EXCEPTION 'backtests in the server are run by the extension bourse, which is not installed in this database'
      USING ERRCODE = 'TR526', DETAIL = 'There is no function ta.run_backtest(text).',
            HINT = format('Use the program: bourse backtest %s --symbols ... --from ... --until ... --capital ...; or '
                          'CREATE EXTENSION bourse.', run_backtest.strategy);
  END IF;
  PERFORM internal.require_tier('backtests_per_day', ops.actor());
  -- One statement, so that all that is read is of one moment.
  EXECUTE format('SELECT s, %s(s::text) FROM research.backtest_specification($1, $2, $3, $4, $5, $6) AS s', v_kernel)
    INTO v_specification, v_result
   USING run_backtest.strategy, run_backtest.symbols, run_backtest."from", run_backtest.until, run_backtest.capital,
         run_backtest.settings;
  RETURN research.record_backtest(v_specification, v_result::jsonb, internal.clock() - v_begin);
END
$$;
COMMENT ON FUNCTION research.run_backtest(text, text[], timestamptz, timestamptz, numeric, jsonb) IS
  'Runs a strategy (its latest version, or name@version) on instruments over stored bars or ticks from one time until '
  'before another, on one capital, stores what came of it and returns the run''s number: research.backtests and its '
  'rows. settings: docs/backtests.md. Needs the extension bourse: else "bourse backtest" stores the same rows. Errors '
  'TR101, TR103, TR211, TR501, TR502, TR510, TR526, TR530, TR531, TR532, TR731.';
REVOKE ALL ON FUNCTION research.run_backtest(text, text[], timestamptz, timestamptz, numeric, jsonb) FROM PUBLIC;
