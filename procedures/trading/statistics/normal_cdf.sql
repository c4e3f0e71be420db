-- reads nothing
-- The rational approximation of J. F. Hart (1968), as G. West gives it in "Better approximations to cumulative normal
-- functions" (2005). PostgreSQL has erf() from version 16 on only.
CREATE OR REPLACE FUNCTION trading.normal_cdf(p_x float8)
RETURNS float8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_x    float8 := abs(p_x);
  v_tail float8 := 0;
BEGIN
  IF v_x <= 37 THEN
    v_tail := exp(-v_x * v_x / 2) * CASE
      WHEN v_x < 7.07106781186547 THEN
        ((((((3.52624965998911e-2 * v_x + 0.700383064443688) * v_x + 6.37396220353165) * v_x + 33.912866078383) * v_x
           + 112.079291497871) * v_x + 221.213596169931) * v_x + 220.206867912376)
        / (((((((8.83883476483184e-2 * v_x + 1.75566716318264) * v_x + 16.064177579207) * v_x + 86.7807322029461) * v_x
              + 296.564248779674) * v_x + 637.333633378831) * v_x + 793.826512519948) * v_x + 440.413735824752)
      ELSE 1 / (v_x + 1 / (v_x + 2 / (v_x + 3 / (v_x + 4 / (v_x + 0.65))))) / sqrt(2 * pi()) END;
  END IF;
  RETURN CASE WHEN p_x > 0 THEN 1 - v_tail ELSE v_tail END;
END
$$;
COMMENT ON FUNCTION trading.normal_cdf(float8) IS
  'Probability that a standard normal variable is below x.';
