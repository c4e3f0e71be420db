-- errors TR727
CREATE OR REPLACE FUNCTION internal.password_hash(p_password text)
RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  PERFORM internal.require_password(p_password);
  RETURN public.crypt(p_password, public.gen_salt('bf', 12));
END
$$;
COMMENT ON FUNCTION internal.password_hash(text) IS 'bcrypt hash, cost 12, of a new password. Error TR727.';
