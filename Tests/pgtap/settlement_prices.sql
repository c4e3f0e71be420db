-- Contracts settle at the last price of their own day, whatever else is known, or not at all.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT trading.create_portfolio(name => 'opt', capital => 1000000, currency => 'INR', at => '2024-01-02'),
       trading.create_portfolio(name => 'fut', capital => 100000, currency => 'INR', at => '2024-01-02') \g /dev/null
UPDATE trading.portfolios SET account_type = 'margin' WHERE name = 'fut';

-- An index in Mumbai, and what is on it. 15:30 there is 10:00 in UTC.
SELECT market.add_instrument('IDX', 'NSE', kind => 'index', tick_size => 0.05),
       market.add_instrument('FUT', 'NFO', kind => 'future', underlying => 'NSE:IDX', expires_on => '2024-01-11', multiplier => 10, initial_margin => 0.1, maintenance_margin => 0.1, tick_size => 0.05),
       market.add_instrument('PERP', 'NFO', kind => 'future', multiplier => 10, initial_margin => 0.1, maintenance_margin => 0.1, tick_size => 0.05) \g /dev/null
SELECT market.add_instrument(s, 'NFO', kind => 'option', strike => 21500, option_right => 'call', underlying => 'NSE:IDX', lot_size => 50, tick_size => 0.05, expires_on => d)
  FROM (VALUES ('CALL', date '2024-01-11'), ('LATE', '2024-01-11'), ('OLD', '2024-01-11'), ('SATURDAY', '2024-01-13'), ('SPLIT', '2024-01-11')) AS n (s, d) \g /dev/null

CREATE FUNCTION pg_temp.tick(symbol text, at timestamptz, price float8) RETURNS void LANGUAGE sql
AS $$ INSERT INTO market.ticks (instrument_id, ts, price, size, seq) VALUES (market.instrument_id(symbol), at, price, 1, 0) $$;
CREATE FUNCTION pg_temp.quote(symbol text, at timestamptz, price float8) RETURNS void LANGUAGE sql
AS $$ SELECT market.upsert_quotes(ARRAY[market.instrument_id(symbol)], ARRAY[at], ARRAY[price], '{NULL}') $$;
CREATE FUNCTION pg_temp.deal(id text, symbol text, side trading.order_side, quantity numeric, price numeric, portfolio text DEFAULT 'opt', at timestamptz DEFAULT '2024-01-08 05:00Z') RETURNS void LANGUAGE sql AS $$
  SELECT pg_temp.submit(id, side, quantity, price, symbol, portfolio, at);
  SELECT pg_temp.fill(id, quantity, price, portfolio || id, portfolio => portfolio, at => at);
$$;
CREATE FUNCTION pg_temp.expire(at timestamptz, day date DEFAULT NULL, symbols text[] DEFAULT '{}', prices numeric[] DEFAULT '{}') RETURNS SETOF text LANGUAGE sql AS $$
  SELECT concat_ws(' ', i.symbol, s.day, trim_scale(s.underlying_price), trim_scale(s.realised_pnl)) FROM trading.expire_options('opt', day, symbols, prices, at) AS s JOIN market.instruments AS i USING (instrument_id) ORDER BY 1
$$;
CREATE FUNCTION pg_temp.settle(at timestamptz, day date DEFAULT NULL, symbols text[] DEFAULT '{}', prices numeric[] DEFAULT '{}') RETURNS SETOF text LANGUAGE sql AS $$
  SELECT concat_ws(' ', i.symbol, s.day, s.kind, trim_scale(s.price), trim_scale(s.realised_pnl)) FROM trading.settle_futures('fut', day, symbols, prices, at) AS s JOIN market.instruments AS i USING (instrument_id) ORDER BY 1
