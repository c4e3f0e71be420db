-- Futures are settled every day and end on their last; what they lose is paid, whatever it takes, and cash is never negative.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT market.add_instrument(symbol => 'ES', kind => 'future', expires_on => '2024-01-12', multiplier => 50, initial_margin => 0.1, maintenance_margin => 0.08),
       market.add_instrument(symbol => 'PERP', kind => 'future', multiplier => 1, initial_margin => 0.5, tick_size => 0.01) \g /dev/null
SELECT trading.create_portfolio(name => 'fut', capital => 10000, at => '2024-01-02 09:00Z'), trading.create_portfolio(name => 'thin', capital => 1000, at => '2024-01-02 09:00Z') \g /dev/null
UPDATE trading.portfolios SET account_type = 'margin' WHERE name IN ('fut', 'thin');
CREATE FUNCTION pg_temp.quote(symbol text, price float8, at timestamptz) RETURNS void LANGUAGE sql
AS $$ SELECT market.upsert_quotes(ARRAY[market.instrument_id(symbol)], ARRAY[at], ARRAY[price], ARRAY[NULL::float8]) $$;
CREATE FUNCTION pg_temp.deal(id text, side trading.order_side, quantity numeric, price numeric, symbol text DEFAULT 'ES', portfolio text DEFAULT 'fut', at timestamptz DEFAULT '2024-01-08 15:00Z')
RETURNS void LANGUAGE sql AS $$
  SELECT pg_temp.submit(id, side, quantity, price, symbol, portfolio, at);
  SELECT pg_temp.fill(id, quantity, price, id, portfolio => portfolio, at => at);
$$;
-- cash, margin, equity | quantity, cost, realised, lots' cost, fifo profit
CREATE FUNCTION pg_temp.books(symbol text DEFAULT 'ES', portfolio text DEFAULT 'fut') RETURNS text LANGUAGE sql STABLE AS $$
  SELECT concat_ws(' ', trim_scale(v.cash), trim_scale(v.margin), trim_scale(v.equity), '|', trim_scale(p.quantity), trim_scale(p.cost), trim_scale(p.realised_pnl),
                   trim_scale((SELECT coalesce(sum(l.cost), 0) FROM trading.lots AS l WHERE (l.portfolio_id, l.instrument_id) = (p.portfolio_id, p.instrument_id))), trim_scale(p.fifo_pnl))
    FROM trading.portfolio_values AS v JOIN trading.positions AS p USING (portfolio_id)
   WHERE v.portfolio_id = trading.portfolio_id($2) AND p.instrument_id = market.instrument_id($1)
$$;
CREATE FUNCTION pg_temp.settle(price numeric, day date DEFAULT NULL, at timestamptz DEFAULT '2024-01-08 22:00Z', portfolio text DEFAULT 'fut', symbol text DEFAULT 'ES') RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(concat_ws(' ', s.day, s.kind, trim_scale(s.price), trim_scale(s.quantity), trim_scale(s.realised_pnl), trim_scale(s.margin_delta), trim_scale(s.advanced)), '; ' ORDER BY s.instrument_id)
    FROM trading.settle_futures(portfolio, day, CASE WHEN price IS NULL THEN '{}' ELSE ARRAY[symbol] END, CASE WHEN price IS NULL THEN '{}' ELSE ARRAY[price] END, at) AS s
$$;

