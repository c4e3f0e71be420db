-- by identity.accept_token writes identity.acting; errors as there
CREATE OR REPLACE FUNCTION identity.use_token(access_token text)
RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM set_config('role', 'bourse_' || identity.accept_token(use_token.access_token), true);
  RETURN ops.actor();
END
$$;
COMMENT ON FUNCTION identity.use_token(text) IS
  'Gives this transaction its user: by an access token or an API key. ops.actor() is the user from the next statement '
  'on, and rights are those of the user''s role within the token''s scopes, whatever the connection''s are; both end '
  'with the transaction. A token that is refused is an error. Returns the user. Errors TR718, TR721, TR722, TR723, '
  'TR728, TR734, TR735.';
REVOKE ALL ON FUNCTION identity.use_token(text) FROM PUBLIC;
