-- ops.check_invariants() must see damage: each kind is done once, as a superuser past all triggers, and exactly that invariant must speak.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

INSERT INTO trading.fee_schedules (name, per_order) VALUES ('one', 1);
SELECT trading.create_portfolio(name => 'sick', capital => 10000, fee_schedule => 'one', at => '2024-01-02') \g /dev/null
SELECT market.add_instrument(symbol => 'MSFT') \g /dev/null
-- Orders: 1 filled, 2 partly, 3 open buy, 4 open sell, 5 cancelled, 6 rejected.
SELECT pg_temp.submit('1', 'buy', 10, 100, portfolio => 'sick'), pg_temp.fill('1', 10, 100, '1', portfolio => 'sick'),
       pg_temp.submit('2', 'buy', 10, 90, portfolio => 'sick'), pg_temp.fill('2', 4, 90, '2', portfolio => 'sick'),
       pg_temp.submit('3', 'buy', 5, 50, symbol => 'MSFT', portfolio => 'sick'), pg_temp.submit('4', 'sell', 6, 150, portfolio => 'sick'), pg_temp.submit('5', 'buy', 1, 80, portfolio => 'sick'),
       trading.cancel_order('sick', client_order_id => '5'), pg_temp.submit('6', 'sell', 100, 1, portfolio => 'sick') \g /dev/null
SELECT pg_temp.submit('w', 'buy', 1, 10), pg_temp.fill('w', 1, 10, 'w') \g /dev/null
SELECT ledger.hold('sick', 50, at => '2024-01-08 15:05Z') \g /dev/null
SELECT trading.record_snapshots(ARRAY[trading.portfolio_id('sick')], '2024-01-08 21:00Z') \g /dev/null
SELECT pg_temp.is_sound('healthy before any damage');
SELECT pg_temp.refuses($$SELECT * FROM ops.check_invariants('none')$$, 'TR211', 'an unknown portfolio is not a sound one');

