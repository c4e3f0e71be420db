-- reads market.exchanges, market.sessions, market.holidays
CREATE OR REPLACE FUNCTION market.session_close(exchange_id int, at timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_closes timestamptz;
BEGIN
  -- As market.session_bounds, in one statement for each day: nearly always it is today, or tomorrow.
  FOR n IN 0..14 LOOP
    SELECT min((d.day + coalesce(h.closes, w.closes)) AT TIME ZONE d.time_zone) INTO v_closes
      FROM (SELECT e.time_zone, (session_close.at AT TIME ZONE e.time_zone)::date + n AS day
              FROM market.exchanges AS e WHERE e.exchange_id = session_close.exchange_id OFFSET 0) AS d
      LEFT JOIN market.holidays AS h ON h.exchange_id = session_close.exchange_id AND h.day = d.day
      LEFT JOIN market.sessions AS w ON h.day IS NULL AND w.exchange_id = session_close.exchange_id
            AND w.weekday = extract(isodow FROM d.day)::smallint AND d.day >= w.valid_from AND d.day < w.valid_until
     WHERE (d.day + coalesce(h.closes, w.closes)) AT TIME ZONE d.time_zone > session_close.at;
    EXIT WHEN v_closes IS NOT NULL;
  END LOOP;
  RETURN v_closes;
END
$$;
COMMENT ON FUNCTION market.session_close(int, timestamptz) IS
  'The first close after this time, of the session under way or else of the next one; NULL when the exchange does not '
  'trade within two weeks.';
