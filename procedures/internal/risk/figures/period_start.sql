-- reads market.exchanges
CREATE OR REPLACE FUNCTION internal.period_start(p_exchange_id int, p_at timestamptz, p_week boolean)
RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN (SELECT date_trunc(CASE WHEN p_week THEN 'week' ELSE 'day' END,
                            p_at AT TIME ZONE e.time_zone) AT TIME ZONE e.time_zone
            FROM market.exchanges AS e WHERE e.exchange_id = p_exchange_id);
END
$$;
COMMENT ON FUNCTION internal.period_start(int, timestamptz, boolean) IS
  'Local midnight at the exchange with which the day, or (p_week) Monday with which the week began.';
