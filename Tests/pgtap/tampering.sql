-- What somebody changes past all triggers is found and named: books with shares, a split, dividends, futures and options that were settled, a
-- conversion, intraday business, busts and snapshots; each damage is done once and undone.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
INSERT INTO trading.fee_schedules (name, per_order) VALUES ('one', 1);
SELECT market.add_instrument(symbol => 'MSFT'), market.add_instrument('F', 'US', kind => 'future', multiplier => 50, expires_on => '2024-03-15'),
       market.add_instrument('C', 'US', kind => 'option', multiplier => 100, strike => 100, option_right => 'call', expires_on => '2024-01-19', underlying => 'US:IBM'),
       market.add_instrument('SAP', 'XETRA', currency => 'EUR'), market.add_instrument('NEW') \g /dev/null
SELECT market.upsert_quotes(array_agg(market.instrument_id(s)), array_agg(timestamptz '2024-01-08 14:30Z'), array_agg(p), array_agg(NULL::float8))
  FROM (VALUES ('MSFT', 50::float8), ('F', 40), ('C', 5), ('SAP', 120)) AS q (s, p) \g /dev/null
SELECT trading.create_portfolio(name => 'sick', capital => 100000, fee_schedule => 'one', account_type => 'margin', at => '2024-01-02'),
       trading.create_portfolio(name => 'paid', capital => 100000, at => '2024-01-02') \g /dev/null
CREATE FUNCTION pg_temp.deal(id text, side trading.order_side, quantity numeric, price numeric, symbol text DEFAULT 'IBM', at timestamptz DEFAULT '2024-01-08 15:00Z', product trading.product DEFAULT 'delivery', portfolio text DEFAULT 'sick')
RETURNS void LANGUAGE sql AS $$
  SELECT trading.submit_order(portfolio, symbol, side, quantity, 'limit', price, time_in_force => 'gtc', client_order_id => id, at => at, product => product);
  SELECT pg_temp.fill(id, quantity, price, id, portfolio => portfolio, at => at + interval '1 minute')
$$;
SELECT pg_temp.deal('b1', 'buy', 10, 100), pg_temp.deal('b2', 'buy', 6, 110), pg_temp.deal('s1', 'sell', 4, 120), pg_temp.deal('short', 'sell', 8, 50, 'MSFT'),
       pg_temp.deal('f', 'buy', 2, 40, 'F', product => 'carry_forward'), pg_temp.deal('c', 'buy', 3, 5, 'C', product => 'carry_forward'), pg_temp.deal('i1', 'buy', 5, 100, product => 'intraday'),
       pg_temp.deal('i2', 'sell', 2, 101, product => 'intraday'), pg_temp.deal('paid', 'buy', 7, 100, portfolio => 'paid') \g /dev/null
