-- reads identity.secret_keys
CREATE OR REPLACE FUNCTION internal.sign_token(p_claims json)
RETURNS text
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
  SELECT t.signed || '.' || internal.base64url(public.hmac(convert_to(t.signed, 'UTF8'), t.secret, 'sha256'))
    FROM (SELECT k.secret,
                 internal.base64url(convert_to(
                   format('{"alg":"HS256","typ":"JWT","kid":"%s"}', k.key_id), 'UTF8'))
                 || '.' || internal.base64url(convert_to(p_claims::text, 'UTF8')) AS signed
            FROM identity.secret_keys AS k WHERE k.purpose = 'tokens' AND k.retired_at IS NULL) AS t
$$;
COMMENT ON FUNCTION internal.sign_token(json) IS 'A JWT with these claims, HS256, under the key that is in use.';
