-- reads identity.grants and the catalogue
CREATE OR REPLACE FUNCTION internal.grant_differences()
RETURNS TABLE (target text, privilege text, role_name text, is_wanted boolean)
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
  WITH groups AS (
    SELECT r.oid, r.rolname::text AS role_name FROM pg_roles AS r
     WHERE r.rolname IN ('bourse_admin', 'bourse_runner', 'bourse_trader', 'bourse_analyst', 'bourse_investor',
                         'bourse_dashboard', 'bourse_gateway')),
  schemas AS (
    SELECT n.oid, n.nspname, n.nspacl, n.nspowner FROM pg_namespace AS n
     WHERE n.nspname IN ('market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'identity', 'ops',
                         'reporting', 'internal', 'archive')),
  -- Every object with what it is called in the rows, in GRANT, and its privileges.
  objects AS (
    SELECT 'schema' AS kind, n.nspname::text AS name, n.nspname::text AS everything,
           'SCHEMA ' || quote_ident(n.nspname) AS said, coalesce(n.nspacl, acldefault('n', n.nspowner)) AS acl,
           NULL::oid AS relation
      FROM schemas AS n
    UNION ALL
    -- A partition goes by the name of its table.
    SELECT 'table', n.nspname || '.' || coalesce(t.relname, c.relname), n.nspname || '.*', 'TABLE ' || c.oid::regclass,
           coalesce(c.relacl, acldefault('r', c.relowner)), c.oid
      FROM pg_class AS c
      JOIN schemas AS n ON n.oid = c.relnamespace
      LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid AND c.relispartition
      LEFT JOIN pg_class AS t ON t.oid = i.inhparent
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    UNION ALL
    SELECT 'sequence', n.nspname || '.' || c.relname, n.nspname || '.*', 'SEQUENCE ' || c.oid::regclass,
           coalesce(c.relacl, acldefault('s', c.relowner)), NULL
      FROM pg_class AS c JOIN schemas AS n ON n.oid = c.relnamespace WHERE c.relkind = 'S'
    UNION ALL
    -- A procedure has a row of its own: that of its schema is about functions.
    SELECT 'function', n.nspname || '.' || p.proname, CASE WHEN p.prokind <> 'p' THEN n.nspname || '.*' END,
           'ROUTINE ' || p.oid::regprocedure, coalesce(p.proacl, acldefault('f', p.proowner)), NULL
      FROM pg_proc AS p JOIN schemas AS n ON n.oid = p.pronamespace),
  wanted AS (
    SELECT o.said, 'bourse_' || r AS role_name,
           CASE WHEN g.columns IS NULL THEN g.privilege ELSE format('%s (%I)', g.privilege, a.attname) END AS privilege
      FROM objects AS o
      JOIN identity.grants AS g
        ON g.kind = o.kind AND (g.object = o.name OR g.object = o.everything AND NOT EXISTS (
             SELECT FROM identity.grants AS s WHERE (s.kind, s.object, s.privilege) = (o.kind, o.name, g.privilege)))
      LEFT JOIN pg_attribute AS a ON a.attrelid = o.relation AND a.attname = ANY (g.columns)
      CROSS JOIN LATERAL unnest(g.roles) AS r),
  given AS (
    SELECT o.said, a.privilege_type AS privilege, g.role_name
      FROM objects AS o CROSS JOIN LATERAL aclexplode(o.acl) AS a JOIN groups AS g ON g.oid = a.grantee
    UNION ALL
    SELECT o.said, format('%s (%I)', x.privilege_type, a.attname), g.role_name
      FROM objects AS o JOIN pg_attribute AS a ON a.attrelid = o.relation
      CROSS JOIN LATERAL aclexplode(a.attacl) AS x JOIN groups AS g ON g.oid = x.grantee)
  SELECT coalesce(w.said, g.said), coalesce(w.privilege, g.privilege), coalesce(w.role_name, g.role_name),
         w.said IS NOT NULL
    FROM wanted AS w FULL JOIN given AS g
      ON (w.said, w.privilege, w.role_name) = (g.said, g.privilege, g.role_name)
   WHERE w.said IS NULL OR g.said IS NULL
$$;
COMMENT ON FUNCTION internal.grant_differences() IS
  'What identity.grants says and the groups of the engine do not have (is_wanted), and what they have and it does not '
  'say; none after an installation.';
