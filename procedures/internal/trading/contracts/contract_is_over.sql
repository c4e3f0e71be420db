-- reads the calendar
CREATE OR REPLACE FUNCTION internal.contract_is_over(p_exchange_id int, p_expires_on date, p_at timestamptz)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT market.last_trading_day(p_exchange_id, p_expires_on) <= market.last_closed_day(p_exchange_id, p_at)
$$;
COMMENT ON FUNCTION internal.contract_is_over(int, date, timestamptz) IS
  'Whether the last session of a contract''s last day has closed by then; NULL for what does not expire.';