INSERT INTO trading.borrow_rates (instrument_id, percent) VALUES (market.instrument_id('MSFT'), 4.5);
SELECT count(*) FROM trading.charge_borrow('sick', at => '2024-01-08 21:00Z') \g /dev/null
SELECT trading.record_snapshots(ARRAY[trading.portfolio_id('sick')], '2024-01-08 21:00Z') \g /dev/null
SELECT trading.settle_futures('sick', '2024-01-08', '{US:F}', '{42}', '2024-01-08 22:00Z') \g /dev/null
SELECT pg_temp.deal('b3', 'buy', 1, 90, at => '2024-01-09 15:00Z'), trading.bust_fill('sick', execution_id => 'b3', at => '2024-01-09 16:00Z') \g /dev/null
SELECT trading.apply_dividend(ARRAY[trading.portfolio_id('sick')], (market.add_dividend('IBM', 0.5, '2024-01-10')).action_id, '2024-01-10 05:00Z') \g /dev/null
SELECT pg_temp.deal('before', 'buy', 2, 100, 'NEW', at => '2024-01-10 15:00Z') \g /dev/null
SELECT count(*) FROM trading.apply_split(ARRAY[trading.portfolio_id('sick')], (market.add_split('NEW', '2024-01-11', 2)).action_id, '2024-01-11 05:00Z') \g /dev/null
SELECT count(*) FROM trading.expire_options('sick', '2024-01-19', '{US:IBM}', '{108}', '2024-01-19 22:00Z') \g /dev/null
SELECT ledger.record_interest('sick', 3, at => '2024-01-20'), ledger.hold('sick', 50, at => '2024-01-20') \g /dev/null
SELECT trading.record_snapshots(ARRAY[trading.portfolio_id('sick')], '2024-01-22 21:00Z') \g /dev/null
SELECT ledger.set_exchange_rate('EUR', 'USD', 1.1, '2024-01-01') \g /dev/null
SELECT ledger.deposit('main', 500, 'EUR', '2024-01-09') \g /dev/null
SELECT count(*) FROM ledger.convert('main', 100, 'EUR', 'USD', 1.1, '2024-01-10') \g /dev/null
SELECT pg_temp.deal('sap', 'buy', 1, 120, 'SAP', portfolio => 'main') \g /dev/null
SELECT pg_temp.is_sound('healthy before any damage');

