-- reads candles, market.ticks; errors TR104
CREATE OR REPLACE FUNCTION strategy.warm_up_from(
  p_instrument_id int, p_length interval, p_before timestamptz, p_candles int)
RETURNS timestamptz
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  -- Nights, weekends and holidays have no candles.
  v_span  interval := least(2 * p_candles * least(p_length, interval '1 year'), interval '300 years')
                      + interval '15 days';
  v_from  timestamptz := p_before;
  v_found bigint;
BEGIN
  IF p_before < '1900-01-01' OR p_before > '2200-01-01' THEN
    RETURN p_before;
  ELSIF p_length = interval '0' THEN
    RETURN coalesce((SELECT min(t.ts)
                       FROM (SELECT k.ts FROM market.ticks AS k
                              WHERE k.instrument_id = p_instrument_id AND k.ts < p_before AND NOT k.suspicious
                              ORDER BY k.ts DESC, k.seq DESC LIMIT p_candles) AS t), p_before);
  END IF;
  LOOP
    SELECT min(c.bucket), count(*) INTO v_from, v_found
      FROM (SELECT r.bucket
              FROM market.raw_candles(p_instrument_id, p_length, greatest(p_before - v_span, '1900-01-01'),
                                      p_before) AS r
             ORDER BY r.bucket DESC LIMIT p_candles) AS c;
    EXIT WHEN v_found = p_candles OR p_before - v_span < timestamptz '1900-01-01';
    v_span := 4 * v_span;
  END LOOP;
  RETURN coalesce(v_from, p_before);
END
$$;
COMMENT ON FUNCTION strategy.warm_up_from(int, interval, timestamptz, int) IS
  'Start of the earliest of so many candles of an instrument before a time; of the first one when there are not so '
  'many, the time itself when there is none. Length 0: ticks. Error TR104.';
