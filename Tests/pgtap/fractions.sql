-- A fraction of a share that a split leaves is paid in cash at the last price before it, in the new terms.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT ledger.deposit('main', 990000, at => '2024-01-03') \g /dev/null
SELECT trading.create_portfolio(name => 'short', capital => 10000, at => '2024-01-02 09:00Z'), trading.create_portfolio(name => 'late', capital => 10000, at => '2024-01-02 09:00Z') \g /dev/null
UPDATE trading.portfolios SET account_type = 'margin' WHERE name = 'short';
CREATE FUNCTION pg_temp.list(symbol text, last float8 DEFAULT NULL, lot numeric DEFAULT 1) RETURNS void LANGUAGE sql AS $$
  SELECT market.add_instrument(symbol => symbol, lot_size => lot);
  SELECT market.upsert_quotes(ARRAY[market.instrument_id(symbol)], '{2024-01-08 21:00Z}', ARRAY[last], '{NULL}') WHERE last IS NOT NULL;
$$;
CREATE FUNCTION pg_temp.deal(id text, side trading.order_side, quantity numeric, price numeric, symbol text, portfolio text DEFAULT 'main') RETURNS void LANGUAGE sql AS $$
  SELECT pg_temp.submit(id, side, quantity, price, symbol, portfolio), pg_temp.fill(id, quantity, price, id, portfolio => portfolio)
$$;
CREATE FUNCTION pg_temp.split(symbol text, new numeric, old numeric, portfolio text DEFAULT 'main', at timestamptz DEFAULT '2024-01-09 05:00Z') RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FROM trading.apply_split(ARRAY[trading.portfolio_id(portfolio)], (market.add_split(symbol, '2024-01-09', new, old)).action_id, at)
$$;
CREATE FUNCTION pg_temp.paid(symbol text, portfolio text DEFAULT 'main') RETURNS text LANGUAGE sql STABLE AS $$
  SELECT concat_ws(' ', trim_scale(a.lieu_quantity), trim_scale(a.lieu_price), trim_scale(a.lieu_amount), trim_scale(a.realised_pnl), trim_scale(a.fifo_pnl), trim_scale(a.margin_delta), trim_scale(a.advanced))
    FROM trading.position_adjustments AS a WHERE a.portfolio_id = trading.portfolio_id(portfolio) AND a.instrument_id = market.instrument_id(symbol)
$$;
CREATE FUNCTION pg_temp.books(symbol text, portfolio text DEFAULT 'main') RETURNS text LANGUAGE sql STABLE AS $$
  SELECT concat_ws(' ', trim_scale(p.quantity), trim_scale(p.cost), trim_scale(p.realised_pnl), trim_scale(p.fifo_pnl), trim_scale(p.margin)) FROM pg_temp.position_row(symbol, portfolio) AS p
$$;
CREATE FUNCTION pg_temp.equity(portfolio text DEFAULT 'main') RETURNS numeric LANGUAGE sql STABLE AS $$ SELECT s.equity FROM trading.portfolio_summary AS s WHERE s.portfolio = $1 $$;

