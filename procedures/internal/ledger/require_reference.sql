-- errors TR409
CREATE OR REPLACE FUNCTION internal.require_reference(p_reference text)
RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  IF length(p_reference) > 256 THEN
    RAISE EXCEPTION 'a reference has at most 256 characters'
      USING ERRCODE = 'TR409', DETAIL = format('It has %s characters.', length(p_reference)),
            HINT = 'Send a short key of the transfer, such as its number where it comes from.';
  END IF;
END
$$;
COMMENT ON FUNCTION internal.require_reference(text) IS
  'Refuses a reference that is too long to be a key; NULL is none. Error TR409.';
