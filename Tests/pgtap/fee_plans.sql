-- One portfolio with shares, futures and options pays for each by its own schedule and day; what a plan may not be; and
-- what holders of options pay when these are exercised.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

SELECT market.add_instrument(symbol => 'INFY', exchange => 'NSE'), market.add_instrument(symbol => 'INFY', exchange => 'BSE'), market.add_instrument(symbol => 'GOLDBEES', exchange => 'NSE', kind => 'etf'),
       market.add_instrument(symbol => 'NIFTY', exchange => 'NSE', kind => 'index'), market.add_instrument(symbol => 'BTCINR', exchange => 'CRYPTO', kind => 'crypto', currency => 'INR'),
       market.add_instrument(symbol => 'NIFTYFUT', exchange => 'NFO', kind => 'future', lot_size => 25, initial_margin => 0.15, maintenance_margin => 0.1) \g /dev/null
CREATE FUNCTION pg_temp.option(symbol text, expires date, strike numeric, option_right market.option_right DEFAULT 'call') RETURNS text LANGUAGE sql
AS $$ SELECT (market.add_instrument(symbol => symbol, exchange => 'NFO', kind => 'option', lot_size => 25, underlying => 'NSE:NIFTY', strike => strike, option_right => option_right, expires_on => expires, initial_margin => 0.1, maintenance_margin => 0.1)).symbol $$;
SELECT pg_temp.option('C24000', '2024-10-31', 24000), pg_temp.option('C24100', '2024-10-31', 24100), pg_temp.option('C26000', '2024-10-31', 26000), pg_temp.option('P24500', '2024-10-31', 24500, 'put') \g /dev/null
SELECT trading.create_portfolio(name => 'india', currency => 'INR', capital => 10000000, fee_schedule => 'zerodha', account_type => 'margin', at => '2024-09-01') \g /dev/null
SELECT market.upsert_quotes(ARRAY[market.instrument_id(s)], ARRAY[timestamptz '2024-09-30 04:00Z'], ARRAY[p::float8], ARRAY[NULL::float8])
  FROM (VALUES ('NSE:INFY', 1000), ('BSE:INFY', 1000), ('GOLDBEES', 50), ('NIFTYFUT', 24000), ('C24000', 100), ('C24100', 100), ('C26000', 5), ('P24500', 100), ('BTCINR', 5000000), ('NSE:NIFTY', 24000)) AS q (s, p) \g /dev/null
-- An order and its fill; the lines of its fee.
CREATE FUNCTION pg_temp.traded(id text, symbol text, side trading.order_side, quantity numeric, price numeric, product trading.product, submitted timestamptz, filled timestamptz) RETURNS numeric[] LANGUAGE plpgsql AS $$
BEGIN
  PERFORM trading.submit_order('india', traded.symbol, traded.side, traded.quantity, 'limit', limit_price => traded.price, time_in_force => 'gtc', product => traded.product, client_order_id => id, at => submitted);
  PERFORM pg_temp.fill(id, traded.quantity, traded.price, id, portfolio => 'india', at => filled);
  RETURN (SELECT array_agg(trim_scale(l)) FROM unnest((pg_temp.order_row(id, 'india')).fee_lines) AS l);
END
$$;
-- brokerage, stt, exchange, sebi, gst, stamp duty; ordered on 30 September, filled by the rates of that day or of the next.
SELECT is(pg_temp.traded('t' || n, symbol, side, quantity, price, product, CASE symbol WHEN 'BSE:INFY' THEN timestamptz '2024-10-01 04:00Z' ELSE '2024-09-30 05:00Z' END, CASE WHEN later THEN timestamptz '2024-10-01 04:00Z' ELSE '2024-09-30 05:01Z' END), fees::numeric[], format('%s %s %s, %s', side, product, symbol, CASE WHEN later THEN 'October' ELSE 'September' END))
  FROM (VALUES (1, 'NSE:INFY', 'buy'::trading.order_side, 100, 1000::numeric, 'delivery'::trading.product, false, '{0,100,3.22,0.1,0.6,15}'), (2, 'NSE:INFY', 'sell', 100, 1000, 'delivery', true, '{0,100,2.97,0.1,0.55,0}'), (3, 'NSE:INFY', 'buy', 100, 1000, 'intraday', true, '{20,0,2.97,0.1,4.15,3}'),
               (4, 'BSE:INFY', 'buy', 100, 1000, 'delivery', true, '{0,100,3.75,0.1,0.69,15}'), (5, 'GOLDBEES', 'buy', 2000, 50, 'delivery', true, '{0,0,2.97,0.1,0.55,15}'), (6, 'GOLDBEES', 'sell', 2000, 50, 'delivery', true, '{0,1,2.97,0.1,0.55,0}'),
               (7, 'NIFTYFUT', 'sell', 25, 24000, 'carry_forward', false, '{20,75,11.28,0.6,5.74,0}'), (8, 'NIFTYFUT', 'buy', 25, 24000, 'carry_forward', false, '{20,0,11.28,0.6,5.74,12}'), (9, 'NIFTYFUT', 'sell', 25, 24000, 'carry_forward', true, '{20,120,10.38,0.6,5.58,0}'),
               (10, 'C24000', 'buy', 100, 100, 'carry_forward', true, '{20,0,3.5,0.01,4.23,0.3}'), (11, 'P24500', 'sell', 25, 100, 'carry_forward', true, '{20,3,0.88,0,3.76,0}'), (12, 'C24100', 'buy', 25, 100, 'carry_forward', false, '{20,0,1.24,0,3.82,0.08}'))
       AS t (n, symbol, side, quantity, price, product, later, fees);
