-- Options are paid in full, written on margin, and end at their intrinsic value.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT trading.create_portfolio(name => 'opt', capital => 10000, at => '2024-01-02 09:00Z'), trading.create_portfolio(name => 'poor', capital => 2100, at => '2024-01-02 09:00Z') \g /dev/null
UPDATE trading.portfolios SET account_type = 'margin' WHERE name IN ('opt', 'poor');
SELECT market.add_instrument(symbol => format('IBM%s%s', c, k), kind => 'option', multiplier => 100, expires_on => '2024-01-12', underlying => 'IBM', strike => k, option_right => r::market.option_right,
                             initial_margin => 0.2, maintenance_margin => 0.15)
  FROM (VALUES ('C', 'call'), ('P', 'put')) AS n (c, r), unnest(ARRAY[95, 100, 105]) AS k \g /dev/null
SELECT market.add_instrument(symbol => 'FREE', kind => 'option', expires_on => '2024-01-12', strike => 10, option_right => 'call') \g /dev/null
CREATE FUNCTION pg_temp.deal(id text, symbol text, side trading.order_side, quantity numeric, price numeric, portfolio text DEFAULT 'opt') RETURNS void LANGUAGE sql AS $$
  SELECT pg_temp.submit(id, side, quantity, price, symbol, portfolio);
  SELECT pg_temp.fill(id, quantity, price, portfolio || id, portfolio => portfolio);
$$;
CREATE FUNCTION pg_temp.money(portfolio text DEFAULT 'opt') RETURNS text LANGUAGE sql STABLE
AS $$ SELECT concat_ws(' ', trim_scale(v.cash), trim_scale(v.margin), trim_scale(v.realised_pnl)) FROM trading.portfolio_values AS v WHERE v.portfolio_id = trading.portfolio_id($1) $$;
CREATE FUNCTION pg_temp.expire(price numeric, portfolio text DEFAULT 'opt', day date DEFAULT '2024-01-12', at timestamptz DEFAULT '2024-01-12 21:05Z') RETURNS SETOF text LANGUAGE sql AS $$
  SELECT concat_ws(' ', i.symbol, s.kind, trim_scale(s.price), trim_scale(s.underlying_price), trim_scale(s.quantity), trim_scale(s.realised_pnl), trim_scale(s.margin_delta), trim_scale(s.advanced))
    FROM trading.expire_options(portfolio, day, CASE WHEN price IS NULL THEN '{}' ELSE '{IBM}' END::text[], CASE WHEN price IS NULL THEN '{}' ELSE ARRAY[price] END, at) AS s
    JOIN market.instruments AS i USING (instrument_id) ORDER BY i.symbol
$$;

SELECT pg_temp.deal('1', 'IBMC95', 'buy', 1, 6), pg_temp.deal('2', 'IBMC105', 'buy', 2, 1), pg_temp.deal('3', 'IBMP100', 'sell', 1, 3), pg_temp.deal('4', 'IBMC100', 'sell', 2, 2) \g /dev/null
SELECT is(pg_temp.money(), '3200 6700 0', 'two are bought for 600 and 200; two are written: premiums of 300 and 400 and a fifth of the strikes is collateral');
SELECT pg_temp.submit('rest', 'sell', 1, 9, 'IBMC95', 'opt') \g /dev/null
SELECT pg_temp.is_sound();
SELECT is_empty($$SELECT pg_temp.expire(103, day => '2024-01-11')$$, 'nothing ends before its day');
SELECT is_empty($$SELECT pg_temp.expire(103, day => NULL, at => '2024-01-12 20:00Z')$$, 'nor before its last session is over');
SELECT is((pg_temp.order_row('rest', 'opt')).status, 'accepted', 'orders rest until then');
SELECT pg_temp.money() AS before \gset
SELECT results_eq($$SELECT pg_temp.expire(103)$$, ARRAY['IBMC100 expiry 3 103 -2 -200 -4400 0', 'IBMC105 expiry 0 103 2 -200 0 0', 'IBMC95 expiry 8 103 1 200 0 0', 'IBMP100 expiry 0 103 -1 300 -2300 0'],
                  'long in the money receives, written pays out of its margin, the rest expires worthless');
