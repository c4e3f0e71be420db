-- reads market.instruments; errors TR101, TR103, TR604
CREATE OR REPLACE FUNCTION internal.read_prices(p_symbols text[], p_prices numeric[])
RETURNS int[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_ids int[];
BEGIN
  IF (cardinality(p_symbols) = cardinality(p_prices) AND cardinality(p_symbols) <= 100000
      AND NOT EXISTS (SELECT FROM unnest(p_prices) AS n (price)
                       WHERE (round(n.price, 8) > 0 AND n.price < 1e10) IS NOT TRUE)) IS NOT TRUE
     OR array_position(p_symbols, NULL) IS NOT NULL OR coalesce(array_ndims(p_prices), 1) > 1
     OR coalesce(array_ndims(p_symbols), 1) > 1 THEN
    RAISE EXCEPTION 'settlement prices are positive and have one symbol each'
      USING ERRCODE = CASE WHEN EXISTS (SELECT FROM unnest(p_prices) AS n (price) WHERE n.price <= 0) THEN 'TR118'
                           ELSE 'TR604' END,
            DETAIL = format('%s symbols, %s prices.', cardinality(p_symbols), cardinality(p_prices)),
            HINT = 'symbols => ''{ES}'', prices => ''{4780.25}''.';
  END IF;
  v_ids := ARRAY(SELECT market.instrument_id(s)
                   FROM unnest(p_symbols) WITH ORDINALITY AS n (s, position)
                  ORDER BY n.position);
  RETURN v_ids;
END
$$;
COMMENT ON FUNCTION internal.read_prices(text[], numeric[]) IS
  'Identifiers of the symbols that prices were given for, in their order. Errors TR101, TR103, TR118, TR604.';
