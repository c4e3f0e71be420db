-- reads market.exchanges, market.sessions, market.holidays
CREATE OR REPLACE FUNCTION market.last_closed_day(exchange_id int, at timestamptz)
RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_day date := market.trading_day(last_closed_day.exchange_id, last_closed_day.at);
BEGIN
  FOR n IN 0..14 LOOP
    IF (SELECT h.closes_at FROM market.trading_hours(last_closed_day.exchange_id, v_day - n) AS h)
       <= last_closed_day.at THEN
      RETURN v_day - n;
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION market.last_closed_day(int, timestamptz) IS
  'The latest trading day whose last session is over by then; NULL when the exchange has not traded within two weeks.';
