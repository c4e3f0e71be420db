-- reads nothing; errors TR530
CREATE OR REPLACE FUNCTION internal.refuse_backtest(
  p_symbols text[], p_from timestamptz, p_until timestamptz, p_capital numeric, p_has_candles boolean)
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_fault text := CASE
    WHEN (cardinality(p_symbols) BETWEEN 1 AND 1000 AND array_position(p_symbols, NULL) IS NULL) IS NOT TRUE
      THEN 'symbols'
    WHEN (p_from >= '1900-01-01Z' AND p_from < p_until AND p_until <= '2200-01-01Z') IS NOT TRUE THEN 'times'
    WHEN (p_capital > 0 AND p_capital < 1e18 AND p_capital = round(p_capital, 8)) IS NOT TRUE THEN 'capital'
    WHEN NOT p_has_candles THEN 'timeframe' END;
BEGIN
  IF v_fault IS NOT NULL THEN
    RAISE EXCEPTION 'a backtest cannot have these terms: %', v_fault
      USING ERRCODE = 'TR530',
            DETAIL = format('symbols %s, from %s until %s, capital %s.', coalesce(left(p_symbols::text, 100), 'NULL'),
                            coalesce(p_from::text, 'NULL'), coalesce(p_until::text, 'NULL'),
                            coalesce(left(p_capital::text, 40), 'NULL')),
            HINT = CASE v_fault WHEN 'symbols' THEN 'Give 1 to 1,000 symbols.'
                                WHEN 'times' THEN 'It begins before it ends, both from 1900 to 2200.'
                                WHEN 'capital' THEN 'Capital is above zero, with at most eight decimals.'
                                ELSE 'A strategy on ticks is run on ticks: {"fill": "tick"}.' END;
  END IF;
END
$$;
COMMENT ON FUNCTION internal.refuse_backtest(text[], timestamptz, timestamptz, numeric, boolean) IS
  'Refuses what no backtest can begin with. Error TR530.';
