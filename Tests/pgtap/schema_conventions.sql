-- The conventions of the schema, asked of the catalogue: whatever is added later is held to them too.
BEGIN;
SELECT no_plan();

CREATE TEMP VIEW ours AS
SELECT n.oid, n.nspname FROM pg_namespace AS n WHERE n.nspname IN ('market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'identity', 'ops', 'reporting');
-- Objects of extensions follow their own conventions.
CREATE TEMP VIEW of_extensions AS SELECT d.classid, d.objid FROM pg_depend AS d WHERE d.deptype = 'e';
CREATE TEMP VIEW functions AS
SELECT p.*, p.oid::regprocedure::text AS signature FROM pg_proc AS p JOIN ours ON ours.oid = p.pronamespace
 WHERE (1255::oid, p.oid) NOT IN (SELECT * FROM of_extensions);
CREATE TEMP VIEW relations AS
SELECT c.*, c.oid::regclass::text AS name FROM pg_class AS c JOIN ours ON ours.oid = c.relnamespace WHERE (1259::oid, c.oid) NOT IN (SELECT * FROM of_extensions);

SELECT is((SELECT count(*) FROM ours), 9::bigint, 'the nine schemas are there');

-- Comments.
SELECT is_empty($$SELECT nspname FROM ours WHERE obj_description(oid, 'pg_namespace') IS NULL$$, 'every schema has a comment');
SELECT is_empty($$SELECT name FROM relations WHERE relkind IN ('r', 'p', 'v', 'm') AND obj_description(oid, 'pg_class') IS NULL$$, 'every table and view has a comment');
SELECT is_empty($$
  SELECT r.name, a.attname FROM relations AS r JOIN pg_attribute AS a ON a.attrelid = r.oid
   WHERE r.relkind IN ('r', 'p') AND NOT r.relispartition AND a.attnum > 0 AND NOT a.attisdropped AND col_description(r.oid, a.attnum) IS NULL$$,
  'every column of a table has a comment');
SELECT is_empty($$
  SELECT t.oid::regtype FROM pg_type AS t JOIN ours ON ours.oid = t.typnamespace
   WHERE t.typtype IN ('d', 'e', 'r') AND obj_description(t.oid, 'pg_type') IS NULL$$, 'every domain and enum has a comment');
SELECT is_empty($$SELECT signature FROM functions WHERE obj_description(oid, 'pg_proc') IS NULL$$, 'every function has a comment');
SELECT is_empty($$
  SELECT t.tgname, r.name FROM pg_trigger AS t JOIN relations AS r ON r.oid = t.tgrelid
   WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND obj_description(t.oid, 'pg_trigger') IS NULL$$, 'every trigger has a comment');
SELECT is_empty($$
  SELECT signature FROM functions AS f WHERE obj_description(f.oid, 'pg_proc') !~ '\.$'
  UNION ALL SELECT name FROM relations AS r WHERE relkind IN ('r', 'p', 'v') AND obj_description(r.oid, 'pg_class') !~ '\.$'$$, 'comments are sentences');

-- Functions.
SELECT is_empty($$
  SELECT signature FROM functions
   -- A procedure that commits may not set anything: it qualifies each name.
   WHERE prosqlbody IS NULL AND prokind <> 'p' AND NOT coalesce(proconfig, '{}') @> ARRAY['search_path=pg_catalog, pg_temp']$$,
  'every function fixes its search_path, or had its names bound when it was created');
SELECT is_empty($$
  SELECT signature FROM functions AS f CROSS JOIN LATERAL aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) AS a
   WHERE f.prosecdef AND f.prorettype <> 'trigger'::regtype AND a.grantee = 0 AND a.privilege_type = 'EXECUTE'$$,
  'no function with its owner''s rights is open to everybody');
SELECT is_empty($$SELECT signature FROM functions WHERE provolatile = 'v' AND proparallel <> 'u'$$, 'what writes is not run in parallel');
SELECT is_empty($$SELECT signature FROM functions WHERE prolang NOT IN (SELECT oid FROM pg_language WHERE lanname IN ('sql', 'plpgsql'))$$, 'functions are SQL or PL/pgSQL');
SELECT is_empty($$
  SELECT f.signature FROM functions AS f WHERE f.prorettype = 'trigger'::regtype AND NOT EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgfoid = f.oid)$$,
  'every trigger function has its trigger');
SELECT is_empty($$SELECT signature FROM functions WHERE array_length(proargnames, 1) IS NULL AND pronargs > 0$$, 'parameters have names');

-- Tables.
SELECT is_empty($$SELECT name FROM relations AS r WHERE relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conrelid = r.oid AND c.contype = 'p')
  EXCEPT SELECT 'market.ticks' WHERE market.storage_tier() = 'timescaledb'  -- its key is market.claim_ticks$$,
  'every table has a primary key');
