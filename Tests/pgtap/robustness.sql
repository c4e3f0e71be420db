-- How much of a result may be luck: resamples, overfitting and parameters agree with other programs and the papers, and are the same for a seed.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
CREATE TEMP TABLE golden (name text PRIMARY KEY, value float8, tolerance float8, source text);
\copy golden FROM '../../fixtures/golden/robustness.csv' (FORMAT csv, HEADER)
CREATE TEMP TABLE days (day date, equity float8, benchmark float8);
\copy days FROM '../../fixtures/golden/statistics_days.csv' (FORMAT csv, HEADER)
CREATE TEMP TABLE trades (opened date, closed date, pnl float8);
\copy trades FROM '../../fixtures/golden/statistics_trades.csv' (FORMAT csv, HEADER)
CREATE TEMP TABLE matrix (trial int, returns float8[]);
\copy matrix FROM '../../fixtures/golden/robustness_trials.csv' (FORMAT csv, HEADER)
CREATE TEMP TABLE series AS SELECT array_agg(r ORDER BY day) AS returns FROM (SELECT day, equity / lag(equity) OVER (ORDER BY day) - 1 AS r FROM days) AS d WHERE r IS NOT NULL;
CREATE FUNCTION pg_temp.agrees(name text, ours float8) RETURNS text LANGUAGE sql AS $$
  SELECT ok(abs(ours - g.value) <= g.tolerance, format('%s: %s, %s says %s', agrees.name, ours, g.source, g.value)) FROM golden AS g WHERE g.name = agrees.name
$$;

-- Random numbers: pinned, because every seeded result depends on them.
SELECT is(research.random_bits(1, 1), -7620678293940249823, 'the first bits of the sequence 1');
SELECT is(research.random_bits(research.random_bits(7, 3), 2147483647), -5780856147502849211, 'and some far away');
SELECT cmp_ok(abs(avg((research.random_bits(1, n) >> 32 & 4294967295) / 4294967296.0) - 0.5), '<', 0.002, 'evenly distributed') FROM generate_series(1, 100000) AS n;
SELECT cmp_ok(abs(corr((research.random_bits(1, n) >> 32 & 4294967295)::float8, (research.random_bits(2, n) >> 32 & 4294967295)::float8)), '<', 0.01::float8, 'sequences know nothing of each other') FROM generate_series(1, 100000) AS n;
SELECT cmp_ok(abs(corr((research.random_bits(1, n) >> 32 & 4294967295)::float8, (research.random_bits(1, n) & 4294967295)::float8)), '<', 0.01::float8, 'nor do the halves of the bits') FROM generate_series(1, 100000) AS n;

-- The bootstrap of returns.
SELECT pg_temp.agrees('block_length ' || m, research.block_length(s.returns, m)) FROM series AS s, unnest('{stationary,circular}'::text[]) AS m;
SELECT pg_temp.agrees('block_length squares ' || m, research.block_length(ARRAY(SELECT r * r FROM unnest(s.returns) WITH ORDINALITY AS r (r, n) ORDER BY n), m)) FROM series AS s, unnest('{stationary,circular}'::text[]) AS m;
CREATE TEMP TABLE resamples AS
SELECT m.method, r.* FROM series AS s, unnest('{stationary,circular}'::text[]) AS m (method) CROSS JOIN LATERAL research.resample_returns(s.returns, 4000, m.method, 10, seed => 11, points => 4) AS r;
SELECT pg_temp.agrees(format('%s %s %s', q.method, f.name, p.share), f.quantiles[p.place])
  FROM (SELECT method, percentile_cont('{0.05,0.5,0.95}'::float8[]) WITHIN GROUP (ORDER BY total_return) AS total, percentile_cont('{0.05,0.5,0.95}'::float8[]) WITHIN GROUP (ORDER BY max_drawdown) AS fall,
               percentile_cont('{0.05,0.5,0.95}'::float8[]) WITHIN GROUP (ORDER BY sharpe) AS sharpe, percentile_cont('{0.05,0.5,0.95}'::float8[]) WITHIN GROUP (ORDER BY lowest) AS lowest FROM resamples GROUP BY method) AS q
  CROSS JOIN LATERAL (VALUES ('total_return', q.total), ('max_drawdown', q.fall), ('sharpe', q.sharpe), ('lowest', q.lowest)) AS f (name, quantiles)
  CROSS JOIN (VALUES (1, '5 %'), (2, '50 %'), (3, '95 %')) AS p (place, share);
