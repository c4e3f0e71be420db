-- reads trading.fee_schedules, trading.fee_plans, market.exchanges
CREATE OR REPLACE FUNCTION trading.fee_terms_at(
  p_schedule text, p_kind market.instrument_kind, p_exchange_id int, p_at timestamptz)
RETURNS trading.fee_terms
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_terms trading.fee_terms;
  -- Trading days are less than two days off those of UTC: which exactly matters where terms begin nearby.
  v_day   date := (p_at AT TIME ZONE 'UTC')::date;
BEGIN
  SELECT f.name, f.valid_from, f.lines INTO v_terms FROM trading.fee_schedules AS f
   WHERE f.name = p_schedule AND f.valid_from <= v_day + 2
   ORDER BY f.valid_from DESC
   LIMIT 1;
  IF NOT FOUND THEN
    -- No schedule: a plan, or one that begins later.
    SELECT f.name, f.valid_from, f.lines INTO v_terms FROM trading.fee_schedules AS f
     WHERE f.name = trading.planned_schedule(p_schedule, p_kind, p_exchange_id) AND f.valid_from <= v_day + 2
     ORDER BY f.valid_from DESC
     LIMIT 1;
  END IF;
  IF v_terms.valid_from > v_day - 2 THEN
    v_day := coalesce(market.trading_day(p_exchange_id, p_at), v_day);
    SELECT f.name, f.valid_from, f.lines INTO v_terms FROM trading.fee_schedules AS f
     WHERE f.name = v_terms.schedule AND f.valid_from <= v_day
     ORDER BY f.valid_from DESC
     LIMIT 1;
  END IF;
  RETURN v_terms;
END
$$;
COMMENT ON FUNCTION trading.fee_terms_at(text, market.instrument_kind, int, timestamptz) IS
  'Terms in force on the trading day of p_at at the exchange (NULL: in UTC), of a fee schedule or of the one that a '
  'plan of this name gives this kind of instrument there; all NULL when there are none.';