SELECT is(pg_temp.money(), '10100 0 100', 'the margin is free, the money adds up');
SELECT is((SELECT count(*)::int FROM trading.positions AS p WHERE p.portfolio_id = trading.portfolio_id('opt') AND (p.quantity, p.cost, p.margin, p.market_value) = (0, 0, 0, 0)), 4, 'the positions are closed');
SELECT is((SELECT count(*)::int FROM trading.lots AS l WHERE l.portfolio_id = trading.portfolio_id('opt')), 0, 'so are the lots');
SELECT is((SELECT sum(c.value - c.cost)::numeric FROM trading.lot_closures AS c WHERE c.fill_id = 0), 100.00000000, 'at the same profit');
SELECT is((SELECT (o.status, o.reason_code)::text FROM pg_temp.order_row('rest', 'opt') AS o), '(expired,TR233)', 'and the orders');
SELECT is_empty($$SELECT pg_temp.expire(110)$$, 'once');
SELECT is((SELECT array_agg(s.description ORDER BY s.line) FROM ledger.statement('opt', '2024-01-12') AS s WHERE s.section = 'cash' AND s.symbol IN ('US:IBMC95', 'US:IBMC100')),
          '{"expiry of 1 US:IBMC95 at 8 × 100, the underlying is at 103","expiry of -2 US:IBMC100 at 3 × 100, the underlying is at 103","margin set free US:IBMC100"}', 'the statement says why');
SELECT pg_temp.is_sound();
SELECT is((SELECT r.sum FROM (SELECT sum(p.realised_pnl)::numeric FROM trading.positions AS p WHERE p.portfolio_id = trading.portfolio_id('opt')) AS r), 100.00000000, 'realised is what premiums and values leave');

-- A put in the money; the quote of the underlying; what the writer cannot pay.
SELECT pg_temp.deal('1', 'IBMP100', 'sell', 1, 1, 'poor') \g /dev/null
SELECT is(pg_temp.money('poor'), '100 2100 0', 'all but 100 is collateral');
SELECT market.upsert_quotes(ARRAY[market.instrument_id('IBM')], '{2024-01-12 20:59Z}', '{75}', '{NULL}') \g /dev/null
SELECT results_eq($$SELECT pg_temp.expire(NULL, 'poor', NULL)$$, ARRAY['IBMP100 expiry 25 75 -1 -2400 -2100 300'], 'out of the margin, then cash; 300 are advanced');
SELECT is(pg_temp.money('poor'), '0 0 -2400', 'cash is not negative');
SELECT is((SELECT s.net_deposits::numeric FROM trading.portfolio_summary AS s WHERE s.portfolio = 'poor'), 2400::numeric(28, 8), 'what was advanced is capital');
SELECT pg_temp.is_sound();
SELECT pg_temp.deal('2', 'FREE', 'buy', 1, 1, 'main') \g /dev/null
SELECT is_empty($$SELECT trading.expire_options('main', '2024-01-12')$$, 'an option on nothing known needs a price');
SELECT is((SELECT s.realised_pnl::numeric FROM trading.expire_options('main', '2024-01-12', '{FREE}', '{12.5}', '2024-01-12 22:00Z') AS s), 1.5::numeric(28, 8), 'which goes with its own symbol');
SELECT pg_temp.is_sound();

-- Terms.
SELECT pg_temp.refuses(format('SELECT market.add_instrument(symbol => ''X'', %s)', a), 'TR108', a) FROM unnest(ARRAY['kind => ''option''', 'kind => ''option'', strike => 5, option_right => ''call''', 'kind => ''option'', strike => 5, expires_on => ''2025-01-01''',
  'kind => ''option'', strike => 0, option_right => ''call'', expires_on => ''2025-01-01''', 'kind => ''option'', strike => ''NaN'', option_right => ''call'', expires_on => ''2025-01-01''', 'kind => ''option'', strike => 5, option_right => ''put'', expires_on => ''infinity''',
  'strike => 5', 'option_right => ''put''', 'underlying => ''IBM''', 'kind => ''future'', strike => 5', 'initial_margin => 0', 'initial_margin => 0.2', 'initial_margin => ''NaN''', 'initial_margin => 11', 'maintenance_margin => 0', 'maintenance_margin => NULL']) AS a;
SELECT pg_temp.refuses($$SELECT market.add_instrument(symbol => 'X', kind => 'future', underlying => 'none')$$, 'TR101', 'an unknown underlying');
SELECT is((SELECT (i.strike, i.option_right, i.initial_margin, i.maintenance_margin, i.is_shortable, i.underlying_id = market.instrument_id('IBM'))::text FROM market.instruments AS i WHERE i.symbol = 'IBMC95'), '(95.00000000,call,0.20000000,0.15000000,t,t)', 'the terms are kept');
SELECT pg_temp.refuses($$INSERT INTO market.instruments (exchange_id, symbol, kind, currency) VALUES (1, 'Y', 'option', 'USD')$$, '23514', 'also from one who inserts by hand');

SELECT * FROM finish();
ROLLBACK;
