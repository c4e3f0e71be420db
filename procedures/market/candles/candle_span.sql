-- reads market.exchanges, market.sessions, market.holidays; errors TR104
CREATE OR REPLACE FUNCTION market.candle_span(exchange_id int, resolution interval, at timestamptz)
RETURNS TABLE (begins_at timestamptz, opens_at timestamptz, closes_at timestamptz, ends_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_exchange market.exchanges;
  v_day      date;
  v_next     date;
BEGIN
  SELECT * INTO v_exchange FROM market.exchanges AS e WHERE e.exchange_id = candle_span.exchange_id;
  IF (v_exchange.exchange_id IS NOT NULL AND resolution >= interval '1 day' AND resolution <= interval '10 years'
      AND date_trunc('day', resolution) = resolution
      AND (extract(day FROM resolution) = 0 OR resolution < interval '1 month'
           OR extract(epoch FROM date_trunc('month', resolution)) = 0)
      AND at > '1900-01-01' AND at < '2200-01-01') IS NOT TRUE THEN
    RAISE EXCEPTION 'a calendar has candles of whole days or of whole months'
      USING ERRCODE = 'TR104',
            DETAIL = format('Exchange %s, resolution %s, at %s.', coalesce(candle_span.exchange_id::text, 'NULL'),
                            coalesce(resolution::text, 'NULL'), coalesce(at::text, 'NULL')),
            HINT = 'Use days, weeks, months or years, but not a mixture.';
  END IF;
  begins_at := market.any_bucket(at, resolution, v_exchange.time_zone, v_exchange.day_starts, v_exchange.grid_starts);
  v_day := market.trading_day(v_exchange.exchange_id, begins_at);
  v_next := (v_day + resolution)::date;
  SELECT coalesce(h.opens_at, begins_at), coalesce(h.closes_at, h.ends_at), h.ends_at
    INTO opens_at, closes_at, ends_at
    FROM market.trading_hours(v_exchange.exchange_id, v_day, v_next) AS h;
  RETURN NEXT;
END
$$;
COMMENT ON FUNCTION market.candle_span(int, interval, timestamptz) IS
  'The candle of whole days, weeks, months or years that this time falls into on this exchange: where it begins and '
  'the next one does, and when its first session opens and its last one closes (where there is none: its begin and '
  'end). Error TR104.';
