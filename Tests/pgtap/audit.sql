-- The audit: acts of few in one chain, the journal sealed, and whatever a superuser does behind the engine's back is found. Rows are
-- chained when they commit, so this file commits.
BEGIN;
\ir setup/book.sql
COMMIT;
SET timezone = 'UTC';
SELECT no_plan();

-- Seals once no transaction of another test is in the way.
CREATE FUNCTION pg_temp.seal(max_rows int DEFAULT 10000) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  FOR n IN 1 .. 2400 LOOP
    EXIT WHEN NOT EXISTS (SELECT FROM ops.events WHERE stream_xid >= ops.journal_end());
    PERFORM pg_sleep(0.05);
  END LOOP;
  RETURN ops.seal_journal(max_rows);
END
$$;
-- What is found after a superuser did this with triggers off; it is undone.
CREATE FUNCTION pg_temp.found(statement text, heads jsonb DEFAULT NULL) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  v_found text[];
BEGIN
  BEGIN
    SET LOCAL session_replication_role = replica;
    EXECUTE statement;
    SELECT array_agg(DISTINCT relation || ' ' || key ORDER BY relation || ' ' || key) INTO v_found FROM ops.verify_audit(heads) WHERE relation <> 'trading.portfolios';
    RAISE EXCEPTION USING ERRCODE = 'P0T00';
  EXCEPTION WHEN SQLSTATE 'P0T00' THEN
    RETURN QUERY SELECT unnest(v_found);
  END;
END
$$;
CREATE FUNCTION pg_temp.finds(statement text, what text, description text) RETURNS text LANGUAGE sql
AS $$ SELECT matches(string_agg(f, ', ' ORDER BY f), '(^|, )' || what || '(,|$)', description) FROM pg_temp.found(statement) AS f $$;
CREATE TEMP TABLE seen (entry_id bigint);
CREATE FUNCTION pg_temp.news() RETURNS text LANGUAGE sql AS $$
  WITH news AS (INSERT INTO seen SELECT a.entry_id FROM ops.audit_log AS a WHERE a.entry_id NOT IN (SELECT s.entry_id FROM seen AS s) RETURNING entry_id)
  SELECT string_agg(a.act || ' ' || a.object, ', ' ORDER BY a.entry_id) FROM ops.audit_log AS a JOIN news USING (entry_id)
$$;

-- What is audited.
SELECT is((SELECT array_agg(a.act) FILTER (WHERE a.act NOT LIKE 'portfolio.%') FROM ops.audit_log AS a),
  CASE market.storage_tier() WHEN 'timescaledb' THEN '{code.added,code.changed}'::text[] ELSE '{code.added}' END, 'the code that is installed is audited, the rows that come with it are not');
