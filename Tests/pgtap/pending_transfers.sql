-- A pending transfer is posted, in whole or part, or voided: once.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

CREATE FUNCTION pg_temp.sums() RETURNS text LANGUAGE sql STABLE
AS $$ SELECT concat_ws(' ', trim_scale(b.credits_posted - b.debits_posted), trim_scale(b.debits_pending), trim_scale(b.credits_pending))
        FROM ledger.accounts AS a JOIN ledger.balances AS b USING (portfolio_id, account_id) WHERE a.currency = 'USD' AND a.kind = 'cash' $$;
CREATE FUNCTION pg_temp.transfer(reference text) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT t.transfer_id FROM ledger.transfers AS t WHERE t.reference = $1 $$;

SELECT is((SELECT (t.amount, t.kind, t.state, t.pending_id IS NULL)::text FROM ledger.hold('main', 3000, at => '2024-01-08', reference => 'rent') AS t), '(3000.00000000,withdrawal,pending,t)', 'money is set aside');
SELECT is(pg_temp.sums(), '10000 3000 0', 'it is still there');
SELECT pg_temp.amounts_to(pg_temp.available(), 7000, 'but not available');
SELECT is((ledger.hold('main', 3000, reference => 'rent')).transfer_id, pg_temp.transfer('rent'), 'the same reference answers the first');
SELECT pg_temp.refuses($$SELECT ledger.hold('main', 3001, reference => 'rent')$$, 'TR406', 'with another amount it is refused');
SELECT pg_temp.refuses($$SELECT ledger.hold('main', 7000.00000001)$$, 'TR401', 'more than is available is not held');
SELECT pg_temp.refuses(s, 'TR403', s) FROM unnest(ARRAY['SELECT ledger.hold(''main'', 1.000000001)', 'SELECT ledger.hold(''main'', 3000.000000001, reference => ''rent'')', 'SELECT ledger.post_pending(''main'', 1, 1.000000001)', 'SELECT ledger.convert(''main'', 1.000000001, ''USD'', ''EUR'', 1)',
  'SELECT ledger.record_interest(''main'', 1.000000001)', 'SELECT ledger.record_interest(''main'', -1.000000001)']) AS s;
SELECT is((pg_temp.submit('big', 'buy', 71, 100)).reason_code, 'TR401', 'orders cannot have it');
SELECT pg_temp.refuses($$SELECT ledger.withdraw('main', 7001)$$, 'TR401', 'nor withdrawals');
SELECT pg_temp.is_sound();

SELECT pg_temp.refuses(format('SELECT ledger.post_pending(''main'', %s, 3000.00000001)', pg_temp.transfer('rent')), 'TR405', 'more than is held is not posted');
SELECT is((SELECT (t.amount, t.kind, t.state, t.pending_id = pg_temp.transfer('rent'))::text FROM ledger.post_pending('main', pg_temp.transfer('rent'), 2500, '2024-01-09', 'paid') AS t),
          '(2500.00000000,withdrawal,posted,t)', 'a part is posted');
SELECT is(pg_temp.sums(), '7500 0 0', 'and the rest is free');
SELECT is((SELECT string_agg(concat_ws(' ', t.state, trim_scale(t.amount)), ', ' ORDER BY t.transfer_id) FROM ledger.transfers AS t WHERE t.pending_id = pg_temp.transfer('rent')), 'posted 2500, voided 500', 'both are rows that name it');
SELECT is((ledger.post_pending('main', pg_temp.transfer('rent'), 2500, '2024-01-10', 'paid')).transfer_id, pg_temp.transfer('paid'), 'the same reference answers the first');
SELECT pg_temp.refuses(format('SELECT ledger.post_pending(''main'', %s, 2400, reference => ''paid'')', pg_temp.transfer('rent')), 'TR406', 'with another amount it is refused');
SELECT pg_temp.refuses(format('SELECT ledger.void_pending(''main'', %s, reference => ''paid'')', pg_temp.transfer('rent')), 'TR406', 'and for the opposite');
SELECT pg_temp.refuses(format('SELECT ledger.post_pending(''main'', %s)', pg_temp.transfer('rent')), 'TR405', 'it is not posted twice');
SELECT pg_temp.refuses(format('SELECT ledger.post_pending(''main'', %s, 100)', pg_temp.transfer('rent')), 'TR405', 'nor in another part');
SELECT pg_temp.refuses(format('SELECT ledger.void_pending(''main'', %s)', pg_temp.transfer('rent')), 'TR405', 'nor voided after that');
SELECT pg_temp.is_sound();

