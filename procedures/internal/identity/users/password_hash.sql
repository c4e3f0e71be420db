-- reads identity.settings; errors TR727
CREATE OR REPLACE FUNCTION internal.password_hash(p_password text)
RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_shortest int := (SELECT s.shortest_password FROM identity.settings AS s);
BEGIN
  IF (length(p_password) >= v_shortest AND octet_length(p_password) <= 72) IS NOT TRUE THEN
    RAISE EXCEPTION 'a password has at least % characters and at most 72 bytes', v_shortest
      USING ERRCODE = 'TR727',
            DETAIL = CASE WHEN p_password IS NULL THEN 'It is NULL.'
                          ELSE format('It has %s characters and %s bytes.', length(p_password),
                                      octet_length(p_password)) END,
            HINT = 'bcrypt would leave out what comes after 72 bytes; letters beyond ASCII have two and more.';
  END IF;
  RETURN public.crypt(p_password, public.gen_salt('bf', 12));
END
$$;
COMMENT ON FUNCTION internal.password_hash(text) IS 'bcrypt hash, cost 12, of a new password. Error TR727.';
