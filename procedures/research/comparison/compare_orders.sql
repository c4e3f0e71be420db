-- reads research.backtests, backtest_orders, backtest_fills, backtest_trades, trading.orders, trading.fills,
-- strategy.agents, market.instruments
CREATE OR REPLACE FUNCTION research.compare_orders(p_run_id bigint, p_portfolio_id int)
RETURNS TABLE (symbol text, trade_no int, side trading.order_side, at timestamptz, profit numeric, difference numeric,
               causes text[], detail text)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    WITH simulated AS (
      -- The last part of a name is the role and the candle, whoever the agent is.
      SELECT o.order_id, o.instrument_id, substring(o.client_order_id FROM '[^/]*$') AS name, o.side, o.status,
             o.submitted_at, o.reason_code, f.quantity, f.price, f.fee, f.at
        FROM research.backtest_orders AS o
        LEFT JOIN LATERAL (
          SELECT sum(n.quantity) AS quantity, sum(n.quantity * n.price) / sum(n.quantity) AS price, sum(n.fee) AS fee,
                 min(n.at) AS at
            FROM research.backtest_fills AS n
           WHERE n.run_id = p_run_id AND n.order_id = o.order_id HAVING count(*) > 0) AS f ON true
       WHERE o.run_id = p_run_id
    ), traded AS (
      SELECT o.order_id, o.instrument_id, substring(o.client_order_id FROM '[^/]*$') AS name, o.side, o.status,
             o.submitted_at, o.reason_code, f.quantity, f.price, f.fee, f.at
        FROM research.backtests AS b
        JOIN strategy.agents AS a ON a.portfolio_id = p_portfolio_id AND a.strategy_id = b.strategy_id
        JOIN trading.orders AS o ON o.portfolio_id = a.portfolio_id AND o.agent_id = a.agent_id
         AND o.submitted_at >= b.from_time AND o.submitted_at < b.until_time
         AND o.instrument_id = ANY (b.instrument_ids)
        LEFT JOIN LATERAL (
          SELECT sum(n.quantity) AS quantity, sum(n.quantity * n.price) / sum(n.quantity) AS price, sum(n.fee) AS fee,
                 min(n.at) AS at
            FROM trading.fills AS n
           WHERE n.portfolio_id = o.portfolio_id AND n.order_id = o.order_id AND n.busts_fill_id IS NULL
             AND NOT EXISTS (SELECT FROM trading.fills AS x
                              WHERE x.portfolio_id = n.portfolio_id AND x.busts_fill_id = n.fill_id)
          HAVING count(*) > 0) AS f ON true
       WHERE b.run_id = p_run_id
    ), pairs AS (
      SELECT coalesce(s.instrument_id, t.instrument_id) AS instrument_id, coalesce(s.name, t.name) AS name,
             coalesce(s.side, t.side) AS side, coalesce(s.at, s.submitted_at, t.at, t.submitted_at) AS at,
             s.at AS simulated_at, s.quantity AS simulated_quantity, t.quantity AS traded_quantity,
             CASE WHEN s.order_id IS NULL THEN 'extra'
                  WHEN t.order_id IS NULL THEN 'missing'
                  WHEN (s.status = 'rejected') <> (t.status = 'rejected') THEN 'refused'
                  WHEN (s.at IS NULL) <> (t.at IS NULL) THEN 'unfilled' END AS cause,
             s.price AS simulated_price, t.price AS traded_price, t.at AS traded_at, s.fee AS simulated_fee,
             t.fee AS traded_fee, CASE WHEN s.status = 'rejected' THEN s.reason_code END AS simulated_code,
             CASE WHEN t.status = 'rejected' THEN t.reason_code END AS traded_code
        FROM simulated AS s FULL JOIN traded AS t USING (instrument_id, name, side)
       -- What neither filled nor was refused came to the same.
       WHERE num_nonnulls(s.at, t.at) > 0
          OR coalesce(s.status = 'rejected', false) <> coalesce(t.status = 'rejected', false)
    ), placed AS (
      SELECT p.*, b.trade_no, b.side AS direction, b.opened_at, b.closed_at, b.net_pnl, i.symbol, i.multiplier,
             CASE p.side WHEN 'buy' THEN -1 ELSE 1 END AS sign
        FROM pairs AS p
        JOIN market.instruments AS n USING (instrument_id)
        JOIN market.listings AS i USING (instrument_id)
        LEFT JOIN LATERAL (
          SELECT t.* FROM research.backtest_trades AS t
           WHERE t.run_id = p_run_id AND t.instrument_id = p.instrument_id AND t.opened_at <= p.simulated_at
             AND (t.closed_at IS NULL OR t.closed_at >= p.simulated_at)
           -- One trade ends and the next begins with the same event: what has its direction opens it.
           ORDER BY t.opened_at = p.simulated_at AND t.side = p.side DESC, t.trade_no LIMIT 1) AS b ON true
    ), judged AS (
      SELECT p.*, array_remove(CASE WHEN p.cause IS NOT NULL THEN ARRAY[p.cause] ELSE ARRAY[
               CASE WHEN p.simulated_price <> p.traded_price THEN 'price' END,
               CASE WHEN p.simulated_at <> p.traded_at THEN 'time' END,
               CASE WHEN p.simulated_quantity <> p.traded_quantity THEN 'quantity' END,
               CASE WHEN p.simulated_fee <> p.traded_fee THEN 'fees' END] END, NULL) AS causes,
             p.sign * p.multiplier * (coalesce(p.traded_quantity * p.traded_price, 0)
                                      - coalesce(p.simulated_quantity * p.simulated_price, 0))
             - coalesce(p.traded_fee, 0) + coalesce(p.simulated_fee, 0) AS effect
        FROM placed AS p
    )
    SELECT j.symbol, j.trade_no, coalesce(min(j.direction), min(j.side)), coalesce(min(j.opened_at), min(j.at)),
           CASE WHEN min(j.closed_at) IS NOT NULL THEN trim_scale(min(j.net_pnl)) END,
           CASE WHEN sum(j.sign * coalesce(j.simulated_quantity, 0)) = 0
                 AND sum(j.sign * coalesce(j.traded_quantity, 0)) = 0
                THEN trim_scale(round(sum(j.effect), 8)) END,
           ARRAY(SELECT DISTINCT c.cause
                   FROM unnest(string_to_array(string_agg(array_to_string(j.causes, ','), ','), ',')) AS c (cause)
                  WHERE c.cause <> '' ORDER BY c.cause),
           string_agg(
             format('%s: %s', j.name, concat_ws(', ',
               CASE j.cause WHEN 'missing' THEN 'the portfolio has no such order'
                            WHEN 'extra' THEN 'the backtest has no such order'
                            WHEN 'refused' THEN concat_ws(' ', 'refused by', CASE WHEN j.traded_code IS NOT NULL
                              THEN 'the portfolio' ELSE 'the backtest' END, coalesce(j.traded_code, j.simulated_code))
                            WHEN 'unfilled' THEN format('filled in the %s alone',
                              CASE WHEN j.traded_at IS NULL THEN 'backtest' ELSE 'portfolio' END) END,
               CASE WHEN 'price' = ANY (j.causes)
                    THEN format('price %s, not %s', trim_scale(round(j.traded_price, 8)),
                                trim_scale(round(j.simulated_price, 8))) END,
               CASE WHEN 'time' = ANY (j.causes)
                    THEN format('%s %s', CASE WHEN j.traded_at > j.simulated_at THEN j.traded_at - j.simulated_at
                                              ELSE j.simulated_at - j.traded_at END,
                                CASE WHEN j.traded_at > j.simulated_at THEN 'later' ELSE 'earlier' END) END,
               CASE WHEN 'quantity' = ANY (j.causes)
                    THEN format('quantity %s, not %s', trim_scale(j.traded_quantity),
                                trim_scale(j.simulated_quantity)) END,
               CASE WHEN 'fees' = ANY (j.causes)
                    THEN format('fees %s, not %s', trim_scale(j.traded_fee), trim_scale(j.simulated_fee)) END)),
             '; ' ORDER BY j.at, j.name) FILTER (WHERE j.causes <> '{}')
      FROM judged AS j
     GROUP BY j.instrument_id, j.symbol, j.trade_no, CASE WHEN j.trade_no IS NULL THEN j.name END,
              CASE WHEN j.trade_no IS NULL THEN j.side END
     ORDER BY 4, 1, 2;
END
$$;
COMMENT ON FUNCTION research.compare_orders(bigint, int) IS
  'What research.compare_trades says of one portfolio, by its identifier.';
