-- reads market.instruments, market.quotes; errors TR105
CREATE OR REPLACE FUNCTION internal.settlement_price(
  p_instrument_id int, p_instrument_ids int[], p_prices numeric[], p_may_quote boolean)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_position int := array_position(p_instrument_ids, p_instrument_id);
  v_price    numeric := CASE WHEN v_position IS NULL
                               THEN (SELECT q.last::numeric
                                       FROM market.quotes AS q
                                      WHERE q.instrument_id = p_instrument_id AND p_may_quote)
                             ELSE p_prices[v_position] END;
BEGIN
  IF v_price IS NULL THEN
    RAISE EXCEPTION 'no settlement price of % is known',
      coalesce((SELECT i.symbol FROM market.instruments AS i WHERE i.instrument_id = p_instrument_id), 'the underlying')
      USING ERRCODE = 'TR105', DETAIL = 'No price was given, and there is no quote of it.',
            HINT = 'Give it: symbols => ''{...}'', prices => ''{...}''.';
  END IF;
  RETURN round(v_price, 8);
END
$$;
COMMENT ON FUNCTION internal.settlement_price(int, int[], numeric[], boolean) IS
  'The price that was given for the instrument, else, where that may be, its latest quote. Error TR105.';