INSERT INTO seen SELECT entry_id FROM ops.audit_log WHERE act LIKE 'code.%';
SELECT is(pg_temp.news(), format('portfolio.added %s/main', session_user), 'new portfolios');
SELECT risk.set_limit('order_value', 5000, 'portfolio', 'main') \g /dev/null
SELECT risk.set_limit('order_value', 6000, 'portfolio', 'main') \g /dev/null
SELECT risk.set_limit('order_value', 6000, 'portfolio', 'main') \g /dev/null
SELECT risk.set_limit('order_value', NULL, 'portfolio', 'main') \g /dev/null
SELECT is(pg_temp.news(), 'limit.added portfolio:1/order_value/reject, limit.changed portfolio:1/order_value/reject, limit.changed portfolio:1/order_value/reject, limit.removed portfolio:1/order_value/reject', 'limits');
SELECT is((SELECT (a.before ->> 'bound', a.after ->> 'bound')::text FROM ops.audit_log AS a WHERE a.act = 'limit.changed' ORDER BY a.entry_id LIMIT 1), '(5000.00000000,6000.00000000)', 'with what was before and after');
SELECT risk.set_protection('cooldown', '1 hour') \g /dev/null
SELECT risk.halt('instrument', 'IBM', 'rumours') \g /dev/null
SELECT risk.resume('instrument', 'IBM') \g /dev/null
SELECT count(*) FROM risk.emergency_exit('portfolio', 'main', 'drill') \g /dev/null
SELECT risk.resume('portfolio', 'main') \g /dev/null
SELECT is(pg_temp.news(), 'protection.added system/cooldown/instrument, halt.added instrument:1, halt.changed instrument:1, risk.emergency_exit portfolio main, halt.added portfolio:1, halt.changed portfolio:1', 'protections, halts, their ends, and the emergency exit');
UPDATE market.exchanges SET price_collar = 7 WHERE code = 'US';
UPDATE market.instruments SET price_collar = 7 WHERE symbol = 'IBM';
UPDATE market.instruments SET is_active = is_active, name = 'other' WHERE symbol = 'IBM';
INSERT INTO trading.fee_schedules (name, per_order) VALUES ('dear', 9);
UPDATE trading.portfolios SET fee_schedule = 'dear' WHERE name = 'main';
UPDATE trading.portfolios SET fee_schedule = 'dear' WHERE name = 'main';
SELECT is(pg_temp.news(), (SELECT format('exchange.changed US, instrument.changed %s/IBM, fee_schedule.added dear/-infinity, portfolio.changed %s/main', instrument_id, session_user) FROM market.instruments WHERE symbol = 'IBM'), 'settings that somebody updates by hand, when they change');
UPDATE trading.portfolios SET fee_schedule = 'free' WHERE name = 'main';
SELECT trading.create_portfolio('broker', broker => 'mock', capital => 100, at => '2024-01-02') \g /dev/null
SELECT strategy.create_strategy('s', 'trend', '1 day', '{}') \g /dev/null
SELECT strategy.record_check(u.strategy, u.version, 'checked') FROM strategy.unchecked_versions AS u \g /dev/null
SELECT strategy.create_agent('a', p, 's', '{IBM}') FROM unnest('{main,broker}'::text[]) AS p \g /dev/null
SELECT strategy.start_agent(p, 'a'), strategy.start_agent(p, 'a'), strategy.stop_agent(p, 'a') FROM unnest('{main,broker}'::text[]) AS p \g /dev/null
SELECT is(pg_temp.news(), format('portfolio.changed %1$s/main, portfolio.added %1$s/broker, agent.running 2/a, agent.stopped 2/a', session_user), 'agents with a broker''s money, not those on paper');
SELECT is((SELECT (a.actor, a.login, a.address, a.application <> '')::text FROM ops.audit_log AS a ORDER BY a.entry_id DESC LIMIT 1), format('(%s,%s,%s,t)', session_user, session_user, inet_client_addr()), 'each with who and from where');
CREATE ROLE audit_test_ann LOGIN IN ROLE bourse_trader;
SELECT identity.share_portfolio('main', 'audit_test_ann', 'read'), identity.share_portfolio('main', 'audit_test_ann', 'trade') \g /dev/null
SELECT identity.unshare_portfolio('main', 'audit_test_ann') \g /dev/null
DROP ROLE audit_test_ann;
SELECT is(pg_temp.news(), 'share.added 1/audit_test_ann, share.changed 1/audit_test_ann, share.removed 1/audit_test_ann', 'whom a portfolio is shown to');
SELECT pg_temp.submit('one', 'buy', 10, 100), pg_temp.fill('one', 10, 100, 'e1'), pg_temp.submit('two', 'sell', 5, 120), pg_temp.submit('three', 'buy', 1, 90) \g /dev/null
SELECT trading.cancel_order('main', client_order_id => 'three', at => '2024-01-08 16:00Z') \g /dev/null
SELECT risk.set_limit('order_value', 10, 'portfolio', 'main', action => 'halt', at => '2024-01-08') \g /dev/null
SELECT pg_temp.submit('stopped', 'buy', 1, 90, at => '2024-01-09 15:00Z') \g /dev/null
SELECT is(pg_temp.news(), 'limit.added portfolio:1/order_value/halt', 'orders, fills and what rules do by themselves are in the journal alone');
SELECT isnt((SELECT count(*) FROM risk.halts WHERE metric = 'order_value'), 0::bigint, 'the rule has halted');
SELECT is((SELECT array_agg(a.number ORDER BY a.number) FROM ops.audit_log AS a), (SELECT array_agg(n) FROM generate_series(1, (SELECT count(*) FROM ops.audit_log)) AS n), 'the chain has no gaps');

-- Nothing of it changes.
SELECT pg_temp.refuses(s, 'TR213', s) FROM unnest(ARRAY['UPDATE ops.audit_log SET actor = ''somebody''', 'UPDATE ops.audit_log SET hash = hash', 'DELETE FROM ops.audit_log', 'TRUNCATE ops.audit_log',
  'UPDATE ops.journal_seals SET content = hash', 'DELETE FROM ops.journal_seals', 'DELETE FROM ops.chain_heads']) AS s;

