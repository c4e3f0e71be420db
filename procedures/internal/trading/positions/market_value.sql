-- reads market.quotes
CREATE OR REPLACE FUNCTION internal.market_value(
  p_instrument_id int, p_quantity numeric, p_cost numeric, p_multiplier numeric, p_is_future boolean)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN internal.position_value(p_quantity, p_cost, p_multiplier, p_is_future,
                                 (SELECT q.last::numeric
                                    FROM market.quotes AS q
                                   WHERE q.instrument_id = p_instrument_id));
END
$$;
COMMENT ON FUNCTION internal.market_value(int, numeric, numeric, numeric, boolean) IS
  'What a position counts at the latest quote, at cost without one; a future its gain since the last settlement.';