$$;
CREATE FUNCTION pg_temp.journal() RETURNS text LANGUAGE sql STABLE
AS $$ SELECT string_agg(i.symbol || ' ' || (e.payload ->> 'day'), ', ' ORDER BY e.event_id) FROM ops.events AS e JOIN market.instruments AS i USING (instrument_id) WHERE e.kind = 'settlement.unpriced' $$;

-- The price of the close counts: not the one before, not what trades after it, not that of the next morning.
SELECT pg_temp.deal('c', 'NFO:CALL', 'buy', 50, 100) \g /dev/null
SELECT pg_temp.tick('NSE:IDX', '2024-01-11 09:00Z', 21600), pg_temp.tick('NSE:IDX', '2024-01-11 09:59:59Z', 21700), pg_temp.tick('NSE:IDX', '2024-01-11 10:00:01Z', 22000), pg_temp.tick('NSE:IDX', '2024-01-12 04:00Z', 21450), pg_temp.quote('NSE:IDX', '2024-01-12 04:00Z', 21450) \g /dev/null
SELECT is(internal.price_of_day(market.instrument_id('NSE:IDX'), market.exchange_id('NFO'), '2024-01-11'), 21700.00000000, 'the last price of the day');
SELECT is(internal.price_of_day(market.instrument_id('NSE:IDX'), market.exchange_id('NFO'), '2024-01-13'), NULL, 'a Saturday has none');
SELECT results_eq($$SELECT pg_temp.expire('2024-01-12 04:01Z')$$, ARRAY['CALL 2024-01-11 21700 5000'], 'an option ends at it, the next morning or later');
SELECT pg_temp.tick('NSE:IDX', '2024-01-11 10:00Z', 21710) \g /dev/null
SELECT is(internal.price_of_day(market.instrument_id('NSE:IDX'), market.exchange_id('NFO'), '2024-01-11'), 21710.00000000, 'what trades at the close is part of the day');
DELETE FROM market.candle_store WHERE instrument_id = market.instrument_id('NSE:IDX') AND bucket >= '2024-01-11 09:59Z';
SELECT is(internal.price_of_day(market.instrument_id('NSE:IDX'), market.exchange_id('NFO'), '2024-01-11'), 21710.00000000, 'ticks that are in no candle yet count as well');
SELECT market.delete_ticks('NSE:IDX', '2024-01-11', '2024-01-12') \g /dev/null

-- A quote of weeks ago: the position stays, and says so. The journal says it once a day.
SELECT market.rewind_quotes(ARRAY[market.instrument_id('NSE:IDX')], '2020-01-01'), pg_temp.quote('NSE:IDX', '2023-12-22 09:00Z', 20000), pg_temp.deal('o', 'NFO:OLD', 'buy', 50, 100) \g /dev/null
SELECT is_empty($$SELECT pg_temp.expire('2024-01-12 04:01Z')$$, 'an old price settles nothing');
SELECT is_empty($$SELECT pg_temp.expire('2024-01-12 04:02Z')$$, 'nor at another try');
SELECT is(pg_temp.journal(), 'OLD 2024-01-11', 'the journal says so');
SELECT results_eq($$SELECT concat_ws(' ', u.portfolio, u.symbol, u.kind, u.day, u.quantity, u.price_of, u.last_price, u.at) FROM trading.unsettled AS u$$, ARRAY['opt NFO:OLD expiry 2024-01-11 50 NSE:IDX 20000 2024-01-12 04:01:00+00'], 'so does the view');
SELECT is((SELECT p.quantity::numeric FROM pg_temp.position_row('NFO:OLD', 'opt') AS p), 50.00000000, 'and the position is open');
SELECT pg_temp.is_sound();
SELECT results_eq($$SELECT pg_temp.expire('2024-01-20 04:00Z', symbols => '{NSE:IDX}', prices => '{21650}')$$, ARRAY['OLD 2024-01-11 21650 2500'], 'until somebody gives the price, of its own day however late');
SELECT is_empty('SELECT * FROM trading.unsettled', 'then nothing is unsettled');
SELECT pg_temp.is_sound();

