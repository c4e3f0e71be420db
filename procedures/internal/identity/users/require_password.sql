-- reads identity.settings; errors TR727
CREATE OR REPLACE FUNCTION internal.require_password(p_password text)
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
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
END
$$;
COMMENT ON FUNCTION internal.require_password(text) IS
  'Refuses what is too short or too long for a password. Error TR727.';