-- One contract of 50 × 100 at a tenth.
SELECT pg_temp.quote('ES', 100, '2024-01-08 14:30Z') \g /dev/null
SELECT pg_temp.deal('b1', 'buy', 1, 100), pg_temp.deal('b2', 'buy', 1, 104) \g /dev/null
SELECT is(pg_temp.books(), '8980 1020 9800 | 2 10200 0 10200 0', 'two contracts: collateral moves, nothing is paid; the quote counts');
SELECT is(pg_temp.settle(106), '2024-01-08 daily 106 2 400 40 0', 'the day is settled at the price given');
SELECT is(pg_temp.books(), '9340 1060 9800 | 2 10600 400 10600 400', 'the gain is paid, cost and lots restart at the price, margin follows; the quote still says 100');
SELECT is((SELECT string_agg(trim_scale(l.cost)::text, ' ' ORDER BY l.fill_id) FROM trading.lots AS l WHERE l.portfolio_id = trading.portfolio_id('fut')), '5300 5300', 'each lot by itself');
SELECT is((SELECT string_agg(concat_ws(' ', d.kind, c.kind, t.kind, trim_scale(t.amount)), ', ' ORDER BY t.transfer_id) FROM ledger.transfers AS t JOIN trading.settlements AS s ON s.portfolio_id = t.portfolio_id AND t.transfer_id >= s.first_transfer_id AND t.transfer_id < s.next_transfer_id
             JOIN ledger.accounts AS d ON d.portfolio_id = t.portfolio_id AND d.account_id = t.debit_account_id JOIN ledger.accounts AS c ON c.portfolio_id = t.portfolio_id AND c.account_id = t.credit_account_id),
          'securities cash settlement 400, cash margin margin 40', 'by these transfers');
SELECT is(pg_temp.settle(120), NULL, 'the same day is not settled again');
SELECT is(pg_temp.settle(120, '2024-01-05', '2024-01-08 22:00Z'), NULL, 'nor a day before');
SELECT is(pg_temp.books(), '9340 1060 9800 | 2 10600 400 10600 400', 'nothing moved');
SELECT pg_temp.is_sound();
SELECT pg_temp.quote('ES', 101, '2024-01-09 20:00Z') \g /dev/null
SELECT is(pg_temp.settle(NULL, at => '2024-01-09 20:30Z'), NULL, 'a day is settled when it is over');
SELECT is(pg_temp.settle(NULL, at => '2024-01-09 21:00Z'), '2024-01-09 daily 101 2 -500 -50 0', 'at the latest quote when no price is given');
SELECT is(pg_temp.books(), '8890 1010 9900 | 2 10100 -100 10100 -100', 'a loss is paid, margin comes back');
SELECT is((SELECT array_agg(e.kind ORDER BY e.event_id) FROM ops.events AS e WHERE e.kind LIKE 'position.settled'), '{position.settled,position.settled}', 'the journal tells');
SELECT pg_temp.is_sound();

-- Closing after a settlement counts from there.
SELECT pg_temp.deal('s1', 'sell', 1, 103, at => '2024-01-10 15:00Z') \g /dev/null
SELECT is(pg_temp.books(), '9495 505 10000 | 1 5050 0 5050 0', 'one contract closes with 100 since the settlement');
SELECT is((SELECT (f.realised_pnl, f.fifo_pnl)::text FROM trading.fills AS f WHERE f.execution_id = 's1'), '(100.00000000,100.00000000)', 'its fill says so');
SELECT pg_temp.is_sound();

-- Through zero, and the last day.
SELECT pg_temp.deal('s3', 'sell', 3, 102, at => '2024-01-11 15:00Z') \g /dev/null
SELECT is(pg_temp.books(), '9030 1020 10150 | -2 -10200 50 -10200 50', 'short now');
SELECT pg_temp.submit('rest', 'buy', 1, 90, 'ES', 'fut', '2024-01-11 15:00Z') \g /dev/null
SELECT is(pg_temp.settle(101, '2024-01-12', '2024-01-12 21:30Z'), '2024-01-12 final 101 -2 100 -1020 0', 'final settlement');
SELECT is(pg_temp.books(), '10150 0 10150 | 0 0 150 0 150', 'closes the position: nothing is left but cash');
SELECT is((SELECT (o.status, o.reason_code)::text FROM pg_temp.order_row('rest', 'fut') AS o), '(expired,TR233)', 'and ends the orders');
SELECT is((SELECT concat_ws(' ', trim_scale(c.quantity), trim_scale(c.cost), trim_scale(c.value)) FROM trading.lot_closures AS c WHERE c.fill_id = 0), '-2 -10200 -10100', 'its lots are closed without a fill');
SELECT is(pg_temp.settle(101, '2024-01-13', '2024-01-13 21:30Z'), NULL, 'a contract ends once');
SELECT is((SELECT o.reason_code FROM pg_temp.submit('late', 'buy', 1, 90, 'ES', 'fut', '2024-01-13 15:00Z') AS o), 'TR107', 'and trades no more');
SELECT pg_temp.is_sound();
SELECT is_empty($$SELECT s.section, s.currency FROM ledger.statement('fut') AS s GROUP BY 1, 2
  HAVING sum(s.credit) - sum(s.debit) <> max(s.balance) FILTER (WHERE s.kind = 'closing') OR max(s.balance) FILTER (WHERE s.kind = 'opening') <> 0$$, 'the statement adds up, the margin section too');
