CREATE OR REPLACE FUNCTION internal.draw(p_seed bigint, p_key text)
RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SECURITY INVOKER
AS $$
  -- 52 bits, which a double holds.
  SELECT ('x' || left(md5(p_seed || '/' || p_key), 13))::bit(52)::bigint / 4503599627370496.0::float8
$$;
COMMENT ON FUNCTION internal.draw(bigint, text) IS
  'A number from 0 to below 1 that depends on seed and key alone, and is the same on every machine.';
