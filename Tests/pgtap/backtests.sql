-- Backtests: what they are told, what is refused, what is stored of them.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT market.add_instrument('TCS', 'NSE'), market.add_instrument('AAPL'), strategy.create_strategy('dip', 'custom', '1 day', '{"entry": "close < $level", "exit": "close > 100", "params": {"level": 50}}') \g /dev/null
SELECT strategy.create_strategy('ticks', 'custom', '0', '{"entry": "close < 1"}'), strategy.create_strategy('weekly', 'custom', '7 days', '{"entry": "close < 1"}'), strategy.create_strategy('hourly', 'custom', '1 hour', '{"entry": "close < 1"}') \g /dev/null
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
SELECT market.instrument_id('IBM'), interval '1 day', d AT TIME ZONE 'America/New_York', 100, 110, 90, 105, 1000 FROM generate_series('2024-01-02'::timestamp, '2024-06-28', '1 day') AS d WHERE extract(isodow FROM d) < 6;

-- What the program says of rules: nothing here depends on what they say.
CREATE FUNCTION pg_temp.spec(settings jsonb DEFAULT '{}', strategy text DEFAULT 'dip', symbols text[] DEFAULT '{IBM}', "from" timestamptz DEFAULT '2024-03-01', until timestamptz DEFAULT '2024-04-01', capital numeric DEFAULT 1000) RETURNS jsonb LANGUAGE sql AS $$
  SELECT research.backtest_specification($2, $3, $4, $5, $6, $1, '{"series": [{"symbol": null, "length": null, "candles": 20, "needs_clock": false}], "predictions": []}')
$$;
CREATE FUNCTION pg_temp.bars(specification jsonb) RETURNS TABLE (instrument_id int, opens_at timestamptz, closes_at timestamptz, open float8, high float8, low float8, close float8, volume float8) LANGUAGE plpgsql AS $$
DECLARE v_rows refcursor := research.backtest_bars(specification); BEGIN LOOP FETCH v_rows INTO instrument_id, opens_at, closes_at, open, high, low, close, volume; EXIT WHEN NOT FOUND; RETURN NEXT; END LOOP; CLOSE v_rows; END $$;
SELECT results_eq($$SELECT count(*), count(*) FILTER (WHERE b.opens_at < '2024-03-01'), max(b.closes_at) FROM pg_temp.bars(pg_temp.spec()) AS b$$, $$VALUES (41::bigint, 20::bigint, timestamptz '2024-03-29 20:00Z')$$,
  'a run is fed with the bars of its span, and before them with as many as warm its rules up');
-- Bars of minutes, of one instrument and of two, are those of market.bar_events in its order.
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
SELECT market.instrument_id(s), interval '1 minute', timestamptz '2024-03-04 15:00Z' + n * interval '1 minute', 100, 110, 90, 105, n FROM unnest('{IBM,AAPL}'::text[]) AS s, generate_series(1, 40) AS n;
SELECT strategy.create_strategy('minutes', 'custom', '1 minute', '{"entry": "close < 50"}') \g /dev/null
SELECT results_eq(format($$SELECT b.* FROM pg_temp.bars(pg_temp.spec(strategy => 'minutes', symbols => %L, "from" => '2024-03-04 15:30Z')) AS b$$, s),
  format($$SELECT instrument_id, opens_at, closes_at, open, high, low, close, volume FROM market.bar_events('1 minute', ARRAY(SELECT market.instrument_id(n) FROM unnest(%L::text[]) AS n)) WHERE opens_at >= '2024-03-04 15:10Z'$$, s), 'minutes of ' || s)
  FROM unnest('{"{IBM}","{IBM,AAPL}"}'::text[]) AS s;