SELECT is_empty($$
  SELECT r.name, x.indexrelid::regclass
    FROM relations AS r JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attname = 'portfolio_id'
    JOIN pg_index AS x ON x.indrelid = r.oid AND x.indisunique
   WHERE r.relkind IN ('r', 'p') AND x.indkey[0] <> a.attnum
     AND x.indexrelid::regclass::text NOT IN ('ops.events_pkey', 'ops.alerts_pkey', 'ops.alerts_unresolved_key', 'trading.portfolios_owner_name_key')$$,
  'portfolio_id leads every key of what a portfolio owns; the journal is keyed by its clock, alerts by their rules, portfolios also by name');
SELECT is_empty($$
  SELECT c.conname FROM pg_constraint AS c JOIN relations AS r ON r.oid = c.conrelid JOIN relations AS n ON n.oid = c.confrelid
   WHERE r.name ~ '^market\.' AND n.name !~ '^market\.'
      OR EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = n.oid AND a.attname = 'portfolio_id')
         AND NOT EXISTS (SELECT FROM pg_attribute AS a
                          WHERE a.attrelid = r.oid AND a.attname = 'portfolio_id' AND a.attnum = ANY (c.conkey))$$,
  'references to what a portfolio owns carry its portfolio_id, and the market refers to nothing but itself');
SELECT is_empty($$
  SELECT c.conname, r.name FROM pg_constraint AS c JOIN relations AS r ON r.oid = c.conrelid
   WHERE NOT r.relispartition AND c.contype IN ('p', 'u', 'f', 'c')
     AND c.conname !~ ('^' || r.relname || '_([a-z0-9_]+_)?' || CASE c.contype WHEN 'p' THEN 'pkey' WHEN 'u' THEN 'key' WHEN 'f' THEN 'fkey' ELSE 'check' END || '$')$$,
  'constraints are named table_columns_kind');
SELECT is_empty($$
  SELECT i.relname FROM relations AS i JOIN pg_index AS x ON x.indexrelid = i.oid JOIN pg_class AS t ON t.oid = x.indrelid
   WHERE i.relkind IN ('i', 'I') AND NOT t.relispartition AND NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conindid = i.oid)
     AND i.relname !~ ('^' || t.relname || '_[a-z0-9_]+_' || CASE WHEN x.indisunique THEN 'key' ELSE 'idx' END || '$')$$, 'indexes are named table_purpose_idx');
SELECT is_empty($$
  SELECT r.name, a.attname, format_type(a.atttypid, a.atttypmod) FROM relations AS r JOIN pg_attribute AS a ON a.attrelid = r.oid
   WHERE r.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
     AND (a.atttypid IN ('float4'::regtype, 'money'::regtype, 'timestamp'::regtype, 'json'::regtype, 'varchar'::regtype)
          OR a.atttypid = 'float8'::regtype AND r.name ~ '^(ledger|trading|risk)\.')$$, 'obligations are exact, times carry a zone');

-- The state machine of the design, written out.
SELECT results_eq(
  $$SELECT from_status::text, string_agg(to_status::text, ' ' ORDER BY to_status) FROM trading.order_transitions AS t GROUP BY t.from_status ORDER BY t.from_status$$,
  $$VALUES ('new', 'held pending_approval pending_submit accepted rejected'),
         ('held', 'pending_approval pending_submit accepted rejected cancelled expired replaced'), ('pending_approval', 'held pending_submit accepted rejected cancelled expired replaced'),
           ('pending_submit', 'accepted working partially_filled pending_cancel unknown filled rejected cancelled expired'),
           ('accepted', 'working partially_filled pending_cancel unknown filled rejected cancelled expired replaced'),
           ('working', 'partially_filled pending_cancel unknown filled rejected cancelled expired replaced'),
           ('partially_filled', 'partially_filled pending_cancel unknown filled cancelled expired replaced'),
           ('pending_cancel', 'accepted working partially_filled pending_cancel unknown filled rejected cancelled expired replaced'),
           ('unknown', 'accepted working partially_filled pending_cancel filled rejected cancelled expired replaced')$$,
  'an order''s status moves as the design says, and a final status never');
SELECT results_eq(
  $$SELECT from_status::text, string_agg(to_status::text, ' ' ORDER BY to_status) FROM strategy.agent_transitions AS t GROUP BY t.from_status ORDER BY t.from_status$$,
  $$VALUES ('idle', 'running stopped error'), ('running', 'paused stopped error'), ('paused', 'running stopped error'), ('stopped', 'idle error'), ('error', 'idle running stopped')$$,
  'an agent''s status moves as the design says');

-- Names that the design binds.
SELECT has_function(s, f, format('%s.%s is there', s, f)) FROM (VALUES
  ('trading', 'submit_order'), ('trading', 'replace_order'), ('trading', 'cancel_order'), ('trading', 'record_fill'), ('trading', 'close_position'),
  ('trading', 'check_available_funds'), ('trading', 'update_portfolio_value'), ('trading', 'calculate_position_pnl'), ('trading', 'get_portfolio_stats'),
  ('risk', 'halt'), ('risk', 'resume'), ('ops', 'check_invariants')) AS n (s, f);
SELECT has_trigger('trading', 'orders', 'trigger_validate_order', 'orders have trigger_validate_order');
SELECT has_trigger('trading', 'positions', 'trigger_update_portfolio_value', 'positions have trigger_update_portfolio_value');

SELECT * FROM finish();
ROLLBACK;
