-- makes internal.rows_as_admin and its like: internal.condition_rows with the rights of each group, which nobody but
-- the owner of the engine may call. A function with its owner's rights cannot take on another role, so that a role in
-- the group owns it, which nobody is a member of: the query cannot leave these rights. Where the engine's owner may not
-- give functions to these roles there are none, and conditions of users fail with TR805.
DO $$
DECLARE
  v_group text;
BEGIN
  FOREACH v_group IN ARRAY '{admin,runner,trader,analyst,investor}'::text[] LOOP
    CONTINUE WHEN NOT pg_has_role('bourse_conditions_' || v_group, 'MEMBER');
    EXECUTE format($f$
      CREATE OR REPLACE FUNCTION internal.%1$I(p_query text, p_bound float8, p_limit int) RETURNS jsonb
      LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
      SET search_path = pg_catalog, pg_temp SET row_security = on AS %2$L;
      COMMENT ON FUNCTION internal.%1$I(text, float8, int) IS %3$L;
      REVOKE ALL ON FUNCTION internal.%1$I(text, float8, int) FROM PUBLIC;
      GRANT CREATE ON SCHEMA internal TO %4$I;
      ALTER FUNCTION internal.%1$I(text, float8, int) OWNER TO %4$I;
      REVOKE CREATE ON SCHEMA internal FROM %4$I;$f$,
      'rows_as_' || v_group,
      (SELECT p.prosrc FROM pg_proc AS p WHERE p.oid = 'internal.condition_rows(text,float8,int)'::regprocedure),
      format('internal.condition_rows with the rights of bourse_%s alone. Error TR804.', v_group),
      'bourse_conditions_' || v_group);
  END LOOP;
END
$$;