SELECT is((SELECT array_agg(s.description ORDER BY s.line) FROM ledger.statement('fut', '2024-01-08 22:00Z', '2024-01-09') AS s WHERE s.section = 'cash'),
          '{opening balance,"daily settlement of 2 US:ES at 106, held at 102 × 50","margin set aside US:ES",closing balance}', 'and says what was settled');
SELECT is((SELECT array_agg(DISTINCT s.section ORDER BY s.section) FROM ledger.statement('fut') AS s), '{cash,margin}', 'in both sections');

-- A loss that takes everything: free cash, then the margin of the position, then the money of orders, then an advance.
SELECT pg_temp.quote('PERP', 100, '2024-01-08 14:30Z') \g /dev/null
SELECT pg_temp.deal('p', 'buy', 10, 100, 'PERP', 'thin'), pg_temp.submit('o1', 'buy', 1, 100, 'IBM', 'thin'), pg_temp.submit('o2', 'buy', 2, 100, 'IBM', 'thin') \g /dev/null
SELECT is(pg_temp.books('PERP', 'thin'), '500 500 1000 | 10 1000 0 1000 0', 'half is collateral, three fifths of the rest wait for fills');
SELECT is(pg_temp.settle(60, '2024-01-08', portfolio => 'thin', symbol => 'PERP'), '2024-01-08 daily 60 10 -400 -200 0', 'a loss of 400: 200 of it free cash, 200 out of the margin');
SELECT is(pg_temp.books('PERP', 'thin'), '300 300 1000 | 10 600 -400 600 -400', 'the orders keep their money');
SELECT is((SELECT string_agg(o.status::text, ' ' ORDER BY o.order_id) FROM trading.orders AS o WHERE o.closed_at IS NULL AND o.portfolio_id = trading.portfolio_id('thin')), 'accepted accepted', 'and rest');
SELECT pg_temp.is_sound();
SELECT pg_temp.quote('PERP', 20, '2024-01-09 20:00Z') \g /dev/null
SELECT is(pg_temp.settle(20, '2024-01-09', '2024-01-09 22:00Z', portfolio => 'thin', symbol => 'PERP'), '2024-01-09 daily 20 10 -400 -200 0', 'another 400 takes the margin and the latest order; what that freed goes back into margin');
SELECT is((SELECT string_agg(o.client_order_id || ' ' || o.status || ' ' || coalesce(o.reason_code, '-'), ', ' ORDER BY o.order_id) FROM trading.orders AS o WHERE o.portfolio_id = trading.portfolio_id('thin') AND o.client_order_id LIKE 'o%'), 'o1 accepted -, o2 cancelled TR234', 'the latest order lost its money');
SELECT is(pg_temp.books('PERP', 'thin'), '100 100 200 | 10 200 -800 200 -800', 'two hundred are left, half in the margin');
SELECT pg_temp.is_sound();
-- 100 for each of 10, sold short in whole by the market's turn against it.
SELECT pg_temp.quote('PERP', 21, '2024-01-10 14:00Z'), pg_temp.deal('p2', 'sell', 10, 20, 'PERP', 'thin', '2024-01-10 15:00Z'), trading.cancel_order('thin', client_order_id => 'o1', at => '2024-01-10 15:00Z') \g /dev/null
SELECT pg_temp.deal('p3', 'sell', 15, 20, 'PERP', 'thin', '2024-01-10 15:01Z') \g /dev/null
SELECT pg_temp.quote('PERP', 40, '2024-01-10 20:00Z') \g /dev/null
SELECT is(pg_temp.settle(NULL, '2024-01-10', '2024-01-10 22:00Z', portfolio => 'thin', symbol => 'PERP'), '2024-01-10 daily 40 -15 -300 -150 100', 'a loss of 300 with 200 there: a hundred is advanced');
SELECT is((SELECT concat_ws(' ', trim_scale(v.cash), trim_scale(v.margin), trim_scale(v.realised_pnl)) FROM trading.portfolio_values AS v WHERE v.portfolio_id = trading.portfolio_id('thin')), '0 0 -1100', 'the loss is a loss in full, cash is not negative');
SELECT is((SELECT s.net_deposits::numeric FROM trading.portfolio_summary AS s WHERE s.portfolio = 'thin'), 1100::numeric(28, 8), 'the advance is capital that came in');
SELECT is((SELECT (e.payload ->> 'amount')::numeric FROM ops.events AS e WHERE e.kind = 'margin.deficit'), 100.00000000, 'and journaled');
SELECT is((SELECT s.description FROM ledger.statement('thin') AS s WHERE s.transfer_id = (SELECT max(t.transfer_id) - 1 FROM ledger.transfers AS t WHERE t.portfolio_id = trading.portfolio_id('thin'))), 'advanced, to settle US:PERP', 'and on the statement');
SELECT is((SELECT count(*)::int FROM trading.margin_calls AS c WHERE c.portfolio_id = trading.portfolio_id('thin') AND c.closed_at IS NULL), 1, 'with a margin call');
SELECT pg_temp.is_sound();

