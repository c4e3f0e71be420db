-- reads identity.acting
CREATE OR REPLACE FUNCTION identity.actor_role()
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_role text;
  -- Who sets a role does as that one, whatever else the login may do.
  v_name name := coalesce(nullif(current_setting('role'), 'none'), session_user);
BEGIN
  IF pg_stat_get_xact_tuples_updated('identity.acting'::regclass)
     + pg_stat_get_xact_tuples_inserted('identity.acting'::regclass) > 0 THEN
    SELECT a.role INTO v_role FROM identity.acting AS a
     WHERE a.pid = pg_backend_pid() AND a.xid = pg_current_xact_id_if_assigned()
       AND a.server_started = pg_postmaster_start_time();
    IF FOUND THEN
      RETURN v_role;
    END IF;
  END IF;
  -- Of several groups the one that may do most. Superusers are members of all; current_user is the owner here.
  RETURN CASE
    WHEN pg_has_role(v_name, 'bourse_admin', 'USAGE')
         OR pg_has_role(v_name, current_user, 'USAGE')   THEN 'admin'
    WHEN pg_has_role(v_name, 'bourse_runner', 'USAGE')    THEN 'runner'
    WHEN pg_has_role(v_name, 'bourse_trader', 'USAGE')    THEN 'trader'
    WHEN pg_has_role(v_name, 'bourse_analyst', 'USAGE')   THEN 'analyst'
    WHEN pg_has_role(v_name, 'bourse_investor', 'USAGE')  THEN 'investor'
    WHEN pg_has_role(v_name, 'bourse_dashboard', 'USAGE') THEN 'dashboard' END;
END
$$;
COMMENT ON FUNCTION identity.actor_role() IS
  'What ops.actor() may be: admin, runner, trader, analyst, investor or dashboard. With a token what its user''s role '
  'and its scopes allow; without one the first of the groups in whose rights the role is that was set (SET ROLE), '
  'else that logged in, superusers and the owner of the engine being admin. NULL: none.';
REVOKE ALL ON FUNCTION identity.actor_role() FROM PUBLIC;
