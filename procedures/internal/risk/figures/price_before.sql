-- reads market.candle_rows
CREATE OR REPLACE FUNCTION internal.price_before(p_instrument_id int, p_before timestamptz, p_since timestamptz)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  -- Days and weeks begin with a minute, so no tick of this candle came later.
  RETURN (SELECT c.close::numeric FROM market.candle_rows AS c
           WHERE c.instrument_id = p_instrument_id AND c.minutes = 1 AND c.bucket < p_before
             AND c.bucket > p_since - interval '1 minute'
           ORDER BY c.bucket DESC LIMIT 1);
END
$$;
COMMENT ON FUNCTION internal.price_before(int, timestamptz, timestamptz) IS
  'Last price of an instrument before a full minute, by the candles of its ticks; NULL when there is none since '
  'p_since.';
