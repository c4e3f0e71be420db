-- reads market.exchanges, market.sessions, market.holidays
CREATE OR REPLACE FUNCTION market.session_close(exchange_id int, at timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_zone   text;
  v_day    date;
  v_closes timestamptz;
BEGIN
  -- Nearly always it is today, and no holiday; the others are left to market.session_bounds.
  SELECT e.time_zone INTO v_zone FROM market.exchanges AS e WHERE e.exchange_id = session_close.exchange_id;
  v_day := (session_close.at AT TIME ZONE v_zone)::date;
  SELECT min((v_day + w.closes) AT TIME ZONE v_zone) INTO v_closes FROM market.sessions AS w
   WHERE w.exchange_id = session_close.exchange_id AND w.weekday = extract(isodow FROM v_day)
     AND v_day >= w.valid_from AND v_day < w.valid_until
     AND (v_day + w.closes) AT TIME ZONE v_zone > session_close.at
     AND NOT EXISTS (SELECT FROM market.holidays AS h WHERE h.exchange_id = session_close.exchange_id
       AND h.day = v_day);
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
