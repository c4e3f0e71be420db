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
  '4|fee|fee: brokerage US:IBM|1|9407|US:IBM', '5|interest|interest received|0.5|9407.5', '6|conversion|conversion at 1.08: 10 EUR to 10.8 USD|10.8|9418.3',
  '7|adjustment|reversal of transfer ' || (SELECT transfer_id FROM ledger.transfers WHERE kind = 'interest') || ': wrong account|0.5|9417.8', '8|closing|closing balance|9417.8'],
  'every movement in order of its time, what is only pending left out');
SELECT results_eq($$SELECT * FROM pg_temp.lines('2024-01-05', '2024-02-01', 'EUR')$$, ARRAY['0|opening|opening balance|0', '1|deposit|deposit|100|100', '2|conversion|conversion at 1.08: 10 EUR to 10.8 USD|10|90', '3|closing|closing balance|90'], 'each currency by itself');
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
-- Shares sold short, futures over settlements, options that end, amendments: each fill and settlement is one line of what it was worth.
SELECT market.add_instrument('FUT', 'NFO', kind => 'future', multiplier => 10, expires_on => '2024-01-25'), market.add_instrument('OUT', 'NFO', kind => 'option', multiplier => 100, strike => 50, option_right => 'call', expires_on => '2024-01-18'),
       market.add_instrument('IN', 'NFO', kind => 'option', multiplier => 100, strike => 50, option_right => 'put', expires_on => '2024-01-18'), market.add_instrument('SHRT', 'NSE') \g /dev/null
SELECT market.upsert_quotes(array_agg(market.instrument_id(s)), array_agg(timestamptz '2024-01-08 05:00Z'), array_agg(p), array_agg(NULL::float8))
  FROM (VALUES ('NFO:FUT', 1000::float8), ('NFO:OUT', 2), ('NFO:IN', 2), ('NSE:SHRT', 20)) AS q (s, p) \g /dev/null
SELECT trading.create_portfolio(name => 'rich', currency => 'INR', capital => 1000000, account_type => 'margin', fee_schedule => 'one', at => '2024-01-02') \g /dev/null
CREATE FUNCTION pg_temp.deal(id text, symbol text, side trading.order_side, quantity numeric, price numeric, at timestamptz) RETURNS void LANGUAGE sql AS $$
  SELECT trading.submit_order('rich', symbol, side, quantity, 'limit', price, time_in_force => 'gtc', client_order_id => id, product => CASE WHEN symbol LIKE 'NSE:%' THEN 'intraday' ELSE 'carry_forward' END::trading.product, at => at);
  SELECT pg_temp.fill(id, quantity, price, id, portfolio => 'rich', fee => 0, at => at)
$$;
SELECT pg_temp.deal('s1', 'NSE:SHRT', 'sell', 10, 20, '2024-01-08 05:01Z'), pg_temp.deal('s2', 'NSE:SHRT', 'buy', 15, 22, '2024-01-08 06:01Z'), pg_temp.deal('f1', 'NFO:FUT', 'buy', 2, 1000, '2024-01-08 05:02Z'),
       pg_temp.deal('o1', 'NFO:OUT', 'buy', 3, 2, '2024-01-08 05:03Z'), pg_temp.deal('i1', 'NFO:IN', 'sell', 1, 2, '2024-01-08 05:04Z') \g /dev/null
SELECT count(*) FROM trading.settle_futures('rich', '2024-01-08', '{NFO:FUT}', '{1010}', '2024-01-08 11:00Z') \g /dev/null
SELECT pg_temp.deal('f2', 'NFO:FUT', 'sell', 1, 1004, '2024-01-09 05:01Z') \g /dev/null
SELECT count(*) FROM trading.expire_options('rich', '2024-01-18', '{NFO:OUT,NFO:IN}', '{48,48}', '2024-01-18 11:00Z') \g /dev/null
SELECT trading.bust_fill('rich', execution_id => 'f2', at => '2024-01-22 05:00Z') \g /dev/null
SELECT results_eq($$SELECT concat_ws('|', s.section, s.kind, s.description, coalesce(s.credit, -s.debit), trim_scale(s.quantity * s.price * s.multiplier)) FROM ledger.statement('rich') AS s WHERE s.kind NOT IN ('opening', 'closing', 'deposit')$$, ARRAY[
  'cash|trade|trade: sold 10 NSE:SHRT at 20|200|200', 'cash|margin|margin set aside NSE:SHRT|-300',
  'cash|trade|trade: bought 2 NFO:FUT at 1000, a future: nothing is paid|0', 'cash|margin|margin set aside NFO:FUT|-10000',
  'cash|trade|trade: bought 3 NFO:OUT at 2 × 100|-600|600', 'cash|trade|trade: sold 1 NFO:IN at 2 × 100|200|200', 'cash|margin|margin set aside NFO:IN|-2700',
  'cash|trade|trade: bought 15 NSE:SHRT at 22|-330|330', 'cash|margin|margin set free NSE:SHRT|300',
  'cash|settlement|daily settlement of 2 NFO:FUT at 1010, held at 1000 × 10|200', 'cash|margin|margin set aside NFO:FUT|-100',
  'cash|trade|trade: sold 1 NFO:FUT at 1004, closing 1 that were held at 1010 × 10|-60', 'cash|margin|margin set free NFO:FUT|5050',
  'cash|settlement|expiry of 3 NFO:OUT: worthless, the underlying is at 48|0|0', 'cash|settlement|expiry of -1 NFO:IN at 2 × 100, the underlying is at 48|-200|200', 'cash|margin|margin set free NFO:IN|2700',
  'cash|trade|bust of fill 6: sold 1 NFO:FUT at 1004, taken back with what was realised by it|60', 'cash|margin|margin set aside NFO:FUT|-5050',
  'margin|margin|margin NSE:SHRT|300', 'margin|margin|margin NFO:FUT|10000', 'margin|margin|margin NFO:IN|2700', 'margin|margin|margin NSE:SHRT|-300', 'margin|margin|margin NFO:FUT|100', 'margin|margin|margin NFO:FUT|-5050',
  'margin|margin|margin NFO:IN|-2700', 'margin|margin|margin NFO:FUT|5050'], 'each event is a line of what it was worth, and what of it is margin another');
