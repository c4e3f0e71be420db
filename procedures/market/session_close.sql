-- reads market.exchanges, market.sessions, market.holidays
CREATE OR REPLACE FUNCTION market.session_close(exchange_id int, at timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_day    date;
  v_closes timestamptz;
BEGIN
  SELECT (session_close.at AT TIME ZONE e.time_zone)::date INTO v_day FROM market.exchanges AS e WHERE e.exchange_id = session_close.exchange_id;
  FOR n IN 0..14 LOOP
    SELECT min(b.closes_at) INTO v_closes FROM market.session_bounds(session_close.exchange_id, v_day + n) AS b WHERE b.closes_at > session_close.at;
    IF v_closes IS NOT NULL THEN
      RETURN v_closes;
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION market.session_close(int, timestamptz) IS
  'The first close after this time, of the session under way or else of the next one; NULL when the exchange does not trade within two weeks.';