-- A late tick of that day settles it; so does a bar that is imported.
SELECT pg_temp.deal('l', 'NFO:LATE', 'buy', 50, 100), pg_temp.deal('s', 'NFO:SATURDAY', 'buy', 50, 100) \g /dev/null
SELECT is(trading.settle_day(ARRAY[trading.portfolio_id('opt')], market.exchange_id('NFO'), '2024-01-11 10:00Z'), '2024-01-12 10:00Z'::timestamptz, 'a program is told when the next day ends');
SELECT is(trading.has_late_prices(ARRAY[trading.portfolio_id('opt')], '2024-01-12 05:00Z'), false, 'no price yet');
SELECT pg_temp.tick('NSE:IDX', '2024-01-12 04:30Z', 21400) \g /dev/null
SELECT is(trading.has_late_prices(ARRAY[trading.portfolio_id('opt')], '2024-01-12 05:00Z'), false, 'one of the next day is none');
SELECT pg_temp.tick('NSE:IDX', '2024-01-11 09:30Z', 21640) \g /dev/null
SELECT is(trading.has_late_prices(ARRAY[trading.portfolio_id('opt')], '2024-01-12 05:00Z'), true, 'a late one is');
SELECT results_eq($$SELECT trim_scale(s.realised_pnl::numeric) FROM trading.settle_late(ARRAY[trading.portfolio_id('opt')], '2024-01-12 05:00Z') AS s$$, ARRAY[2000::numeric], 'and settles');
-- An option that expires on a Saturday ends with the Friday before.
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
VALUES (market.instrument_id('NSE:IDX'), '1 day', market.day_start(market.exchange_id('NSE'), '2024-01-12'), 21500, 21900, 21400, 21800, 1),
       (market.instrument_id('NSE:IDX'), '1 hour', '2024-01-12 09:45Z', 21500, 21900, 21400, 21790, 1), (market.instrument_id('NSE:IDX'), '7 days', '2024-01-07 18:30Z', 1, 99999, 1, 5, 1);
SELECT results_eq($$SELECT pg_temp.expire('2024-01-12 10:00Z')$$, ARRAY['SATURDAY 2024-01-12 21800 10000'], 'at the bar of that day');
SELECT pg_temp.is_sound();

-- A price that a split has restated is of the day before.
SELECT market.add_instrument('SHARE', 'NSE') \g /dev/null
UPDATE market.instruments SET underlying_id = market.instrument_id('NSE:SHARE'), strike = 100 WHERE symbol = 'SPLIT';
SELECT pg_temp.quote('NSE:SHARE', '2024-01-10 09:00Z', 400), pg_temp.deal('x', 'NFO:SPLIT', 'buy', 50, 100) \g /dev/null
SELECT count(*) FROM trading.apply_split(ARRAY[trading.portfolio_id('opt')], (market.add_split('NSE:SHARE', '2024-01-11', 2)).action_id, '2024-01-11 03:00Z') \g /dev/null
SELECT is((SELECT q.last FROM market.quotes AS q WHERE q.instrument_id = market.instrument_id('NSE:SHARE')), 200::float8, 'it is halved');
SELECT is_empty($$SELECT pg_temp.expire('2024-01-12 04:01Z')$$, 'and settles nothing');
SELECT results_eq($$SELECT pg_temp.expire('2024-01-12 04:01Z', symbols => '{NSE:SHARE}', prices => '{190}')$$, ARRAY['SPLIT 2024-01-11 190 -500'], 'but a price that is given does');

