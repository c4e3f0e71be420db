-- reads market.instruments; errors TR502, TR530
CREATE OR REPLACE FUNCTION internal.refuse_backtest_instruments(p_ids int[], p_legs int[], p_currency text)
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_currencies text[];
BEGIN
  IF p_legs <> '{}' AND (cardinality(p_ids) <> 1
     OR (SELECT count(DISTINCT n) FROM unnest(p_ids || p_legs) AS n) <= cardinality(p_legs)) THEN
    RAISE EXCEPTION 'an agent of a strategy with legs trades one symbol, and others as its legs'
      USING ERRCODE = 'TR502', DETAIL = format('%s symbols, %s legs.', cardinality(p_ids), cardinality(p_legs)),
            HINT = 'Run a backtest for each pair or basket.';
  END IF;
  SELECT array_agg(DISTINCT i.currency::text ORDER BY i.currency::text) INTO v_currencies
    FROM market.instruments AS i WHERE i.instrument_id = ANY (p_ids || p_legs);
  IF v_currencies <> ARRAY[coalesce(p_currency, v_currencies[1])] THEN
    RAISE EXCEPTION 'a backtest is in one currency'
      USING ERRCODE = 'TR530',
            DETAIL = format('Its instruments are dealt in %s%s.', array_to_string(v_currencies, ', '),
                            coalesce(format(', the run counts in %s', p_currency), '')),
            HINT = 'Run one for the instruments of each currency.';
  END IF;
END
$$;
COMMENT ON FUNCTION internal.refuse_backtest_instruments(int[], int[], text) IS
  'Refuses instruments that one backtest cannot trade together. Errors TR502, TR530.';
