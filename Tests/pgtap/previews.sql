-- Strategies seen before they start: what a preview looks at and when, and with the extension bourse what it shows.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT market.add_instrument('TCS', 'NSE') \g /dev/null

-- Two weeks of quarters of an hour; the clocks of New York go forward on 2024-03-10. Closes of IBM rise by 1 each day, and each day falls by 0.1 a candle until noon and rises after it.
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
SELECT market.instrument_id('IBM'), interval '15 minutes', d + n * interval '15 minutes', 100, 200, 50, 100 + (d::date - date '2024-03-04') + 0.1 * abs(n - 10), 10 * (n + 1)
  FROM generate_series('2024-03-04 09:30'::timestamp, '2024-03-15 09:30', '1 day') AS l, generate_series(0, 25) AS n, LATERAL (SELECT l AT TIME ZONE 'America/New_York') AS t (d) WHERE extract(isodow FROM l) < 6
UNION ALL
SELECT market.instrument_id('TCS'), interval '15 minutes', d + n * interval '15 minutes', 100, 200, 50, 150 - n, 10
  FROM generate_series('2024-03-04 03:45Z'::timestamptz, '2024-03-15 03:45Z', '1 day') AS d, generate_series(0, 24) AS n WHERE extract(isodow FROM d) < 6;

-- What a strategy on quarters of an hour looks at that reads days, hours and another instrument, too.
CREATE FUNCTION pg_temp.seen(from_time timestamptz, until_time timestamptz, at timestamptz DEFAULT '2025-01-01') RETURNS SETOF text LANGUAGE sql AS $$
  SELECT concat_ws(' ', c.series, to_char(c.bucket, 'MM-DD HH24:MI'), to_char(c.closes_at, 'MM-DD HH24:MI'), c.close)
    FROM strategy.preview_candles('IBM', '15 minutes', '{"series": [{"candles": 2, "needs_clock": false}, {"length": "1 day", "candles": 1, "needs_clock": false}, {"symbol": "NSE:TCS", "length": "1 hour", "candles": 1, "needs_clock": false}, {"length": "1 hour", "candles": 1, "needs_clock": false}], "predictions": []}',
                                  from_time, until_time, at) AS c
$$;
SELECT results_eq($$SELECT * FROM pg_temp.seen('2024-03-08 20:45Z', '2024-03-11 13:45Z')$$,
  ARRAY['1 03-07 05:00 03-07 21:00 104.5', '2 03-08 08:45 03-08 09:45 127', '2 03-08 09:45 03-08 10:45 126', '3 03-08 18:30 03-08 19:30 104.9', '3 03-08 19:30 03-08 20:30 105.3', '0 03-08 20:15 03-08 20:30 105.3', '0 03-08 20:30 03-08 20:45 105.4',
        '1 03-08 05:00 03-08 21:00 105.5', '0 03-08 20:45 03-08 21:00 105.5', '3 03-08 20:30 03-08 21:30 105.5', '2 03-11 03:45 03-11 04:45 147', '2 03-11 04:45 03-11 05:45 143', '2 03-11 05:45 03-11 06:45 139', '2 03-11 06:45 03-11 07:45 135', '2 03-11 07:45 03-11 08:45 131', '2 03-11 08:45 03-11 09:45 127', '2 03-11 09:45 03-11 10:45 126',
        '0 03-11 13:30 03-11 13:45 108'],
  'candles of other lengths and instruments are seen once they have closed, days with their session, before the own one that closes then');
SELECT results_eq($$SELECT * FROM pg_temp.seen('2024-03-08 20:45Z', '2024-03-11 13:45Z', '2024-03-08 20:59:59Z')$$,
  ARRAY['1 03-07 05:00 03-07 21:00 104.5', '2 03-08 08:45 03-08 09:45 127', '2 03-08 09:45 03-08 10:45 126', '3 03-08 18:30 03-08 19:30 104.9', '3 03-08 19:30 03-08 20:30 105.3', '0 03-08 20:15 03-08 20:30 105.3', '0 03-08 20:30 03-08 20:45 105.4'],
  'what has not closed at the time that is asked for is not seen');