SELECT is((SELECT (o.status, o.reason_code)::text FROM trading.submit_order('india', 'BTCINR', 'buy', 1, at => '2024-10-01 05:00Z') AS o), '(rejected,TR240)', 'what the plan says nothing of cannot be traded');
SELECT is((SELECT v.code FROM risk.explain('india', 'BTCINR', 'buy', 1, at => '2024-10-01 05:00Z') AS v WHERE v.code IS NOT NULL LIMIT 1), 'TR240', 'and is explained so');
SELECT is(trading.size_position('india', 'NSE:INFY', '{"method":"fixed_value","value":100000}', price => 1000, at => '2024-10-01 05:00Z'), 100::numeric, 'a size within the fees of shares');
SELECT pg_temp.is_sound('books of all kinds are sound');

-- Exercise at expiry, on 31 October 2024 at 24250: 0.125 % of what it is in the money.
-- 100 calls of 24000: 250 each, 31.25 of 25,000 are 31. 25 calls of 24100: 150 each, 4.69 of 3,750 are 5. The call of 26000 is worth nothing. The put is written: who writes pays nothing.
SELECT pg_temp.traded('worthless', 'C26000', 'buy', 25, 5, 'carry_forward', '2024-10-01 05:00Z', '2024-10-01 05:00Z') \g /dev/null
CREATE TEMP TABLE before AS SELECT s.cash, s.margin, s.fees FROM trading.portfolio_summary AS s WHERE s.portfolio = 'india';
SELECT results_eq($$SELECT i.symbol::text, s.fees::numeric, s.advanced::numeric FROM trading.expire_options('india', '2024-10-31', '{NSE:NIFTY}', '{24250}', at => '2024-10-31 10:30Z') AS s JOIN market.instruments AS i USING (instrument_id) ORDER BY 1$$,
  $$VALUES ('C24000', 31::numeric, 0::numeric), ('C24100', 5, 0), ('C26000', 0, 0), ('P24500', 0, 0)$$, 'holders pay for what is exercised');
-- 25,000 - 31 + 3,750 - 5 - 25 puts of 250; the margin of the put comes back.
SELECT is((SELECT s.cash + s.margin - b.cash - b.margin FROM before AS b, trading.portfolio_summary AS s WHERE s.portfolio = 'india'), 25000 - 31 + 3750 - 5 - 6250::numeric, 'money of the day');
SELECT is((SELECT s.fees - b.fees FROM before AS b, trading.portfolio_summary AS s WHERE s.portfolio = 'india'), 36::numeric, 'fees of the portfolio');
SELECT results_eq($$SELECT p.symbol, p.fees FROM trading.position_pnl AS p WHERE p.portfolio = 'india' AND p.symbol IN ('NFO:C24000', 'NFO:C24100') ORDER BY 1$$, $$VALUES ('NFO:C24000', 59.04::numeric), ('NFO:C24100', 30.14)$$, 'fees of the positions');
SELECT results_eq($$SELECT s.description, s.debit, s.symbol, s.component FROM ledger.statement('india', '2024-10-31', in_currency => 'INR') AS s WHERE s.section = 'cash' AND s.kind = 'fee' ORDER BY s.line$$,
  $$VALUES ('fee: stt on the exercise of NFO:C24000', 31::numeric, 'NFO:C24000', 'stt'), ('fee: stt on the exercise of NFO:C24100', 5, 'NFO:C24100', 'stt')$$, 'lines of the statement');