-- What is said after a statement that meets no trigger, no foreign key and no CHECK; then all is undone.
CREATE FUNCTION pg_temp.diagnosis(damage text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_found text;
BEGIN
  BEGIN
    SET LOCAL session_replication_role = replica;
    EXECUTE replace(replace(damage, 'P()', trading.portfolio_id('sick')::text), 'CASH()', internal.account_id(trading.portfolio_id('sick'), 'USD', 'cash')::text);
    SELECT string_agg(DISTINCT v.invariant, '; ' ORDER BY v.invariant) INTO v_found FROM ops.check_invariants() AS v;
    IF EXISTS (SELECT FROM ops.check_invariants('main')) OR (SELECT count(*) FROM ops.check_invariants('sick')) <> (SELECT count(*) FROM ops.check_invariants()) THEN
      v_found := v_found || '; of the wrong portfolio';
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'P0T00', MESSAGE = coalesce(v_found, 'nothing');
  EXCEPTION WHEN SQLSTATE 'P0T00' THEN
    RETURN SQLERRM;
  END;
END
$$;
SELECT is(pg_temp.diagnosis(d.damage), d.found, left(d.damage, 110)) FROM (VALUES
  -- Money.
  ('UPDATE ledger.balances SET credits_posted = credits_posted + 1 WHERE portfolio_id = P() AND account_id = CASH()', 'balance is the sum of its transfers; double entry sums to zero; valuation agrees with the ledger'),
  ('UPDATE ledger.balances SET debits_posted = debits_posted + 1, credits_posted = credits_posted + 1 WHERE portfolio_id = P() AND account_id = CASH()', 'balance is the sum of its transfers'),
  ('UPDATE ledger.balances SET debits_pending = debits_pending + 1, credits_pending = credits_pending + 1 WHERE portfolio_id = P() AND account_id = CASH()', 'balance is the sum of its transfers'),
  ('UPDATE ledger.balances SET credits_pending = (SELECT sum(b.credits_pending) FROM ledger.balances AS b WHERE b.portfolio_id = P()) * (account_id = CASH())::int WHERE portfolio_id = P()', 'balance is the sum of its transfers'),
  ('UPDATE ledger.transfers SET amount = amount + 1 WHERE portfolio_id = P() AND transfer_id = 1', 'a snapshot is the money of its time; balance is the sum of its transfers; each flow of capital is a transfer'),
  ('UPDATE ledger.transfers SET debit_account_id = credit_account_id, credit_account_id = debit_account_id WHERE portfolio_id = P() AND transfer_id = 1', 'a snapshot is the money of its time; balance is the sum of its transfers; each flow of capital is a transfer; every transfer but a pending one is booked as its kind says'),
  ('ALTER TABLE ledger.balances DROP CONSTRAINT balances_no_overdraft_check; UPDATE ledger.balances SET may_overdraw = account_id <> 2 WHERE portfolio_id = P()', 'available money is not negative; every account has its balance'),
  ('UPDATE ledger.transfers SET currency = ''EUR'' WHERE portfolio_id = P() AND transfer_id = 1', 'both accounts of a transfer are of its currency'),
  ('UPDATE ledger.transfers SET debit_account_id = 99 WHERE portfolio_id = P() AND transfer_id = 1', 'a snapshot is the money of its time; balance is the sum of its transfers; both accounts of a transfer are of its currency; each flow of capital is a transfer'),
  ('INSERT INTO trading.order_events (portfolio_id, order_id, version, from_status, to_status, quantity, filled_quantity, at) SELECT portfolio_id, 999, 1, from_status, to_status, quantity, filled_quantity, at FROM trading.order_events WHERE portfolio_id = P() AND order_id = 1 AND version = 1', 'the journal tells every event of an order; what a row refers to is there'),
  ('INSERT INTO ledger.balances (portfolio_id, account_id, may_overdraw) VALUES (P(), 99, true)', 'every account has its balance; what a row refers to is there'),
  ('UPDATE trading.orders SET reserved = reserved + 1 WHERE portfolio_id = P() AND client_order_id = ''3''', 'an order reserves what it needs; what is pending is what orders reserve and what is held'),
  ('UPDATE trading.orders SET reserved = 0 WHERE portfolio_id = P() AND client_order_id = ''3''', 'an order reserves what it needs; what is pending is what orders reserve and what is held'),
  ('UPDATE trading.orders SET reservation_id = 1 WHERE portfolio_id = P() AND client_order_id = ''3''', 'what is pending is what orders reserve and what is held'),
  ('DELETE FROM ledger.holds WHERE portfolio_id = P()', 'what is pending is what orders reserve and what is held'),
  ('UPDATE ledger.holds SET remaining = remaining - 1 WHERE portfolio_id = P()', 'what is pending is what orders reserve and what is held'),
  ('INSERT INTO ledger.holds VALUES (P(), 1, 5)', 'what is pending is what orders reserve and what is held'),
  ('UPDATE ledger.portfolio_clocks SET next_transfer_id = next_transfer_id + 1 WHERE portfolio_id = P()', 'transfers are numbered without gaps'),
  ('UPDATE ledger.portfolio_clocks SET next_order_id = next_order_id + 1 WHERE portfolio_id = P()', 'orders and fills are numbered without gaps'),
  ('UPDATE ledger.portfolio_clocks SET next_fill_id = next_fill_id - 1 WHERE portfolio_id = P()', 'orders and fills are numbered without gaps'),
  ('UPDATE trading.positions SET cost = cost + 1 WHERE portfolio_id = P() AND quantity > 0', 'a position costs what was paid less what was realised; position is the sum of its lots; securities account is cost less realised profit'),
  -- Positions.
  ('UPDATE trading.positions SET quantity = quantity + 1 WHERE portfolio_id = P() AND quantity > 0', 'position is the sum of its fills; position is the sum of its lots'),
  ('UPDATE trading.positions SET fees = fees + 1 WHERE portfolio_id = P() AND quantity > 0', 'fees account is the fees of the positions; position is the sum of its fills; valuation agrees with the positions'),
  ('UPDATE trading.positions SET realised_pnl = realised_pnl + 1, cost = cost + 1 WHERE portfolio_id = P() AND quantity > 0', 'position is the sum of its fills; valuation agrees with the positions'),
  ('INSERT INTO trading.position_adjustments (portfolio_id, instrument_id, action_id, quantity_delta, orders_adjusted, numerator, denominator, ex_date, at) VALUES (P(), market.instrument_id(''IBM''), 1, 3, 0, 2, 1, ''2024-01-01'', now())', 'a split was applied as it stands; position is the sum of its fills; the journal tells every split and dividend'),
  ('SELECT 1', 'nothing'),
  ('DELETE FROM trading.positions WHERE portfolio_id = P() AND instrument_id = market.instrument_id(''IBM'')', 'fees account is the fees of the positions; fills without a position; position is the sum of its lots; promised quantity is what open orders want; securities account is cost less realised profit; valuation agrees with the positions'),
  ('DELETE FROM trading.positions WHERE portfolio_id = P() AND instrument_id = market.instrument_id(''MSFT'')', 'promised quantity is what open orders want'),
  ('UPDATE trading.positions SET open_buy_quantity = open_buy_quantity + 1 WHERE portfolio_id = P() AND quantity > 0', 'promised quantity is what open orders want'),
  ('UPDATE trading.positions SET open_sell_quantity = open_sell_quantity + 1 WHERE portfolio_id = P() AND quantity > 0', 'promised quantity is what open orders want'),
  ('UPDATE trading.positions SET open_sell_quantity = 15 WHERE portfolio_id = P() AND quantity > 0; UPDATE trading.orders SET quantity = 15 WHERE portfolio_id = P() AND client_order_id = ''4''', 'open sells do not exceed what is held'),
  -- Orders and fills.
  ('UPDATE trading.orders SET fees = fees + 1 WHERE portfolio_id = P() AND client_order_id = ''1''', 'order is the sum of its fills; the lines of a fee add up to it'),
  ('UPDATE trading.orders SET fee_lines = ''{0,2}'' WHERE portfolio_id = P() AND client_order_id = ''1''', 'the lines of a fee add up to it; the lines of a fee are its transfers'),
  ('UPDATE trading.orders SET reduce_only = true WHERE portfolio_id = P() AND client_order_id = ''3''', 'orders that may only reduce keep within the position'),
  ('UPDATE trading.orders SET filled_value = filled_value + 1 WHERE portfolio_id = P() AND client_order_id = ''1''', 'an order knows its average and its last fill; order is the sum of its fills'),
  ('UPDATE trading.orders SET split_filled_quantity = 1 WHERE portfolio_id = P() AND client_order_id = ''1''', 'order is the sum of its fills'),
  ('UPDATE trading.fills SET fee = 0 WHERE portfolio_id = P() AND fill_id = 1', 'order is the sum of its fills; position is the sum of its fills; the fee of a fill is the sum of its transfers'),
  ('DELETE FROM trading.fills WHERE portfolio_id = P() AND fill_id = 1', 'a position costs what was paid less what was realised; an order knows its average and its last fill; order is the sum of its fills; orders and fills are numbered without gaps; position is the sum of its fills; transfers name fills that are there; what a row refers to is there'),
  ('UPDATE trading.orders SET status = ''working'' WHERE portfolio_id = P() AND client_order_id = ''3''', 'no order state without its event'),
  ('UPDATE trading.orders SET version = version + 1 WHERE portfolio_id = P() AND client_order_id = ''3''', 'no order state without its event'),
  ('DELETE FROM trading.order_events WHERE portfolio_id = P() AND order_id = 3', 'no order state without its event; the journal tells every event of an order'),
  ('DELETE FROM trading.order_events WHERE portfolio_id = P() AND order_id = 5 AND version = 1', 'no order state without its event; the events of an order follow each other; the journal tells every event of an order'),
  ('UPDATE trading.order_events SET to_status = ''cancelled'' WHERE portfolio_id = P() AND order_id = 5', 'one final event per order, and it is the last; the events of an order follow each other'),
  ('UPDATE trading.orders SET reserve_price = 49 WHERE portfolio_id = P() AND client_order_id = ''3''', 'an order reserves what it needs'),
  ('UPDATE trading.orders SET reserve_price = 51 WHERE portfolio_id = P() AND client_order_id = ''3''', 'an order reserves what it needs'),
  ('ALTER TABLE trading.orders DROP CONSTRAINT orders_sound_check; UPDATE trading.orders SET reserved = 1 WHERE portfolio_id = P() AND client_order_id = ''5''', 'a closed order reserves no money; what is pending is what orders reserve and what is held'),
  ('UPDATE trading.portfolio_values SET cash = cash + 1 WHERE portfolio_id = P()', 'equity is deposits plus profit less fees plus income; valuation agrees with the ledger'),
  ('UPDATE trading.portfolio_values SET unrealised_pnl = unrealised_pnl - 1 WHERE portfolio_id = P()', 'equity is deposits plus profit less fees plus income'),
  ('UPDATE trading.portfolio_values SET realised_pnl = realised_pnl + 1, unrealised_pnl = unrealised_pnl - 1 WHERE portfolio_id = P()', 'valuation agrees with the positions'),
  ('DELETE FROM trading.portfolio_values WHERE portfolio_id = P()', 'valuation agrees with the positions'),
  ('UPDATE trading.portfolio_values SET net_deposits = net_deposits + 1 WHERE portfolio_id = P()', 'net deposits are the sum of the flows of capital'),
  ('UPDATE ledger.capital_flows SET amount = amount + 1 WHERE portfolio_id = P()', 'each flow of capital is a transfer; net deposits are the sum of the flows of capital'),
  ('DELETE FROM ledger.capital_flows WHERE portfolio_id = P()', 'each flow of capital is a transfer; net deposits are the sum of the flows of capital')) AS d (damage, found);
SELECT pg_temp.is_sound('and healthy after it was undone');

SELECT * FROM finish();
ROLLBACK;