SELECT ledger.hold('main', 7500, at => '2024-01-09', reference => 'all') \g /dev/null
SELECT is((SELECT (t.amount, t.state)::text FROM ledger.void_pending('main', pg_temp.transfer('all'), '2024-01-10', 'never mind') AS t), '(7500.00000000,voided)', 'the whole is given up');
SELECT is(pg_temp.sums(), '7500 0 0', 'and free again');
SELECT is((ledger.void_pending('main', pg_temp.transfer('all'), '2024-01-10', 'never mind')).transfer_id, pg_temp.transfer('never mind'), 'the same reference answers the first');
SELECT pg_temp.refuses(format('SELECT ledger.void_pending(''main'', %s)', pg_temp.transfer('all')), 'TR405', 'it is not voided twice');
SELECT pg_temp.refuses(format('SELECT ledger.post_pending(''main'', %s)', pg_temp.transfer('all')), 'TR405', 'nor posted after that');

-- A deposit that is announced.
SELECT ledger.hold('main', 500, kind => 'deposit', at => '2024-01-10', reference => 'cheque') \g /dev/null
SELECT is(pg_temp.sums(), '7500 0 500', 'a deposit on its way');
SELECT pg_temp.amounts_to(pg_temp.available(), 7500, 'cannot be spent');
SELECT pg_temp.is_sound();
SELECT is((SELECT (t.amount, t.kind, t.state)::text FROM ledger.post_pending('main', pg_temp.transfer('cheque'), at => '2024-01-12') AS t), '(500.00000000,deposit,posted)', 'until it comes in whole');
SELECT is(pg_temp.sums(), '8000 0 0', 'it is there');
SELECT is((SELECT s.net_deposits::numeric FROM trading.portfolio_summary AS s), 8000::numeric(28, 8), 'and counts as deposited');
SELECT ledger.hold('main', 20, 'EUR', 'deposit', '2024-01-12', 'euros') \g /dev/null
SELECT pg_temp.refuses('SELECT ledger.post_pending(''main'', pg_temp.transfer(''euros''), at => ''2024-01-12'')', 'TR407', 'what it is worth as capital must be known');
SELECT ledger.set_exchange_rate('EUR', 'USD', 1.1, '2024-01-12') \g /dev/null
SELECT is((ledger.post_pending('main', pg_temp.transfer('euros'), at => '2024-01-12')).currency::text, 'EUR', 'in a currency that is new to the portfolio');

-- What is no pending transfer of this kind.
SELECT pg_temp.submit('o', 'buy', 1, 100) \g /dev/null
SELECT pg_temp.refuses(format('SELECT ledger.%s(''main'', %s)', f, (pg_temp.order_row('o')).reservation_id), 'TR409', format('%s: an order''s money', f)) FROM unnest(ARRAY['post_pending', 'void_pending']) AS f;
SELECT pg_temp.refuses(format('SELECT ledger.%s(''main'', %s)', f, i), 'TR409', format('%s %s', f, i)) FROM unnest(ARRAY['post_pending', 'void_pending']) AS f, unnest(ARRAY['0', '-1', '1', 'NULL', '9223372036854775807']) AS i;
SELECT pg_temp.refuses(format('SELECT ledger.hold(''main'', %s)', a), 'TR403', a) FROM unnest(ARRAY['0', '-1', 'NULL', '''NaN''', '''Infinity''', '1e20', '0.000000001']) AS a;
SELECT pg_temp.refuses(format('SELECT ledger.hold(''main'', 1, kind => %s)', k), 'TR409', k) FROM unnest(ARRAY['NULL', '''reservation''', '''trade''', '''fee''', '''interest''']) AS k;
SELECT pg_temp.refuses($$SELECT ledger.hold('main', 1, 'CHF')$$, 'TR404', 'a currency without an account');
SELECT pg_temp.refuses($$SELECT ledger.hold('none', 1)$$, 'TR211', 'an unknown portfolio');
SELECT pg_temp.refuses($$SELECT ledger.hold('main', 1, at => 'infinity')$$, 'TR249', 'an infinite time');
SELECT ledger.hold('main', 10, at => '2024-01-12', reference => 'ten') \g /dev/null
SELECT pg_temp.refuses(format('SELECT ledger.post_pending(''main'', %s, %s)', pg_temp.transfer('ten'), a), c, a) FROM (VALUES ('0', 'TR403'), ('-1', 'TR403'), ('''NaN''', 'TR405'), ('''Infinity''', 'TR405'), ('0.000000001', 'TR403')) AS n (a, c);
SELECT pg_temp.refuses(format('SELECT ledger.post_pending(''main'', %s, 5, reference => ''cheque'')', pg_temp.transfer('ten')), 'TR406', 'a reference that is taken');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
