-- Whether an optimization found something, in plain words; and that what was tried is counted for ever.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT strategy.create_strategy('s', 'trend', '1 day', '{"entry": "close > 0"}') \g /dev/null

-- An optimization whose trials have returns of so many days.
CREATE FUNCTION pg_temp.search(walk jsonb DEFAULT NULL, seed bigint DEFAULT 1) RETURNS bigint LANGUAGE sql AS $$
  INSERT INTO research.optimizations (strategy_id, version, symbols, instrument_ids, from_time, until_time, capital, currency, settings, parameters, method, objective, seed, trials, walk_forward, data_fingerprint)
  SELECT s.strategy_id, 1, '{US:IBM}', ARRAY[market.instrument_id('IBM')], '2020-01-01', '2022-01-01', 1000, 'USD', '{"fill": "next_open", "params": {"c": 1}}', '{}', 'grid', 'sharpe', seed, 9, walk, '0123456789abcdef' FROM strategy.strategies AS s WHERE s.name = 's' RETURNING optimization_id
$$;
CREATE FUNCTION pg_temp.trial(optimization bigint, trial int, params jsonb, returns float8[], window_no int DEFAULT 1, part research.trial_part DEFAULT 'in_sample', day date DEFAULT '2020-01-02', trades bigint DEFAULT 150) RETURNS void LANGUAGE sql AS $$
  INSERT INTO research.trials (optimization_id, trial, window_no, part, params) VALUES (optimization, trial, window_no, part, params);
  UPDATE research.trials AS t SET status = 'done', returns = trial.returns, days = n.days, data_fingerprint = '0123456789abcdef', objective = f.sharpe, sharpe = f.sharpe, periods = f.periods, cagr = f.cagr, trades = trial.trades
    FROM (SELECT array_agg(trial.day + i::int - 1 ORDER BY i) AS days FROM generate_series(1, cardinality(trial.returns)) AS i) AS n, LATERAL trading.return_stats(n.days[1:1] || n.days, ARRAY(SELECT exp(sum(ln(1 + r)) OVER (ORDER BY p)) FROM unnest(0::float8 || trial.returns) WITH ORDINALITY AS u (r, p) ORDER BY p)) AS f
   WHERE t.optimization_id = trial.optimization AND t.trial = trial.trial;
$$;
-- Noise, and a drift.
CREATE FUNCTION pg_temp.returns(key bigint, drift float8, days int DEFAULT 480) RETURNS float8[] LANGUAGE sql AS $$
  SELECT array_agg((((research.random_bits(key, d) >> 32) & 4294967295) / 4294967296.0::float8 - 0.5) * 0.03 + drift ORDER BY d) FROM generate_series(1, days) AS d $$;

-- Nothing was found: nine trials of noise, and the best is chosen.
SELECT pg_temp.search() AS noise \gset
SELECT pg_temp.refuses(format('SELECT * FROM research.verdict(%s)', :noise), 'TR553', 'nothing has run');
INSERT INTO research.optimization_windows (optimization_id, window_no, from_time, until_time) VALUES (:noise, 1, '2020-01-01', '2022-01-01');
SELECT pg_temp.trial(:noise, 3 * (a - 1) + b, jsonb_build_object('a', a, 'b', b), pg_temp.returns(10 * a + b, 0)) FROM generate_series(1, 3) AS a, generate_series(1, 3) AS b \g /dev/null
SELECT pg_temp.refuses(format('SELECT * FROM research.verdict(%s)', :noise), 'TR553', 'nothing is chosen');
UPDATE research.optimization_windows SET chosen_trial = (SELECT trial FROM research.trials WHERE optimization_id = :noise ORDER BY objective DESC LIMIT 1) WHERE optimization_id = :noise;
SELECT results_eq(format($$SELECT topic, judgement FROM research.verdict(%s)$$, :noise), $$VALUES ('verdict', 'poor'), ('trials', NULL), ('skill', 'doubtful'), ('overfitting', 'poor'), ('stability', 'poor'), ('trades', 'good'), ('loss', 'doubtful')$$, 'luck is called luck');
SELECT matches((SELECT finding FROM research.verdict(:noise) WHERE topic = 'verdict'), '^This is most likely luck: do not trade it\. What speaks against it: skill, ', 'in plain words');
SELECT cmp_ok(abs((SELECT value FROM research.verdict(:noise) WHERE topic = 'skill') - r.deflated_sharpe), '<', 1e-9::float8, 'skill is the deflated Sharpe ratio of nine trials')
  FROM research.optimization_windows AS w JOIN research.trials AS t USING (optimization_id), (SELECT stddev_samp(sharpe) AS deviation FROM research.trials WHERE optimization_id = :noise) AS d,
       LATERAL trading.return_stats(t.days[1:1] || t.days, ARRAY(SELECT exp(sum(ln(1 + r)) OVER (ORDER BY p)) FROM unnest(0::float8 || t.returns) WITH ORDINALITY AS u (r, p) ORDER BY p), trials => 9, trials_deviation => d.deviation) AS r
 WHERE w.optimization_id = :noise AND t.trial = w.chosen_trial;
