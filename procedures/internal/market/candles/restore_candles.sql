-- Does nothing here; with TimescaleDB, timescaledb/candles/restore_candles.sql takes its place.
CREATE OR REPLACE FUNCTION internal.restore_candles(p_instrument_ids int[], p_from timestamptz[], p_until timestamptz[])
RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
  SELECT
$$;
COMMENT ON FUNCTION internal.restore_candles(int[], timestamptz[], timestamptz[]) IS
  'Called before candles of these spans change. Where ticks are a hypertable it brings archived ones back into '
  'market.candle_store; here all are there.';
