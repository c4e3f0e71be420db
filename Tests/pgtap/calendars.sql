-- The calendars of American and Indian exchanges that are shipped, days with several sessions, and hours that have changed.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SET LOCAL timezone = 'UTC';

-- A day's sessions in local time.
CREATE FUNCTION pg_temp.hours(exchange text, day date) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(to_char(b.opens_at AT TIME ZONE e.time_zone, 'HH24:MI-') || to_char(b.closes_at AT TIME ZONE e.time_zone, 'HH24:MI'), ' ' ORDER BY b.opens_at), 'closed')
    FROM market.exchanges AS e LEFT JOIN LATERAL market.session_bounds(e.exchange_id, day) AS b ON true WHERE e.code = exchange
$$;
SELECT is(pg_temp.hours(e, d), h, format('%s on %s: %s', e, d, why)) FROM (VALUES
  ('US', date '2000-07-03', '09:30-13:00', 'the eve of a holiday'), ('NYSE', '2001-09-11', 'closed', 'an attack'), ('NASDAQ', '2004-06-11', 'closed', 'a funeral'), ('US', '2012-10-30', 'closed', 'a hurricane'),
  ('US', '2013-12-24', '09:30-13:00', 'Christmas Eve'), ('US', '2013-12-25', 'closed', 'Christmas'), ('US', '2013-12-26', '09:30-16:00', 'a day like others'), ('US', '2021-06-18', '09:30-16:00', 'a year before Juneteenth was one'),
  ('US', '2022-06-20', 'closed', 'a Sunday''s holiday'), ('US', '2022-01-03', '09:30-16:00', 'a Saturday''s New Year is on no other day'), ('US', '2027-11-26', '09:30-13:00', 'the day after Thanksgiving'), ('US', '2027-12-24', 'closed', 'Christmas on a Saturday'),
  ('NSE', '2024-11-01', '18:00-19:00', 'Muhurat trading on a holiday'), ('BSE', '2024-11-01', '18:00-19:00', 'there, too'), ('NFO', '2023-11-12', '18:15-19:15', 'Muhurat trading on a Sunday'), ('NSE', '2025-10-21', '13:45-14:45', 'in the afternoon'),
  ('NSE', '2024-03-02', '09:15-10:00 11:30-12:30', 'a Saturday of two sessions'), ('NFO', '2024-05-18', '09:15-10:00 11:45-12:40', 'another one'), ('NSE', '2024-01-20', '09:15-15:30', 'a Saturday in place of a Monday'), ('NSE', '2024-01-22', 'closed', 'that Monday'),
  ('NSE', '2021-02-24', '09:15-11:40 15:45-17:00', 'an outage'), ('BSE', '2021-02-24', '09:15-17:00', 'which it did not have'), ('NSE', '2026-02-01', '09:15-15:30', 'a budget on a Sunday'), ('BSE', '2020-02-01', '09:15-15:30', 'on a Saturday'),
  ('NSE', '2026-12-25', 'closed', 'the last holiday that is known'), ('NSE', '2009-12-31', '09:55-15:30', 'the hours of old'), ('NSE', '2010-01-04', '09:00-15:30', 'earlier'), ('BSE', '2010-10-15', '09:00-15:30', 'until that Friday'), ('NSE', '2010-10-18', '09:15-15:30', 'as today'),
  ('LSE', '2024-12-25', '08:00-16:30', 'nothing is known'), ('CRYPTO', '2024-12-25', '00:00-00:00', 'around the clock')) AS t (e, d, h, why);
SELECT is((SELECT count(DISTINCT pg_temp.hours(e.code, d::date)) FROM market.exchanges AS e WHERE e.code IN ('US', 'NYSE', 'NASDAQ')), 1::bigint, format('one calendar in America on %s', d::date))
  FROM generate_series(date '2012-10-26', '2012-10-31', interval '1 day') AS d;
SELECT is((SELECT count(*) FROM generate_series(date '2000-01-01', '2013-12-31', interval '1 day') AS d WHERE pg_temp.hours('US', d::date) <> 'closed'), 3521::bigint, 'trading days of fourteen years');

-- What goes by the sessions of a day: here Saturday, 2 March 2024 at NSE. Day orders end with their session, the day with its last one, and a day bar begins with the first.
SELECT is(market.session_close(market.exchange_id('NSE'), at), closes, format('%s ends at %s', at, closes)) FROM (VALUES
  (timestamptz '2024-03-02 03:00Z', timestamptz '2024-03-02 04:30Z'), ('2024-03-02 04:29Z', '2024-03-02 04:30Z'), ('2024-03-02 04:30Z', '2024-03-02 07:00Z'), ('2024-03-02 07:00Z', '2024-03-04 10:00Z')) AS t (at, closes);
SELECT is(market.session_open(market.exchange_id('NSE'), '2024-03-02 04:00Z'), '2024-03-02 06:00Z', 'the next opening is that of the second');
SELECT is(market.next_day_end(market.exchange_id('NSE'), '2024-03-02 04:30Z'), '2024-03-02 07:00Z', 'the day ends with its last session');
SELECT is(market.last_closed_day(market.exchange_id('NSE'), at), day, format('the last closed day at %s', at)) FROM (VALUES
  (timestamptz '2024-03-02 05:00Z', date '2024-03-01'), ('2024-03-02 07:00Z', '2024-03-02'), ('2024-11-01 12:00Z', '2024-10-31'), ('2024-11-01 13:30Z', '2024-11-01')) AS t (at, day);
