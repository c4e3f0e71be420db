-- reads market.exchanges, market.sessions, market.holidays
CREATE OR REPLACE FUNCTION market.last_closed_day(exchange_id int, at timestamptz)
RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_day date;
BEGIN
  SELECT (last_closed_day.at AT TIME ZONE e.time_zone)::date INTO v_day
    FROM market.exchanges AS e
   WHERE e.exchange_id = last_closed_day.exchange_id;
  FOR n IN 0..14 LOOP
    IF (SELECT max(b.closes_at)
          FROM market.session_bounds(last_closed_day.exchange_id, v_day - n) AS b) <= last_closed_day.at THEN
      RETURN v_day - n;
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION market.last_closed_day(int, timestamptz) IS
  'The latest local day whose last session is over by then; NULL when the exchange has not traded within two weeks.';
