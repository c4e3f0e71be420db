CREATE OR REPLACE FUNCTION internal.base64url(p_bytes bytea)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT rtrim(translate(encode(p_bytes, 'base64'), E'+/\n', '-_'), '=')
$$;
COMMENT ON FUNCTION internal.base64url(bytea) IS 'Bytes in base64url without padding (RFC 4648, section 5).';