-- 15 shares for 1500 become 1.5; the half is worth 550 and cost 500, by its lot (5 at 90, half a share for 450) 450.
SELECT pg_temp.list('LONG', 110), pg_temp.deal('l1', 'buy', 5, 90, 'LONG'), pg_temp.deal('l2', 'buy', 10, 105, 'LONG') \g /dev/null
SELECT pg_temp.cash() AS cash, pg_temp.equity() AS equity \gset
SELECT pg_temp.split('LONG', 1, 10) \g /dev/null
SELECT is(pg_temp.paid('LONG'), '0.5 1100 550 50 100 0 0', 'half a share at ten times the last price');
SELECT is(pg_temp.books('LONG'), '1 1000 50 100 0', 'one share is left, with its part of the cost');
SELECT is((SELECT array_agg(format('%s for %s', trim_scale(l.quantity), trim_scale(l.cost))) FROM trading.lots AS l WHERE l.instrument_id = market.instrument_id('LONG')), '{1 for 1050}', 'the oldest lot went');
SELECT pg_temp.amounts_to(pg_temp.cash() - :cash, 550, 'the money is there');
SELECT pg_temp.amounts_to(pg_temp.equity(), :equity, 'and equity did not jump');
SELECT is((trading.update_portfolio_value('main', '2024-01-09 05:00Z')).equity, :equity::ledger.money, 'nor did the portfolio''s value');
SELECT is((SELECT (s.kind, s.description, s.credit, s.symbol)::text FROM ledger.statement('main') AS s WHERE s.kind = 'cash_in_lieu'), '(cash_in_lieu,"cash in lieu of 0.5 US:LONG at 1100",550,US:LONG)', 'the statement says what for');
SELECT is((SELECT (t.direction, t.quantity, t.entry_price, t.exit_price, t.pnl, t.fees)::text FROM trading.round_trips AS t WHERE t.symbol = 'US:LONG'), '(long,0.5,900,1100,100,0)', 'it is a round trip');
SELECT is((SELECT e.payload - 'action_id' FROM ops.events AS e WHERE e.kind = 'position.split' AND e.instrument_id = market.instrument_id('LONG')),
          '{"factor": 0.10000000000000000000, "quantity": 1.00000000, "lieu_price": 1100.00000000, "lieu_amount": 550.00000000, "lieu_quantity": 0.50000000}'::jsonb, 'the journal tells of it');
SELECT pg_temp.is_sound();
SELECT ops.fingerprint() AS fingerprint \gset
SELECT pg_temp.split('LONG', 1, 10), pg_temp.split('LONG', 1, 10, at => '2024-03-01') \g /dev/null
SELECT is(ops.fingerprint(), :'fingerprint', 'once');
-- A fill of after it may be taken back: what was paid stays paid.
SELECT pg_temp.deal('l3', 'buy', 3, 1200, 'LONG') \g /dev/null
SELECT count(*) FROM trading.bust_fill('main', execution_id => 'l3', at => '2024-01-10') \g /dev/null
SELECT is(pg_temp.books('LONG'), '1 1000 50 100 0', 'as before that fill');
SELECT pg_temp.is_sound();

-- A part of a lot that is sold before a split, the fraction of it, and the rest: one trip in the shares of the last close.
SELECT pg_temp.list('TRIP', 110), pg_temp.deal('t1', 'buy', 30, 100, 'TRIP'), pg_temp.deal('t2', 'sell', 5, 104, 'TRIP') \g /dev/null
SELECT pg_temp.split('TRIP', 1, 10) \g /dev/null
SELECT is((SELECT (t.quantity, t.entry_price, t.exit_price, t.pnl)::text FROM trading.round_trips AS t WHERE t.symbol = 'US:TRIP'), '(1,1000,1070,70)', 'half a share was sold for 520, and half paid for with 550');
SELECT pg_temp.submit('t3', 'sell', 2, 1200, 'TRIP', at => '2024-01-09 15:00Z'), pg_temp.fill('t3', 2, 1200, 't3', at => '2024-01-09 15:00Z') \g /dev/null
SELECT is((SELECT (t.quantity, t.entry_price, t.exit_price, t.pnl)::text FROM trading.round_trips AS t WHERE t.symbol = 'US:TRIP'), '(3,1000,1156.66666667,470)', 'and two for 2400');
SELECT pg_temp.is_sound();

-- Short 15 at 100, with 1500 and a collateral of 750: a third of the margin is free, of which the half share takes 550.
SELECT pg_temp.list('SHORT', 110), pg_temp.deal('s1', 'sell', 15, 100, 'SHORT', 'short') \g /dev/null
SELECT pg_temp.cash('short') AS cash, pg_temp.equity('short') AS equity \gset
SELECT pg_temp.split('SHORT', 1, 10, 'short') \g /dev/null
SELECT is(pg_temp.paid('SHORT', 'short'), '-0.5 1100 -550 -50 -50 -750 0', 'a short pays');
SELECT is(pg_temp.books('SHORT', 'short'), '-1 -1000 -50 -50 1500', 'and is one share short');
SELECT pg_temp.amounts_to(pg_temp.cash('short') - :cash, 200, 'what the margin does not need is free');
SELECT pg_temp.amounts_to(pg_temp.equity('short'), :equity, 'equity did not jump');
SELECT results_eq($$SELECT s.section, s.description, coalesce(-s.debit, s.credit) FROM ledger.statement('short') AS s WHERE s.description ~ 'lieu' ORDER BY s.section, s.transfer_id$$,
  $$VALUES ('cash', 'margin set free, cash in lieu of -0.5 US:SHORT at 1100', 200::numeric), ('margin', 'margin set free, cash in lieu of -0.5 US:SHORT at 1100', -200), ('margin', 'cash in lieu of -0.5 US:SHORT at 1100', -550)$$, 'the statement has both sections');
