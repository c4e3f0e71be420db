-- Trades from their opening to their close: futures over settlements, closes in parts, reversals, expiries, splits, corrections.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
INSERT INTO trading.fee_schedules (name, per_order) VALUES ('one', 1);
SELECT market.add_instrument('FUTX', 'NFO', kind => 'future', lot_size => 75, tick_size => 0.05, expires_on => '2025-01-30'),
       market.add_instrument('CALL', 'NFO', kind => 'option', lot_size => 75, tick_size => 0.05, strike => 21500, option_right => 'call', expires_on => '2025-01-30'),
       market.add_instrument('SPL') \g /dev/null
SELECT market.upsert_quotes(array_agg(market.instrument_id(s)), array_agg(timestamptz '2025-01-28 05:00Z'), array_agg(p), array_agg(NULL::float8))
  FROM (VALUES ('NFO:FUTX', 23700::float8), ('NFO:CALL', 100), ('SPL', 100)) AS q (s, p) \g /dev/null
CREATE FUNCTION pg_temp.open_book(name text) RETURNS void LANGUAGE sql
AS $$ SELECT trading.create_portfolio(name => name, currency => 'INR', capital => 20000000, account_type => 'margin', at => '2025-01-01Z') $$;
CREATE FUNCTION pg_temp.deal(portfolio text, side trading.order_side, quantity numeric, price numeric, at timestamptz, symbol text DEFAULT 'NFO:FUTX', product trading.product DEFAULT 'carry_forward')
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_key text := portfolio || at;
BEGIN
  PERFORM trading.submit_order(portfolio, symbol, side, quantity, 'limit', price, time_in_force => 'gtc', client_order_id => v_key, at => at, product => product);
  PERFORM trading.record_fill(portfolio, quantity, price, v_key, client_order_id => v_key, at => at);
  RETURN v_key;
END
$$;
CREATE FUNCTION pg_temp.settle(portfolio text, day date, price numeric) RETURNS void LANGUAGE sql
AS $$ SELECT trading.settle_futures(portfolio, day, '{NFO:FUTX}', ARRAY[price], day + time '10:30Z') $$;
CREATE FUNCTION pg_temp.trips(portfolio text) RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT concat_ws(' ', t.direction, t.quantity, t.entry_price, t.exit_price, t.pnl) FROM trading.round_trips AS t WHERE t.portfolio = trips.portfolio ORDER BY t.opening_fill_id
$$;
CREATE FUNCTION pg_temp.win_rate(portfolio text) RETURNS numeric LANGUAGE sql STABLE AS $$ SELECT s.win_rate FROM trading.get_portfolio_stats(portfolio) AS s $$;

-- Over one settlement: the exit is below the mark, and yet it is a win.
SELECT pg_temp.open_book('one'), pg_temp.deal('one', 'buy', 75, 23700, '2025-01-28 05:01Z'), pg_temp.settle('one', '2025-01-28', 23800), pg_temp.deal('one', 'sell', 75, 23790, '2025-01-29 05:01Z') \g /dev/null
SELECT results_eq($$SELECT * FROM pg_temp.trips('one')$$, ARRAY['long 75 23700 23790 6750'], 'the entry is the trade''s own');
SELECT is(pg_temp.win_rate('one'), 1::numeric, 'and a win');
SELECT results_eq($$SELECT realised_pnl::numeric, trim_scale(pnl), trim_scale(return), mae FROM trading.round_trips AS t JOIN trading.position_pnl AS p USING (portfolio, symbol) WHERE portfolio = 'one'$$,
                  $$VALUES (6750.0, 6750.0, round(6750.0 / 1777500, 8), 0.0)$$, 'as the position says');
-- Short, over two settlements, closed in two parts, one of them between.
SELECT pg_temp.open_book('two'), pg_temp.deal('two', 'sell', 150, 23700, '2025-01-27 05:01Z'), pg_temp.settle('two', '2025-01-27', 23600), pg_temp.deal('two', 'buy', 75, 23650, '2025-01-28 05:01Z'),
       pg_temp.settle('two', '2025-01-28', 23500), pg_temp.deal('two', 'buy', 75, 23720, '2025-01-29 05:01Z') \g /dev/null