SELECT pg_temp.agrees(method || ' deviation of the mean', stddev_samp(ln(1 + total_return))) FROM resamples GROUP BY method;
-- Each resample is the same again, whatever is asked beside it.
SELECT is_empty($$SELECT * FROM resamples AS r FULL JOIN (SELECT x.* FROM series AS s CROSS JOIN LATERAL research.resample_returns(s.returns, 60, 'stationary', 10, seed => 11) AS x) AS x USING (resample)
                   WHERE r.method = 'stationary' AND r.resample <= 60 AND (x.total_return, x.max_drawdown, x.lowest, x.sharpe) IS DISTINCT FROM (r.total_return, r.max_drawdown, r.lowest, r.sharpe)$$, 'a resample does not depend on how many there are, or on points');
SELECT isnt((SELECT sum(x.total_return) FROM series AS s CROSS JOIN LATERAL research.resample_returns(s.returns, 50, seed => 1) AS x), (SELECT sum(x.total_return) FROM series AS s CROSS JOIN LATERAL research.resample_returns(s.returns, 50, seed => 2) AS x), 'another seed, other resamples');
SELECT is_empty($$SELECT * FROM resamples WHERE abs(path[4] - 1 - total_return) > 1e-9 OR cardinality(path) <> 4 OR lowest > least(1, path[1], path[2], path[3], path[4]) + 1e-9 OR lowest < 1 + max_drawdown - 1e-9 OR max_drawdown > 0$$, 'a path ends where the resample does');
-- What trading.return_stats says of a resample that is all of the returns in their order.
SELECT results_eq($$SELECT round(r.total_return::numeric, 9), round(r.max_drawdown::numeric, 9), round(r.sharpe::numeric, 9), round(r.path[2]::numeric, 9) FROM research.resample_returns('{0.1,-0.2,0.05,0.1}', 1, 'circular', 4, seed => 4, points => 2) AS r$$,
  $$SELECT round(f.total_return::numeric, 9), round(f.max_drawdown::numeric, 9), round(f.sharpe::numeric, 9), round(1 + f.total_return::numeric, 9) FROM trading.return_stats('{2024-01-01,2024-01-02,2024-01-03,2024-01-04,2024-01-05}', '{1,1.1,0.88,0.924,1.0164}') AS f$$, 'one block of all returns, from the first on');
SELECT results_eq($$SELECT DISTINCT round(total_return::numeric, 12), round(sharpe::numeric, 9) FROM research.resample_returns('{0.1,-0.2,0.05,0.1}', 50, 'circular', 4)$$, $$VALUES (0.0164::numeric, (SELECT round(f.sharpe::numeric, 9) FROM trading.return_stats('{2024-01-01,2024-01-02,2024-01-03,2024-01-04,2024-01-05}', '{1,1.1,0.88,0.924,1.0164}') AS f))$$, 'wherever the block begins, it goes on at the beginning');
SELECT is(count(DISTINCT path), 4::bigint, 'at four places') FROM research.resample_returns('{0.1,-0.2,0.05,0.1}', 100, 'circular', 4, points => 4);
SELECT cmp_ok(max(r.total_return), '<', -1 + 1e-9::float8, 'everything is lost, and what comes then is nothing') FROM research.resample_returns('{0.5,-1,0.5}', 50, 'circular', 3) AS r;
SELECT results_eq($$SELECT r.total_return, r.max_drawdown, r.sharpe FROM research.resample_returns('{0,0,NULL,0}', 2) AS r$$, 'VALUES (0::float8, 0::float8, NULL::float8), (0, 0, NULL)', 'nothing moves');
SELECT is_empty($$SELECT * FROM research.resample_returns('{}') UNION ALL SELECT * FROM research.resample_returns(NULL) UNION ALL SELECT * FROM research.resample_returns('{NULL}')$$, 'no returns, no resamples');
SELECT is(count(*) FILTER (WHERE to_jsonb(r)::text ~* 'nan|infinity'), 0::bigint, 'huge returns give no infinite worth') FROM research.resample_returns(array_fill(1e29::float8, '{400}') || array_fill(-0.9999999::float8, '{400}'), 40) AS r;