SELECT results_eq($$SELECT * FROM pg_temp.seen('2024-03-04 14:30Z', '2024-03-04 15:00Z')$$, ARRAY['2 03-04 08:45 03-04 09:45 127', '2 03-04 09:45 03-04 10:45 126', '0 03-04 14:30 03-04 14:45 101', '0 03-04 14:45 03-04 15:00 100.9'], 'where there is less history than is asked for there is what there is');
SELECT is_empty($$SELECT * FROM pg_temp.seen('2024-03-09', '2024-03-10') EXCEPT SELECT * FROM pg_temp.seen('2024-03-08 20:30Z', '2024-03-08 21:00Z')$$, 'a span without candles has those that warm up alone');

SELECT results_eq($$
  SELECT c.series, to_char(c.closes_at, 'MM-DD HH24:MI'), c.minutes, c.weekday, to_char(nullif(c.opens_at, '-infinity'), 'MM-DD HH24:MI'), to_char(nullif(c.ends_at, '-infinity'), 'HH24:MI')
    FROM strategy.preview_candles('IBM', '1 hour', '{"series": [{"candles": 1, "needs_clock": true}, {"symbol": "NSE:TCS", "length": "1 day", "candles": 1, "needs_clock": true}], "predictions": []}', '2024-03-08 20:30Z', '2024-03-11 14:30Z', '2025-01-01') AS c WHERE c.closes_at > '2024-03-08'$$,
  $$VALUES (1, '03-08 18:30', 0::float8, 6, NULL, NULL), (0, '03-08 20:30', 930, 5, '03-08 14:30', '21:00'), (0, '03-08 21:30', 990, 5, NULL, NULL), (1, '03-11 10:00', 930, 1, '03-11 03:45', '10:00'), (0, '03-11 14:30', 630, 1, '03-11 13:30', '20:00')$$,
  'each candle has the clock of its exchange at its close, and the session that it closed in; on a holiday a day ends at midnight');

-- Ticks, and what models have foreseen.
INSERT INTO market.ticks (ts, price, size, instrument_id, seq) SELECT '2024-03-18 13:30Z'::timestamptz + n * interval '1 second', 110 + n, 5, market.instrument_id('IBM'), n FROM generate_series(0, 9) AS n;
SELECT research.record_predictions('{net,net,net,other}', '{IBM,IBM,NSE:TCS,IBM}', '{2024-03-18 13:29:58Z,2024-03-18 13:30:03Z,2024-03-18 13:30:02Z,2024-03-18 13:30:04Z}', '{1,2,3,4}') \g /dev/null
SELECT results_eq($$
  SELECT c.close, c.volume, c.closes_at = c.bucket, c.predictions
    FROM strategy.preview_candles('IBM', '0', '{"series": [{"candles": 2, "needs_clock": false}], "predictions": [{"model": "net", "maximum_age": "2 seconds"}, {"model": "unknown", "maximum_age": "1 hour"}]}', '2024-03-18 13:30:03Z', '2024-03-18 13:30:08Z', '2025-01-01') AS c$$,
  $$VALUES (111::float8, 5::float8, true, '{NaN,NaN}'::float8[]), (112, 5, true, '{NaN,NaN}'), (113, 5, true, '{2,NaN}'), (114, 5, true, '{2,NaN}'), (115, 5, true, '{2,NaN}'), (116, 5, true, '{NaN,NaN}'), (117, 5, true, '{NaN,NaN}')$$,
  'each tick is a candle; a prediction counts from its time on until it is too old');

-- Without the extension the program does it.
SELECT strategy.create_strategy('dip', 'custom', '15 minutes', '{"entry": "close < close[1]", "exit": "bars_since_entry >= 2"}') \g /dev/null
SELECT pg_temp.refuses($$SELECT * FROM strategy.preview('dip', 'IBM', '2024-03-08', '2024-03-09')$$, 'TR526', 'a preview needs the extension');
SELECT pg_temp.refuses($$SELECT * FROM strategy.check('dip')$$, 'TR526', 'so does a check');
SELECT pg_temp.refuses($$SELECT * FROM strategy.scan('close > 0')$$, 'TR526', 'and a scan');
SELECT pg_temp.refuses($$SELECT strategy.explain('dip')$$, 'TR526', 'and an explanation of what nobody has parsed');
SELECT strategy.record_check('dip', 1, 'checked', explanation => 'Buys dips.') \g /dev/null
SELECT is(strategy.explain('dip'), 'Buys dips.', 'an explanation is known once the program or a runner has checked the version');
SELECT is(strategy.explain('dip@1'), 'Buys dips.', 'a version is named');
SELECT pg_temp.refuses(format('SELECT * FROM strategy.preview(%L, ''IBM'', ''2024-03-08'', ''2024-03-09'')', s), 'TR501', 'no strategy: ' || s) FROM unnest('{nobody,dip@2,dip@,dip@0,dip@99999999999999,""}'::text[]) AS s;

