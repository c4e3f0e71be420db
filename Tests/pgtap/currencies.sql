-- Money in several currencies: rates, conversions as two linked transfers, and corrections that are new transfers.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

CREATE FUNCTION pg_temp.balance(currency text, kind ledger.account_kind DEFAULT 'cash', portfolio text DEFAULT 'main') RETURNS numeric LANGUAGE sql STABLE
AS $$ SELECT (b.credits_posted - b.debits_posted)::numeric FROM ledger.accounts AS a JOIN ledger.balances AS b USING (portfolio_id, account_id)
       WHERE a.portfolio_id = trading.portfolio_id($3) AND a.currency = $1 AND a.kind = $2 $$;

-- Rates.
SELECT pg_temp.refuses($$SELECT ledger.exchange_rate('EUR', 'USD', '2024-01-08')$$, 'TR407', 'no rate is known');
SELECT pg_temp.amounts_to(ledger.exchange_rate('EUR', 'EUR', '2024-01-08'), 1, 'one currency against itself');
SELECT is((SELECT (r.from_currency, r.to_currency, r.rate, r.at)::text FROM ledger.set_exchange_rate('EUR', 'USD', 1.08, '2024-01-05') AS r),
          '(EUR,USD,1.08000000000000000000,"2024-01-05 00:00:00+00")', 'a rate is set');
