-- errors TR701
CREATE OR REPLACE FUNCTION internal.require_admin(p_act text)
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
BEGIN
  IF identity.actor_role() IS DISTINCT FROM 'admin' THEN
    RAISE EXCEPTION 'only an administrator may %', p_act
      USING ERRCODE = 'TR701',
            DETAIL = format('%s acts as %s.', ops.actor(), coalesce(identity.actor_role(), 'nobody in particular')),
            HINT = 'An administrator has the role admin, and a token with the scope admin, or is in the group '
                   'bourse_admin.';
  END IF;
END
$$;
COMMENT ON FUNCTION internal.require_admin(text) IS 'Refuses whoever does not act as administrator. Error TR701.';
