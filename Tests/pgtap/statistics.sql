-- Statistics over days and trades: equal to other programs' where the definitions agree, and NULL where there is nothing to divide by.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
CREATE TEMP TABLE golden (name text PRIMARY KEY, value text, source text);
\copy golden FROM '../../fixtures/golden/statistics.csv' (FORMAT csv, HEADER)
CREATE TEMP TABLE days (day date, equity float8, benchmark float8);
\copy days FROM '../../fixtures/golden/statistics_days.csv' (FORMAT csv, HEADER)
CREATE TEMP TABLE trades (opened date, closed date, pnl float8);
\copy trades FROM '../../fixtures/golden/statistics_trades.csv' (FORMAT csv, HEADER)
CREATE TEMP TABLE series AS SELECT array_agg(day ORDER BY day) AS days, array_agg(equity ORDER BY day) AS equity, array_agg(benchmark ORDER BY day) AS benchmark FROM days;

-- Each figure of ours against the one of the same name.
CREATE FUNCTION pg_temp.agrees(ours jsonb, suffix text DEFAULT '') RETURNS SETOF text LANGUAGE sql AS $$
  SELECT ok(abs((ours ->> g.name)::float8 - n.value) <= 1e-9 * greatest(1, abs(n.value)), format('%s: %s, %s says %s', g.name || suffix, ours ->> g.name, source, g.value))
    FROM (SELECT regexp_replace(g.name, suffix || '$', '') AS name, g.value, g.source FROM golden AS g WHERE g.name LIKE '%' || suffix) AS g
    CROSS JOIN LATERAL (SELECT g.value::float8) AS n (value)
   WHERE ours ? g.name
$$;
SELECT pg_temp.agrees(to_jsonb(r)) FROM series AS s CROSS JOIN LATERAL trading.return_stats(s.days, s.equity, s.benchmark) AS r;
SELECT pg_temp.agrees(to_jsonb(r), ' of 3 %') FROM series AS s CROSS JOIN LATERAL trading.return_stats(s.days, s.equity, s.benchmark, risk_free => 0.03) AS r;
SELECT pg_temp.agrees(to_jsonb(r), ' of 50 trials') FROM series AS s CROSS JOIN LATERAL trading.return_stats(s.days, s.equity, trials => 50, trials_deviation => 0.4) AS r;
SELECT pg_temp.agrees(jsonb_build_object('expected_sharpe', trading.expected_sharpe(50, 0.4)), ' of 50 trials');
SELECT pg_temp.agrees(to_jsonb(r) || jsonb_build_object('longest_holding_days', extract(day FROM r.longest_holding), 'average_holding_days', extract(epoch FROM r.average_holding) / 86400)) AS s
  FROM (SELECT array_agg(pnl ORDER BY opened) AS pnl, array_agg(opened::timestamptz ORDER BY opened) AS opened, array_agg(closed::timestamptz ORDER BY opened) AS closed FROM trades) AS t
  CROSS JOIN LATERAL trading.trade_stats(t.pnl, t.opened, t.closed) AS r;
SELECT pg_temp.agrees(jsonb_build_object('exposure', trading.exposure(s.days, t.opened, t.closed)))
  FROM series AS s CROSS JOIN (SELECT array_agg(opened) AS opened, array_agg(closed) AS closed FROM trades) AS t;
SELECT ok(abs(trading.normal_cdf(split_part(name, ' ', 3)::float8) - value::float8) <= 1e-15 + 1e-9 * value::float8, name) FROM golden WHERE name LIKE 'normal_cdf%';
SELECT ok(abs(trading.normal_quantile(split_part(name, ' ', 3)::float8) - value::float8) <= 1e-12 * greatest(1, abs(value::float8)), name) FROM golden WHERE name LIKE 'normal_quantile%';
-- Spells of drawdown by day, returns of months and years.
SELECT results_eq($$SELECT d.from_day, d.trough_day, d.until_day, round(d.drawdown::numeric, 12) FROM series AS s CROSS JOIN LATERAL trading.drawdowns(s.days, s.equity) AS d ORDER BY 1$$,
  $$SELECT split_part(value, '|', 1)::date, split_part(value, '|', 2)::date, nullif(split_part(value, '|', 3), '')::date, round(split_part(value, '|', 4)::numeric, 12) FROM golden WHERE name LIKE 'drawdown %' ORDER BY 1$$, 'drawdowns');
