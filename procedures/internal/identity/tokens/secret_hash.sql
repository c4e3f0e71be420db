CREATE OR REPLACE FUNCTION internal.secret_hash(p_secret text)
RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT sha256(convert_to(left(p_secret, 256), 'UTF8'))
$$;
COMMENT ON FUNCTION internal.secret_hash(text) IS
  'Hash under which a secret is kept. It is random, so that a fast hash is enough.';
