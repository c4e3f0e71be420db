CREATE EXTENSION bourse;
SELECT extversion FROM pg_extension WHERE extname = 'bourse';
-- Every object of the extension has a comment; every function but the one that reads stored events is immutable, parallel
-- safe and in the schema ta.
SELECT pg_describe_object(classid, objid, 0)
  FROM pg_depend
 WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'bourse')
   AND deptype = 'e' AND classid IN ('pg_proc'::regclass, 'pg_type'::regclass)
   AND obj_description(objid, classid::regclass::name) IS NULL
   AND NOT EXISTS (SELECT FROM pg_type t WHERE t.oid = objid AND t.typcategory = 'A');
SELECT count(*) > 100 AS many, bool_and(provolatile = 'i' AND proparallel = 's') AS true_labels
  FROM pg_proc WHERE pronamespace = 'ta'::regnamespace AND proname NOT IN ('run_backtest', 'run_trials');
\i sql/golden.psql
