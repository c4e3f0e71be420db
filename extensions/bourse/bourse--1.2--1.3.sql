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

CREATE FUNCTION ta.run_trials(specification text, parameters text[], begins bigint[]) RETURNS text[]
  LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 1000000 AS 'MODULE_PATHNAME', 'ta_run_trials';
COMMENT ON FUNCTION ta.run_trials(text, text[], bigint[]) IS
  'Runs backtests that differ in the parameters of the strategy and in where their events begin (microseconds since '
  '2000-01-01Z), and returns what statistics are computed from of each as JSON, for research.record_trials, or code and error '
  'of one that cannot run. The events are read once, as ta.run_backtest reads them, and kept in memory: at most '
  'bourse.memory_limit, and as much for each backtest. Errors TR530, TR604; 53400. research.work puts all that together.';
