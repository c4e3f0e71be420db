-- reads market.exchanges
CREATE OR REPLACE FUNCTION market.day_start(exchange_id int, day date)
RETURNS timestamptz
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ($2::timestamp + e.day_starts) AT TIME ZONE e.time_zone FROM market.exchanges AS e WHERE e.exchange_id = $1
$$;
COMMENT ON FUNCTION market.day_start(int, date) IS
  'Begin of a trading day of this exchange, at which its day candle starts: local midnight, where the exchange has no '
  'other.';