SELECT is_empty($$SELECT FROM trading.expire_options('india', '2024-10-31', '{NSE:NIFTY}', '{24250}', at => '2024-10-31 10:31Z')$$, 'once');
SELECT pg_temp.is_sound('books after an exercise are sound');

-- The same through the years: 25 calls of 24000 bought at 1, which end at 24040: 1,000 in the money, 601,000 in all.
SELECT trading.create_portfolio(name => 'years', currency => 'INR', capital => capital, fee_schedule => 'zerodha', at => '2017-08-01') FROM (VALUES (800)) AS c (capital) \g /dev/null
CREATE FUNCTION pg_temp.exercised(day date) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_symbol text := pg_temp.option('Y' || to_char(day, 'YYYYMMDD'), day, 24000);
  v_row    trading.settlements;
BEGIN
  PERFORM trading.submit_order('years', v_symbol, 'buy', 25, 'limit', limit_price => 1, client_order_id => v_symbol, at => day + time '05:00');
  PERFORM trading.record_fill('years', 25, 1, v_symbol, client_order_id => v_symbol, fee => 0, at => day + time '05:00');
  SELECT * INTO v_row FROM trading.expire_options('years', day, '{NSE:NIFTY}', '{24040}', at => day + time '10:30');
  RETURN format('%s %s', trim_scale(v_row.fees), trim_scale(v_row.advanced));
END
$$;
-- 0.125 % of 601,000 are 751.25; the option paid 1,000.
SELECT is(pg_temp.exercised('2019-08-29'), '751 0', 'of the whole value until August 2019');
SELECT is(pg_temp.exercised('2019-09-26'), '1 0', 'of the intrinsic value from September 2019');
SELECT is(pg_temp.exercised('2026-03-26'), '1 0', '0.125 % until March 2026');
SELECT is(pg_temp.exercised('2026-04-02'), '2 0', '0.15 % from April 2026');
-- The trap of old: an option that is 10 rupees in the money pays 250, and 750 are due.
SELECT ledger.withdraw('years', pg_temp.available('years') - 25, 'INR', at => '2019-07-01') \g /dev/null
CREATE OR REPLACE FUNCTION pg_temp.trapped(day date) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_symbol text := pg_temp.option('T' || to_char(day, 'YYYYMMDD'), day, 24000);
  v_row    trading.settlements;
BEGIN
  PERFORM trading.submit_order('years', v_symbol, 'buy', 25, 'limit', limit_price => 0.1, client_order_id => v_symbol, at => day + time '05:00');
  PERFORM trading.record_fill('years', 25, 0.1, v_symbol, client_order_id => v_symbol, fee => 0, at => day + time '05:00');
  SELECT * INTO v_row FROM trading.expire_options('years', day, '{NSE:NIFTY}', '{24010}', at => day + time '10:30');
  RETURN format('%s %s', trim_scale(v_row.fees), trim_scale(v_row.advanced));
END
$$;
SELECT ledger.deposit('years', 30, 'INR', at => '2019-08-01') \g /dev/null
SELECT is(pg_temp.trapped('2019-08-22'), '750 447.5', 'more than the option paid and the cash holds is advanced');
SELECT is(pg_temp.available('years'), 0::numeric, 'and cash is not negative');
SELECT pg_temp.is_sound('books of trapped holders are sound');

-- A plan of one's own: the kind counts before the exchange, and a row without either takes the rest.
INSERT INTO trading.fee_schedules (name, per_order) VALUES ('one', 1), ('two', 2), ('three', 3), ('four', 4);
INSERT INTO trading.fee_plans (name, kind, exchange_id, fee_schedule) VALUES ('own', NULL, NULL, 'one'), ('own', NULL, market.exchange_id('NSE'), 'two'), ('own', 'equity', NULL, 'three'), ('own', 'equity', market.exchange_id('BSE'), 'four');
SELECT is((trading.order_fees('own', '2024-01-08 15:00Z', 'buy', 'delivery', 1, 1, 0, kind::market.instrument_kind, market.exchange_id(exchange)))[1], fee::numeric, format('own: %s of %s', kind, exchange))
  FROM (VALUES ('crypto', 'CRYPTO', 1), ('etf', 'NSE', 2), ('equity', 'NSE', 3), ('equity', 'US', 3), ('equity', 'BSE', 4), (NULL, NULL, 1), (NULL, 'NSE', 2)) AS e (kind, exchange, fee);
