-- Group roles, without login: grant them to the roles of people and programs.
DO $$
DECLARE
  v_role text;
BEGIN
  FOREACH v_role IN ARRAY ARRAY['bourse_analyst', 'bourse_trader', 'bourse_runner', 'bourse_admin'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = v_role) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', v_role);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;  -- another database of this server was being migrated at the same moment; roles are shared
      END;
    END IF;
  END LOOP;
END
$$;
