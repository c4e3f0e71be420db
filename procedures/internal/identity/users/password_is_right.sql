CREATE OR REPLACE FUNCTION internal.password_is_right(p_password text, p_hash text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  -- Without a hash the same work is done, so that the time does not tell whether there is one.
  SELECT public.crypt(coalesce(p_password, ''),
                      coalesce(p_hash, '$2a$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW'))
         = p_hash IS TRUE
         AND octet_length(p_password) <= 72 IS TRUE
$$;
COMMENT ON FUNCTION internal.password_is_right(text, text) IS
  'Whether the password has this bcrypt hash; false for a NULL and beyond 72 bytes, after as much work.';
