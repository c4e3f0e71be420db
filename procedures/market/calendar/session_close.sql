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
  -- Nearly always it is today, and no holiday; the others are left to market.session_bounds.
  SELECT l.day, (SELECT min((l.day + w.closes) AT TIME ZONE l.zone) FROM market.sessions AS w
                  WHERE w.exchange_id = session_close.exchange_id AND w.weekday = extract(isodow FROM l.day)
                    AND (l.day + w.closes) AT TIME ZONE l.zone > session_close.at
                    AND NOT EXISTS (SELECT FROM market.holidays AS h
                                     WHERE h.exchange_id = session_close.exchange_id AND h.day = l.day))
    INTO v_day, v_closes
    FROM (SELECT (session_close.at AT TIME ZONE e.time_zone)::date AS day, e.time_zone AS zone
            FROM market.exchanges AS e WHERE e.exchange_id = session_close.exchange_id) AS l;
  IF v_closes IS NOT NULL THEN
    RETURN v_closes;
  END IF;
  FOR n IN 0..14 LOOP
    SELECT min(b.closes_at) INTO v_closes FROM market.session_bounds(session_close.exchange_id, v_day + n) AS b
     WHERE b.closes_at > session_close.at;
    EXIT WHEN v_closes IS NOT NULL;
  END LOOP;
  RETURN v_closes;
END
$$;
COMMENT ON FUNCTION market.session_close(int, timestamptz) IS
  'The first close after this time, of the session under way or else of the next one; NULL when the exchange does not '
  'trade within two weeks.';
