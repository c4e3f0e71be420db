-- writes market.ticks, market.candle_store
CREATE OR REPLACE FUNCTION market.delete_ticks(symbol text, from_time timestamptz, until_time timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_id    constant int := market.instrument_id(delete_ticks.symbol);
  v_ticks bigint;
BEGIN
  -- Said here and not as a setting of the function: that only a superuser may give it.
  PERFORM set_config('bourse.procedure', 'ticks', true);
  DELETE FROM market.ticks AS t WHERE t.instrument_id = v_id AND t.ts >= from_time AND t.ts < until_time;
  GET DIAGNOSTICS v_ticks = ROW_COUNT;
  PERFORM set_config('bourse.procedure', '', true);
  -- Where ticks are no hypertable a trigger has done that.
  IF v_ticks > 0 AND market.storage_tier() <> 'plain' THEN
    PERFORM market.rebuild_candles(v_id, from_time, until_time);
  END IF;
  RETURN v_ticks;
END
$$;
COMMENT ON FUNCTION market.delete_ticks(text, timestamptz, timestamptz) IS
  'Deletes the ticks of an instrument from one time until before another, computes their candles anew and returns how '
  'many they were. For who may delete from market.ticks. Errors TR101, TR103.';
