-- Tenant A sees and moves nothing of tenant B, and does not learn that B is there. What is tried, and on what, comes from
-- the catalogue: each table, view and function, as each role, in the ways by which row security has been got around. Each
-- is tried by a login role, and by a user who acts by a token through a gateway.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
\ir setup/people.sql
-- Ann is the one who tries, with portfolio, strategy and agent of her own; all that is Bob's carries a mark. Tom is a user,
-- who comes by a token.
CREATE ROLE ten_ann LOGIN IN ROLE bourse_trader;
CREATE ROLE ten_bobmark LOGIN IN ROLE bourse_trader;
CREATE ROLE ten_ivy LOGIN IN ROLE bourse_investor;
CREATE ROLE ten_al LOGIN IN ROLE bourse_analyst;
CREATE ROLE ten_dash LOGIN IN ROLE bourse_dashboard;
CREATE ROLE ten_gate LOGIN IN ROLE bourse_gateway;
SELECT pg_temp.person('ten_tom') \g /dev/null
UPDATE identity.users SET tier = 'enterprise' WHERE username = 'ten_tom';
CREATE TEMP TABLE tokens AS SELECT t.access_token, t.refresh_token FROM pg_temp.session('ten_tom') AS t;
-- What a statement answers to a login role, or through the gateway to who has a token; what the latter did is undone.
CREATE FUNCTION pg_temp.by_token(token text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_answer text; v_detail text; v_hint text;
BEGIN
  BEGIN
    SET LOCAL SESSION AUTHORIZATION ten_gate;
    PERFORM identity.use_token(token);
    EXECUTE statement INTO v_answer;
    RAISE EXCEPTION USING ERRCODE = 'P0T00';
  EXCEPTION WHEN SQLSTATE 'P0T00' THEN
    NULL;
  WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL, v_hint = PG_EXCEPTION_HINT;
    v_answer := concat_ws(' | ', SQLSTATE, SQLERRM, v_detail, v_hint);
  END;
  RETURN coalesce(v_answer, 'nothing');
END
$$;
CREATE FUNCTION pg_temp.as(login text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_answer text; v_detail text; v_hint text;
BEGIN
  IF login = 'ten_tom' THEN
    RETURN pg_temp.by_token((SELECT t.access_token FROM tokens AS t), statement);
  END IF;
  BEGIN
    EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', login);
    EXECUTE statement INTO v_answer;
    RESET SESSION AUTHORIZATION;
  EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL, v_hint = PG_EXCEPTION_HINT;
    v_answer := concat_ws(' | ', SQLSTATE, SQLERRM, v_detail, v_hint);
  END;
  RESET SESSION AUTHORIZATION;
  RETURN coalesce(v_answer, 'nothing');
END
$$;
-- The same, and taken back.
CREATE FUNCTION pg_temp.try(login text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_answer text;
BEGIN
  BEGIN
    v_answer := pg_temp.as(login, statement);
    RAISE EXCEPTION USING ERRCODE = 'P0T00';
  EXCEPTION WHEN SQLSTATE 'P0T00' THEN
    NULL;
  END;
  RETURN coalesce(v_answer, '');
END
$$;
-- With whose rights somebody reads.
CREATE FUNCTION pg_temp.rights(login text) RETURNS text LANGUAGE sql AS $$ SELECT CASE login WHEN 'ten_tom' THEN 'bourse_trader' ELSE login END $$;
CREATE FUNCTION pg_temp.live(owner text, mark text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', owner);
  PERFORM trading.create_portfolio(mark, capital => 10000, at => '2024-01-01', account_type => 'margin');
  PERFORM strategy.create_strategy(mark, 'trend', '1 day', '{"fast": 3, "slow": 5}', description => mark);
  PERFORM strategy.create_agent(mark, mark, mark, '{IBM}');
  PERFORM strategy.create_agent(mark || '2', mark, mark, '{IBM}', kind => 'hybrid');
  PERFORM strategy.start_agent(mark, mark || '2');
  PERFORM strategy.record_signal(mark || '2', 'IBM', 'buy', mark, '2024-01-08', note => mark);
  PERFORM research.create_model(mark, mark), research.record_prediction(mark, 'IBM', '2024-01-08', 0.5);
  PERFORM trading.submit_order(mark, 'IBM', 'buy', 10, 'limit', 100, time_in_force => 'gtc', client_order_id => mark || '-held', at => '2024-01-08 15:00Z');
  PERFORM trading.submit_order(mark, 'IBM', 'buy', 1, 'limit', 10, time_in_force => 'gtc', client_order_id => mark || '-open', at => '2024-01-08 15:00Z');
  PERFORM risk.set_limit('order_value', 5000, 'portfolio', mark, at => '2024-01-08'), risk.set_limit('order_value', 6000, 'user', owner, at => '2024-01-08'), risk.set_protection('cooldown', '1 hour', 'portfolio', mark, at => '2024-01-08');
  PERFORM trading.submit_order(mark, 'IBM', 'buy', 99, 'limit', 100, client_order_id => mark || '-much', at => '2024-01-08 15:00Z');
  PERFORM risk.halt('portfolio', mark, mark, at => '2024-01-08 15:30Z'), ops.add_consumer(mark);
  RESET SESSION AUTHORIZATION;
  PERFORM trading.record_fill(owner || '/' || mark, 10, 100, mark || '-fill', client_order_id => mark || '-held', at => '2024-01-08 15:01Z');
  PERFORM trading.record_snapshots(ARRAY[trading.portfolio_id(owner || '/' || mark)], '2024-01-08 21:00Z'), ops.save_cursor(ARRAY[trading.portfolio_id(owner || '/' || mark)], mark, 1, '2024-01-08', false, 0);
  INSERT INTO risk.locks (portfolio_id, code, reason, locked_at, expires_at) SELECT trading.portfolio_id(owner || '/' || mark), 'TR325', mark, '2024-01-01', '2024-01-02';
  INSERT INTO research.backtests (owner, strategy_id, version, symbols, instrument_ids, from_time, until_time, capital, currency, settings, settings_version, data_fingerprint, engine_version, seed, events, final_equity, final_cash, orders, rejected, fills, fees, trades)
  SELECT live.owner, s.strategy_id, 1, ARRAY[mark], '{1}', '2024-01-01', '2024-02-01', 1, 'USD', '{}', 1, '0123456789abcdef', mark, 0, 0, 1, 1, 0, 0, 0, 0, 0 FROM strategy.strategies AS s WHERE s.name = mark;
  INSERT INTO research.backtest_curves SELECT run_id, '{2024-01-01}', '{1}' FROM research.backtests WHERE engine_version = mark;
  INSERT INTO research.optimizations (owner, strategy_id, version, symbols, instrument_ids, from_time, until_time, capital, currency, settings, parameters, method, objective, seed, trials, data_fingerprint)
  SELECT live.owner, s.strategy_id, 1, ARRAY[mark], '{1}', '2024-01-01', '2024-02-01', 1, 'USD', '{}', '{}', 'grid', mark, 0, 1, '0123456789abcdef' FROM strategy.strategies AS s WHERE s.name = mark;
  INSERT INTO research.optimization_windows SELECT optimization_id, 1, from_time, until_time FROM research.optimizations WHERE objective = mark;
  INSERT INTO research.trials (optimization_id, trial, window_no, params) SELECT optimization_id, 1, 1, jsonb_build_object('n', mark) FROM research.optimizations WHERE objective = mark;
END
$$;
-- Numbers that nothing else is.
SELECT setval(pg_get_serial_sequence('trading.portfolios', 'portfolio_id'), 471100), setval(pg_get_serial_sequence('research.backtests', 'run_id'), 471200), setval(pg_get_serial_sequence('research.optimizations', 'optimization_id'), 471300) \g /dev/null
SELECT pg_temp.live('ten_bobmark', 'bobmark'), pg_temp.live('ten_ann', 'annown') \g /dev/null
SELECT pg_temp.as('ten_bobmark', $$SELECT identity.share_portfolio('bobmark', 'ten_bobmark_friend', 'read')$$) \g /dev/null
SELECT trading.create_portfolio('tomown', capital => 10000, at => '2024-01-01', owner => 'ten_tom') \g /dev/null
CREATE TEMP TABLE ids AS SELECT p.portfolio_id FROM trading.portfolios AS p WHERE p.owner = 'ten_bobmark';
CREATE TEMP VIEW owned AS SELECT k.relation, k.relation_id, k.key FROM identity.row_keys AS k WHERE k.key <> 'public';
CREATE TEMP VIEW tried AS SELECT l FROM unnest('{ten_ann,ten_tom,ten_ivy,ten_al,ten_dash}'::text[]) AS l;
CREATE TEMP VIEW traders AS SELECT l FROM unnest('{ten_ann,ten_tom}'::text[]) AS l;
CREATE TEMP VIEW relations AS
SELECT o.relation FROM owned AS o UNION
SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind = 'v' AND n.nspname IN ('ledger', 'trading', 'risk', 'strategy', 'research', 'identity', 'ops', 'reporting') AND c.relname <> 'row_keys';
-- Everything that is Bob's, before: it stays as it is.
CREATE FUNCTION pg_temp.stand() RETURNS TABLE (relation text, hash text) LANGUAGE plpgsql AS $$
DECLARE
  v_relation text;
BEGIN
  FOR v_relation IN SELECT o.relation FROM owned AS o WHERE o.key <> 'nobody' LOOP
    RETURN QUERY EXECUTE format($q$SELECT %L, md5(string_agg(r.line, '' ORDER BY r.line)) FROM (SELECT t::text AS line FROM %s AS t) AS r WHERE r.line ~ 'bobmark' OR r.line ~ ('^\(' || (SELECT portfolio_id FROM ids) || ',')$q$, v_relation, v_relation);
  END LOOP;
END
$$;
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.stand();
SELECT cmp_ok((SELECT count(*) FROM before WHERE hash IS NOT NULL), '>', 25::bigint, 'Bob has rows in most tables');

-- Rows: none of his, in any table or view, for anybody; nor through a function that a planner may put before the policy,
-- whose errors tell, nor in the errors of casts, in plans, or in statistics.
CREATE FUNCTION pg_temp.leak(line text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$BEGIN IF line ~ 'bobmark' THEN RAISE EXCEPTION 'leaked %', line; END IF; RETURN true; END$$;
GRANT EXECUTE ON FUNCTION pg_temp.leak(text) TO PUBLIC;
SELECT is(left(pg_temp.as(t.l, format('SELECT count(*) FROM %s AS t WHERE t::text ~ %L', r.relation, 'bobmark')), 5),
          CASE WHEN has_table_privilege(pg_temp.rights(t.l), r.relation, 'SELECT') THEN '0' ELSE '42501' END, format('%s reads nothing of his in %s', t.l, r.relation))
  FROM tried AS t, relations AS r;
SELECT is(left(pg_temp.as(t.l, format('SELECT count(*) FROM %s WHERE portfolio_id = %s', o.relation, (SELECT portfolio_id FROM ids))), 5), CASE WHEN has_table_privilege(pg_temp.rights(t.l), o.relation, 'SELECT') THEN '0' ELSE '42501' END, format('nor does %s by its number: %s', t.l, o.relation))
  FROM traders AS t, owned AS o JOIN pg_attribute AS a ON a.attrelid = o.relation_id AND a.attname = 'portfolio_id';
SELECT unalike(pg_temp.as(x.l, format('SELECT count(*) FROM %s AS t WHERE pg_temp.leak(t::text)', relation)), '%bobmark%', 'a leaky function sees nothing of his in ' || relation || ', ' || x.l) FROM relations, traders AS x;
SELECT unalike(pg_temp.as(x.l, format('SELECT sum(length(t::text::date::text)) FROM %s AS t', relation)), '%bobmark%', 'a failing cast tells nothing of ' || relation || ', ' || x.l) FROM relations, traders AS x;
SELECT unalike(pg_temp.as(x.l, format('SELECT query_to_xml(%L, true, true, '''')', format('SELECT * FROM %s', relation))), '%bobmark%', 'nor does XML of ' || relation || ', ' || x.l) FROM relations, traders AS x;
CREATE FUNCTION pg_temp.plan(statement text) RETURNS text LANGUAGE plpgsql AS $$DECLARE l text; a text := ''; BEGIN FOR l IN EXECUTE 'EXPLAIN (ANALYZE, VERBOSE) ' || statement LOOP a := a || l; END LOOP; RETURN a; END$$;
GRANT EXECUTE ON FUNCTION pg_temp.plan(text) TO PUBLIC;
SELECT unalike(pg_temp.as(x.l, format('SELECT pg_temp.plan(%L)', 'SELECT * FROM ' || relation)), '%bobmark%', 'nor a plan of ' || relation || ', ' || x.l) FROM relations, traders AS x;
SELECT is(pg_temp.as(x.l, format($$SELECT count(*) FROM pg_stats WHERE schemaname || '.' || tablename = %L$$, relation)), '0', format('nor statistics of %s, %s', relation, x.l)) FROM owned, traders AS x;
SELECT is(left(pg_temp.as(t.l, format('SET LOCAL row_security = off; SELECT count(*) FROM %s', relation)), 5), '42501', format('%s cannot leave row security out of %s', t.l, relation)) FROM tried AS t, owned;

-- Writes, locks, and what would change who may do what.
SELECT is(left(pg_temp.try(x.l, format(s, relation)), 5), '42501', x.l || ': ' || format(s, relation)) FROM traders AS x, owned, unnest(ARRAY['DELETE FROM %s', 'TRUNCATE %s', 'SELECT 1 FROM %s FOR UPDATE', 'LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', 'ALTER TABLE %s DISABLE ROW LEVEL SECURITY', 'CREATE POLICY mine ON %s USING (true)', 'CREATE TRIGGER mine BEFORE INSERT ON %s EXECUTE FUNCTION suppress_redundant_updates_trigger()', 'CREATE RULE mine AS ON INSERT TO %s DO ALSO NOTHING', 'COPY %1$s TO PROGRAM ''cat''']) AS s;
SELECT is(left(pg_temp.try(x.l, s), 5), '42501', x.l || ': ' || s) FROM traders AS x, unnest(ARRAY['CREATE TABLE trading.mine (portfolio_id int REFERENCES trading.portfolios)', 'CREATE TEMP TABLE mine () INHERITS (trading.orders)', 'SET LOCAL ROLE bourse_admin', 'SET LOCAL ROLE ten_bobmark', 'SET LOCAL ROLE bourse_runner', 'SET LOCAL session_replication_role = replica', 'CREATE SCHEMA mine', 'GRANT bourse_admin TO ten_ann',
  'ALTER ROLE ten_ann BYPASSRLS', 'SELECT pg_read_file(''postgresql.conf'')', 'SELECT internal.require_staff(''x'')', 'CREATE FUNCTION trading.portfolio_id(varchar) RETURNS int LANGUAGE sql AS ''SELECT 1''', 'ALTER FUNCTION identity.is_staff() SECURITY INVOKER', 'DROP FUNCTION identity.is_staff()', 'SELECT identity.create_user(''eve'', NULL, ''correct horse'')']) AS s;
CREATE TEMP TABLE inserts AS SELECT x.l, n.id, pg_temp.try(x.l, format('INSERT INTO trading.orders (portfolio_id, client_order_id, instrument_id, side, quantity) VALUES (%s, ''bobmark-held'', %s, ''buy'', 1) RETURNING order_id', n.id, market.instrument_id('IBM'))) AS answer FROM traders AS x, (SELECT portfolio_id FROM ids UNION ALL SELECT 987654) AS n (id);
SELECT is((SELECT replace(answer, id::text, 'X') FROM inserts WHERE id <> 987654 AND inserts.l = x.l), (SELECT replace(answer, id::text, 'X') FROM inserts WHERE id = 987654 AND inserts.l = x.l), 'an order for his portfolio is refused as one for none, ' || x.l) FROM traders AS x;
SELECT matches(answer, '^TR211', 'as unknown') FROM inserts WHERE id = 987654;

-- Doors: whatever names something of his answers as if there were nothing. Each door that Ann may call, each argument that
-- names a portfolio, agent, strategy, model, reader or scope; the rest is NULL where it has no default.
CREATE TEMP VIEW doors AS
SELECT p.oid, p.oid::regproc::text AS name, a.name AS argument, a.place, p.pronargs - p.pronargdefaults AS needed, p.proargnames, string_to_array(p.proargtypes::text, ' ')::oid[] AS types, p.provolatile
  FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
  CROSS JOIN LATERAL unnest(p.proargnames[: p.pronargs]) WITH ORDINALITY AS a (name, place)
 WHERE n.nspname IN ('market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'identity', 'ops', 'reporting') AND p.prokind = 'f' AND p.prorettype <> 'trigger'::regtype AND has_function_privilege('ten_ann', p.oid, 'EXECUTE');
CREATE FUNCTION pg_temp.call(door doors, value text, others text) RETURNS text LANGUAGE sql AS $$
  SELECT format('SELECT string_agg(t::text, '' '') FROM %s(%s) AS t', (door).name, string_agg(format('%I => %s::%s', (door).proargnames[i],
           CASE WHEN i = (door).place THEN value WHEN (door).proargnames[i] = 'portfolio' THEN others ELSE 'NULL' END, format_type((door).types[i - 1], NULL)), ', '))
    FROM generate_series(1, array_length((door).types, 1)) AS i WHERE i <= (door).needed OR i = (door).place OR (door).proargnames[i] = 'portfolio' AND others <> 'NULL'$$;
CREATE TEMP TABLE answers AS
SELECT x.l, d.name, d.argument, v.his, pg_temp.try(x.l, pg_temp.call(d, quote_literal(v.his), 'NULL')) AS to_his, pg_temp.try(x.l, pg_temp.call(d, quote_literal(v.none), 'NULL')) AS to_none, v.none
  FROM traders AS x, doors AS d, (VALUES ('portfolio', 'ten_bobmark/bobmark', 'ten_nobodys/nothing'), ('portfolio', 'bobmark', 'nothing'), ('strategy', 'ten_bobmark/bobmark', 'ten_nobodys/nothing'), ('strategy', 'bobmark', 'nothing'), ('agent', 'bobmark', 'nothing'),
    ('model', 'bobmark', 'nothing'), ('consumer', 'bobmark', 'nothing'), ('target', 'ten_bobmark/bobmark', 'ten_nobodys/nothing'), ('target', 'bobmark', 'nothing')) AS v (argument, his, none)
 WHERE d.argument = v.argument AND d.types[d.place - 1] = 'text'::regtype;
SELECT is(replace(to_his, his, none), to_none, format('%s, %s: %s %s is no more known than one that is not there', l, name, argument, his)) FROM answers;
CREATE TEMP TABLE scopes AS
SELECT x.l, d.name, s.scope, v.his, v.none, pg_temp.try(x.l, format(d.call, s.scope, v.his)) AS to_his, pg_temp.try(x.l, format(d.call, s.scope, v.none)) AS to_none
  FROM traders AS x, (VALUES ('halt', 'SELECT risk.halt(%L, %L)'), ('resume', 'SELECT risk.resume(%L, %L)'), ('set_state', 'SELECT risk.set_state(''reducing'', %L, %L)'), ('set_limit', 'SELECT risk.set_limit(''order_value'', 1, %L, %L)'), ('set_protection', 'SELECT risk.set_protection(''cooldown'', ''1 hour'', %L, %L)'), ('emergency_exit', 'SELECT risk.emergency_exit(%L, %L)')) AS d (name, call),
       unnest('{portfolio,strategy,agent,user}'::text[]) AS s (scope),
       (VALUES ('ten_bobmark/bobmark', 'ten_nobodys/nothing'), ('bobmark', 'nothing'), ('ten_bobmark/bobmark/bobmark', 'ten_nobodys/nothing/nothing'), ('bobmark/bobmark', 'nothing/nothing'), ('ten_bobmark', 'ten_nobodys')) AS v (his, none);
SELECT is(replace(to_his, his, none), to_none, format('%s, risk.%s of %s %s', l, name, scope, his)) FROM scopes;
SELECT is_empty($$SELECT name, scope, to_his FROM scopes WHERE to_his !~ '^TR(306|701)'$$, 'each is refused');
-- By number: identifiers of his are as unknown as those of nobody.
SELECT is(replace(pg_temp.try('ten_ann', format(c, i.portfolio_id)), i.portfolio_id::text, 'X'), replace(pg_temp.try('ten_ann', format(c, 987654)), '987654', 'X'), c) FROM ids AS i, unnest(ARRAY[
  $$SELECT trading.submit_orders('{%s}', '{bobmark-held}', '{1}', '{NULL}', '{buy}', '{market}', '{gtc}', '{1}', '{NULL}', '{NULL}', '{NULL}', '{now}')$$, $$SELECT trading.replace_orders('{%s}', '{1}', '{x}', '{1}', '{1}', '{NULL}', '{now}')$$,
  $$SELECT ledger.available(%s, 'USD')$$, $$SELECT * FROM trading.accounts('{%s}')$$, $$SELECT trading.held_before(%s, 1, now())$$, $$SELECT risk.explain((jsonb_populate_record(NULL::trading.orders, '{"portfolio_id": %s, "instrument_id": 1, "client_order_id": "x", "side": "buy", "type": "market", "time_in_force": "gtc", "product": "delivery", "quantity": 1, "updated_at": "2024-01-08", "submitted_at": "2024-01-08"}')))$$]) AS c;
SELECT is(replace(pg_temp.try('ten_ann', format(c, (SELECT max(run_id) FROM research.backtests WHERE engine_version = 'bobmark'))), (SELECT max(run_id)::text FROM research.backtests WHERE engine_version = 'bobmark'), 'X'), replace(pg_temp.try('ten_ann', format(c, 987654)), '987654', 'X'), c) FROM unnest(ARRAY['SELECT research.summary(%s)', 'SELECT research.realised_gains(%s)']) AS c;

-- Injection: each text argument of each door, with strings that would be something else if they were code.
SELECT unalike(pg_temp.try('ten_ann', pg_temp.call(d, quote_literal(v.v), '''annown''')), '%leaked%bobmark%', format('%s: %s is data (%s)', d.name, d.argument, v.n))
  FROM doors AS d, (VALUES (1, $v$annown' OR owner = 'ten_bobmark' --$v$), (2, $v$x'); SELECT pg_temp.leak(t::text) FROM trading.portfolios AS t; --$v$), (3, $v$%1$s%I%L$v$)) AS v (n, v)
 WHERE d.types[d.place - 1] = 'text'::regtype AND (d.name, d.argument) NOT IN (SELECT 'x', 'x');

-- Plans that were made for somebody else, functions and views of one's own, names before the engine's.
PREPARE his AS SELECT count(*) FROM trading.orders WHERE portfolio_id = (SELECT portfolio_id FROM ids);
EXECUTE his \g /dev/null
GRANT SELECT ON ids TO PUBLIC;
SET SESSION AUTHORIZATION ten_ann;
EXECUTE his \gset counted_
RESET SESSION AUTHORIZATION;
SELECT is(:counted_count::bigint, 0::bigint, 'a plan that was prepared by somebody else shows no more than one''s own');
CREATE FUNCTION pg_temp.counted() RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RETURN (SELECT count(*) FROM trading.orders AS o WHERE o.client_order_id ~ 'bobmark'); END$$;
GRANT EXECUTE ON FUNCTION pg_temp.counted() TO PUBLIC;
SELECT is(pg_temp.counted(), 3::bigint, 'a function that has run for the owner');
SELECT is(pg_temp.as('ten_ann', 'SELECT pg_temp.counted()'), '0', 'shows nothing to Ann');
SELECT is(pg_temp.counted(), 3::bigint, 'and all to the owner again');
SELECT is(pg_temp.try('ten_ann', 'SET LOCAL search_path = pg_temp, trading; SELECT count(*) FROM orders WHERE client_order_id ~ ''bobmark'''), '0', 'a search path changes nothing');
SELECT is(pg_temp.try('ten_ann', $$CREATE FUNCTION pg_temp.actor() RETURNS text LANGUAGE sql AS $q$SELECT 'ten_bobmark'$q$; SET LOCAL search_path = pg_temp, ops, pg_catalog; SELECT count(*) FROM trading.orders WHERE client_order_id ~ 'bobmark'$$), '0', 'nor does a function of that name');
SELECT is(pg_temp.try('ten_ann', $$CREATE TEMP TABLE portfolios AS SELECT 1 AS portfolio_id, 'ten_ann'::text AS owner; SET LOCAL search_path = pg_temp, pg_catalog; SELECT count(*) FROM trading.orders WHERE client_order_id ~ 'bobmark'$$), '0', 'nor a table');
SELECT is(pg_temp.try('ten_ann', $$CREATE TEMP VIEW mine AS SELECT * FROM trading.orders; SELECT count(*) FROM mine WHERE client_order_id ~ 'bobmark'$$), '0', 'nor a view of one''s own');
SELECT is(pg_temp.try('ten_ann', $$CREATE FUNCTION pg_temp.mine() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM trading.orders WHERE client_order_id ~ ''bobmark'''; SELECT pg_temp.mine()$$), '0', 'nor the rights of one''s own function');
SELECT is(pg_temp.try('ten_ann', format('SET LOCAL %s; SELECT count(*) FROM trading.orders WHERE client_order_id ~ ''bobmark''', s)), '0', s) FROM unnest(ARRAY['bourse.runner = ''on''', 'bourse.actor = ''ten_bobmark''', '"request.jwt.claims" = ''{"sub": "ten_bobmark"}''', 'enable_seqscan = off', 'enable_indexscan = off', 'plan_cache_mode = force_generic_plan', 'constraint_exclusion = on', 'track_counts = on']) AS s WHERE s <> 'track_counts = on';
SELECT is(left(pg_temp.try('ten_ann', 'SET LOCAL track_counts = off'), 5), '42501', 'what tells who acts is not switched off');

-- Tokens. What is not signed here, or not any more, gives nobody's rights: neither in the statement after it, nor to a client
-- that goes on all the same. What a token says of its user or role counts only when it is signed.
CREATE FUNCTION pg_temp.claimed(claims jsonb) RETURNS text LANGUAGE sql AS $$ SELECT internal.sign_token((internal.token_claims(t.access_token) || claims)::json) FROM tokens AS t $$;
CREATE FUNCTION pg_temp.signed(header text, claims jsonb, key bytea) RETURNS text LANGUAGE sql AS $$
  SELECT s.s || '.' || internal.base64url(public.hmac(convert_to(s.s, 'UTF8'), key, 'sha256'))
    FROM (SELECT pg_temp.b64(header) || '.' || pg_temp.b64((internal.token_claims(t.access_token) || claims)::text) AS s FROM tokens AS t) AS s $$;
CREATE TEMP TABLE bad AS
WITH k AS (SELECT n.key_id, n.secret FROM identity.secret_keys AS n WHERE n.purpose = 'tokens' AND n.retired_at IS NULL), h AS (SELECT format('{"alg":"HS256","typ":"JWT","kid":"%s"}', k.key_id) AS header, k.secret FROM k)
SELECT v.* FROM h, LATERAL (VALUES
  ('a forged one for Bob', 'TR721', pg_temp.signed(h.header, '{"sub": "ten_bobmark"}', sha256('guess'))),
  ('a forged one for an administrator', 'TR721', pg_temp.signed(h.header, '{"role": "bourse_admin", "scopes": ["admin"]}', sha256('guess'))),
  ('alg none', 'TR721', pg_temp.b64('{"alg":"none","typ":"JWT"}') || '.' || pg_temp.b64('{"sub": "ten_bobmark", "role": "bourse_admin", "exp": 4000000000}') || '.'),
  ('another algorithm', 'TR721', pg_temp.signed(replace(h.header, 'HS256', 'RS256'), '{"sub": "ten_bobmark"}', h.secret)),
  ('no key', 'TR721', pg_temp.signed(h.header, '{"sub": "ten_bobmark"}', '')),
  ('an unknown key', 'TR721', pg_temp.signed(replace(h.header, '"kid":"', '"kid":"9'), '{"sub": "ten_bobmark"}', h.secret)),
  ('an expired one', 'TR722', pg_temp.claimed('{"exp": 1}')),
  ('another''s session', 'TR721', pg_temp.claimed('{"sub": "seed"}')),
  ('a name of a login role', 'TR721', pg_temp.claimed('{"sub": "ten_bobmark"}')),
  ('a session of nobody', 'TR721', pg_temp.claimed('{"sid": "00000000-0000-0000-0000-000000000000"}')),
  ('a refresh token', 'TR721', (SELECT t.refresh_token FROM tokens AS t))) AS v (what, code, token);
SELECT is(left(pg_temp.by_token(b.token, 'SELECT count(*) FROM trading.orders'), 5), b.code, b.what || ' is refused') FROM bad AS b;
CREATE FUNCTION pg_temp.go_on(token text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_answer text := 'nothing';
BEGIN
  BEGIN
    SET LOCAL SESSION AUTHORIZATION ten_gate;
    BEGIN
      PERFORM identity.use_token(token);
    EXCEPTION WHEN OTHERS THEN
      NULL;
    END;
    PERFORM FROM trading.orders;
    v_answer := ops.actor() || ' ' || identity.actor_role();
    RAISE EXCEPTION USING ERRCODE = 'P0T00';
  EXCEPTION WHEN insufficient_privilege OR SQLSTATE 'P0T00' THEN
    NULL;
  END;
  RETURN v_answer;
END
$$;
SELECT is(pg_temp.go_on(b.token), 'nothing', 'who goes on after ' || b.what || ' reads nothing') FROM bad AS b;
SELECT is(pg_temp.go_on(pg_temp.claimed('{"role": "bourse_admin", "scopes": ["admin", "trade", "read"]}')), 'ten_tom trader', 'a role that a token claims is not that of its user');
SELECT is(pg_temp.by_token(pg_temp.claimed('{"scopes": ["admin"]}'), 'SELECT count(*) FROM trading.orders WHERE client_order_id ~ ''bobmark'''), '0', 'nor are scopes that the user has not');
-- An identity ends with what it was taken for.
SELECT is(pg_temp.by_token((SELECT t.access_token FROM tokens AS t), 'SELECT ops.actor()'), 'ten_tom', 'Tom acts');
SELECT is(ops.actor() || ' ' || (SELECT count(*) FROM identity.acting AS a WHERE a.pid = pg_backend_pid()), session_user || ' 0', 'and is gone when it is taken back');
-- A refresh token that comes again is somebody's copy: the session and its access token end.
SELECT is((identity.refresh(t.refresh_token)).code, NULL, 'a refresh token counts') FROM tokens AS t;
SELECT is((identity.refresh(t.refresh_token)).code, 'TR724', 'once') FROM tokens AS t;
SELECT is(left(pg_temp.by_token(t.access_token, 'SELECT 1'), 5), 'TR723', 'and then its session has ended') FROM tokens AS t;

SELECT results_eq('SELECT * FROM pg_temp.stand() ORDER BY 1', 'SELECT * FROM before ORDER BY 1', 'and all that is Bob''s is as it was');
-- Whom an administrator shows all portfolios is shown backtests, the names of their strategies, and what the house is
-- alerted of; rules, models and the alerts of others not.
INSERT INTO ops.alerts (rule_id, rule, subject, severity, opened_at, last_seen_at) SELECT r.rule_id, r.name, 'allmark', 'critical', now(), now() FROM ops.alert_rules AS r WHERE r.owner IS NULL AND r.name = 'disk';
INSERT INTO ops.alerts (rule_id, owner, rule, subject, severity, opened_at, last_seen_at) SELECT r.rule_id, 'ten_bobmark', r.name, 'bobmark', 'critical', now(), now() FROM ops.alert_rules AS r WHERE r.owner IS NULL AND r.name = 'disk';
CREATE FUNCTION pg_temp.seen() RETURNS text LANGUAGE sql AS $$
SELECT pg_temp.as('ten_dash', $q$SELECT concat_ws(',', (SELECT count(*) FROM research.backtests WHERE engine_version = 'bobmark'), (SELECT count(*) FROM research.backtest_curves AS c JOIN research.backtests AS b USING (run_id) WHERE b.engine_version = 'bobmark'),
  (SELECT count(*) FROM strategy.strategies WHERE name = 'bobmark'), (SELECT count(*) FROM ops.alerts WHERE subject = 'allmark'), (SELECT count(*) FROM strategy.strategy_versions AS v JOIN strategy.strategies AS s USING (strategy_id) WHERE s.name = 'bobmark'),
  (SELECT count(*) FROM research.models WHERE name = 'bobmark'), (SELECT count(*) FROM ops.alerts WHERE subject = 'bobmark'),
  (SELECT count(*) FROM research.trials AS t JOIN research.optimizations AS o USING (optimization_id) WHERE o.objective = 'bobmark'))$q$) $$;
SELECT is(pg_temp.seen(), '0,0,0,0,0,0,0,0', 'a dashboard that is shown nothing sees no backtest, no trial and no alert');
SELECT identity.share_portfolio('*', 'ten_dash', 'read') \g /dev/null
SELECT is(pg_temp.seen(), '1,1,1,1,0,0,0,1', 'one that is shown all sees them, and no rules, models and alerts of others');
UPDATE identity.shares SET until = statement_timestamp() - interval '1 second' WHERE username = 'ten_dash';
SELECT is(pg_temp.seen(), '0,0,0,0,0,0,0,0', 'until it ends');
SELECT pg_temp.is_sound();
SELECT * FROM finish();
ROLLBACK;
