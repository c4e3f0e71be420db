-- reads strategy.*, market.*, trading.portfolios, trading.fee_schedules, trading.borrow_rates, risk.*, research.*;
-- errors TR101, TR103, TR211, TR510, TR526, TR530
CREATE OR REPLACE FUNCTION internal.backtest_specification(
  p_version strategy.strategy_versions, p_symbols text[], p_from timestamptz, p_until timestamptz, p_capital numeric,
  p_settings jsonb, p_report jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_settings  jsonb := p_settings;
  v_strategy  strategy.strategies;
  v_report    jsonb := p_report;
  v_length    interval := justify_hours(p_version.timeframe);
  v_is_tick   boolean := v_settings ->> 'fill' = 'tick';
  v_bars      interval;
  v_ids       int[];
  v_legs      int[];
  v_all       int[];
  v_series    jsonb;
  v_past      jsonb;
  v_portfolio trading.portfolios;
  v_bounds    record;
BEGIN
  PERFORM internal.refuse_backtest(p_symbols, p_from, p_until, p_capital, v_is_tick OR v_length > interval '0');
  SELECT s.* INTO v_strategy FROM strategy.strategies AS s WHERE s.strategy_id = p_version.strategy_id;
  IF v_report IS NULL THEN
    v_report := internal.report_rules(v_strategy.type, p_version.timeframe, p_version.parameters,
                                      'check ' || v_strategy.name);
  END IF;
  SELECT array_agg(i.instrument_id ORDER BY i.symbol, i.instrument_id) INTO v_ids
    FROM market.instruments AS i
   WHERE i.instrument_id IN (SELECT market.instrument_id(s) FROM unnest(p_symbols) AS s);
  SELECT coalesce(array_agg(market.instrument_id(l.symbol) ORDER BY l.place), '{}') INTO v_legs
    FROM unnest(internal.leg_symbols(p_version, '{}')) WITH ORDINALITY AS l (symbol, place);
  PERFORM internal.refuse_backtest_instruments(v_ids, v_legs, v_settings ->> 'currency');
  SELECT jsonb_agg(to_jsonb(s)) INTO v_series FROM internal.backtest_series(v_report, v_length, v_ids, v_legs) AS s;
  SELECT array_agg(DISTINCT n.id) INTO v_all
    FROM (SELECT unnest(v_ids || v_legs) AS id
          UNION ALL SELECT (s.entry ->> 'source_id')::int FROM jsonb_array_elements(v_series) AS s (entry)
          UNION ALL SELECT i.underlying_id
            FROM market.instruments AS i WHERE i.instrument_id = ANY (v_ids || v_legs)) AS n
   WHERE n.id IS NOT NULL;
  v_bars := internal.backtest_resolution(v_settings, v_length, v_ids || v_legs, p_from, p_until);
  SELECT * INTO v_bounds
    FROM internal.backtest_bounds(v_is_tick, v_bars, v_ids || v_legs, p_from, p_until, v_series);
  IF v_is_tick THEN
    v_past := internal.backtest_past_series(v_series, v_bounds.begins_at);
  END IF;
  IF v_settings ? 'portfolio' THEN
    SELECT p.* INTO v_portfolio
      FROM trading.portfolios AS p WHERE p.portfolio_id = trading.portfolio_id(v_settings ->> 'portfolio');
  END IF;
  -- What is stored of the run says what limited it, whatever becomes of the portfolio's limits.
  v_settings := v_settings || jsonb_strip_nulls(jsonb_build_object(
    'resolution', v_bars, 'rules', internal.backtest_rules(v_settings, v_strategy.strategy_id, v_ids || v_legs),
    'currency', coalesce(v_settings ->> 'currency',
                         (SELECT i.currency FROM market.instruments AS i WHERE i.instrument_id = v_ids[1]))));
  RETURN jsonb_build_object(
    'version', 1, 'settings', v_settings, 'strategy_id', v_strategy.strategy_id, 'strategy_version', p_version.version,
    'capital', p_capital::text, 'from', internal.microseconds(p_from), 'until', internal.microseconds(p_until),
    'begins', internal.microseconds(v_bounds.begins_at),
    'resolution', (extract(epoch FROM v_bars) * 1000000)::bigint, 'bars_of', v_bars,
    'feed', CASE WHEN v_is_tick THEN 'ticks' ELSE 'bars' END,
    'event_instruments', to_jsonb(v_all),
    'agent', jsonb_build_object(
      'name', v_strategy.name, 'strategy', v_strategy.strategy_id, 'type', v_strategy.type,
      'months', extract(year FROM v_length) * 12 + extract(month FROM v_length),
      'days', CASE WHEN date_trunc('day', v_length) = v_length THEN extract(day FROM v_length) ELSE 0 END,
      'microseconds', (extract(epoch FROM v_length) * 1000000)::bigint, 'parameters', p_version.parameters::text,
      'requires_approval', v_strategy.requires_approval, 'capital_per_trade', v_settings ->> 'capital_per_trade',
      'maximum_positions', v_settings -> 'maximum_positions', 'skip_bars', v_settings -> 'skip_bars',
      'instruments', to_jsonb(v_ids), 'legs', to_jsonb(v_legs)),
    'portfolio', internal.backtest_portfolio(v_settings, v_portfolio, p_capital),
    'instruments', internal.backtest_instruments(v_settings, v_ids || v_legs, v_all),
    'symbols', (SELECT coalesce(jsonb_agg(jsonb_build_object('symbol', n.symbol, 'instrument', n.id)), '[]')
                  FROM (SELECT DISTINCT s.entry ->> 'symbol' AS symbol,
                               market.find_instrument(s.entry ->> 'symbol') AS id
                          FROM jsonb_array_elements(v_report -> 'series') AS s (entry)) AS n
                 WHERE n.id IS NOT NULL),
    'grids', (SELECT jsonb_agg(jsonb_build_object(
                       'exchange', e.exchange_id, 'hour', e.hour_offset * 60000000::bigint,
                       'opening', internal.microseconds((date '2000-01-01' + e.grid_starts) AT TIME ZONE e.time_zone)))
                FROM market.exchanges AS e
               WHERE e.exchange_id IN (SELECT i.exchange_id FROM market.instruments AS i
                                        WHERE i.instrument_id = ANY (v_all))),
    'calendars', internal.backtest_calendars(
      v_all, coalesce((SELECT internal.instant(min((e.entry ->> 'from')::bigint))
                         FROM jsonb_array_elements(v_past) AS e (entry)), v_bounds.begins_at), v_bounds.ends_at),
    'candles', internal.backtest_spans(v_series, v_bounds.begins_at, v_bounds.ends_at),
    'past', v_past,
    'actions', internal.backtest_actions(v_all, v_bounds.ends_at),
    'fees', internal.backtest_fees(v_settings, v_ids || v_legs),
    'predictions', internal.backtest_predictions(v_report, v_ids, v_bounds.begins_at, v_bounds.ends_at),
    'limits', internal.backtest_limits(v_settings, v_portfolio.portfolio_id),
    'protections', coalesce(v_settings #> '{rules,protections}', '[]'));
END
$$;
COMMENT ON FUNCTION internal.backtest_specification(
  strategy.strategy_versions, text[], timestamptz, timestamptz, numeric, jsonb, jsonb) IS
  'Everything that a backtest of a version, with its own values of parameters, is told before its first event. '
  'p_settings are those of internal.backtest_settings. Errors TR101, TR103, TR211, TR510, TR526, TR530.';
