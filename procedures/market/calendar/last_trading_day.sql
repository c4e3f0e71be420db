-- reads market.exchanges, market.sessions, market.holidays
CREATE OR REPLACE FUNCTION market.last_trading_day(exchange_id int, day date)
RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  FOR n IN 0..14 LOOP
    IF (SELECT h.closes_at
          FROM market.trading_hours(last_trading_day.exchange_id, last_trading_day.day - n) AS h) IS NOT NULL THEN
      RETURN last_trading_day.day - n;
    END IF;
  END LOOP;
  RETURN last_trading_day.day;
END
$$;
COMMENT ON FUNCTION market.last_trading_day(int, date) IS
  'This day when the exchange trades on it, else the latest before on which it does: the last day of a contract that '
  'is said to expire on a holiday; the day itself when there was no trading within two weeks.';
