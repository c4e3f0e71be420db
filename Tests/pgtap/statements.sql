-- An account statement adds up to the last digit: opening balance plus lines is closing balance is the balance.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
INSERT INTO trading.fee_schedules (name, per_order) VALUES ('one', 1);
SELECT ledger.set_exchange_rate('EUR', 'USD', 1.08, '2024-01-02') \g /dev/null
SELECT trading.create_portfolio(name => 'client', capital => 10000, fee_schedule => 'one', at => '2024-01-02 09:00Z') \g /dev/null
SELECT pg_temp.submit('b', 'buy', 10, 100, portfolio => 'client'), pg_temp.fill('b', 10, 99.5, 'b1', portfolio => 'client') \g /dev/null
SELECT ledger.deposit('client', 100, 'EUR', '2024-01-09', 'wire'), ledger.hold('client', 50, at => '2024-01-09'), ledger.record_interest('client', 0.5, at => '2024-01-10') \g /dev/null
SELECT count(*) FROM ledger.convert('client', 10, 'EUR', 'USD', 1.08, '2024-01-10 12:00Z') \g /dev/null
SELECT ledger.reverse_transfer('client', t.transfer_id, 'wrong account', '2024-01-11') FROM ledger.transfers AS t WHERE t.kind = 'interest' \g /dev/null
-- A fill that is reported late stands where it happened.
SELECT pg_temp.submit('s', 'sell', 4, 100, portfolio => 'client', at => '2024-01-09'), pg_temp.fill('s', 4, 101, 's1', portfolio => 'client', at => '2024-01-09 15:00Z') \g /dev/null

CREATE FUNCTION pg_temp.lines(from_time timestamptz, until_time timestamptz, currency text) RETURNS SETOF text LANGUAGE sql STABLE
AS $$ SELECT concat_ws('|', s.line, s.kind, s.description, trim_scale(s.debit), trim_scale(s.credit), trim_scale(s.balance), s.symbol) FROM ledger.statement('client', $1, $2, $3) AS s $$;
SELECT results_eq($$SELECT * FROM pg_temp.lines('2024-01-05', '2024-02-01', 'USD')$$, ARRAY[
  '0|opening|opening balance|10000', '1|trade|trade: bought 10 US:IBM at 99.5|995|9005|US:IBM', '2|fee|fee: brokerage US:IBM|1|9004|US:IBM', '3|trade|trade: sold 4 US:IBM at 101|404|9408|US:IBM',
  '4|fee|fee: brokerage US:IBM|1|9407|US:IBM', '5|interest|interest|0.5|9407.5', '6|conversion|conversion at 1.08|10.8|9418.3',
  '7|adjustment|reversal of transfer ' || (SELECT transfer_id FROM ledger.transfers WHERE kind = 'interest') || ': wrong account|0.5|9417.8', '8|closing|closing balance|9417.8'],
  'every movement in order of its time, what is only pending left out');
SELECT results_eq($$SELECT * FROM pg_temp.lines('2024-01-05', '2024-02-01', 'EUR')$$, ARRAY['0|opening|opening balance|0', '1|deposit|deposit|100|100', '2|conversion|conversion at 1.08|10|90', '3|closing|closing balance|90'], 'each currency by itself');
SELECT results_eq($$SELECT currency, count(*) FROM ledger.statement('client') GROUP BY currency ORDER BY 1$$, $$VALUES ('EUR', 4::bigint), ('USD', 10)$$, 'all of them when none is named');
SELECT results_eq($$SELECT * FROM pg_temp.lines('2024-01-09', '2024-01-10', 'USD')$$, ARRAY['0|opening|opening balance|9004', '1|trade|trade: sold 4 US:IBM at 101|404|9408|US:IBM', '2|fee|fee: brokerage US:IBM|1|9407|US:IBM', '3|closing|closing balance|9407'], 'from a time until before another');
SELECT is((SELECT (s.reference, s.order_id IS NULL, s.transfer_id IS NOT NULL)::text FROM ledger.statement('client') AS s WHERE s.kind = 'deposit' AND s.currency = 'EUR'), '(wire,t,t)', 'a line names its transfer and reference');
SELECT is((SELECT count(*)::int FROM ledger.statement('client') AS s JOIN trading.fills AS f ON f.fill_id = s.fill_id AND f.order_id = s.order_id AND f.portfolio_id = trading.portfolio_id('client')), 4, 'or its order and fill');
SELECT is((SELECT array_agg(DISTINCT s.section) FROM ledger.statement('client') AS s), '{cash}', 'no margin section where there is no margin');

-- Any cut of time reconciles, in each currency, and ends at the ledger's balance.
SELECT is_empty(format($$
  SELECT s.section, s.currency FROM ledger.statement('client', %L, %L) AS s GROUP BY 1, 2
  HAVING max(s.balance) FILTER (WHERE s.kind = 'opening') + coalesce(sum(s.credit), 0) - coalesce(sum(s.debit), 0) <> max(s.balance) FILTER (WHERE s.kind = 'closing')
  UNION ALL
  SELECT 'cut', a.currency FROM ledger.statement('client', until_time => %1$L) AS a JOIN ledger.statement('client', %1$L) AS b ON a.kind = 'closing' AND b.kind = 'opening' AND (a.section, a.currency) = (b.section, b.currency)
   WHERE a.balance <> b.balance$$, cut, upper), format('cut at %s, %s', cut, upper))
  FROM unnest(ARRAY['-infinity', '2024-01-02 09:00Z', '2024-01-08 15:01Z', '2024-01-09 15:00Z', '2024-01-10', 'infinity']) AS cut, unnest(ARRAY['2024-01-20', 'infinity']) AS upper WHERE cut::timestamptz <= upper::timestamptz;
SELECT is_empty($$
  SELECT s.currency FROM ledger.statement('client') AS s JOIN ledger.accounts AS a ON a.portfolio_id = trading.portfolio_id('client') AND (a.kind::text, a.currency::text) = (s.section, s.currency)
    JOIN ledger.balances AS b USING (portfolio_id, account_id) WHERE s.kind = 'closing' AND s.balance <> b.credits_posted - b.debits_posted$$, 'the last line is the balance');
SELECT pg_temp.refuses($$SELECT * FROM ledger.statement('none')$$, 'TR211', 'an unknown portfolio');
SELECT is((SELECT count(*)::int FROM ledger.statement('client', in_currency => 'CHF')), 0, 'no lines in a currency that it does not have');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