SELECT results_eq($$SELECT r.drawdown_from, r.drawdown_trough, r.drawdown_until, r.drawdown_days, r.longest_drawdown_days FROM series AS s CROSS JOIN LATERAL trading.return_stats(s.days, s.equity) AS r$$,
  $$VALUES (date '2007-12-28', date '2009-01-20', date '2009-10-21', 663, 663)$$, 'the deepest');
SELECT results_eq(format($$SELECT r.from_day, round(r.return::numeric, 12) FROM series AS s CROSS JOIN LATERAL trading.period_returns(s.days, s.equity, %L) AS r ORDER BY 1$$, p),
  format($$SELECT split_part(name, ' ', 2)::date, round(value::numeric, 12) FROM golden WHERE name LIKE '%sly %%' ORDER BY 1$$, p), p || 's') FROM unnest('{month,year}'::text[]) AS p;
SELECT is((SELECT sum(r.periods) FROM series AS s CROSS JOIN LATERAL trading.period_returns(s.days, s.equity, 'quarter') AS r), 568::numeric, 'each day belongs to one quarter');
SELECT cmp_ok((SELECT abs(exp(sum(ln(1 + r.return))) - 1.34791978777305976) FROM series AS s CROSS JOIN LATERAL trading.period_returns(s.days, s.equity, 'week') AS r), '<', 1e-12::float8, 'weeks compound to the whole');

-- Worked out on paper: 100, 110, 99, 120.
CREATE FUNCTION pg_temp.figures(equity float8[]) RETURNS trading.return_figures LANGUAGE sql AS $$
  SELECT trading.return_stats(array_agg(date '2024-01-01' + n::int - 1 ORDER BY n), equity) FROM generate_series(1, cardinality(equity)) AS n
$$;
SELECT results_eq($$SELECT first_day, last_day, periods, round(total_return::numeric, 9), round(max_drawdown::numeric, 9), drawdown_from, drawdown_trough, drawdown_until, drawdown_days, round(omega::numeric, 9),
                          round(value_at_risk::numeric, 9), round(ulcer_index::numeric, 9) FROM pg_temp.figures('{100,110,99,120}')$$,
  $$VALUES (date '2024-01-01', date '2024-01-04', 3, 0.2, -0.1, date '2024-01-02', date '2024-01-03', date '2024-01-04', 2, round((0.1 + 21 / 99.0) / 0.1, 9), -0.08, round(sqrt(0.01 / 3), 9))$$, 'four days');
SELECT is((SELECT (r.trades, r.winning_trades, r.losing_trades, r.longest_wins, r.longest_losses, r.longest_holding)::text FROM trading.trade_stats('{30,-10,10,0,20,-20,NULL,5}', '{2024-01-01,2024-01-02,2024-01-02,2024-01-03,2024-01-04,2024-01-05,2024-01-05,2024-01-06}', '{2024-01-03,2024-01-05,2024-01-04,2024-01-06,2024-01-07,2024-01-08,2024-01-09,NULL}') AS r),
  '(6,3,2,2,1,"3 days")', 'streaks are in the order of the closes; what is open or without a profit does not count');
SELECT results_eq($$SELECT r.win_rate, r.average_win, r.average_loss, r.payoff, r.profit_factor, r.expectancy, r.average_mae, r.largest_mae, r.average_mfe, r.largest_mfe, r.average_holding FROM trading.trade_stats('{30,-10,10,0,20,-20}', mae => '{-2,-12,0,-4,-6,-24}', mfe => '{30,5,10,15,30,0}') AS r$$,
  $$VALUES (0.5::float8, 20::float8, -15::float8, 20::float8 / 15, 2::float8, 5::float8, -8::float8, -24::float8, 15::float8, 30::float8, NULL::interval)$$, 'six trades');