SELECT pg_temp.is_sound();
-- At 400 a quarter of the price's rise is beyond the margin: 750 of it, and cash pays 1250.
SELECT pg_temp.list('LOSS', 400), pg_temp.deal('s2', 'sell', 15, 100, 'LOSS', 'short') \g /dev/null
SELECT pg_temp.cash('short') AS cash \gset
SELECT pg_temp.split('LOSS', 1, 10, 'short') \g /dev/null
SELECT is(pg_temp.paid('LOSS', 'short'), '-0.5 4000 -2000 -1500 -1500 -750 0', 'more than its margin');
SELECT pg_temp.amounts_to(pg_temp.cash('short') - :cash, -1250, 'is paid out of cash');
SELECT pg_temp.is_sound();
-- Nor is cash enough at 4000: half a share costs 20000. Open orders lose their money, and the rest is advanced.
SELECT pg_temp.list('RUIN', 4000), pg_temp.list('OTHER', 10), pg_temp.deal('s3', 'sell', 15, 100, 'RUIN', 'short'), pg_temp.submit('other', 'buy', 10, 10, 'OTHER', 'short') \g /dev/null
SELECT pg_temp.split('RUIN', 1, 10, 'short') \g /dev/null
SELECT is((SELECT (o.status, o.reason_code)::text FROM pg_temp.order_row('other', 'short') AS o), '(cancelled,TR234)', 'an order loses its money');
SELECT ok((SELECT a.advanced > 0 AND a.advanced = (SELECT (e.payload ->> 'amount')::numeric FROM ops.events AS e WHERE e.kind = 'margin.deficit') FROM trading.position_adjustments AS a WHERE a.instrument_id = market.instrument_id('RUIN')), 'what is missing is advanced');
SELECT pg_temp.amounts_to(pg_temp.cash('short'), 0, 'and no cash is left');
SELECT pg_temp.is_sound();

-- Less than a share is paid in whole; parts of a share that are dealt in stay; a lot of many shares is no fraction.
SELECT pg_temp.list('ALL', 110), pg_temp.deal('a1', 'buy', 5, 100, 'ALL') \g /dev/null
SELECT pg_temp.split('ALL', 1, 10) \g /dev/null
SELECT is(pg_temp.paid('ALL') || ', ' || pg_temp.books('ALL'), '0.5 1100 550 50 50 0 0, 0 0 50 50 0', 'nothing is left of half a share');
SELECT pg_temp.list('COIN', 110, 0.00000001), pg_temp.deal('c1', 'buy', 15, 100, 'COIN'), pg_temp.list('TENTH', 110, 0.1), pg_temp.deal('c2', 'buy', 1.6, 100, 'TENTH'), pg_temp.list('BOARD', 110, 100), pg_temp.deal('c3', 'buy', 500, 100, 'BOARD') \g /dev/null
SELECT pg_temp.split(s, 1, d) FROM (VALUES ('COIN', 7), ('TENTH', 10), ('BOARD', 3)) AS n (s, d) \g /dev/null
SELECT is(pg_temp.paid('COIN'), '0 0 0 0 0 0', 'a coin has no fraction');
SELECT is(pg_temp.paid('TENTH') || ', ' || pg_temp.books('TENTH'), '0.06 1100 66 6 6 0 0, 0.1 100 6 6 0', '0.16 is a tenth and 0.06');
SELECT is(pg_temp.paid('BOARD') || ', ' || pg_temp.books('BOARD'), '0.66666667 330 220.0000011 20.0000001 20.0000001 0 0, 166 49799.999999 20.0000001 20.0000001 0', 'an odd lot of whole shares stays');
SELECT pg_temp.is_sound();

