-- reads identity.secret_keys; errors: none
CREATE OR REPLACE FUNCTION internal.token_claims(p_token text)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  v_parts  text[];
  v_header jsonb;
  v_secret bytea;
BEGIN
  -- Three parts, the last of them 32 bytes.
  IF length(p_token) > 4096 OR p_token !~ '^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$' THEN
    RETURN NULL;
  END IF;
  v_parts := string_to_array(p_token, '.');
  v_header := internal.json_object(internal.base64url_bytes(v_parts[1]));
  -- The header is one that sign_token writes, or it is not read: whatever it says, HMAC-SHA256 is what is compared.
  IF v_header IS NULL OR v_header - 'kid' <> '{"alg": "HS256", "typ": "JWT"}'
     OR (v_header ->> 'kid' ~ '^[1-9][0-9]{0,8}$' AND jsonb_typeof(v_header -> 'kid') = 'string') IS NOT TRUE THEN
    RETURN NULL;
  END IF;
  SELECT k.secret INTO v_secret
    FROM identity.secret_keys AS k WHERE k.purpose = 'tokens' AND k.key_id = (v_header ->> 'kid')::int;
  -- What is compared are hashes of both sides: how far they agree says nothing about the signature.
  IF NOT FOUND
     OR (sha256(public.hmac(convert_to(v_parts[1] || '.' || v_parts[2], 'UTF8'), v_secret, 'sha256'))
         = sha256(internal.base64url_bytes(v_parts[3]))) IS NOT TRUE THEN
    RETURN NULL;
  END IF;
  RETURN internal.json_object(internal.base64url_bytes(v_parts[2]));
END
$$;
COMMENT ON FUNCTION internal.token_claims(text) IS
  'What a JWT says that was signed here, whether or not it has expired since; NULL for every other text.';
