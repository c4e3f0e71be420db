CREATE OR REPLACE FUNCTION internal.split_quantity(p_quantity numeric, p_action market.corporate_actions)
RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_quantity numeric := round(p_quantity * p_action.numerator / p_action.denominator, 8);
BEGIN
  RETURN CASE v_quantity WHEN 0 THEN sign(p_quantity) * 0.00000001 ELSE v_quantity END;
END
$$;
COMMENT ON FUNCTION internal.split_quantity(numeric, market.corporate_actions) IS
  'What is held after a split, to eight decimals; never nothing, so that its cost is always that of something.';
