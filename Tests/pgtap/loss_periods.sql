-- Losses of a day and a week count from the midnight of the order's exchange, whatever snapshots there are: what a portfolio was worth then is kept before anything is booked after it.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT market.add_exchange('NZX', 'New Zealand', 'Pacific/Auckland', 'NZD', '10:00', '16:45'), market.add_exchange('HNX', 'Hawaii', 'Pacific/Honolulu', 'USD', '08:00', '16:00') \g /dev/null
SELECT market.add_instrument('AAA', 'NSE'), market.add_instrument('BBB', 'CRYPTO', currency => 'INR'), market.add_instrument('CCC', 'FX', currency => 'INR', tick_size => 0.0001),
       market.add_instrument('DDD', 'NZX', currency => 'INR'), market.add_instrument('EEE', 'HNX', currency => 'INR') \g /dev/null
CREATE FUNCTION pg_temp.quote(symbol text, last float8, at timestamptz) RETURNS void LANGUAGE sql
AS $$ SELECT market.upsert_quotes(ARRAY[market.instrument_id(symbol)], ARRAY[at], ARRAY[last], ARRAY[NULL::float8]) $$;
CREATE FUNCTION pg_temp.open(portfolio text, capital numeric, at timestamptz) RETURNS void LANGUAGE sql
AS $$ SELECT trading.create_portfolio(name => portfolio, currency => 'INR', capital => capital, at => at) $$;
CREATE FUNCTION pg_temp.trade(portfolio text, symbol text, side text, quantity numeric, price numeric, at timestamptz) RETURNS void LANGUAGE sql AS $$
  SELECT trading.submit_order(portfolio, symbol, side::trading.order_side, quantity, 'limit', price, time_in_force => 'gtc', client_order_id => side || symbol || at, at => at);
  SELECT trading.record_fill(portfolio, quantity, price, portfolio || symbol || at, client_order_id => side || symbol || at, at => at);
$$;
-- What a limit of 0 says was lost (its figure; 0 is none) when one unit more was ordered.
CREATE FUNCTION pg_temp.lost(portfolio text, symbol text, metric risk.metric, at timestamptz) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
  v_figure numeric;
BEGIN
  PERFORM risk.set_limit(metric, 0, 'portfolio', portfolio, action => 'warn', at => '2024-01-01');
  SELECT e.figure INTO v_figure FROM risk.explain(portfolio, symbol, 'buy', 1, 'limit', 0.01, at => lost.at) AS e WHERE e.rule = lost.metric::text;
  PERFORM risk.set_limit(metric, NULL, 'portfolio', portfolio, action => 'warn', at => '2024-01-01');
  RETURN v_figure;
END $$;

-- A loss of Monday in India is none of Tuesday's, though no snapshot was taken between, and one comes later.
SELECT pg_temp.open('mix', 200000, '2024-01-08Z'), pg_temp.quote('AAA', 1000, '2024-01-08 04:00Z'), pg_temp.quote('BBB', 40000, '2024-01-08 05:00Z') \g /dev/null
SELECT pg_temp.trade('mix', 'AAA', 'buy', 100, 1000, '2024-01-08 04:00Z'), pg_temp.trade('mix', 'BBB', 'buy', 1, 40000, '2024-01-08 05:00Z'), pg_temp.quote('AAA', 960, '2024-01-08 09:45Z') \g /dev/null
SELECT is(pg_temp.lost('mix', 'AAA', 'daily_loss', '2024-01-08 09:46Z'), 4000::numeric, 'lost on Monday');
SELECT pg_temp.quote('BBB', 40100, '2024-01-08 20:00Z') \g /dev/null
SELECT trading.record_snapshots(ARRAY[trading.portfolio_id('mix')], '2024-01-08 20:00Z') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.lost('mix', 'AAA', 'daily_loss', '2024-01-08 20:01Z'), pg_temp.lost('mix', 'BBB', 'daily_loss', '2024-01-08 20:01Z'), pg_temp.lost('mix', 'AAA', 'weekly_loss', '2024-01-08 20:01Z')),
          '0 3900 3900', 'in India it is Tuesday, in UTC still Monday, and the week is the same');
SELECT pg_temp.quote('BBB', 40050, '2024-01-09 03:00Z') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.lost('mix', 'AAA', 'daily_loss', '2024-01-09 04:00Z'), pg_temp.lost('mix', 'BBB', 'daily_loss', '2024-01-09 04:00Z'), round(pg_temp.lost('mix', 'BBB', 'daily_loss_share', '2024-01-09 04:00Z'), 6)),
          concat_ws(' ', 0, 50, round(50 * 100 / 196100.0, 6)), 'each day counts from its own midnight');
SELECT is(pg_temp.lost('mix', 'BBB', 'weekly_loss', '2024-01-15 00:00:01Z'), 0::numeric, 'a new week');

