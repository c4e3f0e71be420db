-- complain if the script is sourced in psql instead of by ALTER EXTENSION
\echo Use "ALTER EXTENSION bourse UPDATE TO '1.3'" to load this file. \quit

-- 1.3: strategies over the past.

COMMENT ON SCHEMA ta IS 'technical indicators, candles, strategies and backtests (extension bourse)';

CREATE FUNCTION ta.run_backtest(specification text) RETURNS text
  LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 1000000 AS 'MODULE_PATHNAME', 'ta_run_backtest';
COMMENT ON FUNCTION ta.run_backtest(text) IS
  'Runs a backtest over the events that its specification (research.backtest_specification, JSON) names, and returns what '
  'came of it as JSON, for research.record_backtest. Reads them by research.backtest_bars, research.backtest_past and '
  'research.backtest_ticks with the rights of whoever calls, as they were when the statement began; writes nothing. While '
  'it runs, application_name says how far it is. Errors TR510, TR530, TR531, TR532; 53400 beyond bourse.memory_limit. '
  'research.run_backtest puts all that together.';