-- Trades.
CREATE TEMP TABLE drawn AS SELECT r.* FROM (SELECT array_agg(pnl ORDER BY closed) AS pnl FROM trades) AS t CROSS JOIN LATERAL research.resample_trades(t.pnl, 10000, 4000, seed => 5, points => 3) AS r;
SELECT pg_temp.agrees(format('draw %s %s', f.name, p.share), f.quantiles[p.place])
  FROM (SELECT percentile_cont('{0.05,0.5,0.95}'::float8[]) WITHIN GROUP (ORDER BY total_return) AS total, percentile_cont('{0.05,0.5,0.95}'::float8[]) WITHIN GROUP (ORDER BY max_drawdown) AS fall FROM drawn) AS q
  CROSS JOIN LATERAL (VALUES ('total_return', q.total), ('max_drawdown', q.fall)) AS f (name, quantiles) CROSS JOIN (VALUES (1, '5 %'), (2, '50 %'), (3, '95 %')) AS p (place, share);
SELECT pg_temp.agrees('draw ruin of 10 %', avg((lowest <= 0.9)::int)) FROM drawn;
SELECT results_eq($$SELECT DISTINCT round(r.total_return::numeric, 9), round(r.path[1]::numeric, 9) FROM research.resample_trades('{10,-20,30}', 100, 200, 'shuffle') AS r$$, $$VALUES (0.2, 1.2)$$, 'in whatever order, the sum is the same');
SELECT set_eq($$SELECT DISTINCT round(r.max_drawdown::numeric, 6) FROM research.resample_trades('{10,-20,30}', 100, 1000, 'shuffle') AS r$$, $$VALUES (round(-20 / 110.0, 6)), (round(-20 / 140.0, 6)), (-0.2), (round(-20 / 130.0, 6))$$, 'each order has its drawdown');
SELECT cmp_ok(max(abs(n.share - 1 / 6.0)), '<', 0.03::numeric, 'and each order is as likely') FROM (SELECT count(*) / 3000.0 AS share FROM research.resample_trades('{1,10,100}', 1000, 3000, 'shuffle', points => 3) AS r GROUP BY r.path) AS n;
SELECT results_eq($$SELECT r.total_return, r.max_drawdown, r.lowest FROM research.resample_trades('{-150}', 100, 1) AS r$$, 'VALUES (-1.5::float8, -1.5::float8, -0.5::float8)', 'more than everything is lost');

-- Trades that begin at random, among closes that double at each candle.
SELECT results_eq($$SELECT DISTINCT round(r.total_return::numeric, 9), r.lowest FROM research.random_entries('{1,2,4,8,5,5}', '{1,1,5}', '{4,4,2}', '{1,2,1}', '{100,-10,50}', '{1,0,0}', 1000, 50) AS r$$, 'VALUES (0.069, 1::float8)', 'held one candle 100 doubles, short for two 30 are lost, a fee of 1');
SELECT is(count(DISTINCT r.total_return), 3::bigint, 'one of three candles') FROM research.random_entries('{1,2,3,9}', '{1}', '{4}', '{1}', '{100}', '{0}', 1000, 100) AS r;
SELECT results_eq($$SELECT DISTINCT r.total_return FROM research.random_entries('{1,2,3,6}', '{1}', '{4}', '{9}', '{100}', '{0}', 1000, 100) AS r$$, 'VALUES (0.5::float8)', 'what was held longer than there are candles is held from the first to the last');

-- Overfitting.
SELECT pg_temp.agrees(format('overfitting of %s blocks: %s', b.blocks, f.name), f.value)
  FROM (VALUES (16), (10), (8)) AS b (blocks) CROSS JOIN (SELECT array_agg(returns ORDER BY trial) AS returns FROM matrix) AS m CROSS JOIN LATERAL research.overfitting(m.returns, b.blocks) AS o
  CROSS JOIN LATERAL (VALUES ('splits', o.splits::float8), ('probability', o.probability), ('loss', o.loss), ('slope', o.slope), ('intercept', o.intercept), ('mean logit', (SELECT avg(l) FROM unnest(o.logits) AS l)), ('favourite', o.favourite::float8), ('favourite_share', o.favourite_share)) AS f (name, value);
SELECT results_eq($$SELECT o.trials, o.days, o.block_count, o.splits, o.probability, o.favourite, o.favourite_share FROM research.overfitting(ARRAY[ARRAY[1,2,1,2,1,2,1,2], ARRAY[-1,1,-1,1,-1,1,-1,1], ARRAY[0,0,0,0,0,0,0,0]]::float8[], 4) AS o$$,
  'VALUES (3, 8, 4, 6, 0::float8, 1, 1::float8)', 'what is best everywhere was not chosen by luck');
