CREATE OR REPLACE FUNCTION internal.reads_orders(p_limits risk.limits[])
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_limit risk.limits;
BEGIN
  FOREACH v_limit IN ARRAY coalesce(p_limits, '{}') LOOP
    IF v_limit.scope = 'user' OR v_limit.metric IN ('order_rate', 'open_orders')
       OR v_limit.metric BETWEEN 'sector_value' AND 'correlation' AND v_limit.metric <> 'trade_risk' THEN
      RETURN true;
    END IF;
  END LOOP;
  RETURN false;
END
$$;
COMMENT ON FUNCTION internal.reads_orders(risk.limits[]) IS
  'Whether one of these limits counts other orders and positions, of the portfolio or of the user: what was decided '
  'before must be written then.';
