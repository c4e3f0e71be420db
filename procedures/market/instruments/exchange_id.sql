-- reads market.exchanges; errors TR102
CREATE OR REPLACE FUNCTION market.exchange_id(code text)
RETURNS int
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_exchange_id int;
BEGIN
  SELECT e.exchange_id INTO v_exchange_id FROM market.exchanges AS e WHERE e.code = upper(exchange_id.code);
  IF v_exchange_id IS NULL THEN
    RAISE EXCEPTION 'unknown exchange "%"', exchange_id.code
      USING ERRCODE = 'TR102',
            DETAIL = format('Known are %s.',
                            (SELECT string_agg(e.code, ', ' ORDER BY e.code) FROM market.exchanges AS e)),
            HINT = 'Add it with market.add_exchange(...).';
  END IF;
  RETURN v_exchange_id;
END
$$;
COMMENT ON FUNCTION market.exchange_id(text) IS 'Identifier of the exchange with this code, in any case. Error TR102.';