-- The names that speak after a statement that meets no trigger and no foreign key; then all is undone.
CREATE FUNCTION pg_temp.diagnosis(damage text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  v_found text[];
BEGIN
  BEGIN
    SET LOCAL session_replication_role = replica;
    EXECUTE replace(damage, 'P()', trading.portfolio_id('sick')::text);
    SELECT array_agg(DISTINCT v.invariant) INTO v_found FROM ops.check_invariants() AS v;
    RAISE EXCEPTION USING ERRCODE = 'P0T00', MESSAGE = coalesce(v_found, '{}')::text;
  EXCEPTION WHEN SQLSTATE 'P0T00' THEN
    RETURN SQLERRM::text[];
  END;
END
$$;
CREATE FUNCTION pg_temp.finds(damage text, name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_found text[] := pg_temp.diagnosis(damage);
BEGIN
  RETURN ok(name = ANY (v_found), left(format('%s: %s', name, damage), 150)) || CASE WHEN name = ANY (v_found) THEN '' ELSE E'\n' || diag(array_to_string(v_found, '; ')) END;
END
$$;
SELECT pg_temp.finds(d.damage, d.name) FROM (VALUES
  -- What books rest on.
  ($$UPDATE market.instruments SET multiplier = 51 WHERE symbol = 'F'$$, 'an instrument keeps the terms that it was traded on'),
  ($$UPDATE market.instruments SET multiplier = 51 WHERE symbol = 'F'$$, 'a position is of its instrument and portfolio'),
  ($$UPDATE market.instruments SET kind = 'etf' WHERE symbol = 'IBM'$$, 'an instrument keeps the terms that it was traded on'),
  ($$UPDATE market.instruments SET kind = 'equity', expires_on = NULL WHERE symbol = 'F'$$, 'a position is of its instrument and portfolio'),
  ($$UPDATE market.instruments SET currency = 'EUR' WHERE symbol = 'MSFT'$$, 'a position is of its instrument and portfolio'),
  ($$UPDATE market.instruments SET strike = 90 WHERE symbol = 'C'$$, 'an instrument keeps the terms that it was traded on'),
  ($$UPDATE market.instruments SET option_right = 'put' WHERE symbol = 'C'$$, 'a settlement is at its price'),
  ($$UPDATE market.instruments SET lot_size = 5 WHERE symbol = 'IBM'$$, 'an instrument keeps the terms that it was traded on'),
  ($$UPDATE market.instruments SET tick_size = 5 WHERE symbol = 'IBM'$$, 'an instrument keeps the terms that it was traded on'),
  ($$UPDATE market.instruments SET expires_on = '2025-01-01' WHERE symbol = 'F'$$, 'an instrument keeps the terms that it was traded on'),
  ($$UPDATE market.instruments SET initial_margin = 1 WHERE symbol = 'F'$$, 'an instrument keeps the terms that it was traded on'),
  ($$UPDATE market.instruments SET underlying_id = NULL WHERE symbol = 'C'$$, 'an instrument keeps the terms that it was traded on'),
  ($$UPDATE market.instruments SET symbol = 'IBM2' WHERE symbol = 'IBM'$$, 'an instrument keeps the terms that it was traded on'),
  ($$UPDATE market.instruments SET exchange_id = (SELECT exchange_id FROM market.exchanges WHERE code = 'NSE') WHERE symbol = 'IBM'$$, 'an instrument keeps the terms that it was traded on'),
  ($$DELETE FROM trading.instrument_terms$$, 'the terms of what was ordered are recorded'),
  ($$UPDATE trading.portfolios SET currency = 'EUR' WHERE portfolio_id = P()$$, 'a portfolio keeps the terms of its books'),
  ($$UPDATE trading.portfolios SET currency = 'EUR' WHERE portfolio_id = P()$$, 'the first accounts are in the base currency'),
  ($$UPDATE trading.portfolios SET account_type = 'cash' WHERE portfolio_id = P()$$, 'a portfolio keeps the terms of its books'),
  ($$UPDATE trading.portfolios SET account_type = 'margin' WHERE name = 'paid'$$, 'a portfolio keeps the terms of its books'),
  ($$UPDATE trading.portfolios SET opened_at = '2024-02-01' WHERE portfolio_id = P()$$, 'a portfolio keeps the terms of its books'),
  ($$DELETE FROM trading.portfolio_terms$$, 'a portfolio keeps the terms of its books'),
  ($$DELETE FROM trading.order_transitions$$, 'orders move as they always did'),
  ($$INSERT INTO trading.order_transitions VALUES ('filled', 'working')$$, 'orders move as they always did'),
  ($$DELETE FROM trading.order_transitions WHERE to_status = 'expired' AND from_status = 'held'$$, 'orders move as they always did'),
  -- Corporate actions.
  ($$UPDATE market.corporate_actions SET numerator = 3 WHERE kind = 'split'$$, 'a split was applied as it stands'),
  ($$UPDATE market.corporate_actions SET ex_date = '2024-01-12' WHERE kind = 'split'$$, 'a split was applied as it stands'),
  ($$DELETE FROM market.corporate_actions WHERE kind = 'split'$$, 'a split was applied as it stands'),
  ($$UPDATE market.corporate_actions SET amount = 5 WHERE kind = 'dividend'$$, 'a dividend was paid as it stands'),
  ($$UPDATE market.corporate_actions SET ex_date = '2024-01-15' WHERE kind = 'dividend'$$, 'a dividend was paid as it stands'),
  ($$DELETE FROM market.corporate_actions WHERE kind = 'dividend'$$, 'a dividend was paid as it stands'),
  ($$DELETE FROM trading.dividends$$, 'a dividend is its transfer'),
  ($$DELETE FROM trading.dividends$$, 'the journal tells every split and dividend'),
  ($$UPDATE trading.dividends SET quantity = quantity + 1$$, 'a dividend was paid as it stands'),
  ($$DELETE FROM trading.borrow_charges$$, 'a borrow charge is its transfer'),
  ($$UPDATE trading.borrow_charges SET amount = amount + 1$$, 'a borrow charge is its transfer'),
  ($$UPDATE trading.borrow_charges SET quantity = quantity - 1$$, 'a borrow charge is of what was held and its rate'),
  ($$UPDATE trading.borrow_charges SET percent = percent * 2$$, 'a borrow charge is of what was held and its rate'),
  ($$DELETE FROM trading.position_adjustments$$, 'the journal tells every split and dividend'),
  ($$UPDATE trading.position_adjustments SET quantity_delta = quantity_delta + 1$$, 'position is the sum of its fills'),
  -- Positions.
  ($$UPDATE trading.positions SET intraday_quantity = intraday_quantity + 1 WHERE portfolio_id = P() AND intraday_quantity <> 0$$, 'the intraday part is what intraday orders left'),
  ($$UPDATE trading.positions SET intraday_quantity = 0 WHERE portfolio_id = P()$$, 'the intraday part is what intraday orders left'),
  ($$UPDATE trading.positions SET intraday_quantity = 2 WHERE instrument_id = market.instrument_id('NEW')$$, 'the intraday part is what intraday orders left'),
  ($$UPDATE trading.orders SET product = 'delivery' WHERE client_order_id = 'i1'$$, 'the intraday part is what intraday orders left'),
  ($$UPDATE trading.positions SET is_foreign = NOT is_foreign WHERE instrument_id = market.instrument_id('SAP')$$, 'a position is of its instrument and portfolio'),
  ($$UPDATE trading.positions SET is_future = false WHERE is_future$$, 'a position is of its instrument and portfolio'),
  ($$UPDATE trading.positions SET multiplier = 10 WHERE instrument_id = market.instrument_id('IBM')$$, 'a position is of its instrument and portfolio'),
  ($$UPDATE trading.positions SET margin = margin + CASE WHEN is_future THEN 5 ELSE -5 END WHERE portfolio_id = P() AND margin > 0$$, 'the margin of a position is what its fills and settlements moved'),
  ($$UPDATE trading.positions SET cost = cost + 5, realised_pnl = realised_pnl + 5 WHERE instrument_id = market.instrument_id('IBM')$$, 'position is the sum of its fills'),
  ($$UPDATE trading.positions SET fifo_pnl = fifo_pnl + 5, cost = cost - 5 WHERE instrument_id = market.instrument_id('MSFT')$$, 'a position costs what was paid less what was realised'),
  ($$UPDATE trading.positions SET market_value = market_value + 5 WHERE instrument_id = market.instrument_id('MSFT')$$, 'valuation agrees with the positions'),
  ($$UPDATE trading.lots SET quantity = quantity * 2 WHERE instrument_id = market.instrument_id('MSFT')$$, 'a lot is what its fill opened less what was closed of it'),
  ($$UPDATE trading.lots SET cost = cost * 2 WHERE instrument_id = market.instrument_id('MSFT')$$, 'a lot is what its fill opened less what was closed of it'),
  ($$UPDATE trading.lots SET settled_pnl = settled_pnl + 1 WHERE instrument_id = market.instrument_id('F')$$, 'a lot is what its fill opened less what was closed of it'),
  ($$DELETE FROM trading.lots WHERE instrument_id = market.instrument_id('MSFT')$$, 'position is the sum of its lots'),
  ($$UPDATE trading.lot_closures SET value = value + 5$$, 'what a settlement ended is what its lots lost'),
  ($$UPDATE trading.lot_closures SET fill_id = fill_id + 900 WHERE fill_id <> 0$$, 'closed lots name fills that are there'),
  -- Fills and orders.
  ($$UPDATE trading.fills SET price = 99 WHERE execution_id = 'b1'$$, 'a fill is worth quantity times price'),
  ($$UPDATE trading.fills SET price = 99, value = 990 WHERE execution_id = 'b1'$$, 'a fill is the sum of its transfers'),
  ($$UPDATE trading.fills SET quantity = 9, price = 111.11111111, value = round(9 * 111.11111111, 8) WHERE execution_id = 'b1'$$, 'order is the sum of its fills'),
  ($$UPDATE trading.fills SET fee = 2 WHERE execution_id = 'b1'$$, 'the fee of a fill is the sum of its transfers'),
  ($$UPDATE trading.fills SET realised_pnl = realised_pnl + 1 WHERE execution_id = 's1'$$, 'position is the sum of its fills'),
  ($$UPDATE trading.fills SET fifo_pnl = fifo_pnl + 1 WHERE execution_id = 's1'$$, 'a position costs what was paid less what was realised'),
  ($$UPDATE trading.fills SET closed_quantity = 1 WHERE execution_id = 'short'$$, 'a fill closes the lots that it says'),
  ($$UPDATE trading.fills SET side = 'sell' WHERE execution_id = 'b2'$$, 'a fill is of its order'),
  ($$UPDATE trading.fills SET instrument_id = market.instrument_id('MSFT') WHERE execution_id = 'b2'$$, 'a fill is of its order'),
  ($$UPDATE trading.fills SET price = 91, value = 91 WHERE busts_fill_id IS NOT NULL$$, 'a bust mirrors its fill'),
  ($$UPDATE trading.fills SET busts_fill_id = 1 WHERE busts_fill_id IS NOT NULL$$, 'a bust mirrors its fill'),
  ($$UPDATE trading.orders SET filled_quantity = 9, quantity = 9 WHERE client_order_id = 'b1'$$, 'order is the sum of its fills'),
  ($$UPDATE trading.orders SET average_fill_price = 99 WHERE client_order_id = 'b1'$$, 'an order knows its average and its last fill'),
  ($$UPDATE trading.orders SET last_fill_id = 2 WHERE client_order_id = 'b1'$$, 'an order knows its average and its last fill'),
  ($$UPDATE trading.orders SET fee_lines = '{0,1}' WHERE client_order_id = 'b1'$$, 'the lines of a fee are its transfers'),
  ($$UPDATE trading.order_events SET from_status = 'held' WHERE order_id = 1 AND version = 2$$, 'the events of an order follow each other'),
  ($$UPDATE trading.order_events SET fill_id = NULL WHERE order_id = 1$$, 'a fill has its event'),
  ($$DELETE FROM ops.events WHERE kind = 'order.filled' AND order_id = 1$$, 'the journal tells every event of an order'),
  -- Money.
  ($$DELETE FROM ledger.balances$$, 'every account has its balance'),
  ($$DELETE FROM ledger.balances WHERE account_id = 1$$, 'balance is the sum of its transfers'),
  ($$DELETE FROM ledger.balances; DELETE FROM ledger.accounts$$, 'a portfolio has all its accounts'),
  ($$DELETE FROM ledger.accounts WHERE account_id = 5 AND portfolio_id = P()$$, 'every account has its balance'),
  ($$UPDATE ledger.balances SET may_overdraw = true WHERE account_id = 1$$, 'every account has its balance'),
  ($$UPDATE ledger.transfers SET kind = 'withdrawal' WHERE kind = 'deposit'$$, 'every transfer but a pending one is booked as its kind says'),
  ($$UPDATE ledger.transfers SET fill_id = 999 WHERE fill_id = 1$$, 'transfers name fills that are there'),
  ($$UPDATE ledger.transfers SET fill_id = 2 WHERE fill_id = 1 AND kind = 'trade'$$, 'a fill is the sum of its transfers'),
  ($$UPDATE ledger.transfers SET component = 'stt' WHERE kind = 'fee' AND fill_id = 1$$, 'the lines of a fee are its transfers'),
  ($$UPDATE ledger.conversions SET rate = 1.2$$, 'a conversion is two transfers at its rate'),
  ($$DELETE FROM ledger.conversions$$, 'a conversion is two transfers at its rate'),
  -- Settlements.
  ($$UPDATE trading.settlements SET price = 43 WHERE kind = 'daily'$$, 'a settlement is at its price'),
  ($$UPDATE trading.settlements SET price = 9 WHERE kind = 'expiry'$$, 'a settlement is at its price'),
  ($$UPDATE trading.settlements SET underlying_price = 109 WHERE kind = 'expiry'$$, 'a settlement is at its price'),
  ($$UPDATE trading.settlements SET quantity = 5 WHERE kind = 'daily'$$, 'a settlement is at its price'),
  ($$UPDATE trading.settlements SET realised_pnl = 5 WHERE kind = 'expiry'$$, 'position is the sum of its fills'),
  ($$UPDATE trading.settlements SET margin_delta = 5 WHERE kind = 'daily'$$, 'a settlement is the sum of its transfers'),
  ($$DELETE FROM trading.settlements WHERE kind = 'daily'$$, 'position is the sum of its fills'),
  -- Valuations.
  ($$UPDATE trading.portfolio_snapshots SET equity = equity + 1 WHERE at = '2024-01-08 21:00Z'$$, 'the equity of a snapshot is its parts'),
  ($$UPDATE trading.portfolio_snapshots SET cash = cash + 1, equity = equity + 1 WHERE at = '2024-01-08 21:00Z'$$, 'a snapshot is the money of its time'),
  ($$UPDATE trading.portfolio_snapshots SET margin = margin + 1, equity = equity + 1$$, 'a snapshot is the money of its time'),
  ($$UPDATE trading.portfolio_snapshots SET net_deposits = 0$$, 'a snapshot is the money of its time'),
  ($$UPDATE trading.portfolio_snapshots SET fees = fees + 1$$, 'a snapshot is the money of its time'),
  ($$UPDATE trading.portfolio_snapshots SET positions_value = positions_value + 1, equity = equity + 1$$, 'the profits of a snapshot are those of its time'),
  ($$UPDATE trading.portfolio_snapshots SET realised_pnl = realised_pnl + 1$$, 'the profits of a snapshot are those of its time'),
  ($$UPDATE trading.portfolio_snapshots SET unrealised_pnl = unrealised_pnl + 1$$, 'the profits of a snapshot are those of its time'),
  ($$UPDATE trading.portfolio_snapshots SET last_transfer_id = 1 WHERE at = '2024-01-22 21:00Z'$$, 'a snapshot is the money of its time'),
  ($$UPDATE trading.portfolio_values SET cash = cash + 1, margin = margin - 1 WHERE portfolio_id = P()$$, 'valuation agrees with the ledger')) AS d (damage, name);
SELECT pg_temp.is_sound('and healthy after it was undone');

-- What can be refused is refused, the owner's statement too.
SELECT pg_temp.refuses(format(s, t), 'TR213', format(s, t)) FROM unnest('{ledger.balances,ledger.exchange_rates,trading.positions,trading.portfolio_values,trading.portfolio_snapshots,trading.margin_calls,market.exchanges,trading.order_transitions,trading.portfolio_terms,trading.instrument_terms}'::text[]) AS t,
       unnest(ARRAY['DELETE FROM %s', 'TRUNCATE %s CASCADE']) AS s;
SELECT pg_temp.refuses(format('TRUNCATE %s CASCADE', t), 'TR213', 'TRUNCATE of ' || t) FROM unnest('{ledger.holds,trading.lots,trading.lot_closures}'::text[]) AS t;
SELECT pg_temp.refuses($$UPDATE trading.order_transitions SET to_status = 'new'$$, 'TR213', 'UPDATE of the moves');
SELECT pg_temp.refuses(s, 'TR410', s) FROM unnest(ARRAY[
  $$UPDATE market.instruments SET multiplier = 51 WHERE symbol = 'F'$$, $$UPDATE market.instruments SET kind = 'etf' WHERE symbol = 'IBM'$$, $$UPDATE market.instruments SET currency = 'EUR' WHERE symbol = 'IBM'$$,
  $$UPDATE market.instruments SET strike = 90 WHERE symbol = 'C'$$, $$UPDATE market.instruments SET option_right = 'put' WHERE symbol = 'C'$$,
  $$UPDATE market.instruments SET exchange_id = (SELECT exchange_id FROM market.exchanges WHERE code = 'NSE') WHERE symbol = 'IBM'$$]) AS s;
SELECT lives_ok($$UPDATE market.instruments SET lot_size = 2, expires_on = '2024-03-14', initial_margin = 0.6 WHERE symbol = 'F'$$, 'exchanges change lots, last days and margins');
SELECT is((SELECT array_agg(t.lot_size ORDER BY t.version) FROM trading.instrument_terms AS t WHERE t.instrument_id = market.instrument_id('F'))::text, '{1.00000000,2.00000000}', 'and each change is recorded');
SELECT lives_ok($$UPDATE market.instruments SET multiplier = 3 WHERE symbol = 'GLD'; SELECT market.add_instrument('GLD'); UPDATE market.instruments SET multiplier = 3, kind = 'etf' WHERE symbol = 'GLD'$$, 'what nobody has ordered may be corrected');
SELECT pg_temp.refuses(s, 'TR411', s) FROM unnest(ARRAY[
  $$UPDATE trading.portfolios SET currency = 'EUR' WHERE name = 'sick'$$, $$UPDATE trading.portfolios SET account_type = 'cash' WHERE name = 'sick'$$, $$UPDATE trading.portfolios SET account_type = 'margin' WHERE name = 'paid'$$,
  $$UPDATE trading.portfolios SET opened_at = '2025-01-01' WHERE name = 'sick'$$]) AS s;
SELECT trading.create_portfolio(name => 'fresh', at => '2024-01-02') \g /dev/null
SELECT lives_ok($$UPDATE trading.portfolios SET account_type = 'margin', opened_at = '2024-01-01' WHERE name = 'fresh'$$, 'nothing is held there');
SELECT is((SELECT string_agg(t.version || ' ' || t.account_type, ', ' ORDER BY t.version) FROM trading.portfolio_terms AS t WHERE t.portfolio_id = trading.portfolio_id('fresh')), '1 cash, 2 margin', 'and it is recorded');
SELECT pg_temp.refuses(s, 'TR106', s) FROM unnest(ARRAY[
  $$UPDATE market.corporate_actions SET numerator = 3 WHERE kind = 'split'$$, $$DELETE FROM market.corporate_actions WHERE kind = 'dividend'$$, $$UPDATE market.corporate_actions SET ex_date = '2024-01-15' WHERE kind = 'dividend'$$]) AS s;
SELECT lives_ok($$SELECT market.add_split('IBM', '2030-01-01', 2); UPDATE market.corporate_actions SET numerator = 4 WHERE ex_date = '2030-01-01'; DELETE FROM market.corporate_actions WHERE ex_date = '2030-01-01'$$,
                'what no portfolio has met may be corrected');
SELECT pg_temp.is_sound();

-- Where a balance was deleted past the triggers, nothing is booked.
CREATE FUNCTION pg_temp.lose(account smallint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  SET LOCAL session_replication_role = replica;
  DELETE FROM ledger.balances AS b WHERE b.portfolio_id = trading.portfolio_id('paid') AND b.account_id = account;
  SET LOCAL session_replication_role = origin;
END
$$;
SELECT pg_temp.lose(3::smallint) \g /dev/null
SELECT pg_temp.refuses(s, 'TR412', s) FROM unnest(ARRAY[
  $$SELECT pg_temp.submit('more', 'buy', 1, 100, portfolio => 'paid')$$, $$SELECT pg_temp.deal('close', 'sell', 7, 100, portfolio => 'paid')$$]) AS s;
SELECT pg_temp.lose(1::smallint) \g /dev/null
SELECT pg_temp.refuses(s, 'TR412', s) FROM unnest(ARRAY[
  $$SELECT ledger.withdraw('paid', 5e6)$$, $$SELECT ledger.deposit('paid', 5)$$, $$SELECT ledger.hold('paid', 5, kind => 'deposit')$$, $$SELECT ledger.record_interest('paid', 5)$$]) AS s;
SELECT is((pg_temp.submit('none', 'buy', 1, 100, portfolio => 'paid')).reason_code, 'TR401', 'and nothing is there to spend');
SELECT * FROM finish();
ROLLBACK;
