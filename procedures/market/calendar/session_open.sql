-- reads market.exchanges, market.sessions, market.holidays
CREATE OR REPLACE FUNCTION market.session_open(exchange_id int, at timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_day   date;
  v_opens timestamptz;
BEGIN
  SELECT (session_open.at AT TIME ZONE e.time_zone)::date INTO v_day
    FROM market.exchanges AS e
   WHERE e.exchange_id = session_open.exchange_id;
  FOR n IN 0..14 LOOP
    SELECT min(b.opens_at) INTO v_opens
      FROM market.session_bounds(session_open.exchange_id, v_day + n) AS b
     WHERE b.opens_at >= session_open.at;
    IF v_opens IS NOT NULL THEN
      RETURN v_opens;
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION market.session_open(int, timestamptz) IS
  'The first opening at or after this time; NULL when the exchange does not trade within two weeks.';
