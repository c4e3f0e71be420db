-- Objects of the engine without a COMMENT, one line each; none when all is well. Run by make test on a migrated database.
WITH schemas AS (
  SELECT n.oid, n.nspname FROM pg_namespace AS n
   WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public')
), own AS (
  -- What extensions bring along is documented by them.
  SELECT d.classid, d.objid FROM pg_depend AS d WHERE d.deptype = 'e'
), objects AS (
  SELECT 'schema ' || s.nspname AS object, 'pg_namespace'::regclass AS class, s.oid, 0 AS part FROM schemas AS s
  UNION ALL
  SELECT CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view ' WHEN 'S' THEN 'sequence ' ELSE 'table ' END || c.oid::regclass, 'pg_class', c.oid, 0
    FROM pg_class AS c JOIN schemas AS s ON s.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
  UNION ALL
  SELECT format('column %s.%I', c.oid::regclass, a.attname), 'pg_class', c.oid, a.attnum
    FROM pg_class AS c JOIN schemas AS s ON s.oid = c.relnamespace JOIN pg_attribute AS a ON a.attrelid = c.oid
   WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT 'type ' || t.oid::regtype, 'pg_type', t.oid, 0
    FROM pg_type AS t JOIN schemas AS s ON s.oid = t.typnamespace LEFT JOIN pg_class AS c ON c.oid = t.typrelid
   WHERE t.typtype IN ('d', 'e', 'r') OR t.typtype = 'c' AND c.relkind = 'c'
  UNION ALL
  SELECT 'routine ' || p.oid::regprocedure, 'pg_proc', p.oid, 0
    FROM pg_proc AS p JOIN schemas AS s ON s.oid = p.pronamespace
  UNION ALL
  SELECT format('trigger %I on %s', g.tgname, g.tgrelid::regclass), 'pg_trigger', g.oid, 0
    FROM pg_trigger AS g JOIN pg_class AS c ON c.oid = g.tgrelid JOIN schemas AS s ON s.oid = c.relnamespace
   WHERE NOT g.tgisinternal AND g.tgparentid = 0
)
SELECT o.object || ' has no COMMENT'
  FROM objects AS o
 WHERE NOT EXISTS (SELECT FROM pg_description AS d WHERE d.classoid = o.class AND d.objoid = o.oid AND d.objsubid = o.part)
   AND NOT EXISTS (SELECT FROM own WHERE own.classid = o.class AND own.objid = o.oid)
 ORDER BY 1;
