-- errors TR701
CREATE OR REPLACE FUNCTION internal.require_staff(p_what text)
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
BEGIN
  IF NOT identity.is_staff() THEN
    RAISE EXCEPTION 'that is for administrators: %', p_what
      USING ERRCODE = 'TR701',
            DETAIL = format('%s acts as %s.', ops.actor(), coalesce(identity.actor_role(), 'nobody')),
            HINT = 'docs/access.md says who may do what.';
  END IF;
END
$$;
COMMENT ON FUNCTION internal.require_staff(text) IS
  'Refuses who acts unless they serve the whole house (identity.is_staff). Error TR701.';
