-- errors TR725
CREATE OR REPLACE FUNCTION internal.refuse_document(p_name text, p_document jsonb)
RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  IF p_document IS NOT NULL
     AND (jsonb_typeof(p_document) <> 'object' OR octet_length(p_document::text) > 16384) THEN
    RAISE EXCEPTION 'no user can have this %', p_name
      USING ERRCODE = 'TR725',
            DETAIL = format('It is of type %s and has %s bytes.', jsonb_typeof(p_document),
                            octet_length(p_document::text)),
            HINT = 'It is a JSON object of at most 16,384 bytes.';
  END IF;
END
$$;
COMMENT ON FUNCTION internal.refuse_document(text, jsonb) IS
  'Refuses what is no JSON object, or too large; NULL is fine. Error TR725.';
