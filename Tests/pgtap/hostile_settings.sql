-- What the engine does and writes is the same under any settings of the session: those that a database may have been given, or psql sets.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT market.add_instrument('RELIANCE', 'NSE') \g /dev/null
SET LOCAL datestyle = 'German, DMY';
SET LOCAL intervalstyle = 'sql_standard';
SET LOCAL timezone = 'Pacific/Apia';
SET LOCAL extra_float_digits = -15;
SET LOCAL bytea_output = 'escape';
SET LOCAL array_nulls = off;
SET LOCAL transform_null_equals = on;
SET LOCAL quote_all_identifiers = on;
SET LOCAL escape_string_warning = off;
SET LOCAL standard_conforming_strings = off;

SELECT is((SELECT string_agg(p.outcome, ' ' ORDER BY p.ordinal) FROM market.put_instruments('[{"symbol": "INFY", "exchange": "NSE", "tick_size": "0.05", "lot_size": "1"}, {"symbol": "NIFTY 50", "exchange": "NSE", "kind": "INDEX", "tick_size": "0.0", "lot_size": "0"},
  {"symbol": "NIFTY25JAN24000PE", "exchange": "NFO", "kind": "PE", "strike": "24000", "expires_on": "2025-01-30", "underlying": "NSE:NIFTY 50", "lot_size": "75"}]') AS p), 'added added added', 'terms of instruments are read');
SELECT is((pg_temp.submit('market', 'buy', 4)).status::text, 'accepted', 'a market order, which has no price');
SELECT is((pg_temp.submit('limit', 'buy', 4, 99.5)).status::text, 'accepted', 'a limit order');
SELECT pg_temp.amounts_to((pg_temp.fill('limit', 4, 99.5, 'x-1')).value, 398, 'a fill');
SELECT is((SELECT count(*) FROM trading.submit_orders(ARRAY[1], ARRAY['a'], ARRAY[1], ARRAY[NULL::int], ARRAY['buy'], ARRAY['market'], ARRAY['day'], ARRAY[1::numeric], ARRAY[NULL::numeric], ARRAY[NULL::numeric], ARRAY[NULL::timestamptz], ARRAY[timestamptz '2024-01-08 15:05Z'])), 1::bigint, 'orders in arrays');

-- Prices of the journal are those of the candles.
UPDATE market.candle_settings SET journaled = '{1}';
INSERT INTO market.ticks (ts, price, size, instrument_id) VALUES (timestamptz '2024-01-08 15:10:01Z', 100.1, 7, market.instrument_id('IBM')), (timestamptz '2024-01-08 15:10:02Z', 101.3, 7, market.instrument_id('IBM'));
SELECT is(market.close_candles(ARRAY[market.instrument_id('IBM')], timestamptz '2024-01-08 15:12Z'), 1, 'a candle closes');
INSERT INTO market.ticks (ts, price, size, instrument_id) VALUES (timestamptz '2024-01-08 15:10:03Z', 102.7, 7, market.instrument_id('IBM'));
SELECT results_eq($$SELECT e.kind, (e.payload ->> 'close')::float8 = 101.3::float8, (e.payload ->> 'close')::float8 = 102.7::float8, (e.payload ->> 'bucket')::timestamptz = timestamptz '2024-01-08 15:10Z' FROM ops.events AS e WHERE e.kind LIKE 'candle.%' ORDER BY e.event_id$$,
  $$VALUES ('candle.closed', true, false, true), ('candle.revised', false, true, true)$$, 'and is journaled to the last digit');

-- Days go by the exchange, and names of partitions by the calendar.
SELECT market.ensure_tick_partitions(date '2024-01-08', date '2024-01-09') \g /dev/null
SELECT is(market.trading_day(market.exchange_id('US'), timestamptz '2024-01-09 04:59Z'), date '2024-01-08', 'the day of the exchange');
SELECT is((SELECT count(*) FROM market.candles('IBM', '1 day')), 1::bigint, 'candles of days');
SELECT is((SELECT c.source FROM market.candles('IBM', '1 week') AS c), 'ticks', 'and of weeks');
SELECT market.add_dividend('IBM', 0.5, date '2024-01-10'), market.add_split('RELIANCE', date '2024-01-10', 2) \g /dev/null
SELECT is((SELECT count(*) FROM market.corporate_actions AS a WHERE a.ex_date = date '2024-01-10'), 2::bigint, 'actions');
SELECT market.storage_tier() = 'plain' AS plain \gset
\if :plain
UPDATE market.tick_policy SET keep_days = 5;
SELECT market.ensure_tick_partitions(date '2024-01-01', date '2024-01-03') \g /dev/null
SELECT is((SELECT r.gone > 0 FROM market.apply_tick_retention(timestamptz '2024-01-10 00:00Z') AS r), true, 'old ticks are dropped');
\endif

-- The fingerprint of the books, and the books themselves.
SELECT ops.fingerprint() AS hostile \gset
RESET datestyle; RESET intervalstyle; RESET timezone; RESET extra_float_digits; RESET bytea_output; RESET array_nulls; RESET transform_null_equals; RESET quote_all_identifiers; RESET standard_conforming_strings;
SELECT is(ops.fingerprint(), :'hostile', 'the fingerprint depends on the books alone');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