SELECT is(trading.exposure('{2024-01-01,2024-01-02,2024-01-03,2024-01-04,2024-01-05}', '{2024-01-02,2024-01-02,2024-01-05}', '{2024-01-02,2024-01-03,NULL}'), 0.75::float8, 'held on three of the four days after the first');
SELECT is(trading.turnover_rate(300, '{NULL,100,200}', 252), 252::float8, 'twice the mean equity in two days');

-- Nothing to divide by: NULL, never NaN or infinite.
CREATE FUNCTION pg_temp.odd(figures jsonb) RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM jsonb_each_text(figures) AS e WHERE e.value ~* 'nan|infinity' $$;
SELECT results_eq($$SELECT r.periods, r.total_return, r.sharpe, r.max_drawdown FROM trading.return_stats('{}', '{}') AS r$$, 'VALUES (0, NULL::float8, NULL::float8, NULL::float8)', 'no day');
SELECT results_eq($$SELECT r.periods, r.first_day, r.total_return, r.cagr FROM trading.return_stats(NULL, NULL) AS r$$, 'VALUES (0, NULL::date, NULL::float8, NULL::float8)', 'nothing');
SELECT results_eq($$SELECT periods, last_day, total_return, sharpe FROM pg_temp.figures('{100}')$$, $$VALUES (0, date '2024-01-01', NULL::float8, NULL::float8)$$, 'one day');
SELECT results_eq($$SELECT periods, volatility, sharpe, sortino, calmar, omega, tail_ratio, skew, kurtosis, max_drawdown, drawdown_days, probabilistic_sharpe FROM pg_temp.figures('{100,100,100,100,100}')$$,
  'VALUES (4, 0::float8, NULL::float8, NULL::float8, NULL::float8, NULL::float8, NULL::float8, NULL::float8, NULL::float8, 0::float8, 0, NULL::float8)', 'nothing moves');
SELECT results_eq($$SELECT volatility, sharpe, skew, omega FROM pg_temp.figures('{100,101,102.01,103.0301,104.060401}')$$, 'VALUES (0::float8, NULL::float8, NULL::float8, NULL::float8)', 'the same return every day, but for what doubles cannot hold');
SELECT results_eq($$SELECT round(total_return::numeric, 9), omega, round(max_drawdown::numeric, 9), drawdown_until, drawdown_days FROM pg_temp.figures('{100,90,80,70}')$$, 'VALUES (-0.3, 0::float8, -0.3, NULL::date, 3)', 'losses only');
SELECT results_eq($$SELECT periods, total_return, cagr, max_drawdown, calmar FROM pg_temp.figures('{100,50,0,0,0}')$$, 'VALUES (4, -1::float8, -1::float8, -1::float8, -1::float8)', 'everything is lost');
SELECT results_eq($$SELECT total_return, cagr, max_drawdown FROM pg_temp.figures('{100,50,-100}')$$, 'VALUES (-2::float8, NULL::float8, -2::float8)', 'and more than that');
SELECT results_eq($$SELECT periods, total_return, max_drawdown, sharpe FROM pg_temp.figures('{0,100,110}')$$, 'VALUES (2, NULL::float8, 0::float8, NULL::float8)', 'a beginning with nothing');
SELECT results_eq($$SELECT periods, total_return FROM pg_temp.figures('{100,NULL,NULL,120}')$$, 'VALUES (1, 1.2::float8 - 1)', 'days without a value are left out');
SELECT results_eq($$SELECT beta, alpha, benchmark_return FROM trading.return_stats('{2024-01-01,2024-01-02,2024-01-03}', '{100,110,99}', '{5,5,5}')$$, 'VALUES (NULL::float8, NULL::float8, 0::float8)', 'a benchmark that stands still');
SELECT results_eq($$SELECT beta, information_ratio FROM trading.return_stats('{2024-01-01,2024-01-02,2024-01-03}', '{100,110,99}', '{10,11,9.9}')$$, 'VALUES (1::float8, NULL::float8)', 'a portfolio that is its benchmark');
SELECT is(sum(pg_temp.odd(to_jsonb(pg_temp.figures(e)))), 0::numeric, 'huge and tiny values give no NaN')
  FROM (VALUES ('{1e30,1e-30,1e30,1e-30,1e30}'::float8[]), ('{1e-30,1e30}'), ('{1e-300,1,1e-300,2,3}'), ('{-1,-2,5,1}'), ('{1e-20,1,1e20,1}'), ('{1,1.0000000000000002,1,1.0000000000000002,1}')) AS v (e);
