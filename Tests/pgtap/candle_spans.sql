-- Where candles of days, weeks and months begin and end on an exchange, and prices that step back for a while.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SET LOCAL timezone = 'UTC';

CREATE FUNCTION pg_temp.span(exchange text, length interval, at timestamptz) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', to_char(s.begins_at, 'MM-DD HH24:MI'), to_char(s.opens_at, 'MM-DD HH24:MI'), to_char(s.closes_at, 'MM-DD HH24:MI'),
                   to_char(s.ends_at, 'MM-DD HH24:MI'))
    FROM market.candle_span(market.exchange_id(exchange), length, at) AS s
$$;
INSERT INTO market.holidays (exchange_id, day, name, opens, closes) SELECT market.exchange_id('US'), v.* FROM (VALUES
  (date '2024-03-15', 'closed', NULL::time, NULL::time), ('2024-03-14', 'half a day', '09:30', '13:00')) AS v;

SELECT is(pg_temp.span('US', '1 day', '2024-03-08 12:00Z'), '03-08 05:00 03-08 14:30 03-08 21:00 03-09 05:00', 'a day from midnight to midnight, with its session');
SELECT is(pg_temp.span('US', '1 day', '2024-03-09 04:59Z'), '03-08 05:00 03-08 14:30 03-08 21:00 03-09 05:00', 'its evening belongs to it');
SELECT is(pg_temp.span('US', '1 day', '2024-03-10 12:00Z'), '03-10 05:00 03-10 05:00 03-11 04:00 03-11 04:00', 'a Sunday without a session, of 23 hours');
SELECT is(pg_temp.span('US', '1 day', '2024-03-14 20:00Z'), '03-14 04:00 03-14 13:30 03-14 17:00 03-15 04:00', 'half a day');
SELECT is(pg_temp.span('US', '7 days', '2024-03-13 12:00Z'), '03-11 04:00 03-11 13:30 03-14 17:00 03-18 04:00', 'a week from Monday on, whose Friday is a holiday');
SELECT is(pg_temp.span('US', '1 week', '2024-03-18 03:59Z'), '03-11 04:00 03-11 13:30 03-14 17:00 03-18 04:00', 'its Sunday belongs to it');
SELECT is(pg_temp.span('US', '1 month', '2024-03-13 12:00Z'), '03-01 05:00 03-01 14:30 03-28 20:00 04-01 04:00', 'a month, which ends with Good Friday');
SELECT is(pg_temp.span('CRYPTO', '1 day', '2024-03-10 00:00Z'), '03-10 00:00 03-10 00:00 03-11 00:00 03-11 00:00', 'where it never closes');
SELECT is(pg_temp.span('FX', '1 day', '2024-03-05 23:00Z'), '03-05 22:00 03-05 22:00 03-06 22:00 03-06 22:00', 'a trading day that begins the evening before');
SELECT is((SELECT bool_and(s.begins_at = market.candle_bucket(t, 1440, e.exchange_id) AND s.ends_at = market.candle_end(t, 1440, e.exchange_id))
             FROM market.exchanges AS e, generate_series(timestamptz '2024-03-01Z', '2024-04-05Z', '7 hours') AS t, market.candle_span(e.exchange_id, '1 day', t) AS s),
  true, 'days are those of the kept candles');
SELECT is((SELECT bool_and(s.begins_at <= t AND t < s.ends_at AND s.opens_at >= s.begins_at AND s.closes_at <= s.ends_at AND s.opens_at < s.closes_at
                           AND n.begins_at = s.ends_at)
             FROM market.exchanges AS e, generate_series(timestamptz '2024-03-01Z', '2024-04-05Z', '19 hours') AS t, unnest(ARRAY[interval '1 day', '3 days', '1 week', '1 month']) AS l,
                  market.candle_span(e.exchange_id, l, t) AS s, market.candle_span(e.exchange_id, l, s.ends_at) AS n),
  true, 'one follows the other');
SELECT pg_temp.refuses(format('SELECT market.candle_span(%s)', a), 'TR104', a) FROM unnest(ARRAY['NULL, ''1 day'', now()', '-1, ''1 day'', now()', '1, NULL, now()',
  '1, ''1 day'', NULL', '1, ''1 hour'', now()', '1, ''36 hours'', now()', '1, ''1 day 1 hour'', now()', '1, ''1 month 1 day'', now()', '1, ''0 days'', now()', '1, ''-1 day'', now()',
  '1, ''11 years'', now()', '1, ''1 day'', ''infinity''']) AS a;

-- Prices of an earlier time.
SELECT market.instrument_id('IBM') AS ibm \gset
SELECT market.upsert_quotes(ARRAY[:ibm], '{2024-03-08 15:00Z}', '{100}', '{7}');
SELECT is_empty(format('SELECT * FROM market.step_back_quotes(ARRAY[%s], ''{2024-03-08 15:00Z}'', ''{90}'', ''{1}'')', :ibm), 'a price that is not newer stays');
SELECT results_eq(format('SELECT * FROM market.step_back_quotes(ARRAY[%s], ''{2024-03-08 14:00Z}'', ''{90}'', ''{1}'')', :ibm),
  format('VALUES (%s, timestamptz ''2024-03-08 15:00Z'', 100::float8, 7::float8)', :ibm), 'a newer one steps back, and is given out');
SELECT is((SELECT (q.last, q.last_size)::text FROM market.quotes AS q WHERE q.instrument_id = :ibm), '(90,1)', 'so long the earlier one counts');
SELECT market.upsert_quotes(ARRAY[:ibm], '{2024-03-08 14:30Z}', '{95}', '{2}'), market.upsert_quotes(ARRAY[:ibm], '{2024-03-08 15:00Z}', '{100}', '{7}');
SELECT is((SELECT (q.last, q.last_size)::text FROM market.quotes AS q WHERE q.instrument_id = :ibm), '(100,7)', 'and it comes back');

SELECT * FROM finish();
ROLLBACK;
