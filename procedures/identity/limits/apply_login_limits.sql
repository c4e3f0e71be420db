-- reads identity.login_limits, pg_roles; alters roles
CREATE OR REPLACE FUNCTION identity.apply_login_limits()
RETURNS SETOF text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_role record;
BEGIN
  FOR v_role IN
    SELECT DISTINCT ON (r.rolname) r.rolname, l.*
      FROM pg_roles AS r
      JOIN pg_roles AS g ON pg_has_role(r.oid, g.oid, 'MEMBER')
      JOIN identity.login_limits AS l ON l.group_role = g.rolname
     WHERE r.rolcanlogin AND NOT r.rolsuper
     ORDER BY r.rolname, l.place
  LOOP
    EXECUTE format('ALTER ROLE %I CONNECTION LIMIT %s', v_role.rolname, v_role.connections);
    EXECUTE format('ALTER ROLE %I SET statement_timeout = %L', v_role.rolname,
                   round(extract(epoch FROM v_role.statement_timeout) * 1000));
    EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', v_role.rolname,
                   round(extract(epoch FROM v_role.idle_timeout) * 1000));
    EXECUTE format('ALTER ROLE %I SET work_mem = %L', v_role.rolname, v_role.work_mem_kb || 'kB');
    -- Only superusers say this one.
    IF current_setting('is_superuser') = 'on' THEN
      EXECUTE format('ALTER ROLE %I SET temp_file_limit = %L', v_role.rolname,
                     CASE v_role.temp_file_mb WHEN -1 THEN '-1' ELSE v_role.temp_file_mb || 'MB' END);
    END IF;
    RETURN NEXT v_role.rolname;
  END LOOP;
END
$$;
COMMENT ON FUNCTION identity.apply_login_limits() IS
  'Gives each role that logs in and is in a group of the engine what identity.login_limits says, for its connections '
  'from then on, and returns their names. For who may alter them.';