-- All portfolios at once; fractions round so that lots and position agree.
SELECT market.add_instrument(symbol => 'F', kind => 'future', multiplier => 0.1, lot_size => 0.001, tick_size => 0.001, initial_margin => 0.333, maintenance_margin => 0.3) \g /dev/null
SELECT pg_temp.quote('F', 3.333, '2024-01-08 14:30Z') \g /dev/null
SELECT pg_temp.deal('f' || n, 'buy', 0.001 * n, 3.333 + 0.001 * n, 'F') FROM generate_series(1, 7) AS n \g /dev/null
SELECT pg_temp.deal('g1', 'sell', 0.013, 3.337, 'F'), pg_temp.deal('h', 'buy', 1, 3.333, 'F', 'thin') FROM ledger.deposit('thin', 100, at => '2024-01-10') \g /dev/null
SELECT is((SELECT array_agg(DISTINCT s.day || ' ' || trim_scale(s.price) ORDER BY s.day || ' ' || trim_scale(s.price)) FROM trading.settle_futures(symbols => '{F,PERP}', prices => '{3.33333333,41}', at => '2024-01-11 22:00Z') AS s), '{"2024-01-08 3.333","2024-01-11 3.33333333","2024-01-11 41"}',
          'all days that are over: at its quote the one that has one, at the prices given the latest, which pays for those between');
SELECT is((SELECT count(*)::int FROM trading.settlements AS s WHERE s.day = '2024-01-11' AND s.portfolio_id IN (SELECT portfolio_id FROM trading.portfolios WHERE name IN ('fut', 'thin'))), 3, 'three positions of two portfolios');
SELECT pg_temp.is_sound();
SELECT is((SELECT count(*)::int FROM trading.settle_futures(symbols => '{F,PERP}', prices => '{3.1,41}', at => '2024-01-11 23:00Z')), 0, 'once');

