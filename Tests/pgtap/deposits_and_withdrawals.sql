-- Money comes and goes by two-sided transfers; more than is there never goes.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

SELECT is((SELECT (t.amount, t.kind, t.state, t.currency, t.debit_account_id <> t.credit_account_id, t.transfer_id)::text FROM ledger.deposit('main', 0.00000001, at => '2024-01-08') AS t),
          '(0.00000001,deposit,posted,USD,t,2)', 'the smallest deposit');
SELECT pg_temp.amounts_to(pg_temp.cash(), 10000.00000001, 'is kept');
SELECT is((ledger.withdraw('main', 10000.00000001, at => '2024-01-08')).kind, 'withdrawal', 'the last digit can be withdrawn');
SELECT pg_temp.amounts_to(pg_temp.cash(), 0, 'and nothing is left');
SELECT pg_temp.refuses($$SELECT ledger.withdraw('main', 0.00000001)$$, 'TR401', 'not a digit more');
SELECT ledger.deposit('main', 100, at => '2024-01-08') \g /dev/null
SELECT pg_temp.submit('hold', 'buy', 6, 10) \g /dev/null
SELECT pg_temp.refuses($$SELECT ledger.withdraw('main', 40.01)$$, 'TR401', 'what an order holds is not withdrawn');
SELECT is((ledger.withdraw('main', 40, at => '2024-01-08')).amount::numeric, 40.00000000, 'the rest is');
SELECT is(trading.check_available_funds('main', 0), true, 'check_available_funds: nothing is there');
SELECT is(trading.check_available_funds('main', 0.00000001), false, 'a digit is not');
SELECT is(trading.check_available_funds('main', 1, 'EUR'), NULL, 'no account, no answer');
SELECT pg_temp.refuses($$SELECT trading.check_available_funds('none', 1)$$, 'TR211', 'an unknown portfolio');

SELECT pg_temp.refuses(format('SELECT ledger.%s(%L, %s)', f, 'main', a), 'TR403', format('%s of %s', f, a))
  FROM unnest(ARRAY['deposit', 'withdraw']) AS f, unnest(ARRAY['0', '-1', 'NULL', '''NaN''', '''Infinity''', '''-Infinity''', '1e20', '0.000000001', '1.000000001', '-0.00000001']) AS a;
SELECT pg_temp.refuses($$SELECT ledger.deposit('none', 1)$$, 'TR211', 'an unknown portfolio');
SELECT pg_temp.refuses($$SELECT ledger.deposit(NULL, 1)$$, 'TR211', 'no portfolio');
SELECT pg_temp.refuses($$SELECT ledger.withdraw('main', 1, currency => 'EUR')$$, 'TR404', 'a currency without an account');
SELECT pg_temp.refuses($$SELECT ledger.deposit('main', 1, currency => 'eur')$$, 'TR404', 'a currency that is no code');
SELECT pg_temp.refuses($$SELECT ledger.deposit('main', 1, at => NULL)$$, 'TR249', 'no time');
SELECT pg_temp.refuses($$SELECT ledger.deposit('main', 1, at => 'infinity')$$, 'TR249', 'an infinite time');
SELECT pg_temp.refuses($$SELECT ledger.deposit('main', 99999999999999999999), ledger.deposit('main', 1)$$, '22003', 'more than money has digits');
SELECT pg_temp.amounts_to(pg_temp.cash(), 60, 'nothing of it happened');

-- Portfolios.
SELECT is((SELECT (s.cash, s.reserved, s.available, s.equity, s.net_deposits, s.open_orders)::text FROM trading.portfolio_summary AS s WHERE s.portfolio = 'main'),
          '(60,60,0,60,60,1)', 'the summary adds up');
SELECT pg_temp.refuses(format('SELECT trading.create_portfolio(%s)', a), c, a) FROM (VALUES
  ('name => ''main''', 'TR214'), ('name => NULL', 'TR214'), ('name => ''''', 'TR214'), ('name => ''a b''', 'TR214'), ('name => ''x'', currency => ''usd''', 'TR214'), ('name => ''x'', currency => NULL', 'TR214'),
  ('name => ''x'', capital => -1', 'TR214'), ('name => ''x'', capital => NULL', 'TR214'), ('name => ''x'', capital => ''NaN''', 'TR214'), ('name => ''x'', capital => 1e20', 'TR214'),
  ('name => ''x'', capital => 0.000000001', 'TR214'), ('name => ''x'', fee_schedule => ''none''', 'TR214'), ('name => ''x'', fee_schedule => NULL', 'TR214'), ('name => ''x'', slippage_bps => -1', 'TR214'),
  ('name => ''x'', slippage_bps => ''NaN''', 'TR214'), ('name => ''x'', snapshot_interval => ''0''', 'TR214'), ('name => ''x'', snapshot_interval => ''1 month''', 'TR214'), ('name => ''x'', snapshot_interval => NULL', 'TR214'),
  ('name => ''x'', at => NULL', 'TR249'), ('name => ''x'', at => ''infinity''', 'TR249'), ('name => ''x'', at => ''0044-03-15 BC''', 'TR249'), ('name => ''x'', at => ''9999-01-01''', 'TR249'), ('name => ''x'', broker => NULL', 'TR214'), ('name => ''x'', broker => ''''', 'TR214'), ('name => repeat(''x'', 64)', 'TR214'), ('name => E''x\n''', 'TR214')) AS p (a, c);
SELECT is((SELECT array_agg(name) FROM trading.portfolios), '{main}', 'none of them was made');
SELECT is((trading.create_portfolio(name => 'empty')).currency::text, 'USD', 'a portfolio needs a name only');
SELECT is((SELECT (v.cash, v.equity)::text FROM trading.portfolio_values AS v WHERE v.portfolio_id = trading.portfolio_id('empty')), '(0.00000000,0.00000000)', 'and is worth nothing yet');

-- Two accounts, an amount, and something to answer; invariants.sql has the rest.
SELECT pg_temp.refuses(format('INSERT INTO ledger.transfers (portfolio_id, transfer_id, debit_account_id, credit_account_id, amount, currency, kind, state, at) VALUES (trading.portfolio_id(''main''), 99, %s, now())', v), c, d) FROM (VALUES
  ('1, 1, 1, ''USD'', ''deposit'', ''posted''', '23514', 'an account to itself'),
  ('1, 2, 0, ''USD'', ''deposit'', ''posted''', '23514', 'of nothing'), ('1, 2, 1, ''USD'', ''trade'', ''voided''', '23514', 'that voids nothing')) AS t (v, c, d);
-- A reference is a key, of 256 characters at most.
SELECT pg_temp.refuses(format(s, repeat('x', 257)), 'TR409', format(s, 'a long one')) FROM unnest(ARRAY['SELECT ledger.deposit(''main'', 1, reference => %L)', 'SELECT ledger.withdraw(''main'', 1, reference => %L)', 'SELECT ledger.hold(''main'', 1, reference => %L)',
  'SELECT ledger.record_interest(''main'', 1, reference => %L)', 'SELECT ledger.convert(''main'', 1, ''USD'', ''EUR'', 1, reference => %L)', 'SELECT ledger.post_pending(''main'', 1, reference => %L)', 'SELECT ledger.void_pending(''main'', 1, reference => %L)']) AS s;
SELECT is((ledger.deposit('main', 1, reference => repeat('x', 256))).reference, repeat('x', 256), 'that long it may be');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