SELECT results_eq($$SELECT o.splits, o.probability, o.loss, o.favourite_share FROM research.overfitting(ARRAY[ARRAY[2,3,-2,-3], ARRAY[-2,-3,2,3]]::float8[], 2) AS o$$, 'VALUES (2, 1::float8, 1::float8, 0.5::float8)', 'what is best in one half is worst in the other');
SELECT results_eq($$SELECT o.probability, (SELECT max(abs(l)) FROM unnest(o.logits) AS l) FROM research.overfitting(ARRAY[ARRAY[1,2,1,3], ARRAY[1,2,1,3], ARRAY[1,2,1,3]]::float8[], 2) AS o$$, 'VALUES (1::float8, 0::float8)', 'trials that do the same are no choice');
SELECT results_eq($$SELECT o.probability, o.logits FROM research.overfitting(ARRAY[array_fill(0.01::float8, '{8}'), array_fill(0.02::float8, '{8}')], 2) AS o$$, $$VALUES (1::float8, '{0,0}'::float8[])$$, 'without a deviation there is no ratio');
SELECT is(o.block_count, 12, 'many trials are cut into fewer blocks') FROM (SELECT array_agg(r) AS returns FROM (SELECT ARRAY(SELECT (research.random_bits(t, d) % 1000)::float8 FROM generate_series(1, 24) AS d) AS r FROM generate_series(1, 700) AS t) AS n) AS m CROSS JOIN LATERAL research.overfitting(m.returns) AS o;

-- Deflated Sharpe ratio: the example of Bailey and López de Prado (2014), 2.5 a year of 1,250 days, skew -3, kurtosis 10, the best of 100 trials with a variance of 0.5.
SELECT is(round((trading.expected_sharpe(100, sqrt(0.5)) / sqrt(250))::numeric, 4), 0.1132, 'the best of 100 without skill, of a day');
SELECT is(round(trading.probabilistic_sharpe(2.5, 1250, -3, 7, 250, trading.expected_sharpe(100, sqrt(0.5)))::numeric, 4), 0.9004, 'of 100 trials');
SELECT is(round(trading.probabilistic_sharpe(2.5, 1250, -3, 7, 250, trading.expected_sharpe(46, sqrt(0.5)))::numeric, 4), 0.9505, 'of 46');
SELECT is(round(trading.probabilistic_sharpe(2.5, 1250, 0, 0, 250, trading.expected_sharpe(88, sqrt(0.5)))::numeric, 4), 0.9505, 'of 88, had the returns been normal');

-- Parameters: a plateau of three by three, and a lone peak, in a plane.
CREATE TEMP TABLE grid AS SELECT jsonb_build_object('fast', f, 'slow', 10 * s, 'kind', 'ema') AS params, CASE WHEN f BETWEEN 2 AND 4 AND s BETWEEN 2 AND 4 THEN 2.0 WHEN (f, s) = (8, 8) THEN 3 ELSE 1 END::float8 AS objective, row_number() OVER (ORDER BY f, s) AS trial, f, s
  FROM generate_series(1, 9) AS f, generate_series(1, 9) AS s;
CREATE TEMP VIEW stability AS SELECT g.f, g.s, x.* FROM (SELECT array_agg(params ORDER BY trial) AS params, array_agg(objective ORDER BY trial) AS objective FROM grid) AS a CROSS JOIN LATERAL research.parameter_stability(a.params, a.objective) AS x JOIN grid AS g USING (trial);
SELECT results_eq('SELECT result, neighbours, neighbour_mean, neighbour_worst, round(stability::numeric, 6) FROM stability WHERE (f, s) IN ((3, 3), (8, 8), (1, 9)) ORDER BY f', 'VALUES (1::float8, 3, 1::float8, 1::float8, 1.0), (2, 8, 2, 2, 1), (3, 8, 1, 1, 0.333333)', 'a corner, a plateau and a peak');
SELECT results_eq($$SELECT round(stability::numeric, 6) FROM research.parameter_stability('{"{\"a\": 1}","{\"a\": 2}","{\"a\": 3}","{\"a\": 4}"}', '{-0.1,-0.2,-0.3,-0.3}')$$, 'VALUES (0.333333), (1.0), (1.166667), (1)', 'where more than nothing is not to be had, the lead over the middle counts');
SELECT results_eq($$SELECT name, "values", share > 0 AND share < 0.3 FROM (SELECT array_agg(params ORDER BY trial) AS params, array_agg(objective ORDER BY trial) AS objective FROM grid) AS a CROSS JOIN LATERAL research.parameter_effects(a.params, a.objective) AS e ORDER BY name$$, $$VALUES ('fast', 9, true), ('slow', 9, true)$$, 'a parameter with one value has no effect');
SELECT results_eq($$SELECT name, "values", round(share::numeric, 9) FROM research.parameter_effects('{"{\"a\": 1, \"b\": \"x\"}","{\"a\": 2, \"b\": \"y\"}","{\"a\": 1, \"b\": \"y\"}","{\"a\": 2, \"b\": \"x\"}"}', '{1,5,1,5}')$$, $$VALUES ('a', 2, 1.0), ('b', 2, 0.0)$$, 'the one explains all, the other nothing');
SELECT results_eq($$SELECT trial, neighbours FROM research.parameter_stability('{"{\"a\": 1, \"b\": \"x\"}","{\"a\": 2, \"b\": \"y\"}","{\"a\": 2, \"b\": \"x\"}","{\"a\": 2, \"b\": \"x\"}"}', '{1,5,1,NULL}')$$, 'VALUES (1, 1), (2, 0), (3, 1)', 'words have no order, and what is not known is no neighbour');
SELECT is(bool_and(neighbours BETWEEN 1 AND 60), true, 'what was drawn without a grid has neighbours, too') FROM (SELECT array_agg(jsonb_build_object('a', abs(research.random_bits(1, n)), 'b', abs(research.random_bits(2, n))) ORDER BY n) AS params, array_agg(n::float8 ORDER BY n) AS objective FROM generate_series(1, 100) AS n) AS a CROSS JOIN LATERAL research.parameter_stability(a.params, a.objective) AS s;
SELECT is_empty($$SELECT * FROM research.parameter_stability('{}', '{}')$$, 'no trials');

