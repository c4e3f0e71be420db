-- Optimizations: which trials there are, their windows, what is chosen, and what is refused. Nothing is run here.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT market.add_instrument('AAPL'), strategy.create_strategy('cross', 'custom', '1 day', '{"entry": "ema(close, $fast) > ema(close, $slow)", "exit": "close < $level", "params": {"fast": 5, "slow": 20, "level": 50}}') \g /dev/null
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
SELECT market.instrument_id('IBM'), interval '1 day', d AT TIME ZONE 'America/New_York', 100, 110, 90, 105, 1000 FROM generate_series('2020-01-02'::timestamp, '2023-12-29', '1 day') AS d WHERE extract(isodow FROM d) < 6;
CREATE FUNCTION pg_temp.optimize(parameters jsonb DEFAULT '{"fast": [5, 10], "slow": {"from": 20, "to": 40, "step": 10}}', method text DEFAULT 'grid', trials int DEFAULT NULL, constraints text[] DEFAULT '{}', seed bigint DEFAULT 0, walk_forward jsonb DEFAULT NULL, objective text DEFAULT 'sharpe',
  settings jsonb DEFAULT '{}', strategy text DEFAULT 'cross', symbols text[] DEFAULT '{IBM}', "from" timestamptz DEFAULT '2020-01-01Z', until timestamptz DEFAULT '2024-01-01Z', capital numeric DEFAULT 1000) RETURNS bigint LANGUAGE sql AS $$
  SELECT research.optimize($9, $10, $11, $12, $1, $2, $7, $3, $4, $5, $6, $13, $8) $$;
CREATE FUNCTION pg_temp.params(optimization bigint) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(t.params::text, ' ' ORDER BY t.trial) FROM research.trials AS t WHERE t.optimization_id = $1 AND t.window_no = 1 AND t.part = 'in_sample' $$;

