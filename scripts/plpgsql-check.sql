-- Every PL/pgSQL function of the engine through plpgsql_check; one line per finding, none when all is well. Run by make test
-- on a migrated database.
CREATE EXTENSION IF NOT EXISTS plpgsql_check SCHEMA public;
-- What is not schema-qualified is not found.
SET search_path = '';

WITH functions AS (
  SELECT p.oid, p.prorettype = 'trigger'::regtype AS is_trigger
    FROM pg_proc AS p
    JOIN pg_namespace AS n ON n.oid = p.pronamespace
    JOIN pg_language AS l ON l.oid = p.prolang
   WHERE l.lanname = 'plpgsql' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
     AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
), targets AS (
  SELECT f.oid, 0::oid AS relation, NULL::name AS old_table, NULL::name AS new_table FROM functions AS f WHERE NOT f.is_trigger
  UNION
  -- A function of several triggers sees the transition tables of each, in branches of their own.
  SELECT f.oid, t.tgrelid, max(t.tgoldtable), max(t.tgnewtable)
    FROM functions AS f JOIN pg_trigger AS t ON t.tgfoid = f.oid WHERE f.is_trigger AND t.tgparentid = 0 GROUP BY f.oid, t.tgrelid
)
SELECT format('%s%s line %s: %s %s: %s%s', t.oid::regprocedure, CASE WHEN t.relation <> 0 THEN ' on ' || t.relation::regclass END,
              c.lineno, c.level, c.sqlstate, c.message, coalesce(' (' || c.hint || ')', ''))
  FROM targets AS t
 CROSS JOIN LATERAL public.plpgsql_check_function_tb(
         t.oid, t.relation, oldtable => t.old_table, newtable => t.new_table, fatal_errors => false, other_warnings => true, extra_warnings => true,
         performance_warnings => false, security_warnings => true) AS c
 -- The design names the parameter.
 WHERE c.message <> 'name of parameter "from" is reserved keyword'
 ORDER BY 1;

-- A trigger function that no trigger calls cannot be checked, and has no use.
SELECT format('%s is called by no trigger', p.oid::regprocedure)
  FROM pg_proc AS p
  JOIN pg_namespace AS n ON n.oid = p.pronamespace
 WHERE p.prorettype = 'trigger'::regtype AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgfoid = p.oid)
   AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
 ORDER BY 1;
