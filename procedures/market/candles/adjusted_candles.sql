-- reads candles, market.corporate_actions, market.exchanges; errors TR101, TR103, TR104
CREATE OR REPLACE FUNCTION market.adjusted_candles(
  p_symbol text, p_resolution interval, p_from timestamptz, p_until timestamptz)
RETURNS TABLE (bucket timestamptz, open float8, high float8, low float8, close float8, volume float8, vwap float8,
               ticks bigint, source text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_instrument_id int := market.instrument_id(p_symbol);
  v_exchange market.exchanges;
  -- Longer candles may reach over an ex-date: they are made of adjusted days.
  v_base     interval := least(p_resolution, interval '1 day');
  v_reach    interval := CASE WHEN p_resolution > interval '1 day' THEN p_resolution + interval '1 day'
                              ELSE interval '0' END;
BEGIN
  SELECT e.* INTO v_exchange
    FROM market.exchanges AS e JOIN market.instruments AS i USING (exchange_id)
   WHERE i.instrument_id = v_instrument_id;
  RETURN QUERY
    WITH factors AS (
      SELECT f.* FROM market.adjustment_factors(p_symbol) AS f
    ), pieces AS (
      SELECT CASE WHEN v_reach = interval '0' THEN c.bucket
                  ELSE market.any_bucket(c.bucket, p_resolution, v_exchange.time_zone, v_exchange.day_starts,
                                         v_exchange.grid_starts) END AS bucket,
             c.bucket AS piece,
             c.open * f.price_factor AS open, c.high * f.price_factor AS high, c.low * f.price_factor AS low,
             c.close * f.price_factor AS close, c.volume * f.volume_factor AS volume, c.vwap * f.price_factor AS vwap,
             c.ticks, c.source
        FROM factors AS f
        CROSS JOIN LATERAL market.raw_candles(v_instrument_id, v_base, greatest(p_from, f.from_time),
                                              least(p_until + v_reach, f.until_time)) AS c
    ), made AS (
      SELECT p.bucket, (array_agg(p.open ORDER BY p.piece))[1] AS open, max(p.high) AS high, min(p.low) AS low,
             (array_agg(p.close ORDER BY p.piece DESC))[1] AS close, sum(p.volume) AS volume,
             CASE WHEN count(*) = 1 THEN min(p.vwap)
                  ELSE sum(p.vwap * p.volume) / nullif(sum(p.volume) FILTER (WHERE p.vwap IS NOT NULL), 0) END AS vwap,
             sum(p.ticks)::bigint AS ticks,
             (SELECT string_agg(DISTINCT w.source, '+' ORDER BY w.source)
                FROM unnest(array_agg(DISTINCT p.source)) AS n (source)
                CROSS JOIN LATERAL string_to_table(n.source, '+') AS w (source)) AS source
        FROM pieces AS p
       WHERE p.bucket >= p_from AND p.bucket < p_until
       GROUP BY p.bucket
    ), long AS (
      -- A vendor's long bars; one over an ex-date only where its days are not known.
      SELECT c.bucket, c.open * f.price_factor AS open, c.high * f.price_factor AS high, c.low * f.price_factor AS low,
             c.close * f.price_factor AS close, c.volume * f.volume_factor AS volume, c.vwap * f.price_factor AS vwap,
             c.ticks, c.source
        FROM factors AS f
        CROSS JOIN LATERAL market.raw_candles(v_instrument_id, p_resolution, greatest(p_from, f.from_time),
                                              least(p_until, f.until_time)) AS c
       WHERE v_reach > interval '0' AND c.source <> 'ticks'
         AND EXISTS (SELECT FROM market.bars AS b
                      WHERE b.instrument_id = v_instrument_id AND b.resolution = p_resolution AND b.ts = c.bucket)
         AND (NOT EXISTS (SELECT FROM made AS m WHERE m.bucket = c.bucket)
              OR (c.bucket AT TIME ZONE v_exchange.time_zone + p_resolution) AT TIME ZONE v_exchange.time_zone
                 <= f.until_time)
    )
    SELECT m.* FROM made AS m WHERE NOT EXISTS (SELECT FROM long AS c WHERE c.bucket = m.bucket)
    UNION ALL
    SELECT c.* FROM long AS c
     ORDER BY 1;
END
$$;
COMMENT ON FUNCTION market.adjusted_candles(text, interval, timestamptz, timestamptz) IS
  'What market.candles gives with adjusted => true. Prices are multiplied by the factor of their time, volumes by '
  'theirs; candles over a day are made of adjusted days, or are a vendor''s bars of the length. Errors TR101, TR103, '
  'TR104.';