SELECT results_eq($$SELECT * FROM pg_temp.trips('two')$$, ARRAY['short 150 23700 23685 2250'], 'both parts against the one entry');
SELECT is(pg_temp.win_rate('two'), 0.5, 'one of the closes won: 23650, and the other lost: 23720');
-- Added to between settlements, closed in one, and reversed.
SELECT pg_temp.open_book('three'), pg_temp.deal('three', 'buy', 75, 23700, '2025-01-27 05:01Z'), pg_temp.settle('three', '2025-01-27', 23800), pg_temp.deal('three', 'buy', 75, 23900, '2025-01-28 05:01Z'),
       pg_temp.settle('three', '2025-01-28', 23850), pg_temp.deal('three', 'sell', 225, 23870, '2025-01-29 05:01Z'), pg_temp.settle('three', '2025-01-29', 23820),
       pg_temp.deal('three', 'buy', 75, 23840, '2025-01-30 05:01Z') \g /dev/null
SELECT results_eq($$SELECT * FROM pg_temp.trips('three')$$, ARRAY['long 75 23700 23870 12750', 'long 75 23900 23870 -2250', 'short 75 23870 23840 2250'], 'each lot by itself, and the reversal');
SELECT is((SELECT sum(t.pnl) FROM trading.round_trips AS t WHERE t.portfolio = 'three'), (SELECT p.realised_pnl FROM trading.position_pnl AS p WHERE p.portfolio = 'three'), 'they add up to the position');
-- The final settlement is the exit.
SELECT pg_temp.open_book('four'), pg_temp.deal('four', 'buy', 75, 23700, '2025-01-28 05:01Z'), pg_temp.settle('four', '2025-01-28', 23800), pg_temp.settle('four', '2025-01-30', 23650) \g /dev/null
SELECT results_eq($$SELECT * FROM pg_temp.trips('four')$$, ARRAY['long 75 23700 23650 -3750'], 'the last day ends it');
SELECT results_eq($$SELECT closing_fills, win_rate FROM trading.get_portfolio_stats('four')$$, $$VALUES (0::bigint, 0.0)$$, 'a close without a fill');
-- An option that ends: written, and it won; bought, and it lost everything.
SELECT pg_temp.open_book('five'), pg_temp.deal('five', 'sell', 75, 100, '2025-01-28 05:01Z', 'NFO:CALL') \g /dev/null
SELECT count(*) FROM trading.expire_options('five', '2025-01-30', '{NFO:CALL}', '{21450}', '2025-01-30 10:30Z') \g /dev/null
SELECT results_eq($$SELECT * FROM pg_temp.trips('five')$$, ARRAY['short 75 100 0 7500'], 'a written option ends worthless');
SELECT is(pg_temp.win_rate('five'), 1::numeric, 'which is a win');

-- A fill that is taken back after a settlement leaves what was settled before as it was.
SELECT pg_temp.open_book('bust'), pg_temp.deal('bust', 'buy', 75, 23700, '2025-01-28 05:01Z'), pg_temp.settle('bust', '2025-01-28', 23800) \g /dev/null
SELECT s.cash AS cash_before, s.margin AS margin_before FROM trading.portfolio_summary AS s WHERE s.portfolio = 'bust' \gset
SELECT trading.bust_fill('bust', execution_id => pg_temp.deal('bust', 'buy', 75, 23790, '2025-01-29 05:01Z'), at => '2025-01-29 05:03Z') \g /dev/null
SELECT results_eq($$SELECT trim_scale(n.quantity), trim_scale(n.cost), trim_scale(n.realised_pnl), trim_scale(n.fifo_pnl), trim_scale(l.cost), trim_scale(l.settled_pnl)
                     FROM trading.positions AS n JOIN trading.lots AS l USING (portfolio_id, instrument_id) WHERE n.portfolio_id = trading.portfolio_id('bust')$$,
                  $$VALUES (75.0, 1785000.0, 7500.0, 7500.0, 1785000.0, 7500.0)$$, 'position and lot as they were settled');
