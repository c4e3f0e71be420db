-- reads market.instruments, market.quotes; errors TR104, TR105
CREATE OR REPLACE FUNCTION trading.settlement_price(p_instrument_id int, p_instrument_ids int[], p_prices numeric[], p_may_quote boolean)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_position int := array_position(p_instrument_ids, p_instrument_id);
  v_price    numeric := CASE WHEN v_position IS NULL THEN (SELECT q.last::numeric FROM market.quotes AS q WHERE q.instrument_id = p_instrument_id AND p_may_quote)
                             ELSE p_prices[v_position] END;
BEGIN
  IF v_price IS NULL AND v_position IS NULL THEN
    RAISE EXCEPTION 'no settlement price of % is known', coalesce((SELECT i.symbol FROM market.instruments AS i WHERE i.instrument_id = p_instrument_id), 'the underlying')
      USING ERRCODE = 'TR105', DETAIL = 'No price was given, and there is no quote of it.', HINT = 'Give it: symbols => ''{...}'', prices => ''{...}''.';
  ELSIF (round(v_price, 8) > 0 AND v_price < 1e10) IS NOT TRUE THEN
    RAISE EXCEPTION 'a settlement price must be positive'
      USING ERRCODE = 'TR104', DETAIL = format('It is %s.', coalesce(v_price::text, 'NULL')), HINT = 'Leave the symbol out to settle at its last price.';
  END IF;
  RETURN round(v_price, 8);
END
$$;
COMMENT ON FUNCTION trading.settlement_price(int, int[], numeric[], boolean) IS
  'The price that was given for the instrument, else, where that may be, its latest quote. Errors TR104, TR105.';
