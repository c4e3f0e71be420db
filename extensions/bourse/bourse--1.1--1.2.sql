-- complain if the script is sourced in psql instead of by ALTER EXTENSION
\echo Use "ALTER EXTENSION bourse UPDATE TO '1.2'" to load this file. \quit

-- 1.2: strategies as data: what their rules mean, and what they would have done.

COMMENT ON SCHEMA ta IS 'technical indicators, candles and the rules of strategies (extension bourse)';

-- All of it computes from its arguments alone.
GRANT USAGE ON SCHEMA ta TO PUBLIC;

CREATE FUNCTION ta.check_strategy(type text, timeframe interval, parameters text) RETURNS jsonb
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ta_check_strategy';
COMMENT ON FUNCTION ta.check_strategy(text, interval, text) IS
  'What the parameters of a strategy (JSON) mean: normalized (rules in their normal form), explanation (plain words), '
  'series (whose candles it reads, how many of them before it begins), operands (what its rules compare, and how many '
  'candles each one takes), models (whose predictions it reads), needs_clock; or error and detail when they are '
  'refused. timeframe is the length of its candles; 0: each tick is one.';

CREATE FUNCTION ta.preview_strategy(
  type text, timeframe interval, parameters text, series integer[], buckets timestamptz[], closes_at timestamptz[],
  open float8[], high float8[], low float8[], closes float8[], volume float8[], minutes float8[], weekdays integer[],
  opens_at timestamptz[], ends_at timestamptz[], predictions float8[], "from" timestamptz)
RETURNS TABLE (bucket timestamptz, close float8, action text, operands jsonb)
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000 ROWS 1000 AS 'MODULE_PATHNAME', 'ta_preview_strategy';
COMMENT ON FUNCTION ta.preview_strategy(
  text, interval, text, integer[], timestamptz[], timestamptz[], float8[], float8[], float8[], float8[], float8[],
  float8[], integer[], timestamptz[], timestamptz[], float8[], timestamptz) IS
  'What a strategy would have done, a row for each of its own candles that begins at "from" or later: action buy, sell '
  '(opens a short), exit or null, and what its rules compared. The arrays are columns of candles of all series that '
  'ta.check_strategy says it reads (series counts them from 0, its own), in the order of closes_at, its own behind '
  'others that close at the same time. Only strategies that need the clock look at minutes (of the day, at the close), '
  'weekdays (1 Monday) and opens_at, ends_at (the session in which the candle closed; -infinity: outside of sessions); '
  'predictions has for each candle a value for each model, NaN when there is none. Errors TR510, TR604. '
  'strategy.preview puts all that together.';

CREATE FUNCTION ta.check_candles(
  type text, timeframe interval, parameters text, series integer[], buckets timestamptz[], closes_at timestamptz[],
  open float8[], high float8[], low float8[], closes float8[], volume float8[], minutes float8[], weekdays integer[],
  opens_at timestamptz[], ends_at timestamptz[], predictions float8[], "from" timestamptz)
RETURNS jsonb
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME', 'ta_check_candles';
COMMENT ON FUNCTION ta.check_candles(
  text, interval, text, integer[], timestamptz[], timestamptz[], float8[], float8[], float8[], float8[], float8[],
  float8[], integer[], timestamptz[], timestamptz[], float8[], timestamptz) IS
  'At how many candles the rules of a strategy hold, and the parts that "and" joins: an array of rule, condition, looked '
  '(candles at which it was looked at), held, and finding (never true, always true, longer than the history, or null). '
  'Arguments as those of ta.preview_strategy. Errors TR510, TR604. strategy.check puts all that together.';
