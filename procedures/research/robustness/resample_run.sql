-- reads research.backtests, backtest_equity, backtest_trades, strategy.strategy_versions, candles; errors TR104, TR243,
-- TR533, TR550
CREATE OR REPLACE FUNCTION research.resample_run(
  run bigint, method text DEFAULT 'stationary', resamples int DEFAULT 1000, seed bigint DEFAULT 1, points int DEFAULT 1,
  block float8 DEFAULT NULL)
RETURNS TABLE (resample int, total_return float8, max_drawdown float8, lowest float8, sharpe float8, path float8[])
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_run    research.backtests;
  v_levels float8[];  -- worth after each day or trade, as a share of the capital
  v_year   float8;
  v_steps  float8[];
BEGIN
  SELECT b.* INTO v_run FROM research.backtests AS b WHERE b.run_id = resample_run.run;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no backtest %', coalesce(resample_run.run::text, 'NULL')
      USING ERRCODE = 'TR533', DETAIL = format('%s are stored.', (SELECT count(*) FROM research.backtests)),
            HINT = 'SELECT run_id, symbols, created_at FROM research.backtests lists them.';
  END IF;
  IF (resample_run.method IN ('stationary', 'circular', 'draw', 'shuffle', 'entries')) IS NOT TRUE THEN
    RAISE EXCEPTION 'nothing is resampled in this way'
      USING ERRCODE = 'TR550', DETAIL = format('The method is %s.', coalesce(resample_run.method, 'NULL')),
            HINT = 'Write stationary or circular (blocks of days), draw or shuffle (trades), or entries (trades at '
                   'random times).';
  END IF;
  v_year := coalesce((v_run.settings ->> 'periods_per_year')::float8, 252);
  IF resample_run.method IN ('stationary', 'circular') THEN
    SELECT array_agg(e.equity::float8 / v_run.capital::float8 ORDER BY e.day) INTO v_levels
      FROM research.backtest_equity AS e WHERE e.run_id = v_run.run_id;
    SELECT array_agg(s.return ORDER BY s.place) INTO v_steps
      FROM (SELECT l.place, l.level / nullif(greatest(coalesce(lag(l.level) OVER (ORDER BY l.place), 1), 0), 0) - 1
                     AS return
              FROM unnest(v_levels) WITH ORDINALITY AS l (level, place)) AS s;
  ELSE
    SELECT array_agg(t.net_pnl::float8 ORDER BY t.closed_at, t.trade_no) INTO v_steps
      FROM research.backtest_trades AS t WHERE t.run_id = v_run.run_id AND t.closed_at IS NOT NULL;
    SELECT array_agg(s.level ORDER BY s.place) INTO v_levels
      FROM (SELECT n.place, 1 + sum(n.pnl) OVER (ORDER BY n.place) / v_run.capital::float8 AS level
              FROM unnest(v_steps) WITH ORDINALITY AS n (pnl, place)) AS s;
  END IF;
  -- What it was itself.
  RETURN QUERY
    SELECT 0, v_levels[cardinality(v_levels)] - 1, min(l.level / l.peak) - 1, least(min(l.level), 1),
           CASE WHEN resample_run.method IN ('stationary', 'circular') THEN v_run.sharpe END,
           ARRAY(SELECT coalesce(v_levels[p.point::bigint * cardinality(v_levels) / resample_run.points], 1)
                   FROM generate_series(1, resample_run.points) AS p (point) ORDER BY p.point)
      FROM (SELECT n.level, greatest(1, max(n.level) OVER (ORDER BY n.place)) AS peak
              FROM unnest(v_levels) WITH ORDINALITY AS n (level, place)) AS l
    HAVING count(*) > 0;
  IF resample_run.method IN ('stationary', 'circular') THEN
    RETURN QUERY
      SELECT r.*
        FROM research.resample_returns(v_steps, resample_run.resamples, resample_run.method, resample_run.block,
                                       resample_run.seed, resample_run.points, v_year) AS r;
  ELSIF resample_run.method IN ('draw', 'shuffle') THEN
    RETURN QUERY
      SELECT r.resample, r.total_return, r.max_drawdown, r.lowest, NULL::float8, r.path
        FROM research.resample_trades(v_steps, v_run.capital::float8, resample_run.resamples, resample_run.method,
                                      resample_run.seed, resample_run.points) AS r;
  ELSE
    RETURN QUERY
      WITH candles AS MATERIALIZED (
        SELECT i.instrument_id, i.multiplier, c.close, row_number() OVER (ORDER BY i.instrument_id, c.bucket) AS place
          FROM strategy.strategy_versions AS v
          CROSS JOIN (SELECT DISTINCT t.instrument_id FROM research.backtest_trades AS t
                       WHERE t.run_id = v_run.run_id) AS n
          JOIN market.instruments AS i USING (instrument_id)
          JOIN market.listings AS s USING (instrument_id)
          CROSS JOIN LATERAL market.candles(s.symbol, v.timeframe, v_run.from_time, v_run.until_time, true) AS c
         WHERE v.strategy_id = v_run.strategy_id AND v.version = v_run.version
      ), spans AS (
        SELECT c.instrument_id, c.multiplier, min(c.place)::int AS first, count(*)::int AS candles
          FROM candles AS c GROUP BY c.instrument_id, c.multiplier HAVING count(*) > 1
      ), trades AS (
        SELECT array_agg(s.first ORDER BY n.turn) AS first, array_agg(s.candles ORDER BY n.turn) AS candles,
               array_agg(n.bars ORDER BY n.turn) AS bars, array_agg(n.fees ORDER BY n.turn) AS fees,
               array_agg(n.amount * s.multiplier::float8 ORDER BY n.turn) AS amounts
          FROM (SELECT t.instrument_id, t.bars, t.fees::float8 AS fees,
                       (CASE t.side WHEN 'buy' THEN 1 ELSE -1 END * t.entry_price * t.quantity)::float8 AS amount,
                       row_number() OVER (ORDER BY t.closed_at, t.trade_no) AS turn
                  FROM research.backtest_trades AS t
                 WHERE t.run_id = v_run.run_id AND t.closed_at IS NOT NULL) AS n
          JOIN spans AS s USING (instrument_id)
      )
      SELECT r.resample, r.total_return, r.max_drawdown, r.lowest, NULL::float8, r.path
        FROM trades AS t
        CROSS JOIN (SELECT array_agg(c.close ORDER BY c.place) AS closes FROM candles AS c) AS c
        CROSS JOIN LATERAL research.random_entries(
          c.closes, t.first, t.candles, t.bars, t.amounts, t.fees, v_run.capital::float8, resample_run.resamples,
          resample_run.seed, resample_run.points) AS r;
  END IF;
END
$$;
COMMENT ON FUNCTION research.resample_run(bigint, text, int, bigint, int, float8) IS
  'What might have come of a backtest, a row for each resample, and as resample 0 what came of it. method: '
  'stationary or circular (blocks of its daily returns: research.resample_returns), draw or shuffle (its closed '
  'trades: research.resample_trades), entries (its closed trades at random times: research.random_entries). sharpe '
  'is NULL for trades. Errors TR104, TR243, TR533, TR550.';