SELECT cmp_ok(abs((SELECT value FROM research.verdict(:noise) WHERE topic = 'overfitting') - (SELECT o.probability FROM (SELECT array_agg(returns ORDER BY trial) AS m FROM research.trials WHERE optimization_id = :noise) AS t, research.overfitting(t.m) AS o)), '<', 1e-12::float8, 'overfitting is that of all trials');
SELECT results_eq(format($$SELECT count(*), min(day), max(day), sum(window_no), round(max(abs(equity - 1000 * g))::numeric, 6) FROM (SELECT r.*, exp(sum(ln(1 + return)) OVER (ORDER BY day)) AS g FROM research.optimization_record(%s) AS r) AS r$$, :noise), $$VALUES (480::bigint, date '2020-01-02', date '2021-04-25', 480::bigint, 0.0)$$, 'the record is that of the chosen trial');

-- Something was found: a plateau with a drift in each window, which goes on out of sample.
SELECT pg_temp.search('{"train": "1 year", "test": "6 months"}') AS found \gset
INSERT INTO research.optimization_windows (optimization_id, window_no, from_time, until_time, test_from, test_until, chosen_trial) VALUES (:found, 1, '2020-01-01', '2021-01-01', '2021-01-01', '2021-07-01', 5), (:found, 2, '2020-07-01', '2021-07-01', '2021-07-01', '2022-01-01', 15);
SELECT pg_temp.trial(:found, 10 * (w - 1) + 3 * (a - 1) + b, jsonb_build_object('a', a, 'b', b), pg_temp.returns(100 * w, CASE WHEN (a, b) = (1, 3) THEN -0.002 ELSE 0.0025 - 0.0001 * (abs(a - 2) + abs(b - 2)) END), w) FROM generate_series(1, 2) AS w, generate_series(1, 3) AS a, generate_series(1, 3) AS b \g /dev/null
SELECT pg_temp.trial(:found, 10 * w, '{"a": 2, "b": 2}', pg_temp.returns(7 + w, 0.002, 180), w, 'out_of_sample', CASE w WHEN 1 THEN date '2021-01-01' ELSE '2021-06-29' END) FROM generate_series(1, 2) AS w \g /dev/null
SELECT results_eq(format($$SELECT topic, judgement FROM research.verdict(%s)$$, :found), $$VALUES ('verdict', 'good'), ('trials', NULL), ('skill', 'good'), ('overfitting', 'good'), ('walk_forward', 'good'), ('stability', 'good'), ('trades', 'good'), ('loss', 'good')$$, 'what holds out of sample is good');
SELECT results_eq(format($$SELECT count(*), count(DISTINCT day), min(window_no), max(window_no) FROM research.optimization_record(%s)$$, :found), 'VALUES (359::bigint, 359::bigint, 1, 2)', 'days of two windows follow each other, and one belongs to both');
UPDATE research.trials SET trades = 10 WHERE optimization_id = :found;
SELECT results_eq(format($$SELECT judgement, finding FROM research.verdict(%s) WHERE topic IN ('verdict', 'trades')$$, :found), $$VALUES ('poor', 'This is most likely luck: do not trade it. What speaks against it: trades.'), ('poor', 'It rests on 20 closed trades.')$$, 'a few trades prove nothing');
UPDATE research.trials SET trades = 30 WHERE optimization_id = :found;
SELECT is((SELECT finding FROM research.verdict(:found) WHERE topic = 'verdict'), 'Do not rely on it yet. What speaks against it: trades.', 'some are something');

