-- Look-ahead: what is compared, and what of the data nobody could have known.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT strategy.create_strategy('s', 'custom', '1 day', '{"entry": "close > 0"}') \g /dev/null
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
SELECT market.instrument_id('IBM'), interval '1 day', d AT TIME ZONE 'America/New_York', 100, 110, 90, 105, 1000 FROM generate_series('2024-01-02'::timestamp, '2024-06-28', '1 day') AS d WHERE extract(isodow FROM d) < 6;

-- What the program says of rules: an average of ten days, settled at once or after fifty, and a model.
CREATE FUNCTION pg_temp.report(settles int) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('series', '[{"symbol": null, "length": null, "candles": 50, "needs_clock": false}]'::jsonb, 'predictions', '[{"model": "net", "maximum_age": "1 day"}]'::jsonb,
                            'operands', jsonb_build_array(jsonb_build_object('operand', 'average', 'series', NULL, 'candles', 10, 'settles', $1)))
$$;
CREATE FUNCTION pg_temp.runs("from" timestamptz) RETURNS TABLE (number int, begins_at date, ends_at date, candles int) LANGUAGE sql AS $$
  SELECT r.number, r.begins_at::date, r.ends_at::date, (r.warm_up #>> '{series,0,candles}')::int FROM research.lookahead_runs('s', '{IBM}', $1, '2024-06-01', '{}', pg_temp.report(50)) AS r
$$;
SELECT results_eq($$SELECT * FROM pg_temp.runs('2024-05-01')$$, $$VALUES (1, date '2024-05-01', date '2024-06-01', 50), (2, '2024-05-01', '2024-05-02', 100), (3, '2024-05-01', '2024-05-07', 50), (4, '2024-05-07', '2024-05-08', 50),
  (5, '2024-05-01', '2024-05-14', 50), (6, '2024-05-14', '2024-05-15', 50), (7, '2024-05-01', '2024-05-20', 50), (8, '2024-05-20', '2024-05-21', 50), (9, '2024-05-01', '2024-05-27', 50), (10, '2024-05-27', '2024-05-28', 50)$$,
  'where the past is long, the first candle is seen with twice as much of it, and later ones with less than the run had');
SELECT is((SELECT min(candles) FROM pg_temp.runs('2024-01-22')), 12, 'where it is short, with half of what there is beyond the need');

-- What is found in the previews.
CREATE FUNCTION pg_temp.found(results jsonb, settles int DEFAULT 50) RETURNS TABLE (line text) LANGUAGE sql AS $$
  SELECT concat_ws(' | ', f.kind, f.symbol, f.moment::date, f.seen, f.otherwise, f.finding) FROM research.lookahead_findings('s', '{IBM}', '2024-05-01', '2024-06-01', '{}', pg_temp.report($2), $1) AS f
$$;
CREATE FUNCTION pg_temp.row(day timestamptz, action text, average float8) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('bucket', internal.microseconds($1), 'action', $2, 'operands', jsonb_build_object('average', $3)) $$;
CREATE FUNCTION pg_temp.results(cut jsonb, history jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_array(jsonb_build_object('number', 1, 'rows', jsonb_build_array(pg_temp.row('2024-05-01 04:00Z', NULL, NULL), pg_temp.row('2024-05-02 04:00Z', 'buy', 7), pg_temp.row('2024-05-07 04:00Z', NULL, 8))), jsonb_build_object('number', 3, 'rows', jsonb_build_array($1)), jsonb_build_object('number', 4, 'rows', jsonb_build_array($2)))
$$;
SELECT results_eq($$SELECT * FROM pg_temp.found(pg_temp.results(pg_temp.row('2024-05-02 04:00Z', 'buy', 7), pg_temp.row('2024-05-07 04:00Z', 'buy', 8.000001)))$$, ARRAY['truncation | IBM', 'history | IBM', 'predictions | IBM', 'revisions | IBM', 'prices | IBM'], 'what is sound has a row for each check, without a finding');
SELECT results_eq($$SELECT * FROM pg_temp.found(pg_temp.results(pg_temp.row('2024-05-02 04:00Z', NULL, 7), pg_temp.row('2024-05-07 04:00Z', NULL, 8.1))) WHERE line ~ '(truncation|history)'$$,
  ARRAY['truncation | IBM | 2024-05-02 | buy {"average": 7} | {"average": 7} | with data until 2024-05-07 04:00:00+00 alone it does otherwise: it sees what comes later',
        'history | IBM | 2024-05-07 | 8 | 8.1 | average depends on where the history begins: it had 54 candles before, and settles after 50'], 'other signals, and other values');
SELECT matches((SELECT line FROM pg_temp.found(pg_temp.results(pg_temp.row('2024-05-02 04:00Z', 'buy', 7), pg_temp.row('2024-05-07 04:00Z', NULL, 8.1)), NULL) WHERE line ~ 'history'), 'never settles', 'some values never settle');
SELECT is((SELECT count(*) FROM pg_temp.found(pg_temp.results(pg_temp.row('2024-05-02 04:00Z', 'buy', 7), pg_temp.row('2024-05-07 04:00Z', NULL, NULL))) WHERE line ~ 'depends'), 0::bigint, 'what is not known with a shorter past says nothing');

-- What of the data was not known.
CREATE FUNCTION pg_temp.data(name text) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT concat_ws(' | ', f.moment, f.seen, f.otherwise, f.finding) FROM research.lookahead_findings('s', '{IBM}', '2024-05-01', '2024-06-01', '{}', pg_temp.report(50), '[]') AS f WHERE f.kind = $1
$$;
SELECT research.create_model('net'), research.record_prediction('net', 'IBM', '2024-04-30', 1), research.create_model('other'), research.record_prediction('other', 'IBM', '2024-05-02', 1) \g /dev/null
SELECT results_eq($$SELECT pg_temp.data('predictions')$$, ARRAY[''], 'predictions of before, and of models that nobody asks');
INSERT INTO research.models (owner, name) VALUES ('somebody', 'net');
INSERT INTO research.predictions (model_id, instrument_id, at, value, recorded_at) SELECT m.model_id, market.instrument_id('IBM'), '2024-05-06', 5, '2024-05-09' FROM research.models AS m WHERE m.owner = 'somebody';
SELECT results_eq($$SELECT pg_temp.data('predictions')$$, ARRAY[''], 'a model of somebody else is no news, though it has the same name');
INSERT INTO research.predictions (model_id, instrument_id, at, value, recorded_at) SELECT m.model_id, market.instrument_id('IBM'), n.* FROM research.models AS m CROSS JOIN (VALUES (timestamptz '2024-05-06', 2, timestamptz '2024-05-06 00:00:30'), ('2024-05-07', 3, '2024-05-09'), ('2024-05-08', 4, '2024-05-10')) AS n WHERE m.name = 'net' AND m.owner IS DISTINCT FROM 'somebody';
SELECT results_eq($$SELECT pg_temp.data('predictions')$$, ARRAY['2024-05-07 00:00:00+00 | 3 | 2 | 2 of 3 predictions of "net" were recorded after their time, this one 2 days later: it may know the future'], 'predictions that were recorded later');
SELECT market.add_split('IBM', '2024-05-20', 2, 1) \g /dev/null
SELECT results_eq($$SELECT pg_temp.data('prices')$$, ARRAY['2024-05-20 04:00:00+00 | times 0.9524 | times 0.5000 | the split of IBM does not show: prices before it are adjusted for it, or it is dated wrongly'], 'prices that do not know a split');
UPDATE market.bars SET open = open / 2, high = high / 2, low = low / 2, close = close / 2, adjusted_close = close / 2 WHERE ts >= '2024-05-20';
SELECT results_eq($$SELECT pg_temp.data('prices')$$, ARRAY[''], 'as they were traded');
UPDATE market.bars SET adjusted_close = close WHERE ts < '2024-05-20' AND ts >= '2024-05-14';
SELECT results_eq($$SELECT pg_temp.data('prices')$$, ARRAY['2024-05-14 04:00:00+00 | adjusted closes | closes as traded | 4 bars of IBM before its action of 2024-05-20 have their adjusted close as close: it was known only then'], 'adjusted closes');
UPDATE market.bars SET adjusted_close = NULL, close = close - 0.003 WHERE ts < '2024-05-20';
SELECT results_eq($$SELECT pg_temp.data('prices')$$, ARRAY['2024-05-01 04:00:00+00 | other prices | multiples of 0.01 | 13 of 23 closes of IBM are no prices that it trades at: they look adjusted for what came later'], 'prices off the grid');
-- Late ticks change a candle that was closed.
INSERT INTO market.ticks (instrument_id, ts, price, size) SELECT market.instrument_id('IBM'), t.ts::timestamptz, p, 1 FROM (VALUES ('2024-05-22 14:30Z', 50.0), ('2024-05-22 14:31:30Z', 51.0)) AS t (ts, p);
SELECT market.close_candles(ARRAY[market.instrument_id('IBM')], '2024-05-22 16:00Z', '2024-05-22') \g /dev/null
INSERT INTO market.ticks (instrument_id, ts, price, size) VALUES (market.instrument_id('IBM'), '2024-05-22 14:30:40Z', 52, 1);
SELECT matches((SELECT pg_temp.data('revisions')), '^2024-05-22 14:31:00.00 . 52 . 50 . [0-9]+ closed candles of IBM were changed by ticks that came late', 'candles that changed after they had closed');

-- What cannot be.
SELECT pg_temp.refuses($$SELECT research.check_lookahead('s', '{IBM}', '2024-05-01', '2024-06-01')$$, 'TR526', 'the server needs the extension') WHERE to_regprocedure('ta.check_strategy(text,interval,text)') IS NULL;
SELECT pg_temp.refuses(format($$SELECT * FROM research.lookahead_runs(%s, '{}', '{"series": [{"candles": 5}]}')$$, a), c, a) FROM (VALUES ($$'nobody', '{IBM}', '2024-05-01', '2024-06-01'$$, 'TR501'), ($$'s', '{}', '2024-05-01', '2024-06-01'$$, 'TR530'), ($$'s', '{NOBODY}', '2024-05-01', '2024-06-01'$$, 'TR101'),
  ($$'s', '{IBM}', '2024-06-01', '2024-05-01'$$, 'TR530'), ($$'s', '{IBM}', '2030-05-01', '2030-06-01'$$, 'TR530')) AS n (a, c);
SELECT pg_temp.refuses(format($$SELECT * FROM research.lookahead_findings('s', '{IBM}', '2024-05-01', '2024-06-01', '{}', '{"series": [{"candles": 5}]}', %s)$$, r), 'TR530', 'results ' || r) FROM (VALUES ('''1'''), ('NULL'), ('''{}''')) AS n (r);
SELECT is(pg_temp.outcome('bourse_analyst', $$SELECT count(*) FROM research.lookahead_runs('s', '{IBM}', '2024-05-01', '2024-06-01', '{}', '{"series": [{"candles": 5}]}')$$), '00000', 'an analyst may look');
SELECT * FROM finish();
ROLLBACK;