-- Futures: each day at their own price; a day without one is paid with the next; the last at that of what they are on.
SELECT pg_temp.deal('f', 'NFO:FUT', 'buy', 2, 21500, 'fut') \g /dev/null
SELECT pg_temp.tick('NFO:FUT', '2024-01-08 09:00Z', 21510), pg_temp.tick('NFO:FUT', '2024-01-08 11:00Z', 21999), pg_temp.tick('NFO:FUT', '2024-01-10 06:00Z', 21530), pg_temp.tick('NFO:FUT', '2024-01-11 06:00Z', 21610) \g /dev/null
SELECT is_empty($$SELECT pg_temp.settle('2024-01-08 09:59Z')$$, 'no day is over');
SELECT pg_temp.refuses($$SELECT pg_temp.settle('2024-01-08 09:59Z', '2024-01-08')$$, 'TR245', 'one that is not over cannot be asked for');
SELECT results_eq($$SELECT pg_temp.settle('2024-01-09 10:00Z')$$, ARRAY['FUT 2024-01-08 daily 21510 200'], 'the day that has a price');
SELECT is((SELECT (u.symbol, u.kind, u.first_day, u.day)::text FROM trading.unsettled AS u), '(NFO:FUT,daily,2024-01-09,2024-01-09)', 'the next day has none');
SELECT results_eq($$SELECT pg_temp.settle('2024-01-10 10:00Z')$$, ARRAY['FUT 2024-01-10 daily 21530 400'], 'the day after pays for it, too');
SELECT is_empty('SELECT * FROM trading.unsettled', 'nothing is unsettled');
SELECT results_eq($$SELECT pg_temp.settle('2024-01-11 10:00Z')$$, ARRAY['FUT 2024-01-11 final 21640 2200'], 'the index'' price ends it');
SELECT pg_temp.is_sound();
-- All at once gives the same, and what was traded since is of the next day.
SELECT pg_temp.deal('p', 'NFO:PERP', 'buy', 1, 100, 'fut') \g /dev/null
SELECT pg_temp.tick('NFO:PERP', d + interval '6 hours', 100 + n) FROM unnest('{2024-01-08Z,2024-01-09Z,2024-01-10Z,2024-01-12Z}'::timestamptz[]) WITH ORDINALITY AS t (d, n) \g /dev/null
SELECT results_eq($$SELECT pg_temp.settle('2024-01-11 20:00Z')$$, ARRAY['PERP 2024-01-08 daily 101 10', 'PERP 2024-01-09 daily 102 10', 'PERP 2024-01-10 daily 103 10'], 'each day that is over and has a price, in order');
SELECT pg_temp.deal('q', 'NFO:PERP', 'buy', 1, 110, 'fut', '2024-01-12 05:00Z') \g /dev/null
SELECT is_empty($$SELECT pg_temp.settle('2024-01-12 06:00Z', symbols => '{PERP}', prices => '{150}')$$, 'the day before is no day of its own when the position was traded since');
SELECT results_eq($$SELECT pg_temp.settle('2024-01-12 10:00Z')$$, ARRAY['PERP 2024-01-12 daily 104 -50'], 'it is paid with the next');
SELECT results_eq($$SELECT pg_temp.settle('2024-01-16 10:00Z', '2024-01-15', '{PERP}', '{105}')$$, ARRAY['PERP 2024-01-15 daily 105 20'], 'a price that is given is of the day that is named');
SELECT is(pg_temp.journal(), 'OLD 2024-01-11, LATE 2024-01-11, SPLIT 2024-01-11, FUT 2024-01-09, PERP 2024-01-11', 'what had none, in order');
SELECT pg_temp.is_sound();

