-- reads what the query reads; writes identity.acting and takes it back; errors TR734, TR803, TR804, TR805, TR806, and
-- those of the query
CREATE OR REPLACE FUNCTION internal.owner_rows(p_owner text, p_query text, p_bound float8, p_limit int)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_role text := internal.owner_role(p_owner);
  v_rows jsonb;
BEGIN
  IF p_owner IS NOT NULL AND v_role IS NULL THEN
    RAISE EXCEPTION 'the owner of the rule may not log in'
      USING ERRCODE = 'TR803', DETAIL = format('%s is disabled, gone, or in no group.', p_owner),
            HINT = 'Disable the rule, or remove it.';
  ELSIF p_owner IS NOT NULL
        AND NOT EXISTS (SELECT FROM pg_proc AS f JOIN pg_roles AS o ON o.oid = f.proowner
                         WHERE f.oid = to_regprocedure(format('internal.rows_as_%s(text,float8,int)', v_role))
                           AND f.prosecdef AND o.rolname = 'bourse_conditions_' || v_role
                           AND NOT o.rolsuper) THEN
    -- A dump that was restored without owners gave them to whoever restored it.
    RAISE EXCEPTION 'conditions of users cannot be evaluated here'
      USING ERRCODE = 'TR805',
            DETAIL = format('internal.rows_as_%s does not belong to bourse_conditions_%1$s.', v_role),
            HINT = 'Run bourse migrate as a superuser.';
  END IF;
  BEGIN
    IF p_owner IS NOT NULL THEN
      INSERT INTO identity.acting AS a (pid, xid, server_started, username, role, scopes)
      VALUES (pg_backend_pid(), pg_current_xact_id(), pg_postmaster_start_time(), p_owner, v_role, '{}')
      ON CONFLICT ON CONSTRAINT acting_pkey DO UPDATE
         SET xid = EXCLUDED.xid, server_started = EXCLUDED.server_started, username = EXCLUDED.username,
             role = EXCLUDED.role, scopes = EXCLUDED.scopes, session_id = NULL, key_id = NULL;
      IF ops.actor() <> p_owner OR identity.actor_role() <> v_role THEN
        RAISE EXCEPTION 'the server does not count what transactions write'
          USING ERRCODE = 'TR734', DETAIL = format('track_counts is %s.', current_setting('track_counts')),
                HINT = 'Set track_counts = on: without it nobody could tell for whom a condition is evaluated.';
      END IF;
    END IF;
    PERFORM set_config('transaction_read_only', 'on', true);
    IF p_owner IS NULL THEN
      v_rows := internal.condition_rows(p_query, p_bound, p_limit);
    ELSE
      EXECUTE format('SELECT internal.%I($1, $2, $3)', 'rows_as_' || v_role) INTO v_rows
        USING p_query, p_bound, p_limit;
    END IF;
    -- Back out of it all: whom it acted for, settings that the query changed, and what it locked.
    RAISE EXCEPTION 'the condition was read'
      USING ERRCODE = 'TR806', DETAIL = 'What it did is taken back.', HINT = 'Nobody sees this.';
  EXCEPTION WHEN SQLSTATE 'TR806' THEN
    NULL;
  END;
  RETURN v_rows;
END
$$;
COMMENT ON FUNCTION internal.owner_rows(text, text, float8, int) IS
  'What a condition returns with the rights of its owner (NULL: of the house), who can change nothing by it: it runs '
  'read-only, as a group that is no superuser, and all that it did is taken back. Errors TR734, TR803, TR804, TR805.';