-- Seals.
SELECT is_empty('SELECT * FROM ops.verify_audit()', 'all is as it was written, before anything is sealed');
SELECT cmp_ok(pg_temp.seal(3), '>', 3::bigint, 'few rows at a time take several seals');
SELECT is(pg_temp.seal(), 0::bigint, 'nothing is sealed twice');
SELECT is_empty('SELECT * FROM ops.verify_audit()', 'all is as it was sealed');
SELECT is((SELECT sum(cardinality(s.marks))::bigint FROM ops.journal_seals AS s),
          (SELECT (SELECT count(*) FROM ops.events) + (SELECT count(*) FROM trading.order_events) + (SELECT count(*) + count(closed_at) FROM trading.orders) + (SELECT count(*) FROM trading.fills) + (SELECT count(*) FROM ledger.transfers))::bigint, 'every row is sealed, a closed order twice');
SELECT pg_temp.submit('late', 'sell', 1, 150), ledger.deposit('main', 5) \g /dev/null
SELECT trading.cancel_order('main', client_order_id => 'two', at => '2024-01-08 17:00Z') \g /dev/null
SELECT is(pg_temp.seal(), 1::bigint, 'the next seal goes on where the last one ended');
SELECT pg_temp.refuses('SELECT ops.seal_journal(0)', 'TR604', 'a seal of nothing');
SELECT trading.bust_fill('main', 1, at => '2024-01-09 18:00Z') \g /dev/null
SELECT pg_temp.submit('fresh', 'buy', 1, 9, at => '2024-01-10 15:00Z') \g /dev/null
SELECT is_empty('SELECT * FROM ops.verify_audit()', 'closed orders still fit after a bust, and what is new is not missed');

