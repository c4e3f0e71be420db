-- reads candles, market.instruments, market.exchanges; errors TR101, TR103
CREATE OR REPLACE FUNCTION internal.backtest_figures(p_specification jsonb, p_result jsonb)
RETURNS internal.backtest_figures
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_settings jsonb := p_specification -> 'settings';
  v_figures  internal.backtest_figures;
  v_zone     text;
  v_days     date[];
  v_equity   float8[];
  v_closes   float8[];
  v_trades   jsonb := p_result -> 'trades';
  v_fills    jsonb := p_result -> 'fills';
  v_trips    record;
BEGIN
  SELECT array_agg(e.code || ':' || i.symbol ORDER BY n.place) FILTER (WHERE n.place <= s.count),
         coalesce(array_agg(e.code || ':' || i.symbol ORDER BY n.place) FILTER (WHERE n.place > s.count), '{}'),
         array_agg(i.instrument_id ORDER BY n.place), (array_agg(e.time_zone ORDER BY n.place))[1]
    INTO v_figures.symbols, v_figures.legs, v_figures.instrument_ids, v_zone
    FROM (SELECT jsonb_array_length(p_specification #> '{agent,instruments}') AS count) AS s
    CROSS JOIN jsonb_array_elements_text(
           (p_specification #> '{agent,instruments}') || (p_specification #> '{agent,legs}'))
         WITH ORDINALITY AS n (id, place)
    JOIN market.instruments AS i ON i.instrument_id = n.id::int
    JOIN market.exchanges AS e USING (exchange_id);
  SELECT array_agg(date '2000-01-01' + d.day ORDER BY d.day), array_agg(d.equity ORDER BY d.day)
    INTO v_days, v_equity
    FROM unnest((p_result #>> '{days,day}')::int[], (p_result #>> '{days,equity}')::float8[]) AS d (day, equity);
  IF v_days IS NOT NULL THEN
    v_days := v_days[1:1] || v_days;
    v_equity := (p_specification ->> 'capital')::float8 || v_equity;
  END IF;
  IF v_settings ? 'benchmark' THEN
    -- The first day begins with the close of the one before.
    v_closes := market.day_closes(v_settings ->> 'benchmark', (v_days[1] - 1) || v_days[2:]);
  END IF;
  v_figures.returns := trading.return_stats(v_days, v_equity, v_closes, (v_settings ->> 'periods_per_year')::float8,
                                            (v_settings ->> 'risk_free')::float8);
  SELECT array_agg((t.pnl - t.fees)::float8) FILTER (WHERE t.closed_at IS NOT NULL) AS pnl,
         array_agg(internal.instant(t.opened_at)) FILTER (WHERE t.closed_at IS NOT NULL) AS opened,
         array_agg(internal.instant(t.closed_at)) FILTER (WHERE t.closed_at IS NOT NULL) AS closed,
         array_agg(t.mae) FILTER (WHERE t.closed_at IS NOT NULL) AS mae,
         array_agg(t.mfe) FILTER (WHERE t.closed_at IS NOT NULL) AS mfe,
         array_agg((internal.instant(t.opened_at) AT TIME ZONE v_zone)::date) AS opened_days,
         array_agg((internal.instant(t.closed_at) AT TIME ZONE v_zone)::date) AS closed_days
    INTO v_trips
    FROM unnest((v_trades ->> 'pnl')::numeric[], (v_trades ->> 'fees')::numeric[],
                (v_trades ->> 'opened_at')::bigint[], (v_trades ->> 'closed_at')::bigint[],
                (v_trades ->> 'mae')::float8[], (v_trades ->> 'mfe')::float8[])
         AS t (pnl, fees, opened_at, closed_at, mae, mfe);
  v_figures.trades := trading.trade_stats(v_trips.pnl, v_trips.opened, v_trips.closed, v_trips.mae, v_trips.mfe);
  v_figures.exposure := trading.exposure(v_days, v_trips.opened_days, v_trips.closed_days);
  v_figures.turnover_rate := trading.turnover_rate(
    coalesce((SELECT sum(f.quantity * f.price * i.multiplier)
                FROM unnest((v_fills ->> 'instrument')::int[], (v_fills ->> 'quantity')::numeric[],
                            (v_fills ->> 'price')::numeric[]) AS f (instrument, quantity, price)
                JOIN market.instruments AS i ON i.instrument_id = f.instrument), 0)::float8,
    v_equity, (v_settings ->> 'periods_per_year')::float8);
  RETURN v_figures;
END
$$;
COMMENT ON FUNCTION internal.backtest_figures(jsonb, jsonb) IS
  'Statistics of the result of a backtest: by trading.return_stats of its days, the capital before them, and by '
  'trading.trade_stats of its closed round trips. Errors TR101, TR103.';
