-- reads market.instruments, market.exchanges, market.bars, market.ticks, trading.portfolios, risk.limits,
-- risk.protections; errors TR101, TR103, TR211, TR502, TR530, TR531
CREATE OR REPLACE FUNCTION internal.optimization_terms(
  p_version strategy.strategy_versions, p_settings jsonb, p_symbols text[], p_from timestamptz, p_until timestamptz,
  p_capital numeric, OUT symbols text[], OUT instrument_ids int[], OUT settings jsonb, OUT data_fingerprint text)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
DECLARE
  v_length  interval := justify_hours(p_version.timeframe);
  v_is_tick boolean := p_settings ->> 'fill' = 'tick';
  v_ids     int[];
  v_legs    int[];
  v_bars    interval;
BEGIN
  PERFORM internal.refuse_backtest(p_symbols, p_from, p_until, p_capital, v_is_tick OR v_length > interval '0');
  SELECT array_agg(i.instrument_id ORDER BY i.symbol, i.instrument_id),
         array_agg(e.code || ':' || i.symbol ORDER BY i.symbol, i.instrument_id)
    INTO v_ids, symbols
    FROM market.instruments AS i JOIN market.exchanges AS e USING (exchange_id)
   WHERE i.instrument_id IN (SELECT market.instrument_id(s) FROM unnest(p_symbols) AS s);
  SELECT coalesce(array_agg(market.instrument_id(l.symbol) ORDER BY l.place), '{}') INTO v_legs
    FROM unnest(internal.leg_symbols(p_version, '{}')) WITH ORDINALITY AS l (symbol, place);
  PERFORM internal.refuse_backtest_instruments(v_ids, v_legs, p_settings ->> 'currency');
  instrument_ids := v_ids || v_legs;
  v_bars := internal.backtest_resolution(p_settings, v_length, instrument_ids, p_from, p_until);
  PERFORM internal.backtest_bounds(v_is_tick, v_bars, instrument_ids, p_from, p_until, '[]');
  IF p_settings ? 'benchmark' THEN
    PERFORM market.instrument_id(p_settings ->> 'benchmark');
  END IF;
  data_fingerprint := internal.market_fingerprint(instrument_ids, v_bars, p_from, p_until);
  PERFORM internal.backtest_limits(p_settings, NULL);
  settings := p_settings || jsonb_strip_nulls(jsonb_build_object(
    'resolution', v_bars, 'rules', internal.backtest_rules(p_settings, p_version.strategy_id, instrument_ids),
    'currency', coalesce(p_settings ->> 'currency',
                         (SELECT i.currency FROM market.instruments AS i WHERE i.instrument_id = v_ids[1]))));
END
$$;
COMMENT ON FUNCTION internal.optimization_terms(
  strategy.strategy_versions, jsonb, text[], timestamptz, timestamptz, numeric) IS
  'What the trials of an optimization have in common, settings with the bars, rules and currency that a backtest would '
  'have. Errors TR101, TR103, TR211, TR502, TR530, TR531.';