-- What cannot be.
SELECT pg_temp.refuses(statement, code, statement) FROM (VALUES
  ($$SELECT * FROM research.resample_returns('{0.1,NaN}')$$, 'TR243'), ($$SELECT * FROM research.resample_returns('{0.1,Infinity}')$$, 'TR243'), ($$SELECT * FROM research.resample_returns('{0.1}', 0)$$, 'TR550'),
  ($$SELECT * FROM research.resample_returns('{0.1}', 100001)$$, 'TR550'), ($$SELECT * FROM research.resample_returns('{0.1}', method => 'jackknife')$$, 'TR550'), ($$SELECT * FROM research.resample_returns('{0.1}', block => 0.5)$$, 'TR550'),
  ($$SELECT * FROM research.resample_returns('{0.1}', block => 'NaN')$$, 'TR550'), ($$SELECT * FROM research.resample_returns('{0.1}', points => 0)$$, 'TR550'), ($$SELECT * FROM research.resample_returns('{0.1}', seed => NULL)$$, 'TR550'),
  ($$SELECT * FROM research.resample_trades('{1}', 0)$$, 'TR550'), ($$SELECT * FROM research.resample_trades('{1}', 1, method => NULL)$$, 'TR550'), ($$SELECT * FROM research.resample_trades(array_fill(1::float8, '{3000}'), 1, 100000)$$, 'TR550'),
  ($$SELECT * FROM research.random_entries('{1,2}', '{1}', '{3}', '{1}', '{1}', '{0}', 1)$$, 'TR604'), ($$SELECT * FROM research.random_entries('{1,0}', '{1}', '{2}', '{1}', '{1}', '{0}', 1)$$, 'TR604'),
  ($$SELECT research.block_length('{1}', 'none')$$, 'TR550'), ($$SELECT * FROM research.overfitting('{1,2,3}')$$, 'TR551'), ($$SELECT * FROM research.overfitting('{{1,2,3,4}}')$$, 'TR551'), ($$SELECT * FROM research.overfitting('{{1,2,3,4},{1,2,3,4}}', 4)$$, 'TR551'),
  ($$SELECT * FROM research.overfitting('{{1,2,3,4},{1,2,3,4}}', 3)$$, 'TR551'), ($$SELECT * FROM research.overfitting('{{1,2,3,4},{1,2,3,NULL}}', 2)$$, 'TR243'), ($$SELECT * FROM research.overfitting(NULL)$$, 'TR551'),
  ($$SELECT * FROM research.parameter_stability('{"{}"}', '{}')$$, 'TR604'), ($$SELECT * FROM research.parameter_effects('{"{}"}', '{NaN}')$$, 'TR243')) AS v (statement, code);
SELECT is(pg_temp.outcome('bourse_analyst', $$SELECT FROM research.resample_returns('{0.1,0.2}', 2), research.overfitting('{{1,2,3,4},{2,1,3,4}}', 2), research.parameter_effects('{}', '{}')$$), '00000', 'analysts ask all of it');
SELECT * FROM finish();
ROLLBACK;