-- Tampering, as a superuser, with triggers off.
SELECT pg_temp.finds(t.statement, t.what, t.statement) FROM (VALUES
  ('UPDATE trading.fills SET at = at + interval ''1 second'' WHERE portfolio_id = 1 AND fill_id = 1', 'trading.fills 1/1'),
  ('UPDATE trading.fills SET broker = ''other'' WHERE portfolio_id = 1 AND fill_id = 1', 'trading.fills 1/1'),
  ('DELETE FROM trading.fills WHERE portfolio_id = 1 AND fill_id = 1', 'trading.fills 1/1'),
  ('UPDATE ledger.transfers SET reference = ''mine'' WHERE portfolio_id = 1 AND transfer_id = 1', 'ledger.transfers 1/1'),
  ('UPDATE ledger.transfers SET amount = amount + 1 WHERE portfolio_id = 1 AND transfer_id = 1', 'ledger.transfers 1/1'),
  ('DELETE FROM ledger.transfers WHERE portfolio_id = 1 AND transfer_id = 2', 'ledger.transfers 1/2'),
  ('INSERT INTO ledger.transfers SELECT portfolio_id, 1000, debit_account_id, credit_account_id, amount, currency, kind, component, state, pending_id, order_id, fill_id, NULL, at FROM ledger.transfers WHERE portfolio_id = 1 AND transfer_id = 1', 'ledger.transfers 1/1000'),
  ('INSERT INTO ledger.transfers SELECT portfolio_id, 0, debit_account_id, credit_account_id, amount, currency, kind, component, state, pending_id, order_id, fill_id, NULL, at FROM ledger.transfers WHERE portfolio_id = 1 AND transfer_id = 1', 'ledger.transfers 1/0'),
  ('UPDATE trading.orders SET submitted_by = ''nobody'' WHERE portfolio_id = 1 AND order_id = 1', 'trading.orders 1/1'),
  ('UPDATE trading.orders SET approved_by = ''boss'' WHERE portfolio_id = 1 AND order_id = 1', 'trading.orders 1/1'),
  ('UPDATE trading.orders SET client_order_id = ''uno'' WHERE portfolio_id = 1 AND order_id = 1', 'trading.orders 1/1'),
  ('UPDATE trading.orders SET limit_price = 91 WHERE portfolio_id = 1 AND client_order_id = ''three''', 'trading.orders 1/3'),
  ('UPDATE trading.orders SET side = ''buy'' WHERE portfolio_id = 1 AND client_order_id = ''late''', 'trading.orders 1/5'),
  ('DELETE FROM trading.orders WHERE portfolio_id = 1 AND order_id = 3', 'trading.orders 1/3'),
  ('UPDATE trading.order_events SET reason = ''none'' WHERE portfolio_id = 1 AND order_id = 1 AND version = 1', 'trading.order_events 1/1/1'),
  ('UPDATE trading.order_events SET recorded_at = recorded_at - interval ''1 day'' WHERE portfolio_id = 1 AND order_id = 3 AND version = 2', 'trading.order_events 1/3/2'),
  ('DELETE FROM trading.order_events WHERE portfolio_id = 1 AND order_id = 3 AND version = 2', 'trading.order_events 1/3/2'),
  ('INSERT INTO trading.order_events SELECT portfolio_id, order_id, 9, to_status, to_status, quantity, filled_quantity, limit_price, stop_price, NULL, NULL, NULL, actor, at FROM trading.order_events WHERE portfolio_id = 1 AND order_id = 3 AND version = 2', 'ops.events order 1/3/9'),
  ('UPDATE ops.events SET actor = ''nobody'' WHERE event_id = (SELECT min(event_id) FROM ops.events WHERE kind = ''ledger.deposit'')', (SELECT format('ops.events %s/%s', stream_xid, event_id) FROM ops.events WHERE kind = 'ledger.deposit' ORDER BY event_id LIMIT 1)),
  ('UPDATE ops.events SET payload = ''{}'' WHERE event_id = (SELECT min(event_id) FROM ops.events WHERE kind = ''risk.limit_set'')', (SELECT format('ops.events %s/%s', stream_xid, event_id) FROM ops.events WHERE kind = 'risk.limit_set' ORDER BY event_id LIMIT 1)),
  ('DELETE FROM ops.events WHERE event_id = (SELECT min(event_id) FROM ops.events WHERE kind = ''risk.limit_set'')', 'ops.journal_seals 0/1'),
  ('DELETE FROM ops.events WHERE kind = ''ledger.deposit'' AND portfolio_id = 2', 'ops.journal_seals 2/1'),
  ('INSERT INTO ops.events (stream_xid, kind, portfolio_id, at) SELECT min(stream_xid::text::bigint)::text::xid8, ''ledger.deposit'', 2, now() FROM ops.events WHERE portfolio_id = 2', 'ops.journal_seals 2/1'),
  ('INSERT INTO ops.events (stream_xid, kind, portfolio_id, order_id, instrument_id, payload, at) SELECT stream_xid, kind, portfolio_id, order_id, instrument_id, payload, at FROM ops.events WHERE kind = ''order.cancelled''', 'ops.journal_seals 1/[45]'),
  ('UPDATE ops.journal_seals SET sealed_at = sealed_at - interval ''1 day'' WHERE portfolio_id = 1 AND number = 2', 'ops.journal_seals 1/2'),
  ('DELETE FROM ops.journal_seals WHERE portfolio_id = 1 AND number = 2', 'ops.journal_seals 1/2'),
  ('DELETE FROM ops.journal_seals WHERE portfolio_id = 2', 'ops.journal_seals 2/1'),
  ('UPDATE ops.audit_log SET actor = ''nobody'' WHERE number = 2', 'ops.audit_log number 2'),
  ('UPDATE ops.audit_log SET after = after || ''{"bound": 7}'' WHERE number = 3', 'ops.audit_log number 3'),
  ('UPDATE ops.audit_log SET address = ''10.0.0.1'' WHERE number = 3', 'ops.audit_log number 3'),
  ('DELETE FROM ops.audit_log WHERE number = 4', 'ops.audit_log number 4'),
  ('DELETE FROM ops.audit_log WHERE number = (SELECT max(number) FROM ops.audit_log)', (SELECT 'ops.audit_log number ' || max(number) FROM ops.audit_log)),
  ('DELETE FROM ops.audit_log', 'ops.audit_log number 1'),
  ('INSERT INTO ops.audit_log (act, object, recorded_at, number, hash) SELECT ''limit.added'', ''x'', now(), max(number) + 1, sha256(''x'') FROM ops.audit_log', (SELECT 'ops.audit_log number ' || max(number) + 1 FROM ops.audit_log)),
  ('INSERT INTO ops.audit_log (act, object, recorded_at) VALUES (''limit.added'', ''x'', now() - interval ''1 minute'')', 'ops.audit_log entry [0-9]+')
) AS t (statement, what) WHERE t.what IS NOT NULL;
-- What is not sealed yet is compared with what else tells of it.
SELECT pg_temp.finds(t.statement, t.what, t.statement || ', not sealed yet') FROM (VALUES
  ('UPDATE trading.orders SET quantity = 2 WHERE client_order_id = ''fresh''', 'trading.orders 1/6'), ('DELETE FROM trading.orders WHERE client_order_id = ''fresh''', 'trading.orders 1/6'),
  ('DELETE FROM trading.order_events WHERE portfolio_id = 1 AND order_id = 6', 'trading.order_events 1/6/1'), ('UPDATE ops.events SET actor = ''nobody'' WHERE payload ->> ''client_order_id'' = ''fresh''', (SELECT format('ops.events %s/%s', stream_xid, event_id) FROM ops.events WHERE payload ->> 'client_order_id' = 'fresh')),
  ('DELETE FROM ops.events WHERE payload ->> ''client_order_id'' = ''fresh''', 'ops.events order 1/6/1'), ('DELETE FROM trading.fills WHERE portfolio_id = 1 AND fill_id = 2', 'trading.fills 1/2')
) AS t (statement, what);
SELECT is_empty('SELECT * FROM ops.verify_audit()', 'all of that was undone');