SELECT is(pg_temp.spec() #>> '{agent,parameters}', '{"entry": "close < $level", "params": {"level": 50}, "exit": "close > 100"}'::jsonb::text, 'it has the rules of the strategy');
SELECT is((pg_temp.spec('{"params": {"level": 7}}') #>> '{agent,parameters}')::jsonb #>> '{params,level}', '7', 'with values of one''s own');
SELECT is(pg_temp.spec() -> 'settings', '{"fill": "next_open", "resolution": "1 day", "fee_schedule": "free", "slippage_bps": 0, "slippage_ticks": 0, "impact_bps": 0, "latency": "00:00:00", "market_order_buffer": 0.05, "account_type": "cash", "currency": "USD", "skip_bars": 0, "params": {}, "limits": [], "seed": 0, "periods_per_year": 252, "risk_free": 0}', 'what was left out is filled in');

-- Bars that are shorter than the candles.
DELETE FROM market.bars WHERE resolution < '1 day';
SELECT results_eq($$SELECT s #>> '{settings,resolution}', s ->> 'bars_of', (s ->> 'resolution')::bigint, s #>> '{agent,microseconds}' FROM (SELECT pg_temp.spec(strategy => 'weekly') AS s) AS x$$, $$VALUES ('1 day', '1 day', 86400000000, '604800000000')$$, 'a strategy runs on the bars that there are');
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
SELECT market.instrument_id('IBM'), r, t, 100, 110, 90, 105, 1000 FROM unnest('{7 minutes,5 minutes,15 minutes}'::interval[]) AS r CROSS JOIN LATERAL generate_series(timestamptz '2024-02-27 14:30Z', '2024-03-05 20:45Z', r) AS t;
SELECT is(pg_temp.spec() #>> '{settings,resolution}', '1 day', 'those of its own length come first');
SELECT is(pg_temp.spec(strategy => 'hourly') #>> '{settings,resolution}', '00:05:00', 'else the finest that divide it');
SELECT is(pg_temp.spec(jsonb_build_object('resolution', r), strategy => 'hourly') #>> '{settings,resolution}', w, r) FROM (VALUES ('15m', '00:15:00'), ('15 minutes', '00:15:00'), ('00:05:00', '00:05:00')) AS n (r, w);
SELECT results_eq($$SELECT min(b.opens_at), min(b.opens_at) FILTER (WHERE b.opens_at >= '2024-03-04 20:50Z') FROM pg_temp.bars(pg_temp.spec(strategy => 'hourly', "from" => '2024-03-04 20:50Z')) AS b$$, $$VALUES (timestamptz '2024-03-04 00:30Z', timestamptz '2024-03-04 20:50Z')$$, 'the past begins with a candle');
SELECT pg_temp.refuses(format('SELECT pg_temp.spec(%L, strategy => ''hourly'')', s), 'TR530', s) FROM (VALUES ('{"resolution": "7 minutes"}'), ('{"resolution": "1 day"}'), ('{"resolution": "1 month"}'), ('{"resolution": "00:00:00"}'), ('{"resolution": 5}'), ('{"resolution": "5m", "fill": "tick"}'), ('{"resolution": "5m", "fill": "close"}')) AS n (s);
DELETE FROM market.bars WHERE resolution < '1 day';

-- Terms of a portfolio.
SELECT trading.create_portfolio('terms', capital => 5, account_type => 'margin', fee_schedule => 'us_equity', slippage_bps => 7, participation_percent => 10, slippage_ticks => 2, impact_bps => 30, latency => '250 ms'), risk.set_limit('order_value', 500, 'portfolio', 'terms'), risk.set_limit('order_value', 400), risk.set_limit('order_value', 300, 'portfolio', 'main'), risk.set_protection('cooldown', '1 hour', 'portfolio', 'terms') \g /dev/null
SELECT is((pg_temp.spec('{"portfolio": "terms", "slippage_bps": 9}') -> 'settings') - 'rules', '{"fill": "next_open", "resolution": "1 day", "portfolio": "terms", "fee_schedule": "us_equity", "slippage_bps": 9, "slippage_ticks": 2, "impact_bps": 30.0000, "latency": "00:00:00.25", "participation_percent": 10.0000, "market_order_buffer": 0.050000, "account_type": "margin", "currency": "USD", "skip_bars": 0, "params": {}, "limits": [], "seed": 0, "periods_per_year": 252, "risk_free": 0}', 'a portfolio gives its terms, and settings stand before them');
SELECT is((SELECT array_agg(l ->> 'bound' ORDER BY l ->> 'bound') FROM jsonb_array_elements(pg_temp.spec('{"portfolio": "terms", "limits": [{"metric": "position_share", "bound": 20}]}') -> 'limits') AS l), '{20,400.00000000,500.00000000}', 'limits are those of the portfolio, of everybody, and of the settings');
SELECT is(jsonb_array_length(pg_temp.spec('{"portfolio": "terms"}') -> 'protections'), 1, 'and so are protections');
CREATE TEMP TABLE told AS SELECT pg_temp.spec('{"portfolio": "terms", "limits": [{"metric": "position_share", "bound": 20}]}') AS first;
SELECT risk.set_limit('order_value', 9, 'portfolio', 'terms'), risk.set_limit('open_positions', 1), risk.set_protection('cooldown', '2 hours', 'portfolio', 'terms') \g /dev/null
SELECT is(pg_temp.spec(first -> 'settings'), first, 'a repeat has the limits and protections that the run had') FROM told;
SELECT isnt(pg_temp.spec((first -> 'settings') - 'rules') -> s, first -> s, 'which others have changed meanwhile: ' || s) FROM told, unnest('{limits,protections}'::text[]) AS s;
SELECT is(pg_temp.spec() -> 'limits', '[]', 'without a portfolio the house''s do not count');
SELECT is(pg_temp.spec('{"commission_percent": 0.1}') -> 'fees', jsonb_build_array(jsonb_build_object('kind', 'equity', 'exchange', market.exchange_id('US'), 'basis', 'traded', 'begins', internal.microseconds('0001-01-03Z'), 'component', 1, 'per_share', '0', 'per_order', '0', 'percent', '0.1', 'minimum', '0', 'decimals', 8)), 'a commission is a share of the value, not rounded to cents');

-- Candles of calendars are those of market.candle_span, over the change of the clocks and with holidays and sessions of all kinds.
SELECT is(internal.span_times(market.exchange_id(e), l, '2024-02-25', '2024-04-10'),
  (SELECT array_agg(v ORDER BY s.begins_at, p) FROM (SELECT DISTINCT c.* FROM generate_series(timestamptz '2024-02-25', '2024-04-10', '6 hours') AS t CROSS JOIN LATERAL market.candle_span(market.exchange_id(e), l, t) AS c) AS s
    CROSS JOIN LATERAL unnest(ARRAY[internal.microseconds(s.begins_at), internal.microseconds(s.opens_at), internal.microseconds(s.closes_at), internal.microseconds(s.ends_at)]) WITH ORDINALITY AS u (v, p)), format('candles of %s at %s', l, e))
  FROM unnest('{US,NSE,CRYPTO}'::text[]) AS e, unnest('{1 day,3 days,7 days,1 month}'::interval[]) AS l;
SELECT is((SELECT array_agg(v) FROM unnest(internal.clock_offsets('America/New_York', '2024-01-01Z', '2024-12-01Z')) WITH ORDINALITY AS u (v, p) WHERE p > 2),
  ARRAY[internal.microseconds('2024-03-10 07:00Z'), -14400000000, internal.microseconds('2024-11-03 06:00Z'), -18000000000], 'clocks are changed at the hour');

-- What cannot be.
SELECT pg_temp.refuses(format('SELECT pg_temp.spec(%L)', s), c, s) FROM (VALUES ('[]', 'TR530'), ('{"fill": "best"}', 'TR530'), ('{"nonsense": 1}', 'TR530'), ('{"commission_percent": -1}', 'TR530'), ('{"commission_percent": 1, "fee_schedule": "free"}', 'TR530'), ('{"fee_schedule": "nobody"}', 'TR530'),
  ('{"skip_bars": 1.5}', 'TR530'), ('{"account_type": "gift"}', 'TR530'), ('{"currency": "EUR"}', 'TR530'), ('{"limits": [1]}', 'TR530'), ('{"limits": [{"metric": "order_rate", "bound": 1}]}', 'TR530'), ('{"portfolio": "nobody"}', 'TR211'), ('{"rules": {"limits": [], "protections": []}}', 'TR530'), ('{"portfolio": "terms", "rules": {"limits": []}}', 'TR530'), ('{"params": {"other": 1}}', 'TR502'), ('{"seed": "x"}', 'TR530'), ('{"slippage_ticks": 1.5}', 'TR530'), ('{"impact_bps": -1}', 'TR530'), ('{"latency": "2 days"}', 'TR530'), ('{"latency": "25:00:00"}', 'TR530'), ('{"latency": "soon"}', 'TR530'), ('{"params": 1}', 'TR530')) AS n (s, c);
SELECT pg_temp.refuses('SELECT pg_temp.spec(' || a || ')', c, a) FROM (VALUES ('strategy => ''nobody''', 'TR501'), ('strategy => ''ticks''', 'TR530'), ('strategy => ''hourly''', 'TR530'), ('symbols => ''{}''', 'TR530'), ('symbols => ''{NOBODY}''', 'TR101'), ('symbols => ''{IBM,NSE:TCS}''', 'TR530'), ('symbols => ''{IBM,AAPL}''', 'TR530'),
  ('until => ''2024-03-01''', 'TR530'), ('"from" => ''-infinity''', 'TR530'), ('capital => 0', 'TR530'), ('capital => 0.000000001', 'TR530'), ('capital => NULL', 'TR530'), ('"from" => ''2030-01-01'', until => ''2031-01-01''', 'TR530'), ('settings => ''{"fill": "tick"}''', 'TR530')) AS n (a, c);
SELECT pg_temp.refuses($$SELECT research.run_backtest('dip', '{IBM}', '2024-03-01', '2024-04-01', 1000)$$, 'TR526', 'a run in the server needs the extension')
 WHERE to_regprocedure('ta.run_backtest(text)') IS NULL;

-- What is stored: 2 units bought at 100 and sold at 90, the rest of it marked at 105, over three days.
CREATE FUNCTION pg_temp.times(VARIADIC timestamptz[]) RETURNS text LANGUAGE sql AS $$SELECT array_agg(internal.microseconds(t) ORDER BY p)::text FROM unnest($1) WITH ORDINALITY AS u (t, p)$$;
CREATE TEMP TABLE ran AS
SELECT research.record_backtest(pg_temp.spec('{"benchmark": "IBM"}'), jsonb_build_object(
  'engine', '1', 'fingerprint', '0123456789abcdef', 'events', 3, 'final_equity', '980', 'final_cash', '770', 'fees', '1', 'income', '-2.5',
  'orders', jsonb_build_object('count', 2, 'agent', 'dip', 'id', '{1,2}', 'instrument', format('{%s,%1$s}', i), 'client_order_id', '{a,"b, \"c\""}', 'side', '{buy,buy}', 'type', '{market,market}', 'quantity', '{2,2}', 'limit_price', '{NULL,NULL}', 'stop_price', '{NULL,NULL}', 'status', '{filled,rejected}', 'code', '{NULL,TR205}', 'reason', '{NULL,"no money"}', 'submitted_at', pg_temp.times('2024-03-01 21:00Z', '2024-03-04 21:00Z'), 'closed_at', pg_temp.times('2024-03-04 14:30Z', '2024-03-04 21:00Z'), 'filled', '{2,0}', 'average_price', '{100,NULL}', 'fees', '{0.5,0}'),
  'fills', jsonb_build_object('count', 2, 'id', '{1,2}', 'order', '{1,1}', 'instrument', format('{%s,%1$s}', i), 'side', '{buy,sell}', 'quantity', '{2,2}', 'price', '{100,90}', 'fee', '{0.5,0.5}', 'realised', '{0,-20}', 'at', pg_temp.times('2024-03-04 14:30Z', '2024-03-05 14:30Z')),
  'trades', jsonb_build_object('count', 2, 'no', '{1,2}', 'instrument', format('{%s,%1$s}', i), 'side', '{buy,buy}', 'quantity', '{2,2}', 'opened_at', pg_temp.times('2024-03-04 14:30Z', '2024-03-06 14:30Z'), 'closed_at', pg_temp.times('2024-03-05 14:30Z', NULL), 'entry_price', '{100,105}', 'exit_price', '{90,105}', 'entry_value', '{200,210}', 'pnl', '{-20,0}', 'fees', '{1,0}', 'bars', '{1,1}', 'mae', '{-20,0}', 'mfe', '{20,0}', 'exit_reason', '{rule,NULL}'),
  'lots', jsonb_build_object('count', 1, 'fill', '{2}', 'lot', '{1}', 'instrument', format('{%s}', i), 'quantity', '{2}', 'cost', '{200}', 'value', '{180}', 'opened_at', pg_temp.times('2024-03-04 14:30Z'), 'closed_at', pg_temp.times('2024-03-05 14:30Z'), 'settled', '{0}', 'fees', '{1}'),
  'days', jsonb_build_object('count', 3, 'day', (SELECT array_agg(d - date '2000-01-01' ORDER BY d)::text FROM unnest('{2024-03-04,2024-03-05,2024-03-06}'::date[]) AS d), 'at', pg_temp.times('2024-03-04 21:00Z', '2024-03-05 21:00Z', '2024-03-06 21:00Z'), 'equity', '{1009.5,979,980}', 'cash', '{799.5,979,770}'),
  'curve', jsonb_build_object('count', 2, 'times', pg_temp.times('2024-03-04 21:00Z', '2024-03-06 21:00Z'), 'equity', '{1009.5,980}')), '2 seconds') AS run_id
  FROM (SELECT market.instrument_id('IBM') AS i) AS x;
SELECT results_eq($$SELECT status::text, symbols, currency::text, orders, rejected, fills, trades, winning_trades, round(total_return::numeric, 10), round(max_drawdown::numeric, 6), round(expectancy::numeric, 6), round(exposure::numeric, 6), duration, owner = ops.actor() FROM research.backtests$$,
  $$VALUES ('finished', '{US:IBM}'::text[], 'USD', 2::bigint, 1::bigint, 2::bigint, 1::bigint, 0::bigint, -0.02, round(979 / 1009.5 - 1, 6), -21.0, 1.0, interval '2 seconds', true)$$, 'a run is a row, whose statistics begin with the capital and count closed round trips');
SELECT results_eq($$SELECT trade_no, net_pnl::numeric, return, closed_at IS NULL, exit_reason FROM research.backtest_trades ORDER BY 1$$, $$VALUES (1, -21::numeric, -0.1::float8, false, 'rule'), (2, 0, 0, true, NULL)$$, 'trades have what they made; the open one is marked');
SELECT results_eq('SELECT lot, quantity, cost, proceeds, fees, gain FROM research.realised_gains((SELECT run_id FROM ran))', $$VALUES (1::bigint, 2::numeric, 200::numeric, 180::numeric, 1::numeric, -21::numeric)$$, 'lots have what they cost and brought, with the fees of both fills');
SELECT results_eq('SELECT symbols, legs, research_only FROM research.backtests', $$VALUES ('{US:IBM}'::text[], '{}'::text[], false)$$, 'what it was to trade, and that a portfolio could have');
SELECT results_eq($$SELECT day, positions_value::numeric, round(drawdown::numeric, 6) FROM research.backtest_equity ORDER BY 1$$, $$VALUES (date '2024-03-04', 210::numeric, 0::numeric), ('2024-03-05', 0, round(979 / 1009.5 - 1, 6)), ('2024-03-06', 210, round(980 / 1009.5 - 1, 6))$$, 'days have what was held, and how far they are below the best');
SELECT results_eq($$SELECT o.status::text, o.client_order_id, o.reason_code, f.price::numeric, c.times[2], c.equity[1] FROM research.backtest_orders AS o JOIN research.backtest_curves AS c USING (run_id) LEFT JOIN research.backtest_fills AS f ON f.order_id = o.order_id AND f.side = 'buy' ORDER BY o.order_id$$,
  $$VALUES ('filled', 'a', NULL, 100::numeric, timestamptz '2024-03-06 21:00Z', 1009.5::float8), ('rejected', 'b, "c"', 'TR205', NULL, '2024-03-06 21:00Z', 1009.5)$$, 'orders, fills and curve are kept');
SELECT pg_temp.refuses($$SELECT research.record_backtest('{}', '{}')$$, 'TR530', 'what is no result is not stored');
SELECT pg_temp.denies('DELETE FROM research.backtests', 'nobody but the owner deletes a run');
SELECT pg_temp.denies('INSERT INTO research.backtest_equity DEFAULT VALUES', 'or writes into one');
SELECT is(pg_temp.outcome('bourse_analyst', $$SELECT count(*) FROM research.backtest_bars(pg_temp.spec())$$), '00000', 'an analyst may run one');
DELETE FROM research.backtests;
SELECT is((SELECT count(*) FROM (SELECT run_id FROM research.backtest_orders UNION ALL SELECT run_id FROM research.backtest_fills UNION ALL SELECT run_id FROM research.backtest_trades UNION ALL SELECT run_id FROM research.backtest_equity UNION ALL SELECT run_id FROM research.backtest_curves) AS r), 0::bigint, 'what a run did goes with it');
SELECT * FROM finish();
ROLLBACK;
