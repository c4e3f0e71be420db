-- Who may not write an order cannot, whatever he sets: no status, no figure that the engine decides, no term of an
-- order that stands. And whoever may submit one gets the same decision under every setting.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT pg_temp.submit('open', 'buy', 1, 10), pg_temp.submit('held', 'buy', 10, 100),
       pg_temp.fill('held', 10, 100, 'held'), pg_temp.submit('closed', 'buy', 1, 10),
       trading.cancel_order('main', client_order_id => 'closed') \g /dev/null

-- Functions, operators and tables that stand before the engine's when somebody's search_path says so. Each operator
-- says that all is well, each function that all is allowed.
CREATE SCHEMA hostile;
GRANT USAGE ON SCHEMA hostile TO PUBLIC;
CREATE FUNCTION hostile.same(numeric, numeric) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION hostile.same(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION hostile.same(trading.order_status, trading.order_status) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION hostile.differ(numeric, numeric) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE FUNCTION hostile.nothing(numeric, numeric) RETURNS numeric LANGUAGE sql AS 'SELECT 0::numeric';
SELECT format('CREATE OPERATOR hostile.%s (FUNCTION = hostile.%s, LEFTARG = %s, RIGHTARG = %3$s)', o, f, t)
  FROM (VALUES ('=', 'same', 'numeric'), ('=', 'same', 'text'), ('=', 'same', 'trading.order_status'),
               ('<=', 'same', 'numeric'), ('>=', 'same', 'numeric'), ('>', 'differ', 'numeric'),
               ('<', 'differ', 'numeric'), ('<>', 'differ', 'numeric'), ('*', 'nothing', 'numeric'))
       AS x (o, f, t) \gexec
CREATE FUNCTION hostile.current_setting(text, boolean) RETURNS text LANGUAGE sql AS $$SELECT 'on'$$;
CREATE FUNCTION hostile.round(numeric, int) RETURNS numeric LANGUAGE sql AS 'SELECT 0::numeric';
CREATE FUNCTION hostile.greatest(numeric, numeric) RETURNS numeric LANGUAGE sql AS 'SELECT 0::numeric';
CREATE FUNCTION hostile.lock_books(int[]) RETURNS int LANGUAGE sql AS 'SELECT 0';
CREATE FUNCTION hostile.portfolio_id(text) RETURNS int LANGUAGE sql AS 'SELECT 99';
CREATE TABLE hostile.orders (LIKE trading.orders);
CREATE TABLE hostile.limits (LIKE risk.limits);
GRANT ALL ON ALL TABLES IN SCHEMA hostile TO PUBLIC;

-- Every setting that the engine knows or knew, and whether anybody may set it.
CREATE TEMP TABLE settings (setting text, is_allowed boolean);
INSERT INTO settings VALUES
  ('SELECT 1', true), ($$SET LOCAL bourse.procedure = 'orders'$$, true),
  ($$SET LOCAL bourse.procedure = 'fill'$$, true),
  ($$SET LOCAL bourse.procedure = 'bulk'$$, true), ($$SET LOCAL bourse.procedure = 'ticks'$$, true),
  ($$SET LOCAL bourse.runner = 'on'$$, true), ($$SET LOCAL bourse.protective_stop = '99.99'$$, true),
  ('SET LOCAL session_replication_role = replica', false),
  ('SET LOCAL search_path = hostile, pg_catalog, trading', true),
  ('SET LOCAL search_path = hostile, pg_temp, internal', true), ('SET LOCAL check_function_bodies = off', true),
  ('SET LOCAL row_security = off; SET LOCAL constraint_exclusion = off', true);
CREATE TEMP TABLE roles AS
SELECT r AS role_name FROM unnest('{bourse_analyst,bourse_trader,bourse_runner,bourse_admin}'::text[]) AS r;
SELECT is(pg_temp.outcome(r.role_name, s.setting), CASE WHEN s.is_allowed THEN '00000' ELSE '42501' END,
          format('%s: %s', r.role_name, s.setting))
  FROM roles AS r, settings AS s WHERE NOT s.is_allowed OR s.setting ~ 'bourse|search_path';

-- What must be refused: each column by UPDATE, each status by UPDATE and by INSERT, each column that is no term by
-- INSERT, and the rest of the books.
CREATE TEMP TABLE columns AS
SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
       a.attname IN ('portfolio_id', 'client_order_id', 'instrument_id', 'agent_id', 'side', 'type', 'time_in_force',
                     'product', 'quantity', 'limit_price', 'stop_price', 'trail_amount', 'trail_percent', 'reduce_only',
                     'post_only', 'parent_order_id', 'oco_group_id', 'oco_leg', 'expires_at', 'submitted_at') AS is_term
  FROM pg_attribute AS a WHERE a.attrelid = 'trading.orders'::regclass AND a.attnum > 0 AND NOT a.attisdropped;
SELECT is((SELECT count(*) FROM columns WHERE is_term), 20::bigint, 'an order has twenty terms');
CREATE TEMP TABLE writes AS
SELECT format('UPDATE trading.orders SET %I = o.%1$I FROM trading.orders AS o WHERE orders.client_order_id = %L',
              c.name, 'open') AS statement
  FROM columns AS c
UNION ALL
SELECT format('UPDATE trading.orders SET status = %L WHERE client_order_id = %L', s, o)
  FROM unnest(enum_range(NULL::trading.order_status)) AS s, unnest('{open,held,closed}'::text[]) AS o
UNION ALL
SELECT format($q$INSERT INTO trading.orders (portfolio_id, client_order_id, instrument_id, side, quantity, %I)
                 SELECT o.portfolio_id, 'forged', o.instrument_id, 'buy', 1, o.%1$I FROM trading.orders AS o
                  WHERE o.client_order_id = %L$q$, c.name, o)
  FROM columns AS c, unnest('{open,held}'::text[]) AS o WHERE NOT c.is_term
UNION ALL
SELECT format($q$INSERT INTO trading.orders (portfolio_id, client_order_id, instrument_id, side, quantity, status)
                 SELECT o.portfolio_id, 'forged', o.instrument_id, 'buy', 1, %L FROM trading.orders AS o
                  WHERE o.client_order_id = 'open'$q$, s)
  FROM unnest(enum_range(NULL::trading.order_status)) AS s
UNION ALL
SELECT w FROM unnest(ARRAY[
  $$INSERT INTO trading.orders SELECT * FROM trading.orders$$, $$DELETE FROM trading.orders$$,
  $$TRUNCATE trading.orders$$,
  $$INSERT INTO trading.orders (portfolio_id, client_order_id, instrument_id, side, quantity)
    SELECT o.portfolio_id, o.client_order_id, o.instrument_id, 'buy', 1 FROM trading.orders AS o
    ON CONFLICT (portfolio_id, client_order_id) DO UPDATE SET status = 'filled'$$,
  $$MERGE INTO trading.orders AS o USING trading.orders AS n ON o.order_id = n.order_id
    WHEN MATCHED THEN UPDATE SET status = 'filled'$$,
  $$COPY trading.orders (portfolio_id, order_id, status) FROM PROGRAM 'true'$$,
  $$UPDATE ledger.balances SET credits_posted = credits_posted + 1$$, $$UPDATE trading.positions SET quantity = 0$$,
  $$INSERT INTO trading.order_events SELECT * FROM trading.order_events$$,
  $$INSERT INTO trading.fills SELECT * FROM trading.fills$$, $$UPDATE ledger.portfolio_clocks SET next_order_id = 1$$,
  $$UPDATE trading.portfolios SET requires_approval = false$$,
  -- by what procedures hand to each other
  $$SELECT internal.activate_order(jsonb_populate_record(o, '{"approved_by": "somebody"}'), 1, now()) FROM trading.orders AS o
     WHERE o.client_order_id = 'open'$$,
  $$SELECT internal.grow_order(jsonb_populate_record(o, '{"planned_quantity": 100}'), 50, now()) FROM trading.orders AS o
     WHERE o.client_order_id = 'open'$$,
  $$SELECT internal.end_order(o, 'filled', NULL, NULL, now()) FROM trading.orders AS o WHERE o.client_order_id = 'open'$$,
  $$SELECT internal.post(p.portfolio_id, 'USD', 'capital', 'cash', 1000, 'deposit', now())
      FROM trading.portfolios AS p WHERE p.name = 'main'$$,
  $$CREATE TEMP TABLE mine (LIKE trading.fills);
    CREATE TRIGGER mine AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION internal.tg_fills__protect()$$,
  $$CREATE TEMP TABLE mine (LIKE trading.positions);
    CREATE TRIGGER mine AFTER UPDATE ON mine FOR EACH ROW EXECUTE FUNCTION internal.tg_positions__update_portfolio_value()$$
]) AS w;

-- What works here would stay, for the comparison below.
CREATE FUNCTION pg_temp.attempt(role_name text, setting text, statement text) RETURNS text LANGUAGE plpgsql
SET search_path = public, pg_catalog
AS $$
BEGIN
  EXECUTE format('SET LOCAL ROLE %I', role_name);
  EXECUTE setting;
  EXECUTE statement;
  RESET ROLE;
  RETURN '00000';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END
$$;
CREATE FUNCTION pg_temp.stand() RETURNS TABLE (what text, stand text) LANGUAGE sql AS $$
  SELECT 'orders', md5(string_agg(o::text, ' ' ORDER BY o.order_id)) FROM trading.orders AS o
  UNION ALL SELECT 'money', md5(string_agg(b::text, ' ' ORDER BY b)) FROM ledger.balances AS b
  UNION ALL SELECT 'positions', md5(string_agg(p::text, ' ' ORDER BY p)) FROM trading.positions AS p
  UNION ALL SELECT 'portfolios', md5(string_agg(p::text, ' ' ORDER BY p)) FROM trading.portfolios AS p
  UNION ALL SELECT 'events', format('%s %s', (SELECT count(*) FROM trading.order_events), count(*)) FROM ops.events
$$;
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.stand();
CREATE TEMP TABLE attempts AS
SELECT r.role_name, s.setting, w.statement, pg_temp.attempt(r.role_name, s.setting, w.statement) AS outcome
  FROM roles AS r CROSS JOIN settings AS s CROSS JOIN writes AS w;
SELECT cmp_ok((SELECT count(*) FROM writes), '>', 150::bigint, 'many ways to write were tried');
SELECT is_empty($$SELECT * FROM attempts WHERE outcome <> '42501' LIMIT 5$$,
                'each is refused, to every role and under every setting');
SELECT is(n.stand, b.stand, 'nothing has moved: ' || what) FROM before AS b JOIN pg_temp.stand() AS n USING (what);

-- The same decision under every setting: by trading.submit_order and by an INSERT of the terms.
SELECT risk.set_limit('order_value', 700, at => '2024-01-08'),
       risk.set_limit('trade_risk', 6, at => '2024-01-08') \g /dev/null
CREATE FUNCTION pg_temp.decided(role_name text, setting text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_decided text;
BEGIN
  BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role_name);
    EXECUTE setting;
    EXECUTE statement;
    RESET ROLE;
    SET LOCAL search_path = public, pg_catalog;
    v_decided := (
      SELECT jsonb_build_array(to_jsonb(o) - 'created_at', (SELECT to_jsonb(p) FROM trading.positions AS p),
                               (SELECT jsonb_agg(b ORDER BY b) FROM ledger.balances AS b),
                               (SELECT jsonb_agg(to_jsonb(e) - '{event_id,recorded_at}'::text[] ORDER BY e.event_id)
                                  FROM ops.events AS e))::text
        FROM trading.orders AS o WHERE o.client_order_id = 'new');
    RAISE EXCEPTION USING ERRCODE = 'P0T00';
  EXCEPTION WHEN OTHERS THEN
    IF SQLSTATE <> 'P0T00' THEN
      v_decided := SQLSTATE;
    END IF;
  END;
  RETURN v_decided;
END
$$;
CREATE TEMP TABLE wishes AS
SELECT w.what, w.code, format($q$SELECT trading.submit_order('main', 'IBM', %s, time_in_force => 'gtc',
                                                             client_order_id => 'new', at => '2024-01-08 16:00Z')$q$,
                              w.terms) AS call,
       format($q$INSERT INTO trading.orders (side, quantity, type, limit_price, time_in_force, client_order_id,
                                             submitted_at, portfolio_id, instrument_id)
                 SELECT %s, 'gtc', 'new', '2024-01-08 16:00Z', p.portfolio_id, i.instrument_id
                   FROM trading.portfolios AS p, market.instruments AS i$q$, w.terms) AS row
  FROM (VALUES ('accepted', NULL, $$'buy'::trading.order_side, 2, 'limit'::trading.order_type, 100$$),
               ('closing', NULL, $$'sell'::trading.order_side, 10, 'limit'::trading.order_type, 100$$),
               ('too large', 'TR302', $$'buy'::trading.order_side, 8, 'limit'::trading.order_type, 100$$),
               ('too risky', 'TR318', $$'buy'::trading.order_side, 6.5, 'limit'::trading.order_type, 100$$),
               ('short', 'TR402', $$'sell'::trading.order_side, 11, 'limit'::trading.order_type, 50$$))
       AS w (what, code, terms);
UPDATE market.instruments SET lot_size = 0.5;
CREATE TEMP TABLE decisions AS
SELECT r.role_name, s.setting, w.what, w.code, pg_temp.decided(r.role_name, 'SELECT 1', w.call) AS decided,
       pg_temp.decided(r.role_name, s.setting, w.call) AS called,
       pg_temp.decided(r.role_name, s.setting, w.row) AS inserted
  FROM roles AS r, settings AS s, wishes AS w WHERE r.role_name <> 'bourse_analyst' AND s.is_allowed;
SELECT is_empty($$SELECT d.role_name, d.setting, d.what FROM decisions AS d WHERE d.called IS DISTINCT FROM d.decided$$,
                'whoever may submit gets the same decision under every setting');
SELECT is_empty($$SELECT d.role_name, d.setting, d.what FROM decisions AS d
                   WHERE d.inserted IS DISTINCT FROM CASE WHEN d.setting ~ 'row_security' THEN '42501'
                                                          ELSE d.decided END$$,
                'and so does an INSERT, which is refused without row security');
SELECT is((d.decided::jsonb #>> '{0,status}') || coalesce(' ' || (d.decided::jsonb #>> '{0,reason_code}'), ''),
          CASE WHEN d.code IS NULL THEN 'accepted' ELSE 'rejected ' || d.code END, d.what)
  FROM decisions AS d WHERE d.role_name = 'bourse_trader' AND d.setting ~ 'bourse.runner';
SELECT is(pg_temp.decided('bourse_analyst', 'SELECT 1', w.call), '42501', 'an analyst submits nothing: ' || w.what)
  FROM wishes AS w;

-- The schema that only the engine enters.
SELECT is_empty($$
  SELECT r.role_name, p.oid::regprocedure FROM roles AS r, pg_proc AS p
   WHERE p.pronamespace = 'internal'::regnamespace AND has_function_privilege(r.role_name, p.oid, 'EXECUTE')
     AND has_schema_privilege(r.role_name, 'internal', 'USAGE')$$, 'no role calls an internal function');
SELECT is_empty($$SELECT r.role_name FROM roles AS r
                   WHERE has_schema_privilege(r.role_name, 'internal', 'USAGE, CREATE')$$, 'nor enters the schema');
SELECT is_empty($$
  SELECT r.role_name, p.oid::regprocedure FROM roles AS r, pg_proc AS p
   WHERE p.pronamespace = 'internal'::regnamespace
     AND pg_temp.outcome(r.role_name, format('SELECT internal.%I(%s)', p.proname, (
           SELECT string_agg('NULL', ', ') FROM generate_series(1, p.pronargs)))) <> '42501'$$,
  'each call is refused for want of rights');
SELECT cmp_ok((SELECT count(*) FROM pg_proc AS p WHERE p.pronamespace = 'internal'::regnamespace), '>', 20::bigint,
              'of many functions');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc AS p
                   WHERE p.pronamespace = 'internal'::regnamespace AND p.prosecdef
                     AND p.prorettype <> 'trigger'::regtype AND p.proname !~ '^rows_as_'$$,
                'none of which lends the owner''s rights, but those of triggers, and of conditions to groups (alert_rights.sql)');
-- What procedures hand to each other, in the schemas that everybody uses.
SELECT is_empty($$
  SELECT r.role_name, p.oid::regprocedure FROM roles AS r, pg_proc AS p
   WHERE p.prosecdef
     AND (p.pronamespace IN ('ledger'::regnamespace, 'trading'::regnamespace, 'risk'::regnamespace)
          AND p.proargnames[1] ~ '^p_'
          OR p.pronamespace::regnamespace::text IN ('market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'identity', 'ops', 'reporting')
             AND p.prorettype = 'trigger'::regtype)
     AND has_function_privilege(r.role_name, p.oid, 'EXECUTE')
     AND p.oid::regproc::text NOT IN ('ledger.lock_portfolios', 'ledger.lock_free_portfolios', 'risk.explain')$$,
  'no role calls what takes rows and figures at their word');
SELECT pg_temp.is_sound();
SELECT * FROM finish();
ROLLBACK;