SELECT pg_temp.refuses(s, code, s) FROM (VALUES
  ($$INSERT INTO trading.fee_plans (name, fee_schedule) VALUES ('mine', 'nobody')$$, 'TR251'), ($$INSERT INTO trading.fee_plans (name, fee_schedule) VALUES ('one', 'two')$$, 'TR251'),
  ($$INSERT INTO trading.fee_plans (name, fee_schedule) VALUES ('mine', 'own')$$, 'TR251'), ($$UPDATE trading.fee_plans SET fee_schedule = 'nobody' WHERE name = 'own'$$, 'TR251'),
  ($$INSERT INTO trading.fee_schedules (name) VALUES ('own')$$, 'TR251'), ($$UPDATE trading.fee_schedules SET name = 'own' WHERE name = 'one'$$, 'TR251'),
  ($$INSERT INTO trading.fee_plans (name, fee_schedule) VALUES ('own', 'two')$$, '23505'), ($$INSERT INTO trading.fee_plans (name, fee_schedule) VALUES ('Mine', 'two')$$, '23514'),
  ($$INSERT INTO trading.fee_plans (name, exchange_id, fee_schedule) VALUES ('mine', -1, 'two')$$, '23503'), ($$SELECT trading.create_portfolio(name => 'x', fee_schedule => 'mine')$$, 'TR214'),
  ($$UPDATE trading.portfolios SET fee_schedule = 'mine' WHERE name = 'india'$$, 'TR214'),
  ($$INSERT INTO trading.fee_components (name, valid_from, component, basis, side) VALUES ('one', '-infinity', 'stt', 'intrinsic', 'buy')$$, '23514'),
  ($$INSERT INTO trading.fee_components (name, valid_from, component, basis, maker_percent) VALUES ('one', '-infinity', 'stt', 'settlement', 1)$$, '23514')) AS r (s, code);

-- Open orders keep their schedule, by kind; and their terms, also through a plan.
SELECT trading.create_portfolio(name => 'own', capital => 100000, fee_schedule => 'own', at => '2024-01-02') \g /dev/null
SELECT pg_temp.submit('k', 'buy', 10, 10, portfolio => 'own') \g /dev/null
SELECT pg_temp.refuses(s, 'TR241', s) FROM unnest(ARRAY[
  $$UPDATE trading.fee_plans SET fee_schedule = 'two' WHERE name = 'own' AND kind = 'equity'$$, $$DELETE FROM trading.fee_plans WHERE name = 'own'$$,
  $$INSERT INTO trading.fee_plans (name, kind, exchange_id, fee_schedule) VALUES ('own', 'equity', market.exchange_id('US'), 'two')$$,
  $$UPDATE trading.fee_schedules SET per_order = 9 WHERE name = 'three'$$, $$DELETE FROM trading.fee_schedules WHERE name = 'three'$$,
  $$INSERT INTO trading.fee_schedules (name, valid_from) VALUES ('three', '2024-01-08')$$, $$UPDATE trading.portfolios SET fee_schedule = 'free' WHERE name = 'own'$$]) AS s;
SELECT lives_ok(s, s) FROM unnest(ARRAY[
  $$INSERT INTO trading.fee_plans (name, kind, fee_schedule) VALUES ('own', 'option', 'two')$$, $$UPDATE trading.fee_schedules SET per_order = 9 WHERE name IN ('one', 'four')$$,
  $$INSERT INTO trading.fee_schedules (name, valid_from, per_order) VALUES ('three', '2024-01-09', 8)$$]) AS s;
SELECT pg_temp.amounts_to((pg_temp.fill('k', 10, 10, 'k', portfolio => 'own', at => '2024-01-09 15:00Z')).fee, 8, 'and a later day has later terms');
-- A plan that has lost a kind: what a broker still reports is booked with the fee that it names, and not without.
SELECT pg_temp.submit('late', 'buy', 10, 10, portfolio => 'own'), trading.cancel_order('own', client_order_id => 'late', at => '2024-01-08 15:01Z') \g /dev/null
DELETE FROM trading.fee_plans WHERE name = 'own' AND (kind = 'equity' OR kind IS NULL);
SELECT pg_temp.refuses($$SELECT trading.record_fill('own', 10, 10, 'late', client_order_id => 'late', at => '2024-01-08 15:02Z', force => true)$$, 'TR240', 'no fee is made up');
SELECT pg_temp.amounts_to((trading.record_fill('own', 10, 10, 'late', client_order_id => 'late', fee => 1.5, at => '2024-01-08 15:02Z', force => true)).fee, 1.5, 'the broker''s counts');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
