-- reads trading.fee_schedules
CREATE OR REPLACE FUNCTION trading.order_fee(schedule text, at timestamptz, quantity numeric, value numeric)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN (
    -- The same steps and roundings as FeeSchedule.fee of TradingCore.
    SELECT CASE WHEN $3 = 0 THEN 0
                ELSE least(greatest(f.per_order + round(f.per_share * $3, 8) + round($4 * f.percent * 0.01, 8), f.minimum), f.maximum) END
      FROM trading.fee_schedules AS f
     WHERE f.name = $1 AND f.valid_from <= ($2 AT TIME ZONE 'UTC')::date
     ORDER BY f.valid_from DESC
     LIMIT 1
  );
END
$$;
COMMENT ON FUNCTION trading.order_fee(text, timestamptz, numeric, numeric) IS
  'Fee of an order that has filled this quantity for this value; a fill is charged the difference that it makes. NULL for an unknown schedule.';