-- Each instrument's day: FX from 17:00 in New York, the Pacific on both sides of the date line. Every hour loses one.
SELECT pg_temp.open('clock', 100000, '2024-03-01Z'), pg_temp.quote('BBB', 1000, '2024-03-01 00:00Z') \g /dev/null
SELECT pg_temp.trade('clock', 'BBB', 'buy', 1, 1000, '2024-03-01 00:00:30Z') \g /dev/null
SELECT pg_temp.quote('BBB', 1000 - n, timestamptz '2024-03-01 00:00:30Z' + n * interval '1 hour'), trading.mark_periods(ARRAY[trading.portfolio_id('clock')], timestamptz '2024-03-01 00:00:01Z' + (n + 1) * interval '1 hour') FROM generate_series(1, 300) AS n \g /dev/null
-- 300 hours after 2024-03-01 00:00 it is Wednesday, 2024-03-13 12:00 UTC. The clocks of New York changed on the 10th.
SELECT is(pg_temp.lost('clock', s, 'daily_loss', '2024-03-13 12:30Z'), 300 - v, s || ': a day') FROM (VALUES
  ('BBB', extract(epoch FROM timestamptz '2024-03-13 00:00Z' - '2024-03-01Z') / 3600 - 1), ('AAA', extract(epoch FROM timestamptz '2024-03-12 18:00Z' - '2024-03-01Z') / 3600),
  ('CCC', extract(epoch FROM timestamptz '2024-03-12 17:00 America/New_York' - '2024-03-01Z') / 3600 - 1), ('DDD', extract(epoch FROM timestamptz '2024-03-14 00:00 Pacific/Auckland' - '2024-03-01Z') / 3600 - 1),
  ('EEE', extract(epoch FROM timestamptz '2024-03-13 00:00 Pacific/Honolulu' - '2024-03-01Z') / 3600 - 1), ('IBM', extract(epoch FROM timestamptz '2024-03-13 00:00 America/New_York' - '2024-03-01Z') / 3600 - 1)) AS x (s, v);
SELECT is(pg_temp.lost('clock', s, 'weekly_loss', '2024-03-13 12:30Z'), 300 - v, s || ': a week') FROM (VALUES
  ('BBB', extract(epoch FROM timestamptz '2024-03-11 00:00Z' - '2024-03-01Z') / 3600 - 1), ('AAA', extract(epoch FROM timestamptz '2024-03-10 18:00Z' - '2024-03-01Z') / 3600),
  ('CCC', extract(epoch FROM timestamptz '2024-03-10 17:00 America/New_York' - '2024-03-01Z') / 3600 - 1), ('DDD', extract(epoch FROM timestamptz '2024-03-11 00:00 Pacific/Auckland' - '2024-03-01Z') / 3600 - 1),
  ('EEE', extract(epoch FROM timestamptz '2024-03-11 00:00 Pacific/Honolulu' - '2024-03-01Z') / 3600 - 1), ('IBM', extract(epoch FROM timestamptz '2024-03-11 00:00 America/New_York' - '2024-03-01Z') / 3600 - 1)) AS x (s, v);

-- What is booked after midnight does not hide what was before: fills, flows, interest, settlements of the new day come after the mark.
SELECT pg_temp.open('booked', 100000, '2024-04-01Z'), pg_temp.quote('AAA', 100, '2024-04-01 05:00Z') \g /dev/null
SELECT pg_temp.trade('booked', 'AAA', 'buy', 100, 100, '2024-04-01 05:00Z'), pg_temp.quote('AAA', 90, '2024-04-01 09:00Z') \g /dev/null
SELECT pg_temp.trade('booked', 'AAA', 'sell', 50, 90, '2024-04-02 04:00Z'), pg_temp.quote('AAA', 80, '2024-04-02 05:00Z'), ledger.record_interest('booked', -7, at => '2024-04-02 06:00Z'), ledger.withdraw('booked', 10000, at => '2024-04-02 07:00Z'), ledger.deposit('booked', 500, at => '2024-04-02 07:00Z') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.lost('booked', 'AAA', 'daily_loss', '2024-04-02 08:00Z'), pg_temp.lost('booked', 'AAA', 'weekly_loss', '2024-04-02 08:00Z')), '507 1507', 'of the day alone, and of the week');
SELECT is(round(pg_temp.lost('booked', 'AAA', 'daily_loss_share', '2024-04-02 08:00Z'), 6), round(100 * (1 - 98493 / 99000.0), 6), 'percent of the return, whatever was withdrawn after the loss');
SELECT ledger.deposit('booked', 1000, at => '2024-04-03 04:00Z') \g /dev/null
SELECT is(pg_temp.lost('booked', 'AAA', 'daily_loss', '2024-04-03 05:00Z'), 0::numeric, 'a flow that comes first in a day');
SELECT ledger.record_interest('booked', -3, at => '2024-04-04 04:00Z') \g /dev/null
SELECT is(pg_temp.lost('booked', 'AAA', 'daily_loss', '2024-04-04 05:00Z'), 3::numeric, 'interest that does');
SELECT is(pg_temp.lost('booked', 'AAA', 'daily_loss', '2024-04-03 18:30Z'), 3::numeric, 'at midnight itself the day begins');

