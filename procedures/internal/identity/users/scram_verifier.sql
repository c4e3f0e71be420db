-- RFC 5802 and RFC 7677, as PostgreSQL keeps it in pg_authid.rolpassword
CREATE OR REPLACE FUNCTION internal.scram_verifier(p_password text, p_salt bytea DEFAULT public.gen_random_bytes(16))
RETURNS text
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_password bytea := convert_to(normalize(p_password, NFKC), 'UTF8');
  v_block    bytea := public.hmac(p_salt || '\x00000001'::bytea, v_password, 'sha256');
  v_sum      bit(256) := ('x' || encode(v_block, 'hex'))::bit(256);
  v_key      bytea;
BEGIN
  FOR i IN 2 .. 4096 LOOP
    v_block := public.hmac(v_block, v_password, 'sha256');
    v_sum := v_sum # ('x' || encode(v_block, 'hex'))::bit(256);
  END LOOP;
  v_key := decode((SELECT string_agg(lpad(to_hex(substring(v_sum FROM n * 32 + 1 FOR 32)::bit(32)::bigint), 8, '0'), ''
                                     ORDER BY n) FROM generate_series(0, 7) AS n), 'hex');
  RETURN format('SCRAM-SHA-256$4096:%s$%s:%s', encode(p_salt, 'base64'),
                encode(sha256(public.hmac('Client Key'::bytea, v_key, 'sha256')), 'base64'),
                encode(public.hmac('Server Key'::bytea, v_key, 'sha256'), 'base64'));
END
$$;
COMMENT ON FUNCTION internal.scram_verifier(text, bytea) IS
  'What CREATE ROLE takes in place of a password: the verifier of SCRAM-SHA-256, from which nobody gets it back.';
