-- What people read and call needs nothing of the schema internal with their own rights; one door for names, one answer to who.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT pg_temp.submit('open', 'buy', 1, 10), pg_temp.submit('held', 'buy', 10, 100), pg_temp.fill('held', 10, 100, 'held') \g /dev/null
SELECT ledger.set_exchange_rate('EUR', 'USD', 1.1, '2024-01-01'), ledger.convert('main', 10, 'USD', 'EUR', at => '2024-01-08', reference => 'c') \g /dev/null

-- What is internal nobody calls (doors.sql); so whatever runs with its caller's rights must not, either.
SELECT is_empty($$
  SELECT p.oid::regprocedure FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
   WHERE n.nspname IN ('market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'identity', 'ops', 'reporting') AND NOT p.prosecdef
     AND (p.prokind <> 'p' OR EXISTS (SELECT FROM aclexplode(p.proacl) AS a WHERE a.grantee <> p.proowner)) AND p.prorettype <> 'trigger'::regtype AND regexp_replace(p.prosrc, '--[^\n]*', '', 'g') ~ '\minternal\.\w+\s*\('$$,
  'what runs with its caller''s rights calls nothing internal');
SELECT is_empty($$
  SELECT p.oid::regprocedure, a.grantee::regrole
    FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
    CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
   WHERE n.nspname IN ('market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'identity', 'ops', 'reporting') AND p.prokind = 'p' AND a.grantee <> p.proowner
     AND p.oid <> 'research.work(bigint,int)'::regprocedure  -- which asks doors for each batch
$$,
  'procedures, which commit and so cannot have their owner''s rights, are their owner''s');
SELECT is_empty($$
  SELECT p.oid::regprocedure FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
   WHERE n.nspname IN ('market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'identity', 'ops', 'reporting') AND p.prorettype = 'trigger'::regtype$$,
  'functions of triggers are internal');

-- Readers.
SELECT is(pg_temp.outcome('bourse_analyst', format('SELECT * FROM %s', c.oid::regclass)), '00000', format('an analyst reads %s', c.oid::regclass))
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind = 'v' AND n.nspname IN ('market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'identity', 'ops', 'reporting');
SELECT is(pg_temp.outcome('bourse_analyst', s), '00000', format('an analyst may: %s', s))
  FROM unnest(ARRAY[
    $$SELECT * FROM ledger.statement('main')$$, $$SELECT * FROM trading.get_portfolio_stats('main')$$,
    $$SELECT * FROM trading.calculate_position_pnl('main', 'IBM')$$, $$SELECT trading.check_available_funds('main', 1)$$,
    $$SELECT mae, rate FROM trading.round_trips$$, $$SELECT * FROM trading.portfolio_returns('main')$$, $$SELECT * FROM ops.check_invariants()$$, $$SELECT * FROM market.candles('IBM', '1 day', '2024-01-01', '2024-02-01')$$,
    $$SELECT trading.held_before(p.portfolio_id, 1, now()) FROM trading.portfolios AS p$$,
    $$SELECT * FROM trading.size_position('main', 'IBM', '{"method": "fixed_value", "value": 1000}', 10)$$]) AS s;

-- The door through which portfolios are named.
SELECT trading.create_portfolio('second') \g /dev/null
SELECT is(trading.portfolio_ids('{second,main,second}'), ARRAY[trading.portfolio_id('second'), trading.portfolio_id('main'), trading.portfolio_id('second')],
  'portfolios are found in the order of their names');
SELECT is(trading.portfolio_ids('{}'), '{}', 'no name is no portfolio');
SELECT pg_temp.refuses($$SELECT trading.portfolio_ids('{main,none}')$$, 'TR211', 'an unknown name among them is refused');
SELECT pg_temp.refuses($$SELECT risk.release('none', 1)$$, 'TR211', 'a lock of an unknown portfolio');
SELECT pg_temp.refuses($$SELECT * FROM risk.explain('none', order_id => 1)$$, 'TR211', 'an order of an unknown portfolio');

-- Who did it.
SET ROLE bourse_trader;
SELECT pg_temp.submit('mine', 'buy', 1, 10) \g /dev/null
SELECT is(ops.actor(), session_user::text, 'who acts is who logged in, whatever role was taken on');
RESET ROLE;
SELECT is((SELECT o.submitted_by FROM trading.orders AS o WHERE o.client_order_id = 'mine'), ops.actor(), 'an order says who sent it');
SELECT is_empty($$
  SELECT d.adrelid::regclass FROM pg_attrdef AS d
   WHERE pg_get_expr(d.adbin, d.adrelid) ~* '\m(session|current)_user\M'
     AND d.adrelid::regclass::text NOT IN ('ops.migrations', 'ops.installed_code')
     AND NOT (d.adrelid = 'ops.audit_log'::regclass AND d.adnum = (SELECT a.attnum FROM pg_attribute AS a WHERE a.attrelid = d.adrelid AND a.attname = 'login'))$$,
  'every column that says who asks ops.actor; the records of installations are older than every function, and the audit says also as whom somebody had logged in');
SELECT is_empty($$
  SELECT p.oid::regprocedure FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
   WHERE n.nspname IN ('market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'identity', 'ops', 'reporting', 'internal')
     AND p.prosrc ~* '\m(session|current)_user\M' AND p.oid::regproc::text NOT IN ('identity.acting_user', 'identity.actor_role', 'identity.accept_token')$$,
  'and so does every function, but for those that answer, and say what the login role may be');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
