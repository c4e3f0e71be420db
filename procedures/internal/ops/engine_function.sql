-- reads pg_proc, pg_roles, pg_namespace
CREATE OR REPLACE FUNCTION internal.engine_function(p_signature text)
RETURNS regproc
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT p.oid::regproc
    FROM pg_proc AS p JOIN pg_roles AS r ON r.oid = p.proowner
   WHERE p.oid = to_regprocedure(p_signature)
     AND (r.rolsuper OR r.oid = (SELECT n.nspowner FROM pg_namespace AS n WHERE n.nspname = 'internal'))
$$;
COMMENT ON FUNCTION internal.engine_function(text) IS
  'A function of the extension bourse, such as ta.run_backtest(text), which doors call with their rights: only what a '
  'superuser or the owner of the engine has put there. NULL where there is none.';
