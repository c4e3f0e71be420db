-- reads nothing
CREATE OR REPLACE FUNCTION market.any_bucket(
  p_ts timestamptz, p_resolution interval, p_time_zone text, p_day_starts interval, p_grid_starts interval)
RETURNS timestamptz
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_day    date := ((p_ts AT TIME ZONE p_time_zone) - p_day_starts)::date;
  v_months int := extract(year FROM p_resolution) * 12 + extract(month FROM p_resolution);
  v_days   int := extract(day FROM p_resolution);
  v_seconds float8;
  v_begin  timestamptz;
  v_grid   timestamptz;
BEGIN
  IF v_months > 0 THEN
    v_day := make_date(2000, 1, 1)
             + ((floor((extract(year FROM v_day) * 12 + extract(month FROM v_day) - 24001) / v_months) * v_months)::int)
             * interval '1 month';
  ELSIF v_days > 0 THEN
    -- Weeks begin on Mondays.
    v_day := v_day - (((v_day - date '2000-01-03') % v_days + v_days) % v_days);
  END IF;
  v_begin := (v_day + p_day_starts) AT TIME ZONE p_time_zone;
  IF v_months > 0 OR v_days > 0 THEN
    RETURN v_begin;
  END IF;
  -- Within a day they count from the open, forwards and backwards, and none crosses the end of the day.
  v_grid := (v_day + p_grid_starts
             - CASE WHEN p_day_starts < interval '0' AND p_grid_starts >= p_day_starts + interval '24 hours'
                    THEN interval '24 hours' ELSE interval '0' END) AT TIME ZONE p_time_zone;
  v_seconds := extract(epoch FROM p_resolution);
  RETURN greatest(v_begin, v_grid + floor(extract(epoch FROM p_ts - v_grid) / v_seconds) * p_resolution);
END
$$;
COMMENT ON FUNCTION market.any_bucket(timestamptz, interval, text, interval, interval) IS
  'Start of the candle of any length that this time falls into, where trading days and the grid of an exchange begin '
  'as given.';