SELECT is_empty($$
  SELECT s.section, s.line FROM (SELECT x.*, lag(x.balance) OVER (PARTITION BY x.section ORDER BY x.line) AS before FROM ledger.statement('rich') AS x) AS s WHERE s.before + coalesce(s.credit, 0) - coalesce(s.debit, 0) <> s.balance
  UNION ALL
  SELECT s.section, s.line FROM ledger.statement('rich') AS s JOIN ledger.accounts AS a ON a.portfolio_id = trading.portfolio_id('rich') AND a.kind::text = s.section JOIN ledger.balances AS b USING (portfolio_id, account_id)
   WHERE s.kind = 'closing' AND s.balance <> b.credits_posted - b.debits_posted$$, 'line by line, up to the balances');

-- A bust and a correction say what they undo, at the price that it had; a fill in part out of its reservation is one line.
SELECT trading.create_portfolio(name => 'amended', capital => 1000, fee_schedule => 'one', at => '2024-01-02') \g /dev/null
SELECT pg_temp.submit('a', 'buy', 6, 60, portfolio => 'amended'), pg_temp.fill('a', 6, 60, 'a1', portfolio => 'amended', fee => 30) \g /dev/null
SELECT trading.correct_fill('amended', 5, 59, 'a2', execution_id => 'a1', at => '2024-01-08 16:00Z'), trading.bust_fill('amended', execution_id => 'a2', at => '2024-01-08 17:00Z') \g /dev/null
SELECT results_eq($$SELECT concat_ws('|', s.description, coalesce(s.credit, -s.debit), s.balance) FROM ledger.statement('amended', NULL, NULL) AS s$$, ARRAY[
  'opening balance|0', 'deposit|1000|1000', 'trade: bought 6 US:IBM at 60|-360|640', 'fee: brokerage US:IBM|-30|610', 'bust of fill 1: bought 6 US:IBM at 60, taken back|360|970', 'correction of fill 1: bought 5 US:IBM at 59|-295|675',
  'fee returned: brokerage US:IBM|30|705', 'fee: brokerage US:IBM|-30|675', 'bust of fill 3: bought 5 US:IBM at 59, taken back|295|970', 'fee returned: brokerage US:IBM|30|1000', 'closing balance|1000'], 'what was undone, and all of it when no bounds are given');
-- Dividends, received and owed.
SELECT pg_temp.deal('s3', 'NSE:SHRT', 'sell', 25, 20, '2024-01-22 06:01Z') \g /dev/null
SELECT count(*) FROM trading.apply_dividend(ARRAY[trading.portfolio_id('rich'), trading.portfolio_id('client')], (market.add_dividend('NSE:SHRT', 0.5, '2024-01-23')).action_id, '2024-01-23 04:00Z') \g /dev/null
SELECT count(*) FROM trading.apply_dividend(ARRAY[trading.portfolio_id('client')], (market.add_dividend('IBM', 0.25, '2024-01-23')).action_id, '2024-01-23 05:00Z') \g /dev/null
SELECT results_eq($$SELECT concat_ws('|', s.description, coalesce(s.credit, -s.debit), trim_scale(s.quantity * s.price)) FROM unnest('{client,rich}'::text[]) AS p, ledger.statement(p) AS s WHERE s.kind = 'dividend'$$,
  ARRAY['dividend on 6 US:IBM at 0.25|1.5|1.5', 'dividend owed on 20 NSE:SHRT at 0.5|-10|10'], 'received and owed');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
