-- reads strategy.*, market.*, trading.portfolios, trading.fee_schedules, trading.borrow_rates, risk.*, research.*;
-- errors TR101, TR103, TR211, TR501, TR502, TR510, TR526, TR530
CREATE OR REPLACE FUNCTION research.backtest_specification(
  strategy text, symbols text[], "from" timestamptz, until timestamptz, capital numeric, settings jsonb DEFAULT '{}',
  report jsonb DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_settings jsonb := internal.backtest_settings(backtest_specification.settings);
BEGIN
  RETURN internal.backtest_specification(
    internal.with_params(internal.named_version(backtest_specification.strategy), v_settings -> 'params'),
    backtest_specification.symbols, backtest_specification."from", backtest_specification.until,
    backtest_specification.capital, v_settings, backtest_specification.report);
END
$$;
COMMENT ON FUNCTION research.backtest_specification(text, text[], timestamptz, timestamptz, numeric, jsonb, jsonb) IS
  'For programs: everything that a backtest is told before its first event, as JSON (docs/backtests.md). report: what '
  'the program says of the strategy''s rules; NULL: the extension is asked. Errors TR101, TR103, TR211, TR501, TR502, '
  'TR510, TR526, TR530.';
REVOKE ALL ON FUNCTION research.backtest_specification(text, text[], timestamptz, timestamptz, numeric, jsonb, jsonb)
  FROM PUBLIC;
