-- reads market.exchanges, market.sessions, market.holidays
CREATE OR REPLACE FUNCTION market.session_close(exchange_id int, at timestamptz)
RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT min(b.closes_at)
    FROM market.exchanges AS e
    CROSS JOIN generate_series(0, 14) AS n
    CROSS JOIN LATERAL market.session_bounds($1, ($2 AT TIME ZONE e.time_zone)::date + n) AS b
   WHERE e.exchange_id = $1 AND b.closes_at > $2
$$;
COMMENT ON FUNCTION market.session_close(int, timestamptz) IS
  'The first close after this time, of the session under way or else of the next one; NULL when the exchange does not trade within two weeks.';
