CREATE OR REPLACE FUNCTION internal.base32(p_bytes bytea)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT string_agg(substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 
                           rpad(substr(b.bits, 5 * i + 1, 5), 5, '0')::bit(5)::int + 1, 1),
                    '' ORDER BY i)
    FROM (SELECT string_agg(get_byte(p_bytes, n)::bit(8)::text, '' ORDER BY n) AS bits
            FROM generate_series(0, octet_length(p_bytes) - 1) AS n) AS b,
         generate_series(0, (8 * octet_length(p_bytes) - 1) / 5) AS i
$$;
COMMENT ON FUNCTION internal.base32(bytea) IS 'Bytes in base32 without padding (RFC 4648, section 6).';
