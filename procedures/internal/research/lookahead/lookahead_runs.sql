-- reads strategy.strategies, strategy.strategy_versions, candles; errors TR101, TR103, TR104, TR501, TR502, TR530
CREATE OR REPLACE FUNCTION internal.lookahead_runs(
  p_strategy text, p_symbols text[], p_from timestamptz, p_until timestamptz, p_params jsonb, p_report jsonb)
RETURNS TABLE (number int, symbol text, form text, moment timestamptz, begins_at timestamptz, ends_at timestamptz,
               candles int, share numeric, history int)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_length   interval := (internal.with_params(internal.named_version(p_strategy), p_params)).timeframe;
  v_enough   int := (p_report #>> '{series,0,candles}')::int;
  -- What the values of its own candles need to be known.
  v_first    int := coalesce((SELECT max(o.candles) FROM jsonb_to_recordset(p_report -> 'operands')
                                     AS o (series text, candles int) WHERE o.series IS NULL), 1);
  v_id       int;
  v_buckets  timestamptz[];
  v_before   int;
  v_place    int;
BEGIN
  PERFORM internal.refuse_backtest(p_symbols, p_from, p_until, 1, true);
  number := 0;
  FOREACH symbol IN ARRAY p_symbols LOOP
    v_id := market.instrument_id(symbol);
    SELECT array_agg(c.bucket ORDER BY c.bucket) INTO v_buckets
      FROM strategy.closed_candles(v_id, v_length, p_from, p_until) AS c;
    IF v_buckets IS NULL THEN
      RAISE EXCEPTION '% has no candles to be checked with', symbol
        USING ERRCODE = 'TR530', DETAIL = format('There is none of %s from %s until %s.', v_length, p_from, p_until),
              HINT = 'Import bars or ticks, or choose other times.';
    END IF;
    SELECT count(*) INTO v_before
      FROM strategy.closed_candles(v_id, v_length, strategy.warm_up_from(v_id, v_length, v_buckets[1], 2 * v_enough),
                                   v_buckets[1]) AS c;
    number := number + 1;
    RETURN QUERY SELECT number, symbol, 'whole', p_until, p_from, p_until, v_enough, 1.0, v_before;
    -- The first candle, and those behind a fifth, two fifths and so on.
    FOR v_place IN SELECT DISTINCT 1 + cardinality(v_buckets) * n / 5 FROM generate_series(0, 4) AS n ORDER BY 1 LOOP
      moment := v_buckets[v_place];
      IF v_place > 1 THEN
        number := number + 1;
        RETURN QUERY SELECT number, symbol, 'cut', moment, p_from, moment, v_enough, 1.0, v_before;
      END IF;
      -- The run sees all candles since it began; this one half as many, or as many again where there was no lack.
      history := least(v_before, v_enough) + v_place - 1;
      candles := CASE WHEN history < v_enough THEN (history + v_first) / 2
                      WHEN v_place = 1 THEN 2 * v_enough ELSE v_enough END;
      IF candles >= v_first AND candles <> history THEN
        number := number + 1;
        RETURN QUERY SELECT number, symbol, 'history', moment, moment, coalesce(v_buckets[v_place + 1], p_until),
                            candles, candles::numeric / least(history, v_enough), history;
      END IF;
    END LOOP;
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.lookahead_runs(text, text[], timestamptz, timestamptz, jsonb, jsonb) IS
  'The previews of a check for look-ahead. form: whole; cut, whose data end at moment; history, which sees the candle '
  'of moment with another history. candles: of its own that warm it up; share: by what others have more or less; '
  'history: candles of its own that the whole run had seen before moment. Errors TR101, TR103, TR104, TR501, TR502, '
  'TR530.';
