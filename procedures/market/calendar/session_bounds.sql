-- reads market.exchanges, market.sessions, market.holidays
CREATE OR REPLACE FUNCTION market.session_bounds(exchange_id int, day date)
RETURNS TABLE (opens_at timestamptz, closes_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT (s.day + s.opens) AT TIME ZONE e.time_zone, (s.day + s.closes) AT TIME ZONE e.time_zone
      FROM market.exchanges AS e
      CROSS JOIN LATERAL (
        SELECT $2 AS day, h.opens, h.closes FROM market.holidays AS h
         WHERE h.exchange_id = e.exchange_id AND h.day = $2 AND h.opens IS NOT NULL
        UNION ALL
        SELECT $2, w.opens, w.closes FROM market.sessions AS w
         WHERE w.exchange_id = e.exchange_id AND w.weekday = extract(isodow FROM $2)
           AND $2 >= w.valid_from AND $2 < w.valid_until
           AND NOT EXISTS (SELECT FROM market.holidays AS h WHERE h.exchange_id = e.exchange_id AND h.day = $2)
      ) AS s
     WHERE e.exchange_id = $1
     ORDER BY 1;
END
$$;
COMMENT ON FUNCTION market.session_bounds(int, date) IS
  'Opening and closing times of the exchange''s sessions on a local calendar day, in order; no row on a day without '
  'trading.';
