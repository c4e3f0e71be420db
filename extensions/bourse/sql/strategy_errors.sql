-- Rules that are refused: answered by ta.check_strategy, errors of the others.
\set VERBOSITY sqlstate
SELECT left(rules, 60) AS rules, r ->> 'error' AS error, r ->> 'detail' AS detail
  FROM unnest(ARRAY[
    '', '[]', '{}', '{"entry": 1', '{"entry": "close >"}', '{"entry": "close"}', E'{"entry": "close > 1 and\\n  hammer()"}', '{"entry": "clsoe > 1"}', '{"entry": "ema(close, 0) > 1"}',
    '{"entry": "close > $x"}', '{"entry": "close > 1", "extry": "close < 1"}', '{"entry": {"and": [1]}}', '{"entry": "close > 1", "exits": [{"type": "atr_stop"}]}',
    '{"entry": "' || repeat('(', 100) || 'close' || repeat(')', 100) || ' > 1"}', '{"entry": "close > sma(close, 100000000)"}']) AS rules,
       LATERAL (SELECT ta.check_strategy('custom', '1 day', rules) AS r) AS c;
SELECT length(ta.check_strategy('custom', '1 day', '{"entry": "' || repeat('close > 1 and ', 10000) || '"}') ->> 'error') BETWEEN 10 AND 1000 AS too_long;
SELECT ta.check_strategy('none', '1 day', '{"entry": "close > 1"}') ->> 'error' IS NOT NULL AS bad_type,
       ta.check_strategy('custom', '1 day 1 hour', '{"entry": "close > 1"}') ->> 'error' IS NOT NULL AS bad_timeframe,
       ta.check_strategy('custom', '-1 day', '{"entry": "close > 1"}') ->> 'error' IS NOT NULL AS negative_timeframe,
       ta.check_strategy('custom', NULL, '{"entry": "close > 1"}') IS NULL AS no_timeframe;

CREATE FUNCTION preview(rules text, series int[] DEFAULT '{0,0}', closes_at timestamptz[] DEFAULT '{2024-01-02,2024-01-03}', closes float8[] DEFAULT '{1,2}',
                        minutes float8[] DEFAULT '{}', predictions float8[] DEFAULT '{}', "from" timestamptz DEFAULT '2024-01-01')
RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FROM ta.preview_strategy('custom', '1 day', rules, series, ('{2024-01-01,2024-01-02}'::timestamptz[])[1:cardinality(series)], closes_at, closes, closes, closes, closes, closes, minutes, '{}', '{}', '{}', predictions, "from")
$$;
SELECT preview('{"entry": "close > 1"}');
SELECT preview('{"entry": "close > 1"}', "from" => 'infinity') AS past, preview('{"entry": "close > 1"}', "from" => '-infinity') AS present;
SELECT preview('{"entry": "close > 1"}', '{}', '{}', '{}');
SELECT preview('{"entry": "close >"}');
SELECT preview('{"entry": "close > 1"}', '{0,1}');
SELECT preview('{"entry": "close > 1"}', '{0,-1}');
SELECT preview('{"entry": "close > 1"}', '{0,NULL}');
SELECT preview('{"entry": "close > 1"}', closes_at => '{2024-01-03,2024-01-02}');
SELECT preview('{"entry": "close > 1"}', closes_at => '{2024-01-03,infinity}');
SELECT preview('{"entry": "close > 1"}', closes => '{1}');
SELECT preview('{"entry": "time > ''10:00''"}');
SELECT preview('{"entry": "time > ''10:00''"}', minutes => '{600}');
SELECT preview('{"entry": "prediction(''net'', 1h) > 0"}');
-- Prices that cannot be: the candle is passed over.
SELECT preview('{"entry": "close > 1"}', closes => '{NaN,-1}'), preview('{"entry": "close > 1"}', closes => '{Infinity,0}');
DROP FUNCTION preview;

-- Memory has a limit, and who may not raise it stays below.
SET bourse.memory_limit = '1kB';
SET bourse.memory_limit = '64kB';
SELECT ta.check_strategy('custom', '1 day', '{"entry": "' || repeat(' ', 60000) || '"}');
RESET bourse.memory_limit;
SELECT ta.check_strategy('custom', '1 day', '{"entry": "close > 1"}') ->> 'error' IS NULL AS small;
CREATE ROLE bourse_regress_reader;
SET ROLE bourse_regress_reader;
SET bourse.memory_limit = '2GB';
RESET ROLE;
DROP ROLE bourse_regress_reader;