-- A chain that a superuser has made anew is sound in itself: heads that were kept elsewhere tell.
CREATE TEMP TABLE kept AS SELECT jsonb_agg(jsonb_build_object('chain', h.chain, 'number', h.number, 'hash', encode(h.hash, 'hex'))) AS heads FROM ops.chain_heads AS h;
CREATE FUNCTION pg_temp.forge() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_entry ops.audit_log;
  v_hash  bytea := decode(repeat('00', 32), 'hex');
BEGIN
  UPDATE ops.audit_log SET actor = 'nobody' WHERE number = 2;
  FOR v_entry IN SELECT * FROM ops.audit_log ORDER BY number LOOP
    v_hash := internal.audit_hash(v_hash, v_entry.number, v_entry);
    UPDATE ops.audit_log SET hash = v_hash WHERE entry_id = v_entry.entry_id;
  END LOOP;
  UPDATE ops.chain_heads SET hash = v_hash WHERE chain = 'audit';
END
$$;
SELECT is_empty($$SELECT pg_temp.found('SELECT pg_temp.forge()')$$, 'a forged chain follows from itself');
SELECT is((SELECT array_agg(f) FROM kept, pg_temp.found('SELECT pg_temp.forge()', kept.heads) AS f), ARRAY[(SELECT 'ops.audit_log audit number ' || max(number) FROM ops.audit_log)], 'and not from the head that was kept');
SELECT is((SELECT array_agg(f) FROM kept, pg_temp.found('TRUNCATE ops.journal_seals; DELETE FROM ops.chain_heads WHERE chain LIKE ''journal%''', kept.heads) AS f WHERE f LIKE '%journal:%')::text, (SELECT array_agg(format('ops.journal_seals %s number %s', chain, number) ORDER BY format('ops.journal_seals %s number %s', chain, number))::text FROM ops.chain_heads WHERE chain <> 'audit'), 'nor seals that are gone');
SELECT is_empty($$SELECT v.* FROM kept, ops.verify_audit(kept.heads) AS v$$, 'what grew since fits the head that was kept');
SELECT risk.halt() \g /dev/null
SELECT is_empty($$SELECT v.* FROM kept, ops.verify_audit(kept.heads) AS v$$, 'also after further acts');
SELECT pg_temp.refuses(format('SELECT ops.verify_audit(%L)', h), 'TR751', h) FROM unnest('{"{}","[1]","[{\"chain\": \"x\", \"number\": 1, \"hash\": \"00\"}]","[{\"chain\": \"audit\", \"number\": 1}]","null"}'::text[]) AS h;

-- Settings of whoever looks change no hash.
SET timezone = 'Asia/Kolkata';
SET datestyle = 'German';
SET extra_float_digits = -5;
SET intervalstyle = 'sql_standard';
SELECT is_empty('SELECT * FROM ops.verify_audit()', 'whatever the settings of the session');
SELECT risk.resume() \g /dev/null
RESET ALL;
SELECT is_empty('SELECT * FROM ops.verify_audit()', 'also of the one that wrote');

-- Who may look.
SELECT is((SELECT string_agg(pg_temp.outcome(r, s), ' ' ORDER BY r) FROM unnest('{bourse_admin,bourse_analyst,bourse_runner,bourse_trader}'::text[]) AS r), '00000 42501 42501 42501', s)
  FROM unnest(ARRAY['SELECT * FROM ops.audit_log', 'SELECT * FROM ops.chain_heads', 'SELECT * FROM ops.journal_seals', 'SELECT * FROM ops.verify_audit()']) AS s;
SELECT pg_temp.denies(s, s) FROM unnest(ARRAY['INSERT INTO ops.audit_log (act, object) VALUES (''a.b'', ''c'')', 'SELECT internal.audit(''a.b'', ''c'')', 'UPDATE ops.chain_heads SET number = 0', 'DELETE FROM ops.journal_seals']) AS s;
SELECT is((SELECT string_agg(pg_temp.outcome(r, 'SELECT ops.seal_journal()'), ' ' ORDER BY r) FROM unnest('{bourse_admin,bourse_analyst,bourse_runner,bourse_trader}'::text[]) AS r), '00000 42501 00000 42501', 'runners and administrators seal');
SELECT * FROM finish();