-- A map of two parameters.
SELECT results_eq(format($$SELECT x_name, x_place, x_value, y_name, y_place, y_value, round(mean::numeric, 6) = round(best::numeric, 6), trials FROM research.parameter_grid(%s, 'b', 'a') WHERE y_place = 2$$, :noise), $$VALUES ('b', 1, '1', 'a', 2, '2', true, 1), ('b', 2, '2', 'a', 2, '2', true, 1), ('b', 3, '3', 'a', 2, '2', true, 1)$$, 'each pair of values');
SELECT results_eq(format($$SELECT count(*), sum(trials), count(DISTINCT x_name || y_name) FROM research.parameter_grid(%s)$$, :found), 'VALUES (9::bigint, 18::bigint, 1::bigint)', 'those that matter most, over all windows');
SELECT is_empty(format('SELECT * FROM research.parameter_grid(%s, %L)', :noise, 'z'), 'a parameter that is not there');

-- Counted for ever.
SELECT results_eq($$SELECT strategy, symbols, trials, best > 0, expected_best > 0 FROM research.trial_counts$$, $$VALUES ('s', '{US:IBM}'::text[], 29::bigint, true, true)$$, 'each trial counts');
SELECT pg_temp.search() AS again \gset
INSERT INTO research.optimization_windows (optimization_id, window_no, from_time, until_time) VALUES (:again, 1, '2020-01-01', '2022-01-01');
SELECT pg_temp.trial(:again, b, jsonb_build_object('b', b, 'a', 1), pg_temp.returns(10 + b, 0)) FROM generate_series(1, 4) AS b \g /dev/null
SELECT is((SELECT trials FROM research.trial_counts), 30::bigint, 'the same again is no new trial');
INSERT INTO research.backtests (strategy_id, version, symbols, instrument_ids, from_time, until_time, capital, currency, settings, settings_version, data_fingerprint, engine_version, seed, events, final_equity, final_cash, orders, rejected, fills, fees, trades)
SELECT s.strategy_id, 1, '{US:IBM}', ARRAY[market.instrument_id('IBM')], '2020-01-01', '2022-01-01', 1000, 'USD', jsonb_build_object('fill', 'next_open', 'seed', n.seed, 'params', jsonb_build_object('a', n.a, 'b', 4, 'c', 1)), 1, '0123456789abcdef', '0.1.0', n.seed, 3, 1210, 1210, 4, 0, 6, 3, 3 FROM strategy.strategies AS s, (VALUES (1, 1), (5, 1), (5, 2)) AS n (a, seed) WHERE s.name = 's';
SELECT is((SELECT trials FROM research.trial_counts), 31::bigint, 'a backtest counts, too, once with its seeds, and not when a trial was the same');
DELETE FROM research.optimizations;
DELETE FROM research.backtests;
SELECT is((SELECT trials FROM research.trial_counts), 31::bigint, 'and what is deleted was tried all the same');
SELECT pg_temp.refuses(statement, 'TR213', statement) FROM (VALUES ('DELETE FROM research.tried'), ('UPDATE research.tried SET sharpe = 9'), ('TRUNCATE research.tried')) AS v (statement);

SELECT pg_temp.refuses(statement, code, statement) FROM (VALUES ('SELECT * FROM research.verdict(0)', 'TR543'), ('SELECT * FROM research.verdict(NULL)', 'TR543'), ('SELECT * FROM research.optimization_record(0)', 'TR543'), ('SELECT * FROM research.parameter_grid(0)', 'TR543')) AS v (statement, code);
SELECT is(pg_temp.outcome('bourse_analyst', 'SELECT FROM research.trial_counts'), '00000', 'analysts see what they tried');
SELECT is(pg_temp.outcome('bourse_analyst', 'INSERT INTO research.tried (owner) VALUES (''me'')'), '42501', 'and write none of it');
SELECT pg_temp.is_sound();
SELECT * FROM finish();
ROLLBACK;
