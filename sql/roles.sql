-- Group roles, without login: grant them to the roles of people and programs. A gateway is a program that serves users
-- by their tokens: it has no rights of its own but to log users in, and does not inherit those that it takes on for
-- them.
DO $$
DECLARE
  v_role text;
BEGIN
  FOREACH v_role IN ARRAY ARRAY['bourse_admin', 'bourse_trader', 'bourse_investor', 'bourse_analyst', 'bourse_runner',
                                'bourse_dashboard', 'bourse_gateway'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = v_role) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN %s', v_role,
                       CASE v_role WHEN 'bourse_gateway' THEN 'NOINHERIT' ELSE 'INHERIT' END);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;  -- another database of this server was being migrated at the same moment; roles are shared
      END;
    END IF;
  END LOOP;
  -- With whose rights conditions of alerts are evaluated: nobody is a member of these.
  FOREACH v_role IN ARRAY ARRAY['admin', 'runner', 'trader', 'analyst', 'investor'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'bourse_conditions_' || v_role) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN INHERIT IN ROLE %I', 'bourse_conditions_' || v_role,
                       'bourse_' || v_role);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
      END;
    END IF;
  END LOOP;
  FOREACH v_role IN ARRAY ARRAY['bourse_trader', 'bourse_investor', 'bourse_analyst', 'bourse_dashboard'] LOOP
    IF NOT pg_has_role('bourse_gateway', v_role, 'MEMBER') THEN
      BEGIN
        EXECUTE format('GRANT %I TO bourse_gateway', v_role);
      EXCEPTION WHEN unique_violation THEN
        NULL;
      END;
    END IF;
  END LOOP;
END
$$;