SELECT results_eq(format($$SELECT r.trades, r.win_rate, r.payoff, r.profit_factor, r.sqn, r.longest_losses FROM trading.trade_stats(%L) AS r$$, p), 'VALUES (' || e || ')', p)
  FROM (VALUES ('{}', '0::bigint, NULL::float8, NULL::float8, NULL::float8, NULL::float8, 0::bigint'), ('{5}', '1::bigint, 1::float8, NULL::float8, NULL::float8, NULL::float8, 0::bigint'),
               ('{-5,-5}', '2::bigint, 0::float8, NULL::float8, 0::float8, NULL::float8, 2::bigint'), ('{0,0}', '2::bigint, 0::float8, NULL::float8, NULL::float8, NULL::float8, 0::bigint')) AS v (p, e);
SELECT is(trading.exposure('{}', '{}', '{}'), NULL::float8, 'no day, no exposure');
SELECT is(trading.turnover_rate(5, '{100}'), NULL::float8, 'no day, no turnover');
SELECT is_empty($$SELECT f.statement, x.value FROM unnest(ARRAY['trading.return_stats(''{2024-01-01,2024-01-02,2024-01-03}'', ''{1,2,1}'', NULL, %s)', 'trading.return_stats(''{2024-01-01,2024-01-02,2024-01-03}'', ''{1,2,1}'', risk_free => %s)',
    'trading.return_stats(''{2024-01-01,2024-01-02,2024-01-03}'', ''{1,2,1}'', trials => 9, trials_deviation => %s)', 'trading.probabilistic_sharpe(%s, 9)', 'trading.probabilistic_sharpe(1, 9, skew => %s)', 'trading.probabilistic_sharpe(1, 9, kurtosis => %s)', 'trading.probabilistic_sharpe(1, 9, threshold => %s)',
    'trading.probabilistic_sharpe(1, 9, periods_per_year => %s)', 'trading.turnover_rate(%s, ''{1,2}'')', 'trading.turnover_rate(1, ''{1,2}'', %s)', 'trading.expected_sharpe(3, %s)']) AS f (statement)
  CROSS JOIN unnest('{"NULL",''NaN'',''Infinity'',''-Infinity'',1e300,-1e300,1e29,-1e29,1e-300,0,-1}'::text[]) AS x (value)
  CROSS JOIN LATERAL (SELECT pg_temp.outcome('bourse_analyst', format('SELECT (%s)', format(f.statement, x.value))) AS code) AS o WHERE o.code NOT IN ('00000', 'TR243')$$, 'numbers that cannot be are refused, extreme ones taken');

-- What holds for any days and trades: 300 random series, some with gaps, losses of everything, or nothing at all.
SELECT setseed(0.13) \g /dev/null
CREATE TEMP TABLE walks AS
SELECT w.walk, array_agg(date '2020-01-01' + d.day::int ORDER BY d.day) AS days,
       array_agg(CASE WHEN random() < 0.05 THEN NULL WHEN w.kind = 1 AND d.day > 20 THEN 0 WHEN w.kind = 2 THEN round((100 + 10 * random())::numeric) ELSE 100 * exp(d.day * 0.001 + random() * 0.1) END::float8 ORDER BY d.day) AS equity,
       array_agg((50 + 5 * random())::float8 ORDER BY d.day) AS benchmark, array_agg(round((random() * 20 - 10)::numeric)::float8 ORDER BY d.day) AS pnl,
       array_agg(timestamptz '2020-01-01Z' + d.day * interval '1 day' ORDER BY d.day) AS opened, array_agg(timestamptz '2020-01-01Z' + (d.day + 9 * random()) * interval '1 day' ORDER BY d.day) AS closed
  FROM (SELECT n AS walk, n % 4 AS kind, (random() * random() * 90)::int AS length FROM generate_series(1, 300) AS n) AS w CROSS JOIN LATERAL generate_series(0, w.length) AS d (day) GROUP BY w.walk;
