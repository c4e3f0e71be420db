-- reads nothing
-- Algorithm AS 241, PPND16, of M. J. Wichura, Applied Statistics 37 (1988): good to 1e-16.
CREATE OR REPLACE FUNCTION trading.normal_quantile(p_probability float8)
RETURNS float8
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_q float8 := p_probability - 0.5;
  v_r float8;
BEGIN
  IF p_probability <= 0 OR p_probability >= 1 THEN
    RETURN NULL;
  END IF;
  IF abs(v_q) <= 0.425 THEN
    v_r := 0.180625 - v_q * v_q;
    RETURN v_q
      * (((((((2.5090809287301226727e3 * v_r + 3.3430575583588128105e4) * v_r + 6.7265770927008700853e4) * v_r
             + 4.5921953931549871457e4) * v_r + 1.3731693765509461125e4) * v_r + 1.9715909503065514427e3) * v_r
          + 1.3314166789178437745e2) * v_r + 3.3871328727963666080)
      / (((((((5.2264952788528545610e3 * v_r + 2.8729085735721942674e4) * v_r + 3.9307895800092710610e4) * v_r
             + 2.1213794301586595867e4) * v_r + 5.3941960214247511077e3) * v_r + 6.8718700749205790830e2) * v_r
          + 4.2313330701600911252e1) * v_r + 1);
  END IF;
  v_r := sqrt(-ln(least(p_probability, 1 - p_probability)));
  IF v_r <= 5 THEN
    v_r := v_r - 1.6;
    RETURN sign(v_q)
      * (((((((7.74545014278341407640e-4 * v_r + 2.27238449892691845833e-2) * v_r + 2.41780725177450611770e-1) * v_r
             + 1.27045825245236838258) * v_r + 3.64784832476320460504) * v_r + 5.76949722146069140550) * v_r
          + 4.63033784615654529590) * v_r + 1.42343711074968357734)
      / (((((((1.05075007164441684324e-9 * v_r + 5.47593808499534494600e-4) * v_r + 1.51986665636164571966e-2) * v_r
             + 1.48103976427480074590e-1) * v_r + 6.89767334985100004550e-1) * v_r + 1.67638483018380384940) * v_r
          + 2.05319162663775882187) * v_r + 1);
  END IF;
  v_r := v_r - 5;
  RETURN sign(v_q)
    * (((((((2.01033439929228813265e-7 * v_r + 2.71155556874348757815e-5) * v_r + 1.24266094738807843860e-3) * v_r
           + 2.65321895265761230930e-2) * v_r + 2.96560571828504891230e-1) * v_r + 1.78482653991729133580) * v_r
        + 5.46378491116411436990) * v_r + 6.65790464350110377720)
    / (((((((2.04426310338993978564e-15 * v_r + 1.42151175831644588870e-7) * v_r + 1.84631831751005468180e-5) * v_r
           + 7.86869131145613259100e-4) * v_r + 1.48753612908506148525e-2) * v_r + 1.36929880922735805310e-1) * v_r
        + 5.99832206555887937690e-1) * v_r + 1);
END
$$;
COMMENT ON FUNCTION trading.normal_quantile(float8) IS
  'What a standard normal variable is below with this probability; NULL at 0 and 1 and outside of them.';