-- Values of one's own for named parameters.
SELECT strategy.create_strategy('named', 'custom', '15 minutes', '{"entry": "close < $level and $other.close > 1", "params": {"level": 5, "other": "IBM"}}') \g /dev/null
SELECT is(strategy.parameters_with('named', '{"level": 7.5, "other": "NSE:TCS"}') -> 'params', '{"level": 7.5, "other": "NSE:TCS"}', 'both are replaced');
SELECT is(strategy.parameters_with('named@1', '{"level": 7}') -> 'params', '{"level": 7, "other": "IBM"}', 'the others stay');
SELECT is(strategy.parameters_with('named', '{}') -> 'params', '{"level": 5, "other": "IBM"}', 'or all');
SELECT pg_temp.refuses(format('SELECT strategy.parameters_with(''named'', %L)', a), c, a) FROM (VALUES ('{"levels": 7}', 'TR502'), ('{"level": "IBM"}', 'TR502'), ('{"other": "none"}', 'TR101'), ('[]', 'TR502'), (NULL, 'TR502')) AS w (a, c);

-- With the extension, where it can be installed (make test does it in its step extension).
SELECT count(*) > 0 AS has_extension FROM pg_available_extension_versions WHERE name = 'bourse' AND version = '1.2' \gset
\if :has_extension
CREATE EXTENSION bourse;

SELECT results_eq($$SELECT to_char(p.bucket, 'HH24:MI'), p.close, p.action, p.operands FROM strategy.preview('dip', 'IBM', '2024-03-05 14:30Z', '2024-03-05 15:45Z') AS p$$,
  $$VALUES ('14:30', 102::float8, NULL, '{"close": 102, "close[1]": 101.5, "bars_since_entry": null}'::jsonb), ('14:45', 101.9, 'buy', '{"close": 101.9, "close[1]": 102, "bars_since_entry": null}'), ('15:00', 101.8, NULL, '{"close": 101.8, "close[1]": 101.9, "bars_since_entry": 1}'),
           ('15:15', 101.7, 'exit', '{"close": 101.7, "close[1]": 101.8, "bars_since_entry": 2}'), ('15:30', 101.6, 'buy', '{"close": 101.6, "close[1]": 101.7, "bars_since_entry": null}')$$,
  'flat at the start, in only when flat, out only when in; the candle before the span is known; its end is exclusive');
SELECT is(strategy.explain('dip') <> 'Buys dips.' AND length(strategy.explain('dip')) > 20, true, 'the words are those of the parser that is there');

-- Beside window functions and the last closed candle of each series.
SELECT is((strategy.create_strategy('mixed', 'swing', '15 minutes', '{"entry": "close > sma(close, 3) and close@1h > close[2] and ''NSE:TCS''.close@1d < 130", "exit": "close < sma(close, 3)"}')).status::text, 'checked', 'rules are checked as they are stored');
CREATE TEMP TABLE own AS
SELECT c.bucket, c.close, ta.sma(c.close, 3) OVER (ORDER BY c.bucket ROWS 2 PRECEDING) AS sma, lag(c.close, 2) OVER w AS before,
       (SELECT h.close FROM market.candles('IBM', '1 hour') AS h WHERE h.bucket + interval '1 hour' <= c.bucket + interval '15 minutes' ORDER BY h.bucket DESC LIMIT 1) AS hour,
       (SELECT d.close FROM market.candles('NSE:TCS', '1 day') AS d, market.candle_span(market.exchange_id('NSE'), '1 day', d.bucket) AS x WHERE x.closes_at <= c.bucket + interval '15 minutes' ORDER BY d.bucket DESC LIMIT 1) AS day
  FROM market.candles('IBM', '15 minutes') AS c WINDOW w AS (ORDER BY c.bucket);