CREATE TEMP TABLE found AS
SELECT w.*, to_jsonb(r) AS figures, r.*, t.trades, t.win_rate, t.winning_trades, t.losing_trades, t.expectancy, t.profit_factor, t.longest_wins, t.sqn, to_jsonb(t) AS trade_figures
  FROM walks AS w CROSS JOIN LATERAL trading.return_stats(w.days, w.equity, w.benchmark) AS r CROSS JOIN LATERAL trading.trade_stats(w.pnl, w.opened, w.closed) AS t;
CREATE FUNCTION pg_temp.near(a float8, b float8) RETURNS boolean LANGUAGE sql AS $$ SELECT coalesce(abs(a - b) <= 1e-9 * greatest(1, abs(a), abs(b)), a IS NULL AND b IS NULL) $$;
SELECT is_empty(format('SELECT walk, figures, trade_figures FROM found WHERE NOT coalesce(%s, true)', c), c) FROM unnest(ARRAY[
  'pg_temp.odd(figures || trade_figures) = 0', 'max_drawdown BETWEEN -1 AND 0', 'win_rate BETWEEN 0 AND 1', 'probabilistic_sharpe BETWEEN 0 AND 1', 'deflated_sharpe = probabilistic_sharpe', 'sign(sharpe) = sign(sortino)', '(sharpe > 0) = (omega > 1)',
  'conditional_value_at_risk <= value_at_risk', 'downside_volatility >= 0 AND volatility >= 0 AND ulcer_index >= 0', 'ulcer_index <= -max_drawdown', 'longest_drawdown_days >= drawdown_days', 'drawdown_from < drawdown_trough AND drawdown_trough < coalesce(drawdown_until, ''infinity'')',
  '(max_drawdown < 0) = (drawdown_from IS NOT NULL)', 'winning_trades + losing_trades <= trades AND longest_wins <= winning_trades', '(profit_factor > 1) = (expectancy > 0)', 'sign(sqn) = sign(expectancy)',
  'periods = greatest((SELECT count(e) FROM unnest(equity) AS e) - 1, 0)']) AS c;
SELECT is_empty($$SELECT f.walk, e.key, e.value, s.value FROM found AS f CROSS JOIN LATERAL trading.return_stats(f.days, ARRAY(SELECT 1000 * x.e FROM unnest(f.equity) WITH ORDINALITY AS x (e, n) ORDER BY x.n), ARRAY(SELECT x.e / 8 FROM unnest(f.benchmark) WITH ORDINALITY AS x (e, n) ORDER BY x.n)) AS r
  CROSS JOIN LATERAL jsonb_each_text(f.figures) AS e JOIN LATERAL jsonb_each_text(to_jsonb(r)) AS s ON s.key = e.key WHERE CASE WHEN e.key ~ '_(day|from|trough|until)$' THEN e.value IS DISTINCT FROM s.value ELSE NOT pg_temp.near(e.value::float8, s.value::float8) END$$, 'a thousandfold of the money makes no difference');
