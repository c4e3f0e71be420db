-- reads nothing
CREATE OR REPLACE FUNCTION trading.compounded(p_growth float8, p_times float8)
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
RETURN CASE WHEN p_growth < 0 THEN NULL
            WHEN p_growth = 0 OR p_times * ln(p_growth) < -700 THEN -1
            WHEN p_times * ln(p_growth) > 700 THEN NULL
            ELSE exp(p_times * ln(p_growth)) - 1 END;
COMMENT ON FUNCTION trading.compounded(float8, float8) IS
  'growth to the power of times, less 1: the return of so many periods. NULL for negative growth, and when it is too '
  'large for a number.';
