-- Strategies as data: what they mean, and what they would have done.
CREATE VIEW crossover AS
SELECT '{"entry": "crosses_above(sma(close, $fast), sma(close, 4))", "exit": "crosses_below(sma(close,$fast),sma(close,4)) or bars_since_entry >= 6", "params": {"fast": 2}}' AS rules;

SELECT key, value FROM crossover, jsonb_each(ta.check_strategy('custom', '1 day', rules)) WHERE key <> 'explanation' ORDER BY key;
SELECT ta.check_strategy('custom', '1 day', rules) ->> 'explanation' LIKE 'Buys when %' AS explains FROM crossover;
-- Text and JSON are the same, and the normal form is normal.
SELECT ta.check_strategy('custom', '1 day', n::text) -> 'normalized' = n AS is_normal
  FROM crossover, LATERAL (SELECT ta.check_strategy('custom', '1 day', rules) -> 'normalized' AS n) AS r;
-- Other lengths, another instrument, a model, and the clock.
SELECT key, value FROM jsonb_each(ta.check_strategy('trend', '15 minutes',
  '{"entry": "close > ema(close, 20)@1h and ''NSE:NIFTY 50''.close@1d > 0 and prediction(''net'', 2h) > 0.5 and time < ''15:00''"}'))
 WHERE key IN ('models', 'needs_clock', 'operands', 'predictions', 'series') ORDER BY key;

-- One candle a day; the last column of arguments is where the past ends.
CREATE FUNCTION preview(rules text, closes float8[], first date DEFAULT '2024-01-01')
RETURNS TABLE (bucket timestamptz, close float8, action text, operands jsonb) LANGUAGE sql AS $$
  SELECT p.*
    FROM (SELECT array_agg(0) AS series, array_agg(date '2024-01-01' + n::int - 1 + time '00:00') AS days,
                 array_agg(c) AS closes, array_agg(c + 1) AS highs, array_agg(c - 1) AS lows
            FROM unnest(closes) WITH ORDINALITY AS c (c, n)) AS a
    CROSS JOIN LATERAL ta.preview_strategy(
      'custom', '1 day', rules, a.series, a.days::timestamptz[], (SELECT array_agg(d + interval '1 day') FROM unnest(a.days) AS d)::timestamptz[],
      a.closes, a.highs, a.lows, a.closes, a.closes, '{}', '{}', '{}', '{}', '{}', first) AS p
$$;
SET timezone = 'UTC';
SELECT bucket::date, close, action, operands FROM crossover, preview(rules, '{10,11,12,11,10,9,10,11,13,14,15,16,17,18,19,20,12,8}');
-- The same days behind a past: values are known from the first one on.
SELECT bucket::date, close, action, operands FROM crossover, preview(rules, '{10,11,12,11,10,9,10,11,13,14,15,16,17,18,19,20,12,8}', '2024-01-10');
-- Both sides: flat before the other one is taken, buy before sell.
SELECT bucket::date, close, action FROM preview('{"entry": "close > 10", "exit": "close <= 10", "short_entry": "close < 10 or close > 18", "short_exit": "close >= 10"}', '{10,11,12,10,9,8,10,10,20,9}');
-- What is not known is null, in a comparison false, and not (false) true.
SELECT bucket::date, close, action, operands FROM preview('{"entry": "not (close / (close - 10) > 0)"}', '{11,10,9}');

-- A longer length is seen when it has closed, before the own candle that closes then.
SELECT to_char(bucket, 'HH24:MI') AS bucket, close, action, operands
  FROM ta.preview_strategy('custom', '1 hour', '{"entry": "close > close@2h"}', '{0,1,0,0,1,0}',
    '{2024-01-01 00:00,2024-01-01 00:00,2024-01-01 01:00,2024-01-01 02:00,2024-01-01 02:00,2024-01-01 03:00}'::timestamptz[],
    '{2024-01-01 01:00,2024-01-01 02:00,2024-01-01 02:00,2024-01-01 03:00,2024-01-01 04:00,2024-01-01 04:00}'::timestamptz[],
    '{1,2,2,3,4,4}', '{1,2,2,3,4,4}', '{1,2,2,3,4,4}', '{1,2,2,3,4,4}', '{1,1,1,1,1,1}', '{}', '{}', '{}', '{}', '{}', '2024-01-01');
-- The clock and a model.
SELECT to_char(bucket, 'HH24:MI') AS bucket, action, operands
  FROM ta.preview_strategy('custom', '1 hour', '{"entry": "prediction(''net'', 2h) > 0.5 and session_minutes >= 60 and weekday = 1 and time between ''09:00'' and ''12:00''", "exit": "minutes_to_close < 60"}',
    '{0,0,0,0}', '{2024-01-01 09:00,2024-01-01 10:00,2024-01-01 11:00,2024-01-01 12:00}', '{2024-01-01 10:00,2024-01-01 11:00,2024-01-01 12:00,2024-01-01 13:00}',
    '{1,2,3,4}', '{1,2,3,4}', '{1,2,3,4}', '{1,2,3,4}', '{1,1,1,1}', '{600,660,720,780}', '{1,1,1,1}',
    '{2024-01-01 09:30,2024-01-01 09:30,2024-01-01 09:30,-infinity}', '{2024-01-01 12:30,2024-01-01 12:30,2024-01-01 12:30,-infinity}', '{NaN,0.7,0.4,0.9}', '2024-01-01');

-- Dead rules.
SELECT c.*
  FROM jsonb_to_recordset(ta.check_candles('custom', '1 day', '{"entry": "close > 0 and close < 0 and sma(close, 5) > 1 and close > 10", "exit": "close > 10", "short_entry": "close <= 10", "short_exit": "position < 0 and close > 11"}',
         '{0,0,0,0}', '{2024-01-01,2024-01-02,2024-01-03,2024-01-04}', '{2024-01-02,2024-01-03,2024-01-04,2024-01-05}', '{9,10,11,12}', '{9,10,11,12}', '{9,10,11,12}', '{9,10,11,12}', '{1,1,1,1}', '{}', '{}', '{}', '{}', '{}', '2024-01-01'))
    AS c (rule text, condition text, looked int, held int, finding text);
DROP FUNCTION preview;
DROP VIEW crossover;
