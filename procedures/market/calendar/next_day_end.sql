-- reads market.exchanges, market.sessions, market.holidays
CREATE OR REPLACE FUNCTION market.next_day_end(exchange_id int, at timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_day  date := market.trading_day(next_day_end.exchange_id, next_day_end.at);
  v_ends timestamptz;
BEGIN
  FOR n IN 0..14 LOOP
    SELECT h.closes_at INTO v_ends FROM market.trading_hours(next_day_end.exchange_id, v_day + n) AS h;
    IF v_ends > next_day_end.at THEN
      RETURN v_ends;
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION market.next_day_end(int, timestamptz) IS
  'The first time after this one at which the last session of a trading day closes; NULL when the exchange does not '
  'trade within two weeks.';
