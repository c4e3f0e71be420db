-- reads market.exchanges, market.sessions, market.holidays
CREATE OR REPLACE FUNCTION market.next_day_end(exchange_id int, at timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_day  date;
  v_ends timestamptz;
BEGIN
  SELECT (next_day_end.at AT TIME ZONE e.time_zone)::date INTO v_day
    FROM market.exchanges AS e
   WHERE e.exchange_id = next_day_end.exchange_id;
  FOR n IN 0..14 LOOP
    SELECT max(b.closes_at) INTO v_ends FROM market.session_bounds(next_day_end.exchange_id, v_day + n) AS b;
    IF v_ends > next_day_end.at THEN
      RETURN v_ends;
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION market.next_day_end(int, timestamptz) IS
  'The first time after this one at which the last session of a local day closes; NULL when the exchange does not '
  'trade within two weeks.';
