-- reads market.instruments, market.exchanges; errors TR101, TR103
CREATE OR REPLACE FUNCTION internal.backtest_series(
  p_report jsonb, p_timeframe interval, p_traded int[], p_legs int[])
RETURNS TABLE (instrument_id int, series int, source_id int, exchange_id int, length interval, candles int)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT t.instrument_id, s.place::int - 1, i.instrument_id, i.exchange_id,
         coalesce((s.entry ->> 'length')::interval, justify_hours(p_timeframe)), (s.entry ->> 'candles')::int
    FROM unnest(p_traded) AS t (instrument_id)
    CROSS JOIN jsonb_array_elements(p_report -> 'series') WITH ORDINALITY AS s (entry, place)
    JOIN market.instruments AS i
      ON i.instrument_id = CASE WHEN s.entry ->> 'symbol' IS NULL THEN t.instrument_id
                                ELSE market.find_instrument(s.entry ->> 'symbol') END
  UNION ALL
  SELECT i.instrument_id, 0, i.instrument_id, i.exchange_id, justify_hours(p_timeframe), 1
    FROM market.instruments AS i WHERE i.instrument_id = ANY (p_legs)
$$;
COMMENT ON FUNCTION internal.backtest_series(jsonb, interval, int[], int[]) IS
  'The series of candles that a backtest looks at: of each instrument that its rules trade those that the report of '
  'its strategy''s check names, and of each leg its own. candles: as many as warm it up. Errors TR101, TR103.';