-- Days of exchanges that never close, and of those that keep other hours.
SELECT market.add_exchange('CUR', 'Currencies', 'America/New_York', 'USD', '00:00', '24:00', '{1,2,3,4}'), market.add_exchange('TYO', 'Tokyo', 'Asia/Tokyo', 'USD', '09:00', '15:00'), market.add_exchange('COIN', 'Coins', 'UTC', 'USD', '00:00', '24:00', '{1,2,3,4,5,6,7}') \g /dev/null
UPDATE market.exchanges SET day_starts = '-7 hours' WHERE code = 'CUR';
INSERT INTO market.sessions (exchange_id, weekday, opens, closes)
VALUES (market.exchange_id('CUR'), 5, '00:00', '17:00'), (market.exchange_id('CUR'), 7, '17:00', '24:00');
SELECT market.add_instrument('EUR', 'CUR', kind => 'fx'), market.add_instrument('N', 'TYO', kind => 'index'), market.add_instrument('BTC', 'COIN', kind => 'crypto') \g /dev/null
SELECT is(market.last_closed_day(market.exchange_id('CUR'), t), d, format('the day that is over at %s', t)) FROM (VALUES (timestamptz '2024-01-10 21:59Z', date '2024-01-09'), ('2024-01-10 22:00Z', '2024-01-10'), ('2024-01-14 23:00Z', '2024-01-12')) AS v (t, d);
SELECT is(market.next_day_end(market.exchange_id('CUR'), t), e, format('the day that ends after %s', t)) FROM (VALUES (timestamptz '2024-01-10 21:59Z', timestamptz '2024-01-10 22:00Z'), ('2024-01-10 22:00Z', '2024-01-11 22:00Z'), ('2024-01-12 22:00Z', '2024-01-15 22:00Z')) AS v (t, e);
SELECT pg_temp.tick(s, t, p) FROM (VALUES ('CUR:EUR', timestamptz '2024-01-10 21:59:59Z', 1.10), ('CUR:EUR', '2024-01-10 22:00Z', 1.11), ('CUR:EUR', '2024-01-10 23:30Z', 1.12), ('CUR:EUR', '2024-01-12 21:00Z', 1.13),
  ('COIN:BTC', '2024-01-10 23:59Z', 50), ('COIN:BTC', '2024-01-11 00:00Z', 51), ('TYO:N', '2024-01-10 05:00Z', 300), ('TYO:N', '2024-01-10 06:30Z', 301), ('TYO:N', '2024-01-11 00:30Z', 302), ('US:IBM', '2024-01-09 20:00Z', 101), ('US:IBM', '2024-01-09 22:00Z', 102), ('US:IBM', '2024-01-19 20:00Z', 103)) AS v (s, t, p) \g /dev/null
SELECT is(internal.price_of_day(market.instrument_id(v.of), market.exchange_id(v.on_exchange), v.day), v.price::numeric(20, 8), v.why) FROM (VALUES
  ('CUR:EUR', 'CUR', date '2024-01-10', 1.10, 'the begin of the next day is no part of the day'), ('COIN:BTC', 'COIN', '2024-01-10', 50, 'nor is midnight'), ('CUR:EUR', 'COIN', '2024-01-10', 1.12, 'at midnight the next day of the currencies has begun'),
  ('CUR:EUR', 'NFO', '2024-01-12', NULL, 'in Mumbai nothing has traded yet'), ('CUR:EUR', 'COIN', '2024-01-12', 1.13, 'on Friday night the week is over'), ('CUR:EUR', 'COIN', '2024-01-13', NULL, 'Saturdays have no price'),
  ('TYO:N', 'US', '2024-01-10', 300, 'Tokyo closes before New York, and what trades after the close there is not of the day'), ('US:IBM', 'TYO', '2024-01-10', 101, 'in Tokyo New York''s day before is the last'), ('US:IBM', 'TYO', '2024-01-22', 103, 'after a weekend, too'),
  ('US:IBM', 'US', '2024-01-11', NULL, 'but nothing of the day before is of a day that has opened')) AS v (of, on_exchange, day, price, why);
INSERT INTO market.holidays (exchange_id, day, name) VALUES (market.exchange_id('TYO'), '2024-01-11', 'closed') ON CONFLICT DO NOTHING;
SELECT is(internal.price_of_day(market.instrument_id('TYO:N'), market.exchange_id('US'), '2024-01-11'), NULL, 'on a holiday there is none');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