-- Values.
SELECT is(pg_temp.params(pg_temp.optimize()), '{"fast": 5, "slow": 20} {"fast": 5, "slow": 30} {"fast": 5, "slow": 40} {"fast": 10, "slow": 20} {"fast": 10, "slow": 30} {"fast": 10, "slow": 40}', 'a grid has every combination, the last parameter changing first');
SELECT is(pg_temp.params(pg_temp.optimize('{"fast": {"from": 1, "to": 3, "step": 1}, "slow": [1, 2, 3]}', constraints => '{fast < slow, slow + fast <> 4}')), '{"fast": 1, "slow": 2} {"fast": 2, "slow": 3}', 'values that break a constraint are no trials');
SELECT is(pg_temp.params(pg_temp.optimize('{"level": {"from": 0.1, "to": 0.5, "step": 0.2}}')), '{"level": 0.1} {"level": 0.3} {"level": 0.5}', 'steps are exact');
SELECT is(pg_temp.params(pg_temp.optimize('{"fast": {"from": 1, "to": 9, "step": 2, "scale": "log"}}')), '{"fast": 1} {"fast": 3} {"fast": 5} {"fast": 7} {"fast": 9}', 'a grid has all steps, whatever the scale');
CREATE TEMP TABLE seeds AS SELECT m.m, s.n, pg_temp.params(pg_temp.optimize('{"fast": {"from": 2, "to": 20, "step": 1}, "level": {"from": 0.5, "to": 80, "scale": "log"}}', m.m, 30, seed => s.s)) AS params FROM unnest('{random,latin_hypercube,tpe}'::text[]) AS m (m), unnest('{7,7,8}'::int[]) WITH ORDINALITY AS s (s, n);
SELECT is((SELECT count(DISTINCT s.params) FROM seeds AS s WHERE s.m = m.m AND s.n < 3), 1::bigint, m.m || ': the same seed gives the same trials') FROM unnest('{random,latin_hypercube,tpe}'::text[]) AS m (m);
SELECT is((SELECT count(DISTINCT s.params) FROM seeds AS s WHERE s.m = m.m), 2::bigint, m.m || ': another one others') FROM unnest('{random,latin_hypercube,tpe}'::text[]) AS m (m);
CREATE TEMP TABLE draws AS SELECT m.m, pg_temp.optimize('{"fast": {"from": 1, "to": 40, "step": 1}, "level": {"from": 1, "to": 9}}', m.m, 40, seed => 3) AS id FROM unnest('{random,latin_hypercube}'::text[]) AS m (m);
SELECT results_eq($$SELECT m, count(*), min((params ->> 'level')::float8) >= 1 AND max((params ->> 'level')::float8) <= 9 FROM draws JOIN research.trials ON optimization_id = id GROUP BY 1 ORDER BY 1$$, $$VALUES ('latin_hypercube', 40::bigint, true), ('random', 40, true)$$, 'as many as were wanted, within the range');
SELECT results_eq($$SELECT count(DISTINCT params ->> 'fast'), count(DISTINCT floor(((params ->> 'level')::float8 - 1) / 0.2)) FROM draws JOIN research.trials ON optimization_id = id WHERE m = 'latin_hypercube'$$, $$VALUES (40::bigint, 40::bigint)$$, 'each slice of each parameter has one trial of a hypercube');
CREATE TEMP TABLE few AS SELECT pg_temp.optimize('{"fast": [1, 2, 3, 4], "slow": [1, 2, 3, 4]}', 'latin_hypercube', 50, '{fast < slow}') AS id, pg_temp.optimize('{"fast": {"from": 1, "to": 2, "step": 1}, "level": {"from": 0, "to": 1}}', 'random', 400) AS many;
SELECT results_eq($$SELECT count(*), count(DISTINCT params), bool_and((params ->> 'fast')::int < (params ->> 'slow')::int) FROM few JOIN research.trials ON optimization_id = id$$, $$VALUES (6::bigint, 6::bigint, true)$$, 'the same values are tried once, and fewer when there are no more');
SELECT is((SELECT jsonb_object_agg(k, v) FROM (SELECT t.params ->> 'fast' AS k, count(*) AS v FROM few JOIN research.trials AS t ON optimization_id = many GROUP BY 1) AS n WHERE v BETWEEN 160 AND 240) ?& '{1,2}', true, 'draws are even');

-- Windows.
CREATE FUNCTION pg_temp.windows(walk jsonb, "from" timestamptz DEFAULT '2020-01-01Z', until timestamptz DEFAULT '2024-01-01Z') RETURNS SETOF text LANGUAGE sql AS $$
  SELECT concat_ws(' ', w.from_time::date, w.until_time AT TIME ZONE 'UTC', w.test_from::date, w.test_until::date) FROM internal.walk_forward_windows($1, $2, $3, '1 day') AS w ORDER BY w.window_no $$;
SET LOCAL timezone = 'UTC';
SELECT results_eq($$SELECT * FROM pg_temp.windows('{"train": "2 years", "test": "1 year"}')$$, $$VALUES ('2020-01-01 2022-01-01 00:00:00 2022-01-01 2023-01-01'), ('2021-01-01 2023-01-01 00:00:00 2023-01-01 2024-01-01')$$, 'windows roll');
SELECT results_eq($$SELECT * FROM pg_temp.windows('{"kind": "anchored", "train": "2 years", "test": "1 year", "purge": "10 days", "embargo": "5 days"}')$$, $$VALUES ('2020-01-01 2021-12-22 00:00:00 2022-01-06 2023-01-01'), ('2020-01-01 2022-12-22 00:00:00 2023-01-06 2024-01-01')$$, 'or are anchored; purge and embargo leave out what is around the split');
SELECT results_eq($$SELECT * FROM pg_temp.windows('{"train": "3 years", "test": "10 months"}') OFFSET 1$$, $$VALUES ('2020-11-01 2023-11-01 00:00:00 2023-11-01 2024-01-01')$$, 'the last test is as long as there is time');
SELECT results_eq($$SELECT * FROM pg_temp.windows('{"train": "2 years", "test": "1 year"}', '2020-01-03 18:00Z', '2022-06-01Z')$$, $$VALUES ('2020-01-03 2022-01-03 14:30:00 2022-01-03 2022-06-01')$$, 'a bar that closes behind the split is no part of the sample');
SET LOCAL timezone = 'Asia/Kolkata';
SELECT is((SELECT min(w.test_from) FROM internal.walk_forward_windows('{"train": "2 years", "test": "1 month"}', '2020-01-01Z', '2024-01-01Z', '1 day') AS w), '2022-01-01Z', 'wherever the session is');
RESET timezone;

