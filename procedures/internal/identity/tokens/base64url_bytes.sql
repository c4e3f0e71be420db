-- errors: none; what is not base64url, or not the one way to write its bytes, is NULL
CREATE OR REPLACE FUNCTION internal.base64url_bytes(p_text text)
RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT CASE WHEN internal.base64url(d.bytes) = p_text THEN d.bytes END
    FROM (SELECT CASE WHEN p_text ~ '^[A-Za-z0-9_-]*$' AND length(p_text) % 4 <> 1
                      THEN decode(rpad(translate(p_text, '-_', '+/'), (length(p_text) + 3) / 4 * 4, '='), 'base64')
                      END AS bytes) AS d
$$;
COMMENT ON FUNCTION internal.base64url_bytes(text) IS
  'Bytes of a text in base64url without padding; NULL when it is none, or has bits beyond its last byte.';
