CREATE OR REPLACE FUNCTION internal.prorate(p_amount numeric, p_part numeric, p_whole numeric)
RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  -- numeric division rounds once to some digits of its own choice, and round() a second time: an exact quotient of
  -- ...4999999999999999998 would end as ...5. So the quotient is taken in whole units of the eighth decimal.
  SELECT div(2 * p_amount * p_part * 100000000 + p_whole, 2 * p_whole) * 0.00000001
$$;
COMMENT ON FUNCTION internal.prorate(numeric, numeric, numeric) IS
  'amount × part / whole to eight decimals, exact, half away from zero; none of the three is negative, whole is not '
  'zero.';
