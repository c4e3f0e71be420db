-- reads market.exchanges, market.sessions, market.holidays; errors TR104
CREATE OR REPLACE FUNCTION market.trading_hours(exchange_id int, day date, until_day date DEFAULT NULL)
RETURNS TABLE (begins_at timestamptz, opens_at timestamptz, closes_at timestamptz, ends_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_until date := coalesce(trading_hours.until_day, trading_hours.day + 1);
BEGIN
  IF v_until > trading_hours.day + 4000 OR isfinite(trading_hours.day) IS FALSE OR v_until <= trading_hours.day THEN
    RAISE EXCEPTION 'trading hours are those of a day, or of some years'
      USING ERRCODE = 'TR104', DETAIL = format('From %s until before %s.', trading_hours.day, v_until),
            HINT = 'Leave until_day out for those of one day.';
  END IF;
  begins_at := market.day_start(trading_hours.exchange_id, trading_hours.day);
  ends_at := market.day_start(trading_hours.exchange_id, v_until);
  -- A trading day that does not begin at midnight has sessions of the local day before.
  SELECT greatest(min(b.opens_at), begins_at), least(max(b.closes_at), ends_at) INTO opens_at, closes_at
    FROM generate_series(-1, v_until - trading_hours.day) AS n
    CROSS JOIN LATERAL market.session_bounds(trading_hours.exchange_id, trading_hours.day + n) AS b
   WHERE b.closes_at > begins_at AND b.opens_at < ends_at
  HAVING count(*) > 0;
  RETURN NEXT;
END
$$;
COMMENT ON FUNCTION market.trading_hours(int, date, date) IS
  'When a trading day of this exchange (or the days until before until_day together) begins and the next one does, and '
  'when its first session opens and its last one closes; these two are NULL on a day without trading. Error TR104.';
