-- reads candles, market.ticks; errors TR104
CREATE OR REPLACE FUNCTION internal.backtest_past_series(p_series jsonb, p_before timestamptz)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT jsonb_agg(jsonb_build_object(
           'instrument', s.instrument_id, 'series', s.series, 'source', s.source_id, 'length', s.length,
           'from', internal.microseconds(strategy.warm_up_from(s.source_id, s.length, p_before, s.candles))))
    FROM jsonb_to_recordset(p_series) AS s (instrument_id int, series int, source_id int, length interval, candles int)
$$;
COMMENT ON FUNCTION internal.backtest_past_series(jsonb, timestamptz) IS
  'From when on candles are read that warm up a backtest on ticks, for each of its series. Error TR104.';
