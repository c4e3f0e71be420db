CREATE OR REPLACE FUNCTION internal.borrow_cost(p_value numeric, p_percent numeric, p_days int)
RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  -- A quotient of numeric is rounded already; this is rounded once.
  SELECT div(p_value * p_percent * p_days * 200000000 + 36000, 72000) * 0.00000001
$$;
COMMENT ON FUNCTION internal.borrow_cost(numeric, numeric, int) IS
  'What borrowing something of a market value costs for some days at a rate of a year of 360 days, in percent: '
  'value × percent × days ÷ 36,000, to eight decimals, half away from zero.';