SELECT results_eq($$SELECT s.opens_at, s.closes_at FROM market.candle_span(market.exchange_id('NSE'), '1 day', '2024-03-02 05:00Z') AS s$$, $$VALUES (timestamptz '2024-03-02 03:45Z', timestamptz '2024-03-02 07:00Z')$$, 'one day candle');
SELECT market.add_instrument('INFY', 'NSE'), market.add_instrument('OLD', 'NSE') \g /dev/null
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
SELECT market.instrument_id('INFY'), '1 day', market.day_start(market.exchange_id('NSE'), d), 10, 10, 10, 10, 1 FROM unnest('{2024-02-29,2024-03-01,2024-03-02,2024-03-04,2024-10-31,2024-11-01,2024-11-04}'::date[]) AS d;
SELECT results_eq($$SELECT b.day, b.opens_at, b.closes_at FROM market.bar_events('1 day', ARRAY[market.instrument_id('INFY')]) AS b WHERE b.day IN ('2024-03-01', '2024-03-02', '2024-11-01')$$,
  $$VALUES (date '2024-03-01', timestamptz '2024-03-01 03:45Z', timestamptz '2024-03-01 10:00Z'), ('2024-03-02', '2024-03-02 03:45Z', '2024-03-02 07:00Z'), ('2024-11-01', '2024-11-01 12:30Z', '2024-11-01 13:30Z')$$,
  'each bar once, from the first open to the last close');
SELECT is((SELECT count(*) FROM market.gaps('INFY', '1 day', '2024-02-28 18:30Z', '2024-03-04 18:30Z')), 0::bigint, 'no gap where there was none');
SELECT is((SELECT count(*) FROM market.gaps('INFY', '1 day', '2024-10-30 18:30Z', '2024-11-04 18:30Z')), 0::bigint, 'nor around Diwali');
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume) SELECT market.instrument_id('OLD'), '1 day', market.day_start(market.exchange_id('NSE'), d), 10, 10, 10, 10, 1 FROM unnest('{2009-12-31,2010-01-04}'::date[]) AS d;
SELECT results_eq($$SELECT b.opens_at FROM market.bar_events('1 day', ARRAY[market.instrument_id('OLD')]) AS b$$, $$VALUES (timestamptz '2009-12-31 04:25Z'), ('2010-01-04 03:30Z')$$, 'bars open when the exchange did then');
SELECT is((trading.submit_order('main', 'INFY', 'buy', 1, 'limit', 1, at => '2024-03-02 06:15Z')).expires_at, '2024-03-02 07:00Z', 'a day order on a Saturday')
  FROM ledger.set_exchange_rate('INR', 'USD', 0.012, '2024-01-01') AS r;

-- The doors.
SELECT is(market.add_holiday('nse', '2026-11-08', ' Muhurat trading ', '18:15', '19:15')::text, format('(%s,2026-11-08,"Muhurat trading",18:15:00,19:15:00,18:15:00)', market.exchange_id('NSE')), 'a session on a Sunday');
SELECT is(pg_temp.hours('NSE', '2026-11-08'), '18:15-19:15', 'takes place');
SELECT is((market.add_holiday('NSE', '2026-11-08', 'Diwali')).opens, NULL, 'it is a holiday, too');
SELECT is(pg_temp.hours('NSE', '2026-11-08'), '18:15-19:15', 'with a session all the same');
SELECT is((market.add_holiday('NSE', '2026-11-08', 'Muhurat trading', '18:15', '19:30')).closes, '19:30', 'it ends later');
SELECT is((SELECT count(*) FROM market.holidays AS h WHERE h.exchange_id = market.exchange_id('NSE') AND h.day = '2026-11-08'), 2::bigint, 'which makes no other');
SELECT pg_temp.refuses($$SELECT market.add_holiday('NSE', '2026-11-08', 'x', '19:00', '20:00')$$, 'TR117', 'a session that overlaps');
SELECT is(market.remove_holiday('NSE', '2026-11-08'), 2, 'all of it is taken away');
SELECT is(pg_temp.hours('NSE', '2026-11-08'), 'closed', 'a Sunday like others');
SELECT is(market.remove_holiday('US', '2013-12-25'), 1, 'one that was no holiday');
SELECT is(pg_temp.hours('US', '2013-12-25'), '09:30-16:00', 'has the usual hours');
SELECT pg_temp.refuses(format('SELECT market.add_holiday(%s)', a), c, a) FROM (VALUES ('NULL, ''2026-01-01'', ''x''', 'TR116'), ('''MOON'', ''2026-01-01'', ''x''', 'TR102'), ('''US'', NULL, ''x''', 'TR116'), ('''US'', ''infinity'', ''x''', 'TR116'),
  ('''US'', ''1899-12-31'', ''x''', 'TR116'), ('''US'', ''2026-01-01'', '' ''', 'TR116'), ('''US'', ''2026-01-01'', NULL', 'TR116'), ('''US'', ''2026-01-01'', ''x'', ''9:30''', 'TR116'), ('''US'', ''2026-01-01'', ''x'', ''9:30'', ''9:30''', 'TR116'),
  ('''US'', ''2026-01-01'', ''x'', NULL, ''9:30''', 'TR116')) AS t (a, c);
SELECT pg_temp.refuses($$SELECT market.remove_holiday('US', NULL)$$, 'TR116', 'no day');
SELECT pg_temp.refuses($$INSERT INTO market.holidays SELECT market.exchange_id('US'), '2026-12-25', 'twice'$$, '23505', 'a holiday once');
SELECT pg_temp.refuses($$INSERT INTO market.sessions VALUES (market.exchange_id('US'), 1, '9:30', '16:00', '2030-01-01', '2030-01-01')$$, '23514', 'hours that are never in force');

SELECT * FROM finish();
ROLLBACK;
