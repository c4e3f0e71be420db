-- Capital and return: flows are fixed at the rate of their own time, the return is time-weighted from the capital on, and views, statistics and limits say the same.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT market.add_instrument('PQR') \g /dev/null
CREATE FUNCTION pg_temp.quote(symbol text, last float8, at timestamptz) RETURNS void LANGUAGE sql
AS $$ SELECT market.upsert_quotes(ARRAY[market.instrument_id(symbol)], ARRAY[at], ARRAY[last], ARRAY[NULL::float8]) $$;
CREATE FUNCTION pg_temp.snapshot(portfolio text, at timestamptz) RETURNS void LANGUAGE plpgsql
AS $$ BEGIN PERFORM trading.record_snapshots(ARRAY[trading.portfolio_id(portfolio)], at); END $$;
-- Net deposits, return and drawdown as get_portfolio_stats, the summary and the last snapshot say them.
CREATE FUNCTION pg_temp.figures(portfolio text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN (s.net_deposits, trim_scale(round(c.index - 1, 8)), v.net_deposits) = (t.net_deposits, t.total_return, t.net_deposits)
              THEN concat_ws(' ', t.net_deposits, t.total_return, t.max_drawdown) ELSE concat_ws(' ', 'differ:', s.net_deposits, c.index - 1, v.net_deposits, t.*) END
    FROM trading.get_portfolio_stats($1) AS t
    JOIN trading.portfolio_summary AS s ON s.portfolio = $1
    JOIN trading.portfolio_values AS v ON v.portfolio_id = trading.portfolio_id($1)
    CROSS JOIN LATERAL (SELECT * FROM trading.equity_curve AS e WHERE e.portfolio = $1 ORDER BY e.at DESC LIMIT 1) AS c
$$;
-- What the days of daily_pnl made, and their returns, joined by blanks.
CREATE FUNCTION pg_temp.days(portfolio text) RETURNS text LANGUAGE sql STABLE
AS $$ SELECT string_agg(concat_ws('|', d.day, d.pnl, d.return), ' ' ORDER BY d.day) FROM trading.daily_pnl AS d WHERE d.portfolio = $1 $$;

-- Euros come at 1.10 and are changed then; that a euro costs 1.25 later is no loss.
SELECT trading.create_portfolio(name => 'fx', at => '2024-01-01Z'), ledger.set_exchange_rate('EUR', 'USD', 1.10, '2024-01-01Z'), ledger.deposit('fx', 100000, 'EUR', '2024-01-02Z') \g /dev/null
SELECT count(*) FROM ledger.convert('fx', 100000, 'EUR', 'USD', at => '2024-01-02 13:00Z') \g /dev/null
SELECT pg_temp.snapshot('fx', '2024-01-02 20:00Z'), ledger.set_exchange_rate('EUR', 'USD', 1.25, '2024-01-04Z'), pg_temp.snapshot('fx', '2024-01-04 12:00Z') \g /dev/null
SELECT is(pg_temp.figures('fx'), '110000 0 0', 'a deposit is worth what it was worth when it came');
SELECT is(pg_temp.days('fx'), '2024-01-02|0|0 2024-01-04|0|0', 'on each day');
SELECT pg_temp.quote('PQR', 100, '2024-01-04 15:00Z'), risk.set_limit('drawdown', 0, 'portfolio', 'fx'), risk.set_limit('daily_loss', 0, 'portfolio', 'fx'), risk.set_limit('weekly_loss_share', 0, 'portfolio', 'fx') \g /dev/null
SELECT is((trading.submit_order('fx', 'PQR', 'buy', 10, at => '2024-01-04 15:01Z')).reason, NULL, 'and limits agree');
SELECT results_eq($$SELECT f.amount::numeric, f.rate::numeric FROM ledger.capital_flows AS f WHERE f.portfolio_id = trading.portfolio_id('fx')$$, 'VALUES (110000.0, 1.10)', 'conversions are no flows');

-- Two currencies: what the euros gain while they are here is profit, what comes and goes is not.
SELECT trading.create_portfolio(name => 'two', capital => 50000, at => '2024-02-01Z'), ledger.set_exchange_rate('EUR', 'USD', 1.10, '2024-02-01Z'), ledger.deposit('two', 10000, 'EUR', '2024-02-01 01:00Z'), pg_temp.snapshot('two', '2024-02-01 02:00Z') \g /dev/null
SELECT is(pg_temp.figures('two'), '61000 0 0', 'both currencies count');
SELECT ledger.set_exchange_rate('EUR', 'USD', 1.22, '2024-02-02Z'), pg_temp.snapshot('two', '2024-02-02 12:00Z') \g /dev/null
SELECT is(pg_temp.figures('two'), concat_ws(' ', 61000, round(62200 / 61000.0 - 1, 8), 0), 'a euro that gains is a profit');
SELECT ledger.withdraw('two', 10000, 'EUR', '2024-02-02 13:00Z'), ledger.deposit('two', 1000, at => '2024-02-02 14:00Z'), ledger.withdraw('two', 3000, at => '2024-02-02 14:00Z'), ledger.set_exchange_rate('EUR', 'USD', 0.5, '2024-02-03Z'), pg_temp.snapshot('two', '2024-02-03 12:00Z') \g /dev/null
SELECT is(pg_temp.figures('two'), concat_ws(' ', 46800, round(62200 / 61000.0 - 1, 8), 0), 'they go at the rate of their day; several flows of one day and moment');
SELECT is(pg_temp.days('two'), '2024-02-01|0|0 2024-02-02|1200|' || round(62200 / 61000.0 - 1, 8) || ' 2024-02-03|0|0', 'day by day');
SELECT pg_temp.refuses($$SELECT ledger.deposit('two', 5, 'GBP', '2024-02-04')$$, 'TR407', 'a flow whose rate nobody knows');
SELECT ledger.set_exchange_rate('GBP', 'USD', 1.3, '2024-02-05') \g /dev/null
SELECT pg_temp.refuses($$SELECT ledger.deposit('two', 5, 'GBP', '2024-02-04')$$, 'TR407', 'at its own time');
SELECT is((ledger.deposit('two', 5, 'GBP', '2024-02-05')).amount::numeric, 5.0, 'from then on');

-- A deposit that is reversed never was there, whatever its currency did meanwhile.
SELECT trading.create_portfolio(name => 'wrong', capital => 1000, at => '2024-02-01Z'), ledger.deposit('wrong', 100, 'EUR', '2024-02-01 12:00Z', 'error'), ledger.set_exchange_rate('EUR', 'USD', 2, '2024-02-06Z'), pg_temp.snapshot('wrong', '2024-02-06 12:00Z') \g /dev/null
SELECT is(pg_temp.figures('wrong'), concat_ws(' ', 1110, round(1200 / 1110.0 - 1, 8), 0), 'while it is there it gains');
SELECT count(*) FROM ledger.transfers AS t CROSS JOIN LATERAL ledger.reverse_transfer('wrong', t.transfer_id, 'not ours', '2024-02-06 13:00Z') WHERE t.portfolio_id = trading.portfolio_id('wrong') AND t.reference = 'error' \g /dev/null
SELECT pg_temp.snapshot('wrong', '2024-02-06 14:00Z') \g /dev/null
SELECT is((SELECT concat_ws(' ', s.net_deposits, s.equity, s.total_return) FROM trading.get_portfolio_stats('wrong') AS s), '1000 1000 0', 'and then nothing of it is left');

-- 100,000 become 250,000, and 150,000 are taken out: no loss.
SELECT trading.create_portfolio(name => 'tw', capital => 100000, at => '2024-03-05 14:30Z'), pg_temp.snapshot('tw', '2024-03-05 14:30Z'), pg_temp.quote('PQR', 100, '2024-03-05 14:31Z') \g /dev/null
SELECT trading.submit_order('tw', 'PQR', 'buy', 1000, 'limit', 100, client_order_id => 'a', at => '2024-03-05 14:32Z'), trading.record_fill('tw', 1000, 100, 'tw-1', client_order_id => 'a', at => '2024-03-05 14:33Z'), pg_temp.quote('PQR', 250, '2024-03-06 15:00Z') \g /dev/null
SELECT trading.submit_order('tw', 'PQR', 'sell', 1000, 'limit', 250, client_order_id => 'b', at => '2024-03-06 15:01Z'), trading.record_fill('tw', 1000, 250, 'tw-2', client_order_id => 'b', at => '2024-03-06 15:02Z'), pg_temp.snapshot('tw', '2024-03-06 21:00Z') \g /dev/null
SELECT ledger.withdraw('tw', 150000, at => '2024-03-07 15:00Z'), pg_temp.snapshot('tw', '2024-03-07 21:00Z') \g /dev/null
SELECT is(pg_temp.figures('tw'), '-50000 1.5 0', 'taking money out is no loss, even when more goes than came');
SELECT is((SELECT string_agg(e.drawdown::text, ' ' ORDER BY e.at) FROM trading.equity_curve AS e WHERE e.portfolio = 'tw'), '0 0 0', 'at no time');

-- The capital is the first point of the curve.
SELECT trading.create_portfolio(name => 'first', capital => 100000, at => '2024-03-01 14:30Z'), pg_temp.quote('PQR', 100, '2024-03-11 14:31Z') \g /dev/null
SELECT trading.submit_order('first', 'PQR', 'buy', 1000, 'limit', 100, client_order_id => 'a', at => '2024-03-11 14:32Z'), trading.record_fill('first', 1000, 100, 'first-1', client_order_id => 'a', at => '2024-03-11 14:33Z'), pg_temp.quote('PQR', 90, '2024-03-11 21:00Z') \g /dev/null
SELECT is((SELECT s.max_drawdown FROM trading.get_portfolio_stats('first') AS s), 0::numeric, 'a price after the last valuation is not in it yet');
SELECT pg_temp.snapshot('first', '2024-03-11 21:00Z') \g /dev/null
SELECT is(pg_temp.figures('first'), '100000 -0.1 -0.1', 'a loss before the first snapshot');
SELECT is(pg_temp.days('first'), '2024-03-11|-10000|-0.1', 'is the loss of the first day');
SELECT results_eq($$SELECT total_return, max_drawdown FROM trading.get_portfolio_stats('first', '2024-03-12')$$, 'VALUES (0.0, -0.1)', 'the days after it made nothing, below the peak');
SELECT results_eq($$SELECT total_return, max_drawdown FROM trading.get_portfolio_stats('first', until_time => '2024-03-11')$$, 'VALUES (0.0, NULL::numeric)', 'nor those before, of which there is no snapshot');

-- Opened with nothing, funded later, emptied, funded again; a flow at the moment of a snapshot, before it and behind it.
SELECT trading.create_portfolio(name => 'late', at => '2024-04-01Z'), pg_temp.snapshot('late', '2024-04-01 12:00Z'), ledger.deposit('late', 1000, at => '2024-04-02 12:00Z'), pg_temp.snapshot('late', '2024-04-02 12:00Z'), ledger.deposit('late', 1000, at => '2024-04-02 12:00Z') \g /dev/null
SELECT is((SELECT concat_ws(' ', e.net_deposits, e.equity, e.index) FROM trading.equity_curve AS e WHERE e.portfolio = 'late' AND e.day = '2024-04-02'), '1000 1000 1', 'the snapshot knows of one');
SELECT ledger.record_interest('late', 200, at => '2024-04-03'), pg_temp.snapshot('late', '2024-04-03 12:00Z'), ledger.withdraw('late', 2200, at => '2024-04-04'), pg_temp.snapshot('late', '2024-04-04 12:00Z') \g /dev/null
SELECT is(pg_temp.figures('late'), '-200 0.1 0', 'interest is a return, and stays one when everything is taken out');
SELECT ledger.deposit('late', 500, at => '2024-04-05'), ledger.record_interest('late', -100, at => '2024-04-05 12:00Z'), pg_temp.snapshot('late', '2024-04-05 13:00Z') \g /dev/null
SELECT is(pg_temp.figures('late'), '300 -0.12 -0.2', 'the curve goes on with the new money');
SELECT is(pg_temp.days('late'), '2024-04-01|0|0 2024-04-02|0|0 2024-04-03|200|0.1 2024-04-04|0|0 2024-04-05|-100|-0.2', 'day by day');
SELECT ledger.deposit('late', 400, at => '2024-04-02 09:00Z'), pg_temp.snapshot('late', '2024-04-06 12:00Z') \g /dev/null
SELECT is(concat_ws(', ', pg_temp.figures('late'), (SELECT d.pnl FROM trading.daily_pnl AS d WHERE d.portfolio = 'late' AND d.day = '2024-04-06')), '700 -0.12 -0.2, 0', 'a flow that is dated before the last snapshot counts from when it is booked');

-- Everything is lost, and new money comes: the return stays a total loss, and what follows is measured.
SELECT trading.create_portfolio(name => 'broke', capital => 1000, at => '2024-05-01Z'), ledger.record_interest('broke', -1000, at => '2024-05-02'), pg_temp.snapshot('broke', '2024-05-02 12:00Z') \g /dev/null
SELECT is(pg_temp.figures('broke'), '1000 -1 -1', 'a total loss');
SELECT ledger.deposit('broke', 100, at => '2024-05-03'), ledger.record_interest('broke', -50, at => '2024-05-03 12:00Z'), pg_temp.snapshot('broke', '2024-05-03 13:00Z') \g /dev/null
SELECT is(concat_ws(', ', pg_temp.figures('broke'), pg_temp.days('broke')), '1100 -1 -1, 2024-05-02|-1000|-1 2024-05-03|-50', 'and what the new money loses; a return after a total loss is none');
SELECT risk.set_limit('drawdown', 60, 'portfolio', 'broke') \g /dev/null
CREATE FUNCTION pg_temp.code(at timestamptz) RETURNS text LANGUAGE sql
AS $$ SELECT coalesce((trading.submit_order('broke', 'PQR', 'buy', 1, 'limit', 1, at => at)).reason_code, 'accepted') $$;
SELECT is(pg_temp.code('2024-05-03 14:00Z'), 'TR322', 'a limit of the drawdown refuses');
SELECT count(risk.release('broke', l.lock_id, '2024-05-03 14:01Z')) FROM risk.locks AS l WHERE l.portfolio_id = trading.portfolio_id('broke') \g /dev/null
SELECT is(pg_temp.code('2024-05-03 14:02Z'), 'accepted', 'until a person lets it begin anew');
SELECT ledger.record_interest('broke', -30, at => '2024-05-03 14:03Z') \g /dev/null
SELECT is(pg_temp.code('2024-05-03 14:04Z'), 'accepted', 'then it counts the new money: 60 percent are lost');
SELECT ledger.record_interest('broke', -0.00000001, at => '2024-05-03 14:05Z') \g /dev/null
SELECT is(pg_temp.code('2024-05-03 14:06Z'), 'TR322', 'and a little more');

-- A loss that was advanced is capital of the broker's, and stays a loss.
UPDATE trading.portfolios SET account_type = 'margin' WHERE name = 'late';
SELECT count(*) FROM internal.raise_cash(trading.portfolio_id('late'), 'USD', 900, NULL, 'a loss', '2024-04-07'), ledger.record_interest('late', -900, at => '2024-04-07'), pg_temp.snapshot('late', '2024-04-07 12:00Z') \g /dev/null
SELECT is(pg_temp.figures('late'), '800 -1 -1', 'net deposits with the advance');

-- Days are those of the portfolio's time zone: given, or that of the exchange where it traded first.
SELECT market.add_exchange('NZX', 'New Zealand', 'Pacific/Auckland', 'NZD', '10:00', '16:45') \g /dev/null
SELECT market.add_instrument('KIWI', 'NZX', currency => 'USD'), trading.create_portfolio(name => 'south', capital => 1000, at => '2024-06-01Z', time_zone => 'Pacific/Honolulu'), trading.create_portfolio(name => 'north', capital => 1000, at => '2024-06-01Z') \g /dev/null
SELECT pg_temp.quote('KIWI', 10, '2024-06-03 22:30Z') \g /dev/null
SELECT pg_temp.refuses($$SELECT trading.create_portfolio(name => 'nowhere', time_zone => 'Mars/Olympus')$$, 'TR214', 'an unknown time zone');
SELECT pg_temp.snapshot(p, '2024-06-02 23:00Z') FROM unnest('{south,north}'::text[]) AS p \g /dev/null
SELECT is(pg_temp.days('south') || ' ' || pg_temp.days('north'), '2024-06-02|0|0 2024-06-02|0|0', 'UTC until it has traded');
SELECT trading.submit_order(p, 'KIWI', 'buy', 10, 'limit', 10, client_order_id => 'a', at => '2024-06-03 23:00Z'), trading.record_fill(p, 10, 10, p || '1', client_order_id => 'a', at => '2024-06-03 23:01Z') FROM unnest('{south,north}'::text[]) AS p \g /dev/null
SELECT pg_temp.quote('KIWI', 9, '2024-06-04 11:00Z'), pg_temp.snapshot('south', '2024-06-04 11:00Z'), pg_temp.snapshot('north', '2024-06-04 11:00Z'), pg_temp.quote('KIWI', 8, '2024-06-04 13:00Z'), pg_temp.snapshot('south', '2024-06-04 13:00Z'), pg_temp.snapshot('north', '2024-06-04 13:00Z') \g /dev/null
SELECT is(pg_temp.days('south'), '2024-06-02|0|0 2024-06-04|-20|-0.02', 'Honolulu');
SELECT is(pg_temp.days('north'), '2024-06-03|0|0 2024-06-04|-10|-0.01 2024-06-05|-10|-0.01010101', 'Auckland, the days before included, in whose intervals midnight is theirs');
UPDATE trading.portfolios SET time_zone = 'UTC' WHERE name = 'north';
SELECT is(pg_temp.days('north'), '2024-06-02|0|0 2024-06-04|-20|-0.02', 'and told anew in another time zone');

SELECT pg_temp.is_sound();

-- A portfolio and a time lead to rows through an index, however long the history.
INSERT INTO trading.portfolio_snapshots
SELECT p.portfolio_id, timestamptz '2000-01-01Z' + n * interval '1 hour', timestamptz '2000-01-01Z' + n * interval '1 hour', date '2000-01-01' + n / 24, 1, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0
  FROM generate_series(0, 20000) AS n, trading.portfolios AS p WHERE p.name IN ('two', 'tw', 'fx');
ANALYZE trading.portfolio_snapshots;
ANALYZE trading.portfolios;
CREATE FUNCTION pg_temp.rows_read(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_plan jsonb;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT json) ' || query INTO v_plan;
  RETURN (SELECT sum(((n ->> 'Actual Rows')::numeric + coalesce((n ->> 'Rows Removed by Filter')::numeric, 0)) * (n ->> 'Actual Loops')::numeric)
            FROM jsonb_path_query(v_plan, 'strict $.**') AS n WHERE n ->> 'Relation Name' = 'portfolio_snapshots');
END $$;
SELECT ok(pg_temp.rows_read(q) BETWEEN 1 AND 150, q) FROM unnest(ARRAY[
  $q$SELECT * FROM trading.equity_curve WHERE portfolio = 'tw' AND at >= '2001-01-01' AND at < '2001-01-02'$q$,
  $q$SELECT * FROM trading.equity_curve WHERE portfolio = 'tw' AND bucket >= '2001-01-01' AND bucket < '2001-01-02'$q$,
  $q$SELECT * FROM trading.equity_curve WHERE portfolio = 'tw' AND day = '2001-01-01'$q$,
  $q$SELECT * FROM trading.daily_pnl WHERE portfolio = 'tw' AND day = '2001-01-01'$q$,
  $q$SELECT * FROM trading.daily_pnl WHERE portfolio = 'tw' AND day >= '2001-01-01' AND day < '2001-01-03'$q$]) AS q;
SELECT ok(pg_temp.rows_read($q$SELECT * FROM trading.daily_pnl WHERE portfolio = 'tw'$q$) BETWEEN 800 AND 5000, 'of each day the last snapshot is read alone');
SELECT ok(pg_temp.rows_read($q$SELECT * FROM trading.equity_curve WHERE portfolio = 'tw'$q$) > 20000, 'the measure counts');

SELECT * FROM finish();
ROLLBACK;