-- Ticks that are stored tell what a price was at midnight, when nothing was booked and nobody looked.
SELECT pg_temp.open('ticks', 100000, '2024-05-06Z'), pg_temp.quote('AAA', 100, '2024-05-06 05:00Z') \g /dev/null
SELECT pg_temp.trade('ticks', 'AAA', 'buy', 100, 100, '2024-05-06 05:00Z') \g /dev/null
INSERT INTO market.ticks (instrument_id, ts, price, size) SELECT market.instrument_id('AAA'), t, p, 1 FROM (VALUES (timestamptz '2024-05-06 09:59:30Z', 95), ('2024-05-07 03:45:10Z', 94)) AS n (t, p);
SELECT pg_temp.quote('AAA', 94, '2024-05-07 03:45:10Z') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.lost('ticks', 'AAA', 'daily_loss', '2024-05-07 04:00Z'), pg_temp.lost('ticks', 'AAA', 'weekly_loss', '2024-05-07 04:00Z')), '100 600', 'the last tick before it');

-- Foreign money counts at the rate of midnight.
SELECT ledger.set_exchange_rate('USD', 'INR', 80, '2024-06-03Z'), pg_temp.open('dollars', 1000, '2024-06-03Z') \g /dev/null
SELECT ledger.deposit('dollars', 100, 'USD', '2024-06-03 01:00Z'), ledger.set_exchange_rate('USD', 'INR', 79, '2024-06-03 12:00Z'), ledger.set_exchange_rate('USD', 'INR', 77, '2024-06-04 02:00Z') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.lost('dollars', 'AAA', 'daily_loss', '2024-06-04 04:00Z'), pg_temp.lost('dollars', 'AAA', 'weekly_loss', '2024-06-04 04:00Z')), '200 300', 'a currency that falls is a loss of its day');
SELECT ledger.deposit('dollars', 100, 'USD', '2024-06-04 04:30Z') \g /dev/null
SELECT is(pg_temp.lost('dollars', 'AAA', 'daily_loss', '2024-06-04 05:00Z'), 200::numeric, 'also when the first booking of the day brings more of it');

-- Opened with nothing and funded later; opened within the day; an order that is alone in its exchange.
SELECT pg_temp.open('empty', 0, '2024-07-01Z') \g /dev/null
SELECT is(pg_temp.lost('empty', 'AAA', 'daily_loss_share', '2024-07-03 04:00Z'), 0::numeric, 'nothing can be lost of nothing');
SELECT ledger.deposit('empty', 10000, at => '2024-07-03 04:30Z'), pg_temp.quote('AAA', 100, '2024-07-03 05:00Z') \g /dev/null
SELECT pg_temp.trade('empty', 'AAA', 'buy', 10, 100, '2024-07-03 05:00Z'), pg_temp.quote('AAA', 90, '2024-07-03 05:30Z') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.lost('empty', 'AAA', 'daily_loss', '2024-07-03 06:00Z'), pg_temp.lost('empty', 'AAA', 'daily_loss_share', '2024-07-03 06:00Z'), pg_temp.lost('empty', 'AAA', 'weekly_loss_share', '2024-07-03 06:00Z')), '100 1 1', 'the day''s own capital');
SELECT market.add_exchange('SGX', 'Singapore', 'Asia/Singapore', 'SGD', '09:00', '17:00') \g /dev/null
SELECT market.add_instrument('FFF', 'SGX', currency => 'INR') \g /dev/null
SELECT is(pg_temp.lost('empty', 'FFF', 'daily_loss', '2024-07-03 06:00Z'), 100::numeric, 'an exchange that is new today: since the last snapshot, or else the opening');

-- Limits that act: the limit refuses on Monday, the state that it sets ends with the day of the exchange.
SELECT risk.set_limit('daily_loss', 50, 'portfolio', 'empty', action => 'reduce_only', at => '2024-07-01') \g /dev/null
SELECT is((trading.submit_order('empty', 'AAA', 'buy', 1, 'limit', 90, at => '2024-07-03 06:00Z')).reason_code, 'TR320', 'refused');
SELECT is((SELECT h.expires_at FROM risk.halts AS h WHERE h.scope_id = trading.portfolio_id('empty')), '2024-07-03 18:30Z'::timestamptz, 'until midnight in India');
SELECT risk.set_limit('daily_loss', 0, 'portfolio', 'clock', action => 'reduce_only', at => '2024-03-01') \g /dev/null
SELECT trading.submit_order('clock', 'CCC', 'buy', 1, 'limit', 1, at => '2024-03-13 20:30Z') \g /dev/null
SELECT is((SELECT h.expires_at FROM risk.halts AS h WHERE h.scope_id = trading.portfolio_id('clock')), '2024-03-13 17:00 America/New_York'::timestamptz, 'FX: until 17:00 in New York');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