CREATE TEMP TABLE shown AS SELECT * FROM strategy.preview('mixed', 'IBM', '-infinity', 'infinity');
SELECT results_eq($$SELECT bucket, close, operands FROM shown$$,
                  $$SELECT bucket, close, jsonb_build_object('close', close, 'sma(close, 3)', sma, 'close@1h', hour, 'close[2]', before, '''NSE:TCS''.close@1d', day) FROM own ORDER BY bucket$$, 'what rules compare is what SQL makes of the candles, to the last digit');
SELECT cmp_ok((SELECT count(*) FROM shown WHERE action = 'buy'), '>', 3::bigint, 'it acts');
SELECT is_empty($$
  WITH RECURSIVE rows AS (SELECT row_number() OVER (ORDER BY bucket) AS n, bucket, close > sma AND hour > before AND day < 130 AS enters, close < sma AS leaves FROM own),
  walk (n, bucket, is_in, action) AS (
    SELECT 0::bigint, NULL::timestamptz, false, NULL
    UNION ALL
    SELECT r.n, r.bucket, CASE WHEN w.is_in THEN NOT coalesce(r.leaves, false) ELSE coalesce(r.enters, false) END, CASE WHEN w.is_in AND r.leaves THEN 'exit' WHEN NOT w.is_in AND r.enters THEN 'buy' END
      FROM walk AS w JOIN rows AS r ON r.n = w.n + 1)
  SELECT bucket, action FROM walk WHERE n > 0 EXCEPT SELECT bucket, action FROM shown$$, 'it acts where SQL would');
SELECT is_empty(format('(SELECT * FROM strategy.preview(''mixed'', ''IBM'', ''-infinity'', %L) EXCEPT TABLE shown) UNION ALL (SELECT * FROM shown WHERE bucket < %L EXCEPT SELECT * FROM strategy.preview(''mixed'', ''IBM'', ''-infinity'', %L))', t, t, t), 'what comes later changes nothing before: ' || t)
  FROM unnest('{2024-03-04 16:00Z,2024-03-08 20:45Z,2024-03-11 14:00Z}'::text[]) AS t;
SELECT is_empty($$SELECT bucket, close, operands FROM strategy.preview('mixed', 'IBM', '2024-03-12', '2024-03-14') EXCEPT SELECT bucket, close, operands FROM shown$$, 'a later begin knows the same values');
SELECT results_eq($$SELECT bucket FROM strategy.preview('mixed', 'IBM', '-infinity', 'infinity', at => '2024-03-04 15:10Z')$$, ARRAY['2024-03-04 14:30Z', '2024-03-04 14:45Z']::timestamptz[], 'a candle that has not closed shows nothing');
SELECT is_empty($$SELECT * FROM strategy.preview('mixed', 'NSE:TCS', '2025-01-01', '2026-01-01')$$, 'no candles, no rows');

-- Ticks.
SELECT strategy.create_strategy('tick', 'scalping', '0', '{"entry": "close >= 113", "exit": "seconds_since_entry >= 3"}') \g /dev/null
SELECT results_eq($$SELECT p.close, p.action FROM strategy.preview('tick', 'IBM', '2024-03-18', '2024-03-19') AS p WHERE p.action IS NOT NULL$$, $$VALUES (113::float8, 'buy'), (116, 'exit'), (117, 'buy')$$, 'a strategy on ticks');

-- What it needs, and what of it is dead.
SELECT results_eq($$SELECT expression, series, candles, settles FROM strategy.check('mixed') ORDER BY expression COLLATE "C"$$,
  $$VALUES ('''NSE:TCS''.close@1d', '''NSE:TCS''@1d', 1, 1), ('close', NULL, 1, 1), ('close@1h', '@1h', 1, 1), ('close[2]', NULL, 3, 3), ('sma(close, 3)', NULL, 3, 3)$$, 'candles that each value takes');
SELECT strategy.create_strategy('dead', 'custom', '15 minutes', '{"entry": "close > 0 and close > 1000 and ema(close, 300) > 0 and close > 105", "exit": "close > 0"}') \g /dev/null
SELECT results_eq($$SELECT rule, expression, looked, held, finding FROM strategy.check('dead', 'IBM', until => '2024-03-16') WHERE rule IS NOT NULL$$,
  $$VALUES ('entry', 'close > 0 and close > 1000 and ema(close, 300) > 0 and close > 105', 260::bigint, 0::bigint, 'longer than the history'), ('entry', 'close > 0', 260, 260, 'always true'), ('entry', 'close > 1000', 260, 0, 'never true'), ('entry', 'ema(close, 300) > 0', 260, 0, 'longer than the history'),
           ('entry', 'close > 105', 260, (SELECT count(*) FROM own WHERE close > 105 AND bucket < '2024-03-16'), NULL), ('exit', 'close > 0', 0, 0, NULL)$$, 'dead rules show');

SELECT is(strategy.explain('named', '{"level": 101}') LIKE '%101%' AND strategy.explain('named') NOT LIKE '%101%', true, 'words with a value of one''s own');
SELECT is_empty($$SELECT p.action FROM strategy.preview('named', 'IBM', '2024-03-12', '2024-03-14') AS p WHERE p.action IS NOT NULL$$, 'never below 5');
SELECT is((SELECT count(*) FROM strategy.preview('named', 'IBM', '2024-03-12', '2024-03-14', params => '{"level": 1000, "other": "NSE:TCS"}') AS p WHERE p.action = 'buy'), 1::bigint, 'below 1000 at once');
SELECT is((SELECT finding FROM strategy.check('named', 'IBM', params => '{"level": 1000}') WHERE expression = 'close < $level'), 'always true', 'a check, too');

-- A screener.
SELECT results_eq($$SELECT s.symbol, s.bucket, s.close FROM strategy.scan('close < 130 and close < $limit', '{NSE:TCS,IBM}', '2024-03-12 21:00Z', '15 minutes', '{"limit": 127}') AS s$$, $$VALUES ('NSE:TCS', '2024-03-12 09:45Z'::timestamptz, 126::float8), ('IBM', '2024-03-12 19:45Z', 109.5)$$, 'the last closed candle of each');
SELECT results_eq($$SELECT s.symbol, s.operands FROM strategy.scan('close > 120', at => '2024-03-12 12:00Z') AS s$$, $$VALUES ('NSE:TCS', '{"close": 126}'::jsonb)$$, 'all instruments, days');
SELECT pg_temp.refuses(format('SELECT * FROM strategy.scan(%s)', a), c, a) FROM (VALUES ('NULL', 'TR502'), ('''close >''', 'TR510'), ('''close > 1'', ''{none}''', 'TR101'), ('''close > 1'', ''{IBM,NULL}''', 'TR502'), ('''close > 1'', at => ''infinity''', 'TR502'), ('''close > 1'', params => ''[]''', 'TR502'), ('''close > 1'', timeframe => ''-1 day''', 'TR502'), ('''close > 1'', timeframe => ''1 day 1 hour''', 'TR510')) AS t (a, c);
SELECT pg_temp.refuses($$SELECT strategy.create_strategy('bad', 'custom', '1 day', '{"entry": "close >"}')$$, 'TR510', 'bad rules are not stored');
SELECT pg_temp.refuses($$SELECT * FROM strategy.preview('mixed', 'none', '2024-03-12', '2024-03-14')$$, 'TR101', 'an instrument that nobody knows');
SELECT is(pg_temp.outcome(r, s), o, r || ': ' || s)
  FROM (VALUES ('bourse_analyst', 'SELECT count(*) FROM strategy.preview(''mixed'', ''IBM'', ''2024-03-12'', ''2024-03-14'')', '00000'), ('bourse_analyst', 'SELECT count(*) FROM strategy.scan(''close > 0''), strategy.check(''mixed'', ''IBM'')', '00000'), ('bourse_trader', 'SELECT strategy.explain(''mixed'')', '00000')) AS t (r, s, o);
\else
SELECT skip('the extension bourse 1.2 cannot be installed here', 1);
\endif

SELECT * FROM finish();
ROLLBACK;
