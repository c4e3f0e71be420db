CREATE OR REPLACE FUNCTION trading.fee_on_fees(p_fees numeric[], p_components smallint[], p_percent numeric)
RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN round((SELECT coalesce(sum(p_fees[c]), 0) FROM unnest(p_components) AS c) * p_percent * 0.01, 8);
END
$$;
COMMENT ON FUNCTION trading.fee_on_fees(numeric[], smallint[], numeric) IS
  'A tax on other parts of a fee, named by their places among p_fees.';