-- Results: equity of three days, and trades as many as are wanted.
CREATE FUNCTION pg_temp.result(equity numeric, trades int DEFAULT 1, day date DEFAULT '2021-01-04') RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('engine', '1', 'fingerprint', '0123456789abcdef', 'events', 3, 'final_equity', equity::text, 'final_cash', equity::text, 'fees', '1', 'income', '0', 'orders', '{"count": 4, "rejected": 1}'::jsonb, 'fills', '{"count": 0}'::jsonb,
    'trades', jsonb_build_object('count', trades, 'opened_at', array_fill(internal.microseconds('2021-01-04 15:00Z'), ARRAY[trades])::text, 'closed_at', array_fill(internal.microseconds('2021-01-05 15:00Z'), ARRAY[trades])::text, 'pnl', array_fill(2, ARRAY[trades])::text, 'fees', array_fill(1, ARRAY[trades])::text, 'mae', array_fill(-1, ARRAY[trades])::text, 'mfe', array_fill(3, ARRAY[trades])::text),
    'days', jsonb_build_object('count', 3, 'day', ARRAY[day - date '2000-01-01', day - date '2000-01-01' + 1, day - date '2000-01-01' + 2]::text, 'equity', ARRAY[1010, 990, equity]::text)) $$;
CREATE FUNCTION pg_temp.report(candles int DEFAULT 20) RETURNS jsonb LANGUAGE sql AS $$SELECT jsonb_build_object('series', jsonb_build_array(jsonb_build_object('symbol', NULL, 'length', NULL, 'candles', candles)), 'predictions', '[]'::jsonb)$$;
CREATE FUNCTION pg_temp.record(optimization bigint, trial int, result jsonb) RETURNS void LANGUAGE sql AS $$
  SELECT research.record_trials($1, r.run_trials, r.specification, ARRAY[$3], '1 second') FROM research.trial_runs($1, ARRAY[$2], ARRAY[pg_temp.report()]) AS r $$;
CREATE TEMP TABLE walk AS SELECT pg_temp.optimize('{"fast": [5, 10, 15], "slow": [20]}', walk_forward => '{"train": "2 years", "test": "1 year"}', constraints => '{trades >= 2}', objective => 'total_return / (1 - max_drawdown)') AS id;
SELECT results_eq('SELECT trial, window_no, part::text, params FROM research.trials WHERE optimization_id = (SELECT id FROM walk) ORDER BY 1', $$VALUES (1, 1, 'in_sample', '{"fast": 5, "slow": 20}'::jsonb), (2, 1, 'in_sample', '{"fast": 10, "slow": 20}'), (3, 1, 'in_sample', '{"fast": 15, "slow": 20}'), (4, 1, 'out_of_sample', NULL),
  (5, 2, 'in_sample', '{"fast": 5, "slow": 20}'), (6, 2, 'in_sample', '{"fast": 10, "slow": 20}'), (7, 2, 'in_sample', '{"fast": 15, "slow": 20}'), (8, 2, 'out_of_sample', NULL)$$, 'each window has its trials, and one out of sample that waits');
