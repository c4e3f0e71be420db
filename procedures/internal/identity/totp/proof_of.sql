-- reads identity.credentials; locks the row
CREATE OR REPLACE FUNCTION internal.proof_of(p_user_id int)
RETURNS identity.credentials
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_proof identity.credentials;
BEGIN
  SELECT c.* INTO STRICT v_proof FROM identity.credentials AS c WHERE c.user_id = p_user_id FOR UPDATE;
  RETURN v_proof;
END
$$;
COMMENT ON FUNCTION internal.proof_of(int) IS 'What proves that a user is himself, locked until the transaction ends.';
