-- reads trading.fee_schedules
-- PL/pgSQL, not SQL: a SQL function that cannot be inlined is planned anew at every call.
CREATE OR REPLACE FUNCTION trading.order_fee(schedule text, at timestamptz, quantity numeric, value numeric)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_schedule trading.fee_schedules;
BEGIN
  SELECT * INTO v_schedule FROM trading.fee_schedules AS f
   WHERE f.name = order_fee.schedule AND f.valid_from <= (order_fee.at AT TIME ZONE 'UTC')::date
   ORDER BY f.valid_from DESC LIMIT 1;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  -- The same steps and roundings as FeeSchedule.fee of TradingCore.
  RETURN CASE WHEN order_fee.quantity = 0 THEN 0
              ELSE least(greatest(v_schedule.per_order + round(v_schedule.per_share * order_fee.quantity, 8) + round(order_fee.value * v_schedule.percent * 0.01, 8),
                                  v_schedule.minimum), v_schedule.maximum) END;
END
$$;
COMMENT ON FUNCTION trading.order_fee(text, timestamptz, numeric, numeric) IS
  'Fee of an order that has filled this quantity for this value; a fill is charged the difference that it makes. NULL for an unknown schedule.';