SELECT results_eq('SELECT c.trial, c.type, c.days, c.parameters -> ''params'' FROM research.claim_trials((SELECT id FROM walk), 2) AS c', $$VALUES (1, 'custom', 1, '{"fast": 5, "slow": 20, "level": 50}'::jsonb), (2, 'custom', 1, '{"fast": 10, "slow": 20, "level": 50}')$$, 'a worker gets the first that wait, with all parameters');
SELECT is(research.advance_optimization(id), 'waiting', 'nothing is chosen before all were run') FROM walk;
SELECT results_eq($$SELECT r.run_trials, r.specification ->> 'from', (r.specification ->> 'until')::bigint = internal.microseconds('2022-01-01Z'), r.begins[1] > r.begins[2], (r.specification ->> 'begins')::bigint = r.begins[2], (r.parameters[2]::jsonb #>> '{params,fast}')
  FROM research.trial_runs((SELECT pg_temp.optimize("from" => '2021-01-01Z', until => '2022-01-01Z')), '{1,4}', ARRAY[pg_temp.report(10), pg_temp.report(30)]) AS r$$, $$VALUES ('{1,4}'::int[], internal.microseconds('2021-01-01Z')::text, true, true, true, '10')$$, 'trials of a window are fed together, each warmed up as it would be alone');
SELECT is((SELECT r.begins[1] FROM research.trial_runs((SELECT max(optimization_id) FROM research.optimizations), '{1}', ARRAY[pg_temp.report(10)]) AS r),
  (research.backtest_specification('cross', '{IBM}', '2021-01-01Z', '2022-01-01Z', 1000, '{}', pg_temp.report(10)) ->> 'begins')::bigint, 'which is where a backtest begins');
SELECT pg_temp.record(id, 1, pg_temp.result(1100, 3)), pg_temp.record(id, 2, pg_temp.result(1200, 1)), pg_temp.record(id, 3, pg_temp.result(1050, 2)) FROM walk \g /dev/null
SELECT results_eq($$SELECT trial, status::text, error, round(objective::numeric, 6), total_return, trades, orders, rejected, days, returns[3] = total_return - total_return + 1 - 1 + (final_equity::float8 / 990 - 1) FROM research.trials WHERE window_no = 1 AND optimization_id = (SELECT id FROM walk) AND trial < 4 ORDER BY 1$$,
  $$SELECT n.trial, n.status, n.error, n.objective, n.total_return, n.trades, 4::bigint, 1::bigint, '{2021-01-04,2021-01-05,2021-01-06}'::date[], true FROM (VALUES (1, 'done', NULL, round(0.1 / (1 + 20.0 / 1010), 6), 1100 / 1000.0::float8 - 1, 3::bigint), (2, 'pruned', 'trades >= 2 does not hold', NULL, 1200 / 1000.0::float8 - 1, 1), (3, 'done', NULL, round(0.05 / (1 + 20.0 / 1010), 6), 1050 / 1000.0::float8 - 1, 2)) AS n (trial, status, error, objective, total_return, trades)$$,
  'results have the statistics of a backtest, the return of each day, and the objective');
SELECT is(research.advance_optimization(id), 'advanced', 'then the best is chosen') FROM walk;
SELECT results_eq('SELECT w.chosen_trial, t.trial, t.params FROM research.optimization_windows AS w JOIN research.trials AS t USING (optimization_id, window_no) WHERE t.part = ''out_of_sample'' AND optimization_id = (SELECT id FROM walk) AND window_no = 1', $$VALUES (1, 4, '{"fast": 5, "slow": 20}'::jsonb)$$, 'of those that were not pruned, and tried out of sample');
SELECT is((SELECT r.specification ->> 'from' FROM walk, research.trial_runs(id, '{4}', ARRAY[pg_temp.report()]) AS r), internal.microseconds('2022-01-01Z')::text, 'from the split on');
SELECT pg_temp.record(id, 4, pg_temp.result(1090, 1, '2022-01-03')), pg_temp.record(id, 5, '{"code": "TR532", "error": "it cannot"}'), pg_temp.record(id, 6, pg_temp.result(1020, 5)), pg_temp.record(id, 7, pg_temp.result(1020, 5)) FROM walk \g /dev/null
SELECT is((SELECT concat_ws(' ', status, error) FROM research.trials, walk WHERE optimization_id = id AND trial = 5), 'failed TR532: it cannot', 'a trial that cannot run says why');
SELECT is(research.advance_optimization(id), 'advanced', 'and the next window follows') FROM walk;
SELECT is((SELECT chosen_trial FROM research.optimization_windows, walk WHERE optimization_id = id AND window_no = 2), 6, 'of equal ones the first');
SELECT pg_temp.record(id, 8, pg_temp.result(1000, 2, '2023-01-02')) FROM walk \g /dev/null
SELECT is(research.advance_optimization(id) || research.advance_optimization(id), 'finishedfinished', 'until all were run') FROM walk;
SELECT results_eq($$SELECT trials, done, failed, pruned, share, finished_at IS NOT NULL FROM research.progress, walk WHERE optimization_id = id$$, $$VALUES (8::bigint, 6::bigint, 1::bigint, 1::bigint, 1::float8, true)$$, 'progress says so');
SELECT results_eq($$SELECT round(w.total_return::numeric, 10), w.periods, w.first_day, w.last_day FROM walk, research.walk_forward(id) AS w$$, $$VALUES (0.09::numeric(20,10), 6, date '2022-01-03', date '2023-01-04')$$, 'the headline is what all out-of-sample days gave');
SELECT pg_temp.refuses(format('SELECT pg_temp.record(%s, 1, pg_temp.result(1))', id), 'TR545', 'a result is final') FROM walk;
SELECT pg_temp.refuses('SELECT research.walk_forward(pg_temp.optimize())', 'TR543', 'without a walk-forward there is no headline');

-- Nothing to choose from.
CREATE TEMP TABLE none AS SELECT pg_temp.optimize('{"fast": [5], "slow": [20]}', walk_forward => '{"train": "3 years", "test": "1 year"}', objective => 'profit_factor') AS id;
SELECT pg_temp.record(id, 1, pg_temp.result(1100)) FROM none \g /dev/null
SELECT is(research.advance_optimization(id) || ' ' || research.advance_optimization(id), 'advanced finished', 'an objective that is NULL is none') FROM none;
SELECT results_eq($$SELECT status::text, params FROM research.trials, none WHERE optimization_id = id AND trial = 2$$, $$VALUES ('failed', NULL::jsonb)$$, 'and nothing is tried out of sample');

-- tpe goes by what it has seen, in generations, the same whoever asks.
CREATE FUNCTION pg_temp.search(seed bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_id bigint := pg_temp.optimize('{"fast": {"from": 1, "to": 100, "step": 1}, "level": {"from": 0, "to": 10}}', 'tpe', 60, seed => seed, constraints => '{fast <> 13}', objective => 'total_return');
BEGIN
  LOOP
    PERFORM research.record_trials(v_id, r.run_trials, r.specification, (SELECT array_agg(pg_temp.result(round((2000 - abs((t.params ->> 'fast')::numeric - 70) - 10 * abs((t.params ->> 'level')::numeric - 4)), 6), 1) ORDER BY u.place) FROM unnest(r.run_trials) WITH ORDINALITY AS u (trial, place) JOIN research.trials AS t ON t.optimization_id = v_id AND t.trial = u.trial))
      FROM (SELECT array_agg(t.trial ORDER BY random()) AS trials, array_agg(pg_temp.report()) AS reports FROM research.trials AS t WHERE t.optimization_id = v_id AND t.status = 'pending') AS p, research.trial_runs(v_id, p.trials, p.reports) AS r WHERE p.trials IS NOT NULL;
    EXIT WHEN research.advance_optimization(v_id) = 'finished';
  END LOOP;
  RETURN v_id;
END
$$;
CREATE TEMP TABLE found AS SELECT pg_temp.search(1) AS id, pg_temp.search(1) AS again, pg_temp.search(2) AS other;
SELECT results_eq('SELECT trial, params, objective FROM research.trials, found WHERE optimization_id = id ORDER BY 1', 'SELECT trial, params, objective FROM research.trials, found WHERE optimization_id = again ORDER BY 1', 'the same trials, in whatever order those of a generation end');
SELECT isnt(pg_temp.params(id), pg_temp.params(other), 'with another seed others') FROM found;
SELECT results_eq('SELECT count(*), count(DISTINCT params), bool_or(params ->> ''fast'' = ''13'') FROM research.trials, found WHERE optimization_id = id', 'VALUES (60::bigint, 60::bigint, false)', 'as many as were wanted, each once, within the constraints');
SELECT cmp_ok((SELECT avg(objective) FROM research.trials, found WHERE optimization_id = id AND trial > 40), '>', (SELECT avg(objective) FROM research.trials, found WHERE optimization_id = id AND trial <= 20) + 0.02, 'the later ones are better than those that were drawn');
SELECT pg_temp.optimize('{"fast": [1, 2, 3]}', 'tpe', 60) AS id \gset
SELECT is((SELECT count(*) FROM research.trials WHERE optimization_id = :id), 3::bigint, 'all values may be fewer');

-- What is refused.
SELECT pg_temp.refuses('SELECT pg_temp.optimize(' || a || ')', c, a) FROM (VALUES ('''[]''', 'TR540'), ('''{}''', 'TR540'), ('NULL', 'TR540'), ('''{"other": [1]}''', 'TR540'), ('''{"fast": []}''', 'TR540'), ('''{"fast": [1, 1]}''', 'TR540'), ('''{"fast": ["x"]}''', 'TR540'), ('''{"fast": {"from": 1}}''', 'TR540'), ('''{"fast": {"from": 2, "to": 1}}''', 'TR540'), ('''{"fast": {"from": 1, "to": 2, "step": 0}}''', 'TR540'),
  ('''{"fast": {"from": 0, "to": 2, "scale": "log"}}''', 'TR540'), ('''{"fast": {"from": 1, "to": 2}}''', 'TR540'), ('''{"fast": {"from": 1, "to": 2, "by": 1}}''', 'TR540'), ('''{"fast": {"from": 1, "to": 1000, "step": 1}, "slow": {"from": 1, "to": 1000, "step": 1}}''', 'TR541'), ('''{"fast": {"from": 1, "to": 100001, "step": 1}}''', 'TR541'),
  ('''{"fast": {"from": 1, "to": 99999, "step": 1}}'', walk_forward => ''{"train": "2 years", "test": "1 year"}''', 'TR541'), ('method => ''guess''', 'TR540'), ('method => NULL', 'TR540'), ('trials => 5', 'TR540'), ('method => ''random'', trials => 0', 'TR541'), ('method => ''random'', trials => 100001', 'TR541'), ('seed => NULL', 'TR540'),
  ('objective => ''profit''', 'TR542'), ('objective => ''fast''', 'TR542'), ('objective => ''sharpe >''', 'TR542'), ('objective => ''sharpe > 1''', 'TR542'), ('objective => ''(SELECT 1)''', 'TR542'), ('objective => ''sharpe; DROP TABLE x''', 'TR542'), ('objective => ''pg_sleep(1) + sharpe''', 'TR542'), ('objective => ''sharpe -- x''', 'TR542'), ('objective => ''"sharpe"''', 'TR542'), ('objective => NULL', 'TR542'), ('objective => ''first_day''', 'TR542'),
  ('constraints => ''{fast}''', 'TR542'), ('constraints => ''{1 / (fast - 5) > 0}''', 'TR542'), ('constraints => ''{fast > 100}''', 'TR540'), ('constraints => NULL', 'TR540'), ('constraints => ''{NULL}''', 'TR542'), ('walk_forward => ''[]''', 'TR540'), ('walk_forward => ''{"train": "2 years"}''', 'TR540'), ('walk_forward => ''{"train": "2 years", "test": "soon"}''', 'TR540'), ('walk_forward => ''{"train": "2 years", "test": "0"}''', 'TR540'),
  ('walk_forward => ''{"train": "9 years", "test": "1 year"}''', 'TR540'), ('walk_forward => ''{"train": "1 day", "test": "1 year", "purge": "2 days"}''', 'TR540'), ('walk_forward => ''{"train": "1 day", "test": "1 day", "embargo": "2 days"}''', 'TR540'), ('walk_forward => ''{"train": "1 year", "test": "1 hour"}''', 'TR540'), ('strategy => ''nobody''', 'TR501'), ('symbols => ''{AAPL}''', 'TR530'), ('symbols => ''{NONE}''', 'TR101'), ('capital => 0', 'TR530'), ('settings => ''{"nonsense": 1}''', 'TR530'), ('settings => ''{"benchmark": "NONE"}''', 'TR101')) AS n (a, c);
SELECT pg_temp.refuses(s, c, s) FROM (VALUES ('SELECT research.begin_work(999)', 'TR543'), ('SELECT * FROM research.claim_trials(999, 1)', 'TR543'), ('SELECT research.advance_optimization(NULL)', 'TR543'), ('SELECT * FROM research.claim_trials(pg_temp.optimize(), 0)', 'TR604'), ('SELECT * FROM research.trial_runs(pg_temp.optimize(), ''{1}'', ''{}'')', 'TR604'), ('SELECT research.record_trials(pg_temp.optimize(), ''{1}'', ''{}'', ARRAY[''{}''::jsonb])', 'TR545')) AS n (s, c);
SELECT pg_temp.refuses('SELECT research.run_trials(pg_temp.optimize(), 1)', 'TR526', 'trials in the server need the extension') WHERE to_regprocedure('ta.run_trials(text, text[], bigint[])') IS NULL;

-- The data are those of the beginning.
CREATE TEMP TABLE changed AS SELECT pg_temp.optimize() AS id;
SELECT lives_ok('SELECT research.begin_work((SELECT id FROM changed))', 'a worker may begin');
UPDATE market.bars SET close = close + 0.01 WHERE ts > '2023-12-28Z';
SELECT pg_temp.refuses('SELECT research.begin_work((SELECT id FROM changed))', 'TR544', 'but not when a bar has changed');

-- A tier.
SELECT identity.create_user('ann', NULL, 'correct horse') \g /dev/null
SELECT is((SELECT trials_per_day FROM identity.tiers WHERE tier = 'free'), 1000, 'a tier has a number of trials');
SELECT throws_ok('SELECT internal.require_tier(''trials_per_day'', ''ann'', p_more => 1001)', 'TR731', NULL, 'and more are refused');
SELECT lives_ok('SELECT internal.require_tier(''trials_per_day'', ''ann'', p_more => 1000)', 'as many are not');
SELECT is(pg_temp.outcome('bourse_analyst', 'SELECT research.optimize(''cross'', ''{IBM}'', ''2020-01-01'', ''2021-01-01'', ''{"fast": [1]}'')'), '00000', 'an analyst may optimise');
SELECT is((SELECT string_agg(r, ' ' ORDER BY r) FROM unnest('{bourse_admin,bourse_runner,bourse_trader,bourse_analyst,bourse_investor,bourse_dashboard}'::text[]) AS r WHERE has_function_privilege(r, 'research.work(bigint, int)', 'EXECUTE')), 'bourse_admin bourse_analyst bourse_runner bourse_trader', 'and run the trials');
SELECT pg_temp.denies('UPDATE research.trials SET objective = 1', 'nobody but the owner changes a trial');
DELETE FROM research.optimizations;
SELECT is((SELECT count(*) FROM research.trials), 0::bigint, 'trials go with their optimization');
SELECT * FROM finish();
ROLLBACK;