SELECT is((SELECT (s.cash, s.margin)::text FROM trading.portfolio_summary AS s WHERE s.portfolio = 'bust'), format('(%s,%s)', :'cash_before', :'margin_before'), 'and the money');
SELECT trading.correct_fill('bust', 75, 23810, 'better', execution_id => pg_temp.deal('bust', 'sell', 75, 23790, '2025-01-29 06:01Z'), at => '2025-01-29 06:03Z') \g /dev/null
SELECT results_eq($$SELECT * FROM pg_temp.trips('bust')$$, ARRAY['long 75 23700 23810 8250'], 'a corrected close');
SELECT results_eq($$SELECT fills, closing_fills, win_rate FROM trading.get_portfolio_stats('bust', NULL, NULL)$$, $$VALUES (2::bigint, 1::bigint, 1.0)$$, 'what was busted is no trade');

-- A split on the way: the parts are counted in the shares of the last close, and prices of different shares are not compared.
UPDATE trading.portfolios SET fee_schedule = 'one' WHERE name = 'main';
SELECT pg_temp.deal('main', 'buy', 10, 100, '2025-01-28 15:01Z', 'SPL', 'delivery'), pg_temp.deal('main', 'sell', 4, 110, '2025-01-28 16:01Z', 'SPL', 'delivery') \g /dev/null
INSERT INTO market.ticks (instrument_id, ts, seq, price, size) VALUES (market.instrument_id('SPL'), '2025-01-28 15:30Z', 1, 95, 1), (market.instrument_id('SPL'), '2025-01-28 15:31Z', 2, 115, 1);
SELECT results_eq($$SELECT quantity, mae, mfe, fees FROM trading.round_trips WHERE portfolio = 'main'$$, $$VALUES (4.0, -20.0, 60.0, 1.4)$$, 'before it');
SELECT count(*) FROM trading.apply_split(ARRAY[trading.portfolio_id('main')], (market.add_split('SPL', '2025-01-29', 2)).action_id, '2025-01-29 05:00Z') \g /dev/null
SELECT pg_temp.deal('main', 'sell', 12, 60, '2025-01-29 16:01Z', 'SPL', 'delivery') \g /dev/null
SELECT results_eq($$SELECT quantity, entry_price, exit_price, pnl, fees, mae, mfe FROM trading.round_trips WHERE portfolio = 'main'$$,
                  $$VALUES (20.0, 50.0, 58.0, 160.0, 3.0, NULL::numeric, NULL::numeric)$$, 'twenty new shares, 50 to 58');
-- The opening's fee is that of the fill that stands.
SELECT trading.create_portfolio(name => 'fees', capital => 10000, fee_schedule => 'one', at => '2024-01-02') \g /dev/null
SELECT trading.correct_fill('fees', 4, 100, 'c1', execution_id => pg_temp.deal('fees', 'buy', 5, 100, '2025-01-28 15:01Z', 'IBM', 'delivery'), fee => 0.4, at => '2025-01-28 15:05Z'),
       pg_temp.deal('fees', 'sell', 2, 103, '2025-01-28 15:10Z', 'IBM', 'delivery') \g /dev/null
SELECT results_eq($$SELECT fees, net_pnl FROM trading.round_trips WHERE portfolio = 'fees'$$, $$VALUES (1.2, 4.8)$$, 'half of the corrected fee, and the close''s');

-- Pauses after losses look at the trade, too: 23790 is below the mark and above the entry.
SELECT pg_temp.open_book('paused'), risk.set_protection('cooldown', '1 day', scope => 'portfolio', target => 'paused'),
       pg_temp.deal('paused', 'buy', 75, 23700, '2025-01-28 05:01Z'), pg_temp.settle('paused', '2025-01-28', 23800) \g /dev/null
SELECT trading.submit_order('paused', 'NFO:FUTX', 'sell', 75, 'stop', stop_price => 23790, product => 'carry_forward', client_order_id => 'stop', time_in_force => 'gtc', at => '2025-01-29 05:01Z'),
       trading.record_fill('paused', 75, 23790, 'stop', client_order_id => 'stop', at => '2025-01-29 05:02Z') \g /dev/null
SELECT is((SELECT count(*) FROM risk.locks AS l WHERE l.portfolio_id = trading.portfolio_id('paused')), 0::bigint, 'a stop that won is no loss');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
