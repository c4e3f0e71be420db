-- reads trading.fee_plans
CREATE OR REPLACE FUNCTION trading.planned_schedule(p_name text, p_kind market.instrument_kind, p_exchange_id int)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN coalesce((SELECT p.fee_schedule FROM trading.fee_plans AS p
                    WHERE p.name = p_name AND coalesce(p.kind = p_kind, p.kind IS NULL)
                      AND coalesce(p.exchange_id = p_exchange_id, p.exchange_id IS NULL)
                    ORDER BY p.kind IS NULL, p.exchange_id IS NULL
                    LIMIT 1), p_name);
END
$$;
COMMENT ON FUNCTION trading.planned_schedule(text, market.instrument_kind, int) IS
  'The fee schedule that a plan gives instruments of this kind on this exchange; the name itself where it is no '
  'plan''s, or the plan says nothing of them.';
