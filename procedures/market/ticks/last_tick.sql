-- reads market.ticks, market.candle_rows
CREATE OR REPLACE FUNCTION market.last_tick(p_instrument_id int, p_at timestamptz)
RETURNS TABLE (ts timestamptz, seq bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_candle market.candle_rows;
BEGIN
  SELECT * INTO v_candle FROM market.candle_rows AS s
   WHERE s.instrument_id = p_instrument_id AND s.minutes = 1 AND s.bucket <= p_at AND s.first_ts <= p_at
   ORDER BY s.bucket DESC
   LIMIT 1;
  IF v_candle.last_ts <= p_at THEN
    RETURN QUERY SELECT v_candle.last_ts, v_candle.last_seq;
  ELSIF FOUND THEN
    RETURN QUERY
      SELECT t.ts, t.seq FROM market.ticks AS t
       WHERE t.instrument_id = p_instrument_id AND t.ts >= v_candle.bucket AND t.ts <= p_at AND NOT t.suspicious
       ORDER BY t.ts DESC, t.seq DESC LIMIT 1;
  END IF;
END
$$;
COMMENT ON FUNCTION market.last_tick(int, timestamptz) IS
  'Time and sequence of the last tick of an instrument at or before this time, suspicious ones left out; no row when '
  'there is none.';
