CREATE OR REPLACE FUNCTION internal.totp_code(p_secret bytea, p_step bigint, p_digits int DEFAULT 6)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT lpad(((((get_byte(h.mac, o.at) & 127)::bigint << 24) | (get_byte(h.mac, o.at + 1) << 16)
                | (get_byte(h.mac, o.at + 2) << 8) | get_byte(h.mac, o.at + 3))
               % (10 ^ p_digits)::bigint)::text, p_digits, '0')
    FROM (SELECT public.hmac(int8send(p_step), p_secret, 'sha1') AS mac) AS h,
         LATERAL (SELECT get_byte(h.mac, 19) & 15 AS at) AS o
$$;
COMMENT ON FUNCTION internal.totp_code(bytea, bigint, int) IS
  'One-time code of a step of 30 seconds since 1970: RFC 6238 over the truncation of RFC 4226, SHA-1.';