-- A program settles the day of an exchange, and is told when the next one ends: here after a weekend and a holiday.
SELECT is(market.last_closed_day(market.exchange_id('US'), '2024-01-12 20:59Z'), '2024-01-11'::date, 'a day is over with its session');
SELECT is(market.last_closed_day(market.exchange_id('US'), '2024-01-15 22:00Z'), '2024-01-12'::date, 'days without one do not count');
SELECT pg_temp.quote('F', 3.5, '2024-01-12 20:00Z'), pg_temp.quote('PERP', 42, '2024-01-12 20:00Z') \g /dev/null
SELECT is(trading.settle_day(ARRAY(SELECT portfolio_id FROM trading.portfolios), market.exchange_id('US'), '2024-01-12 21:00Z'), '2024-01-16 21:00Z'::timestamptz, 'the next end of a day');
SELECT is((SELECT count(*)::int FROM trading.settlements AS s WHERE s.day = '2024-01-12' AND s.at = '2024-01-12 21:00Z'), 3, 'three positions are settled');
SELECT market.add_instrument(symbol => 'BLIND', kind => 'option', expires_on => '2024-01-16', strike => 10, option_right => 'call') \g /dev/null
SELECT pg_temp.deal('blind', 'buy', 1, 1, 'BLIND', 'main') \g /dev/null
SELECT pg_temp.quote('F', 3.6, '2024-01-16 20:00Z'), pg_temp.quote('PERP', 43, '2024-01-16 20:00Z') \g /dev/null
SELECT is(trading.settle_day(ARRAY(SELECT portfolio_id FROM trading.portfolios), market.exchange_id('US'), '2024-01-16 21:00Z'), '2024-01-17 21:00Z'::timestamptz, 'what has no price stops nobody');
SELECT is((SELECT e.payload ->> 'kind' FROM ops.events AS e WHERE e.kind = 'settlement.unpriced'), 'expiry', 'it is journaled');
SELECT is((SELECT count(*)::int FROM trading.settlements AS s WHERE s.day = '2024-01-16'), 3, 'and the others are settled');
SELECT pg_temp.is_sound();

SELECT pg_temp.refuses(format('SELECT trading.settle_futures(''fut'', %s)', a), c, a) FROM (VALUES
  ('symbols => ''{F}''', 'TR604'), ('symbols => ''{F}'', prices => ''{0}''', 'TR118'), ('symbols => ''{F}'', prices => ''{-37.63}''', 'TR118'), ('symbols => ''{F}'', prices => ''{NaN}''', 'TR604'), ('symbols => ''{F}'', prices => ''{NULL}''', 'TR604'), ('symbols => ''{F}'', prices => ''{1,2}''', 'TR604'),
  ('symbols => NULL', 'TR604'), ('symbols => ''{NULL}'', prices => ''{1}''', 'TR604'), ('symbols => ''{none}'', prices => ''{1}''', 'TR101'), ('at => NULL', 'TR104'), ('at => ''infinity''', 'TR104'), ('day => ''infinity''', 'TR104')) AS t (a, c);
SELECT pg_temp.refuses($$SELECT trading.settle_futures('none')$$, 'TR211', 'an unknown portfolio');
DELETE FROM market.quotes WHERE instrument_id = market.instrument_id('F');
SELECT is_empty($$SELECT trading.settle_futures('fut', at => '2024-01-20')$$, 'without a price nothing is settled');
SELECT is((SELECT (u.symbol, u.kind, u.first_day, u.day, u.price_of)::text FROM trading.unsettled AS u WHERE u.portfolio = 'fut'), '(US:F,daily,2024-01-17,2024-01-19,US:F)', 'which can be seen');
SELECT pg_temp.refuses(format(s, t), 'TR213', format(s, t)) FROM unnest(ARRAY['trading.settlements', 'trading.dividends']) AS t, unnest(ARRAY['UPDATE %s SET portfolio_id = portfolio_id', 'DELETE FROM %s', 'TRUNCATE %s CASCADE']) AS s;
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