SELECT is_empty(format($$SELECT f.walk, f.total_return, c.total FROM found AS f CROSS JOIN LATERAL (SELECT CASE min(r.return) WHEN -1 THEN -1 ELSE exp(sum(ln(nullif(1 + r.return, 0)))) - 1 END AS total FROM trading.period_returns(f.days, f.equity, %L) AS r) AS c WHERE NOT pg_temp.near(f.total_return, c.total)$$, p), p || 's compound to the whole') FROM unnest('{day,week,month,quarter,year}'::text[]) AS p;
SELECT is_empty($$SELECT f.walk FROM found AS f CROSS JOIN LATERAL (SELECT min(d.drawdown) AS deepest, max(d.length) AS longest, bool_and(d.until_day IS NOT NULL OR d.from_day + d.length = f.last_day) AS ends, count(*) FILTER (WHERE d.until_day IS NULL) AS open FROM trading.drawdowns(f.days, f.equity) AS d) AS d WHERE (coalesce(d.deepest, 0), coalesce(d.longest, 0)) <> (f.max_drawdown, f.longest_drawdown_days) OR NOT d.ends OR d.open > 1$$, 'one drawdown at most is not over');
SELECT is_empty($$SELECT f.walk FROM found AS f CROSS JOIN LATERAL (SELECT array_agg(x.p ORDER BY x.p, x.c) AS pnl, array_agg(x.o ORDER BY x.p, x.c) AS opened, array_agg(x.c ORDER BY x.p, x.c) AS closed FROM unnest(f.pnl, f.opened, f.closed) AS x (p, o, c)) AS s CROSS JOIN LATERAL trading.trade_stats(s.pnl, s.opened, s.closed) AS t
  WHERE (t.trades, t.longest_wins, t.winning_trades, t.longest_holding) <> (f.trades, f.longest_wins, f.winning_trades, (f.trade_figures ->> 'longest_holding')::interval) OR NOT pg_temp.near(t.sqn, f.sqn)$$, 'the order in which trades are given makes no difference');

-- What makes no sense is refused.
SELECT pg_temp.refuses(s, c, s) FROM (VALUES
  ($$SELECT trading.return_stats('{2024-01-01}', '{1,2}')$$, 'TR604'), ($$SELECT trading.return_stats('{2024-01-01,2024-01-02}', '{1,2}', '{1}')$$, 'TR604'), ($$SELECT trading.return_stats(NULL, '{1}')$$, 'TR604'),
  ($$SELECT trading.return_stats('{2024-01-01,2024-01-02}', '{1,NaN}')$$, 'TR243'), ($$SELECT trading.return_stats('{2024-01-01,2024-01-02}', '{1,Infinity}')$$, 'TR243'), ($$SELECT trading.return_stats('{2024-01-01}', '{1}', '{-Infinity}')$$, 'TR243'),
  ($$SELECT trading.return_stats('{2024-01-02,2024-01-01}', '{1,2}')$$, 'TR243'), ($$SELECT trading.return_stats('{NULL,2024-01-01}', '{1,2}')$$, 'TR243'), ($$SELECT trading.return_stats('{infinity}', '{1}')$$, 'TR243'),
  ($$SELECT trading.return_stats('{}', '{}', periods_per_year => 0)$$, 'TR243'), ($$SELECT trading.return_stats('{}', '{}', risk_free => 'NaN')$$, 'TR243'), ($$SELECT trading.return_stats('{2024-01-01,2024-01-02,2024-01-03}', '{1,2,3}', trials => 0)$$, 'TR243'),
  ($$SELECT * FROM trading.period_returns('{2024-01-01}', '{1}', 'decade')$$, 'TR243'), ($$SELECT trading.trade_stats('{1}', closed_at => '{}')$$, 'TR604'), ($$SELECT trading.trade_stats('{NaN}')$$, 'TR243'), ($$SELECT trading.trade_stats('{1}', '{2024-01-02}', '{2024-01-01}')$$, 'TR243'),
  ($$SELECT trading.trade_stats('{1}', '{-infinity}', '{2024-01-01}')$$, 'TR243'), ($$SELECT trading.exposure('{}', '{2024-01-01}', '{}')$$, 'TR604'), ($$SELECT trading.turnover_rate('NaN', '{1}')$$, 'TR243'), ($$SELECT trading.probabilistic_sharpe('NaN', 5)$$, 'TR243')) AS v (s, c);

SELECT * FROM finish();
ROLLBACK;
