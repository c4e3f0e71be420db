-- reads market.exchanges, market.sessions
CREATE OR REPLACE FUNCTION internal.minutes_to_open(p_exchange_id int, p_at timestamptz)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_day   date;
  v_opens timestamptz;
BEGIN
  IF NOT EXISTS (SELECT FROM market.sessions AS s WHERE s.exchange_id = p_exchange_id) THEN
    RETURN 0;  -- it never closes
  END IF;
  SELECT (p_at AT TIME ZONE e.time_zone)::date INTO v_day FROM market.exchanges AS e
   WHERE e.exchange_id = p_exchange_id;
  FOR n IN 0..14 LOOP
    SELECT min(b.opens_at) INTO v_opens
      FROM market.session_bounds(p_exchange_id, v_day + n) AS b
     WHERE b.closes_at > p_at;
    IF v_opens IS NOT NULL THEN
      RETURN greatest(ceil(extract(epoch FROM v_opens - p_at) / 60), 0);
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.minutes_to_open(int, timestamptz) IS
  'Minutes until the exchange opens; 0 in a session and where no sessions are known, NULL when it does not open within '
  'two weeks.';