SELECT ledger.set_exchange_rate('EUR', 'USD', 1.1, '2024-01-10'), ledger.set_exchange_rate('USD', 'EUR', 0.9, '2024-01-15') \g /dev/null
SELECT pg_temp.refuses($$SELECT ledger.exchange_rate('EUR', 'USD', '2024-01-04 23:59:59Z')$$, 'TR407', 'none is known before the first');
SELECT pg_temp.amounts_to(ledger.exchange_rate('EUR', 'USD', '2024-01-05'), 1.08, 'it counts from its time on');
SELECT pg_temp.amounts_to(ledger.exchange_rate('EUR', 'USD', '2024-01-09 23:59:59Z'), 1.08, 'until the next');
SELECT pg_temp.amounts_to(ledger.exchange_rate('EUR', 'USD', '2024-01-10'), 1.1, 'which counts then');
SELECT pg_temp.amounts_to(ledger.exchange_rate('USD', 'EUR', '2024-01-10'), 0.90909090909090909091, 'the other way round: the inverse, to twenty decimals');
SELECT pg_temp.amounts_to(ledger.exchange_rate('USD', 'EUR', '2024-01-15'), 0.9, 'the later of both directions counts');
SELECT pg_temp.amounts_to(ledger.exchange_rate('EUR', 'USD', '2024-01-15'), 1.11111111111111111111, 'for both');
SELECT ledger.set_exchange_rate('USD', 'EUR', 0.92, '2024-01-15') \g /dev/null
SELECT pg_temp.amounts_to(ledger.exchange_rate('USD', 'EUR', '2024-02-01'), 0.92, 'a rate set again is corrected');
SELECT pg_temp.refuses(format('SELECT ledger.set_exchange_rate(%s)', a), 'TR408', a) FROM unnest(ARRAY['''EUR'', ''EUR'', 1', '''EUR'', ''USD'', 0', '''EUR'', ''USD'', -1', '''EUR'', ''USD'', ''NaN''',
  '''EUR'', ''USD'', ''Infinity''', '''EUR'', ''USD'', NULL', 'NULL, ''USD'', 1', '''eur'', ''USD'', 1', '''EUR'', '''', 1', '''EUR'', ''USD'', 1, ''infinity''', '''EUR'', ''USD'', 1, NULL', '''EUR'', ''USD'', 1e16', '''EUR'', ''USD'', 1e-16']) AS a;

-- Money in another currency.
SELECT pg_temp.refuses($$SELECT ledger.withdraw('main', 1, 'EUR')$$, 'TR404', 'no account in euros is there');
SELECT is((SELECT (t.amount, t.currency, t.kind)::text FROM ledger.deposit('main', 1000, 'EUR', '2024-01-05', 'wire') AS t), '(1000.00000000,EUR,deposit)', 'a deposit opens them');
SELECT is((SELECT count(*)::int FROM ledger.accounts AS a WHERE a.currency = 'EUR'), cardinality(enum_range(NULL::ledger.account_kind)), 'one of each kind');
SELECT is((SELECT string_agg(a.kind::text, ' ' ORDER BY a.kind) FROM ledger.accounts AS a JOIN ledger.balances AS b USING (portfolio_id, account_id) WHERE a.currency = 'EUR' AND NOT b.may_overdraw), 'cash margin', 'cash and margin never fall below zero');
SELECT is((ledger.withdraw('main', 400, 'EUR', '2024-01-06')).currency::text, 'EUR', 'and money goes in euros');
SELECT pg_temp.refuses($$SELECT ledger.withdraw('main', 600.00000001, 'EUR', '2024-01-06')$$, 'TR401', 'but not more than is there, whatever there is in dollars');
SELECT pg_temp.is_sound();

-- Conversion.
CREATE FUNCTION pg_temp.convert(arguments text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_text text;
BEGIN
  EXECUTE format('SELECT string_agg(trim_scale(t.amount) || '' '' || t.currency, '' '' ORDER BY t.transfer_id) FROM ledger.convert(%s) AS t', arguments) INTO v_text;
  RETURN v_text;
END
$$;
SELECT is(pg_temp.convert($$'main', 100, 'EUR', 'USD', at => '2024-01-08', reference => 'fx'$$), '100 EUR 108 USD', 'at the rate in force');
SELECT is(pg_temp.convert($$'main', 100, 'EUR', 'USD', at => '2024-01-12', reference => 'fx'$$), '100 EUR 108 USD', 'the same reference answers the first conversion');
SELECT pg_temp.refuses($$SELECT ledger.convert('main', 101, 'EUR', 'USD', reference => 'fx')$$, 'TR406', 'another amount');
SELECT pg_temp.refuses($$SELECT ledger.convert('main', 100, 'EUR', 'GBP', reference => 'fx')$$, 'TR406', 'another currency');
SELECT pg_temp.refuses($$SELECT ledger.convert('main', 100, 'EUR', 'USD', 1.09, reference => 'fx')$$, 'TR406', 'another rate');
SELECT pg_temp.refuses($$SELECT ledger.convert('main', 1000, 'EUR', 'USD', reference => 'wire')$$, 'TR406', 'the reference of a deposit');
SELECT is(pg_temp.convert($$'main', 0.00000005, 'EUR', 'USD', 1.1$$), '0.00000005 EUR 0.00000006 USD', 'what is received is rounded half away from zero');
SELECT is(pg_temp.convert($$'main', 33.33, 'USD', 'EUR', at => '2024-01-10'$$), '33.33 USD 30.3 EUR', 'by the inverse, 30.29999… on the eighth decimal');
SELECT pg_temp.amounts_to(pg_temp.balance('EUR'), 530.29999995, 'euros left');
SELECT pg_temp.amounts_to(pg_temp.balance('USD'), 10074.67000006, 'dollars left');
SELECT pg_temp.amounts_to(pg_temp.balance('EUR', 'conversion'), 69.70000005, 'what went to the market in euros');
SELECT pg_temp.amounts_to(pg_temp.balance('USD', 'conversion'), -74.67000006, 'and what came from it in dollars');
SELECT is((SELECT count(*)::int FROM ledger.conversions AS c JOIN ledger.transfers AS f USING (portfolio_id, transfer_id) JOIN ledger.transfers AS t ON t.portfolio_id = c.portfolio_id AND t.transfer_id = c.to_transfer_id
            WHERE t.amount = round(f.amount * c.rate, 8) AND (f.kind, t.kind) = ('conversion', 'conversion')), 3, 'each conversion keeps its two transfers and its rate');
SELECT is(pg_temp.convert($$'main', 74.67, 'USD', 'JPY', 150$$), '74.67 USD 11200.5 JPY', 'a new currency gets its accounts');
SELECT pg_temp.refuses($$SELECT ledger.convert('main', 10000.00000007, 'USD', 'EUR', 1)$$, 'TR401', 'more than is there');
SELECT pg_temp.submit('hold', 'buy', 90, 100) \g /dev/null
SELECT pg_temp.refuses($$SELECT ledger.convert('main', 1000.01, 'USD', 'EUR', 1)$$, 'TR401', 'what an order holds');
SELECT trading.cancel_order('main', client_order_id => 'hold', at => '2024-01-09') \g /dev/null
SELECT pg_temp.refuses($$SELECT ledger.convert('main', 1, 'CHF', 'EUR', 1)$$, 'TR404', 'no account to give from');
SELECT pg_temp.refuses($$SELECT ledger.convert('main', 1, 'USD', 'CHF', at => '2024-01-10')$$, 'TR407', 'no rate');
SELECT pg_temp.refuses($$SELECT ledger.convert('main', 1, 'USD', 'EUR', at => NULL)$$, 'TR407', 'no time');
SELECT pg_temp.refuses($$SELECT ledger.convert('main', 1, 'USD', 'EUR', 1, at => 'infinity')$$, 'TR249', 'an infinite time');
SELECT pg_temp.refuses($$SELECT ledger.convert('main', 1, 'USD', 'chf', 1)$$, 'TR404', 'a currency that is no code');
SELECT pg_temp.refuses($$SELECT ledger.convert('none', 1, 'USD', 'EUR', 1)$$, 'TR211', 'an unknown portfolio');
SELECT pg_temp.refuses(format($$SELECT ledger.convert('main', 1, 'USD', %s)$$, a), 'TR408', a) FROM unnest(ARRAY['''USD'', 1', '''EUR'', 0', '''EUR'', -1', '''EUR'', ''NaN''', '''EUR'', ''Infinity''', 'NULL', '''EUR'', 1e16']) AS a;
SELECT pg_temp.refuses(format($$SELECT ledger.convert('main', %s, 'USD', 'EUR', 1)$$, a), 'TR403', a) FROM unnest(ARRAY['0', '-1', 'NULL', '''NaN''', '''Infinity''', '0.000000001']) AS a;
SELECT pg_temp.refuses($$SELECT ledger.convert('main', 0.00000001, 'USD', 'EUR', 0.4)$$, 'TR403', 'nothing would be received');
SELECT is((SELECT count(*)::int FROM ledger.conversions), 4, 'none of them happened');
SELECT pg_temp.is_sound();

-- Interest.
SELECT is((SELECT (t.amount, t.kind, t.currency)::text FROM ledger.record_interest('main', 1.5, at => '2024-01-31', reference => 'jan') AS t), '(1.50000000,interest,USD)', 'interest comes');
SELECT is((ledger.record_interest('main', 1.5, at => '2024-02-01', reference => 'jan')).at, '2024-01-31 00:00Z'::timestamptz, 'once');
SELECT pg_temp.refuses($$SELECT ledger.record_interest('main', -1.5, reference => 'jan')$$, 'TR406', 'the same reference the other way round');
SELECT ledger.record_interest('main', -0.25, 'EUR', '2024-01-31') \g /dev/null
SELECT pg_temp.amounts_to(-pg_temp.balance('USD', 'income'), 1.5, 'received');
SELECT pg_temp.amounts_to(-pg_temp.balance('EUR', 'income'), -0.25, 'paid');
SELECT pg_temp.refuses($$SELECT ledger.record_interest('main', -1000, 'EUR')$$, 'TR401', 'more than is there is not charged');
SELECT pg_temp.refuses($$SELECT ledger.record_interest('main', 1, 'CHF')$$, 'TR404', 'nor paid where no account is');
SELECT pg_temp.refuses(format('SELECT ledger.record_interest(''main'', %s)', a), 'TR403', a) FROM unnest(ARRAY['0', 'NULL', '''NaN''', '''Infinity''', '''-Infinity''', '0.000000001']) AS a;
SELECT pg_temp.is_sound();

-- Corrections are new transfers.
CREATE FUNCTION pg_temp.reverse(id bigint, reason text DEFAULT 'keyed in twice') RETURNS text LANGUAGE sql
AS $$ SELECT string_agg(concat_ws(' ', trim_scale(t.amount), t.currency, t.kind), ', ' ORDER BY t.transfer_id) FROM ledger.reverse_transfer('main', id, reason, '2024-02-01') AS t $$;
CREATE FUNCTION pg_temp.transfer(reference text) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT t.transfer_id FROM ledger.transfers AS t WHERE t.reference = $1 $$;
SELECT ledger.deposit('main', 50, at => '2024-01-31', reference => 'oops') \g /dev/null
SELECT pg_temp.balance('USD') AS before \gset
SELECT is(pg_temp.reverse(pg_temp.transfer('oops')), '50 USD adjustment', 'a deposit is taken back');
SELECT pg_temp.amounts_to(pg_temp.balance('USD'), :before - 50, 'its money goes');
SELECT is(pg_temp.reverse(pg_temp.transfer('oops')), '50 USD adjustment', 'asking again answers the reversal');
SELECT pg_temp.amounts_to(pg_temp.balance('USD'), :before - 50, 'which happened once');
SELECT is((SELECT (r.transfer_id = pg_temp.transfer('oops'), r.reason, t.debit_account_id = o.credit_account_id, t.credit_account_id = o.debit_account_id)::text
             FROM ledger.reversals AS r JOIN ledger.transfers AS t ON t.portfolio_id = r.portfolio_id AND t.transfer_id = r.reversal_id
             JOIN ledger.transfers AS o ON o.portfolio_id = r.portfolio_id AND o.transfer_id = r.transfer_id), '(t,"keyed in twice",t,t)', 'it names what it reverses, and why');
SELECT is(pg_temp.reverse(pg_temp.transfer('fx')), '108 USD adjustment, 100 EUR adjustment', 'a conversion goes back on both sides');
SELECT is(pg_temp.reverse(pg_temp.transfer('fx') + 1), '108 USD adjustment, 100 EUR adjustment', 'whichever side is named');
SELECT is(pg_temp.reverse(pg_temp.transfer('jan')), '1.5 USD adjustment', 'interest too');
SELECT pg_temp.amounts_to(pg_temp.balance('USD', 'income'), 0, 'as if there had been none');
SELECT pg_temp.refuses(format('SELECT pg_temp.reverse(%s)', (SELECT max(transfer_id) FROM ledger.transfers)), 'TR409', 'a reversal is not reversed');
SELECT pg_temp.submit('b', 'buy', 1, 100), pg_temp.fill('b', 1, 100, 'b', 1) \g /dev/null
SELECT pg_temp.refuses(format('SELECT pg_temp.reverse(%s)', t.transfer_id), 'TR409', format('%s, %s', t.kind, t.state)) FROM ledger.transfers AS t WHERE t.order_id = (pg_temp.order_row('b')).order_id;
SELECT pg_temp.refuses(format('SELECT pg_temp.reverse(%s)', a), 'TR409', a) FROM unnest(ARRAY['0', '-1', 'NULL', '99999', format('%s, '' ''', pg_temp.transfer('wire')), format('%s, NULL', pg_temp.transfer('wire'))]) AS a;
SELECT pg_temp.refuses(format('SELECT pg_temp.reverse(%s)', pg_temp.transfer('wire')), 'TR401', 'money that is spent cannot be taken back');
SELECT pg_temp.is_sound();

-- Nobody changes what is booked, and nobody books beside the procedures.
SELECT pg_temp.refuses(format(s, t), 'TR213', format(s, t)) FROM unnest(ARRAY['ledger.transfers', 'ledger.conversions', 'ledger.reversals']) AS t,
  unnest(ARRAY['UPDATE %s SET portfolio_id = portfolio_id', 'DELETE FROM %s', 'TRUNCATE %s CASCADE']) AS s;

SELECT * FROM finish();
ROLLBACK;
