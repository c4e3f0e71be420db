-- The median of :rounds runs of a view and of the same question to the table, in turns, each planned anew as a panel's is.
CREATE FUNCTION public.measure(name text, view text, bare text, rounds int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_began timestamptz;
  v_view  float8[] := '{}';
  v_bare  float8[] := '{}';
BEGIN
  FOR i IN 0 .. rounds LOOP
    v_began := clock_timestamp();
    EXECUTE format('SELECT count(q) FROM (%s) AS q', view);
    CONTINUE WHEN i = 0;  -- the first one warms up
    v_view := v_view || extract(epoch FROM clock_timestamp() - v_began)::float8 * 1000;
    v_began := clock_timestamp();
    EXECUTE format('SELECT count(q) FROM (%s) AS q', bare);
    v_bare := v_bare || extract(epoch FROM clock_timestamp() - v_began)::float8 * 1000;
  END LOOP;
  RETURN (SELECT format('bench reporting_%s: %s ms, ratio %s of the same from the table (aim 100 ms)', name, round(m.view::numeric, 2), round((m.view / m.bare)::numeric, 1))
            FROM (SELECT (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM unnest(v_view) AS x) AS view,
                         (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM unnest(v_bare) AS x) AS bare) AS m);
END
$$;
GRANT EXECUTE ON FUNCTION public.measure TO PUBLIC;
SET SESSION AUTHORIZATION :"reader";
\set day '''2024-12-25T00:00:00Z'' AND ''2024-12-26T00:00:00Z'''
SELECT public.measure(name, replace(view, '$day', :'day'), replace(bare, '$day', :'day'), :rounds) FROM (VALUES
  ('portfolio_value', $$SELECT * FROM reporting.portfolio_value WHERE portfolio = 'p1' AND time BETWEEN $day$$,
   $$SELECT * FROM trading.portfolio_snapshots WHERE portfolio_id = 1 AND at BETWEEN $day$$),
  ('portfolio_values_of_a_year', $$SELECT * FROM reporting.portfolio_values('{p1}', '2024-01-01T00:00:00Z', '2025-01-01T00:00:00Z', '8 hours')$$,
   $$SELECT date_bin('8 hours', at, '2000-01-01Z'), avg(equity), avg(index), min(drawdown) FROM trading.portfolio_snapshots WHERE portfolio_id = 1 GROUP BY 1$$),
  ('profit_by_day_of_a_year', $$SELECT * FROM reporting.profit_by_day WHERE portfolio = 'p1' AND time BETWEEN '2024-01-01T00:00:00Z' AND '2025-01-01T00:00:00Z'$$,
   $$SELECT day, max(at), max(equity) FROM trading.portfolio_snapshots WHERE portfolio_id = 1 GROUP BY day$$),
  ('profit_by_agent', $$SELECT * FROM reporting.profit_by_agent WHERE portfolio = 'p2' AND agent = 'a1' AND time BETWEEN $day$$,
   $$SELECT f.* FROM trading.fills AS f JOIN trading.orders AS o USING (portfolio_id, order_id) WHERE f.portfolio_id = 2 AND o.agent_id = (SELECT agent_id FROM strategy.agents WHERE portfolio_id = 2 AND name = 'a1')$$),
  ('profit_by_symbol', $$SELECT * FROM reporting.profit_by_symbol WHERE portfolio = 'p1' AND time BETWEEN $day$$, $$SELECT * FROM trading.fills WHERE portfolio_id = 1 AND at BETWEEN $day$$),
  ('exposure', $$SELECT * FROM reporting.exposure WHERE portfolio = 'p1'$$, $$SELECT * FROM trading.positions WHERE portfolio_id = 1$$),
  ('correlation', $$SELECT * FROM reporting.correlation WHERE portfolio = 'p1'$$, $$SELECT * FROM market.bars WHERE resolution = interval '1 day'$$),
  ('limit_use', $$SELECT * FROM reporting.limit_use WHERE portfolio = 'p1'$$, $$SELECT * FROM trading.positions WHERE portfolio_id = 1$$),
  ('breaches', $$SELECT * FROM reporting.breaches WHERE portfolio = 'p1' AND time BETWEEN $day$$, $$SELECT * FROM risk.breaches WHERE portfolio_id = 1 AND at BETWEEN $day$$),
  ('orders_by_state', $$SELECT * FROM reporting.orders_by_state WHERE portfolio = 'p1' AND time BETWEEN $day$$, $$SELECT * FROM trading.orders WHERE portfolio_id = 1 AND submitted_at BETWEEN $day$$),
  ('rejects_by_code', $$SELECT * FROM reporting.rejects_by_code WHERE portfolio = 'p1' AND time BETWEEN $day$$, $$SELECT * FROM trading.orders WHERE portfolio_id = 1 AND status = 'rejected' AND submitted_at BETWEEN $day$$),
  ('order_latency', $$SELECT * FROM reporting.order_latency WHERE portfolio = 'p1' AND time BETWEEN $day$$, $$SELECT * FROM trading.orders WHERE portfolio_id = 1 AND submitted_at BETWEEN $day$$),
  ('fill_quality', $$SELECT * FROM reporting.fill_quality WHERE portfolio = 'p1' AND time BETWEEN $day$$, $$SELECT * FROM trading.fills WHERE portfolio_id = 1 AND at BETWEEN $day$$),
  ('signals', $$SELECT * FROM reporting.signals WHERE portfolio = 'p1' AND time BETWEEN $day$$, $$SELECT * FROM strategy.signals WHERE portfolio_id = 1 AND at BETWEEN $day$$),
  ('error_journal', $$SELECT * FROM reporting.error_journal WHERE portfolio = 'p1' AND time BETWEEN $day$$, $$SELECT * FROM ops.events WHERE ops.is_fault(kind) AND at BETWEEN $day$$),
  ('tick_rate', $$SELECT * FROM reporting.tick_rate WHERE symbol = 'US:S1' AND time BETWEEN $day$$,
   $$SELECT * FROM market.candle_store WHERE instrument_id = (SELECT instrument_id FROM market.instruments WHERE symbol = 'S1') AND minutes = 1 AND bucket BETWEEN $day$$),
  ('candle_freshness', $$SELECT * FROM reporting.candle_freshness$$, $$SELECT * FROM market.quotes$$),
  ('feed_health', $$SELECT * FROM reporting.feed_health$$, $$SELECT * FROM market.feed_positions$$),
  ('runners', $$SELECT * FROM reporting.runners$$, $$SELECT * FROM ops.runners$$),
  ('database_health', $$SELECT * FROM reporting.database_health$$, $$SELECT * FROM pg_stat_user_tables$$)) AS q (name, view, bare);
