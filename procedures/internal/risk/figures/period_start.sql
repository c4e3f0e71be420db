-- reads market.exchanges
CREATE OR REPLACE FUNCTION internal.period_start(p_exchange_id int, p_at timestamptz, p_week boolean)
RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN (SELECT (date_trunc(CASE WHEN p_week THEN 'week' ELSE 'day' END,
                             p_at AT TIME ZONE e.time_zone - e.day_starts) + e.day_starts) AT TIME ZONE e.time_zone
            FROM market.exchanges AS e WHERE e.exchange_id = p_exchange_id);
END
$$;
COMMENT ON FUNCTION internal.period_start(int, timestamptz, boolean) IS
  'When the trading day of this exchange began that a time belongs to, or (p_week) the Monday of its week: local '
  'midnight, where the exchange has no other.';