-- Applied later: still at the last price of before, of those that are stored; without one at the quote.
SELECT pg_temp.list('LATER', 110), pg_temp.deal('d1', 'buy', 15, 100, 'LATER', 'late'), pg_temp.list('KNOWN', 110), pg_temp.deal('d2', 'buy', 15, 100, 'KNOWN', 'late') \g /dev/null
INSERT INTO market.ticks (instrument_id, ts, price, size, seq) VALUES (market.instrument_id('KNOWN'), '2024-01-08 20:59Z', 109, 1, 1) \g /dev/null
SELECT market.upsert_quotes(ARRAY[market.instrument_id(s)], '{2024-01-09 15:00Z}', '{1300}', '{NULL}') FROM unnest('{LATER,KNOWN}'::text[]) AS s \g /dev/null
SELECT pg_temp.split(s, 1, 10, 'late', '2024-01-11') FROM unnest('{LATER,KNOWN}'::text[]) AS s \g /dev/null
SELECT is(pg_temp.paid('KNOWN', 'late'), '0.5 1090 545 45 45 0 0', 'the last tick of before');
SELECT is(pg_temp.paid('LATER', 'late'), '0.5 1300 650 150 150 0 0', 'the quote');
SELECT pg_temp.is_sound();

-- What is left covers the open sells, whole shares each.
SELECT pg_temp.list('SELL', 110), pg_temp.deal('e1', 'buy', 25, 100, 'SELL'), pg_temp.submit('e2', 'sell', 15, 120, 'SELL'), pg_temp.submit('e3', 'sell', 10, 120, 'SELL') \g /dev/null
SELECT pg_temp.split('SELL', 1, 10) \g /dev/null
SELECT results_eq($$SELECT o.client_order_id::text, o.quantity::numeric, o.status::text FROM trading.orders AS o WHERE o.client_order_id IN ('e2', 'e3')$$, $$VALUES ('e2', 1::numeric, 'accepted'), ('e3', 1, 'accepted')$$, '1.5 and 1 of 2.5 shares are 1 and 1 of 2');
SELECT pg_temp.is_sound();
SELECT pg_temp.list('WHOLE', 110), pg_temp.deal('w1', 'buy', 15, 100, 'WHOLE'), pg_temp.submit('w2', 'sell', 15, 120, 'WHOLE') \g /dev/null
SELECT pg_temp.split('WHOLE', 1, 10) \g /dev/null
SELECT is((SELECT (o.quantity::numeric, o.status)::text FROM pg_temp.order_row('w2') AS o), '(1.00000000,accepted)', 'an order for all that is held sells what is left of it');
SELECT pg_temp.is_sound();

-- What somebody changes past all triggers is found.
CREATE FUNCTION pg_temp.diagnosis(damage text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_found text;
BEGIN
  SET LOCAL session_replication_role = replica;
  EXECUTE damage;
  SELECT string_agg(DISTINCT v.invariant, '; ') INTO v_found FROM ops.check_invariants() AS v;
  RAISE EXCEPTION USING ERRCODE = 'P0T00', MESSAGE = v_found;
EXCEPTION WHEN SQLSTATE 'P0T00' THEN
  RETURN SQLERRM;
END
$$;
SELECT matches(pg_temp.diagnosis(d), 'a fraction paid in cash is its transfers and its lots', d) FROM unnest(ARRAY[
  $$UPDATE trading.position_adjustments SET lieu_amount = lieu_amount + 1 WHERE lieu_quantity > 0$$, $$UPDATE trading.position_adjustments SET lieu_price = lieu_price + 1 WHERE lieu_quantity > 0$$,
  $$UPDATE trading.position_adjustments SET fifo_pnl = fifo_pnl + 1 WHERE lieu_quantity > 0$$, $$UPDATE trading.position_adjustments SET margin_delta = margin_delta + 1 WHERE lieu_quantity < 0$$,
  $$DELETE FROM trading.position_adjustments WHERE lieu_quantity <> 0$$, $$DELETE FROM trading.lot_closures WHERE fill_id < 0$$, $$DELETE FROM ledger.transfers WHERE kind = 'cash_in_lieu'$$]) AS d;

SELECT * FROM finish();
ROLLBACK;
