-- reads market.bars, market.ticks
CREATE OR REPLACE FUNCTION internal.market_fingerprint(
  p_instrument_ids int[], p_resolution interval, p_from timestamptz, p_until timestamptz)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT lpad(to_hex(coalesce(bit_xor(e.hash), 0) # count(*)), 16, '0')
    FROM (SELECT hash_record_extended(ROW (b.instrument_id, b.ts, b.open, b.high, b.low, b.close, b.volume), 0) AS hash
            FROM market.bars AS b
           WHERE b.instrument_id = ANY (p_instrument_ids) AND b.resolution = p_resolution
             AND b.ts > p_from - interval '1 day' AND b.ts < p_until
          UNION ALL
          SELECT hash_record_extended(ROW (t.instrument_id, t.ts, t.seq, t.price, t.size), 0)
            FROM market.ticks AS t
           WHERE p_resolution IS NULL AND t.instrument_id = ANY (p_instrument_ids) AND NOT t.suspicious
             AND t.ts >= p_from AND t.ts < p_until) AS e
$$;
COMMENT ON FUNCTION internal.market_fingerprint(int[], interval, timestamptz, timestamptz) IS
  'A hash over bars (NULL: over ticks) of instruments: equal for equal data.';
