-- reads trading.positions, market.instruments, market.quotes, ledger.portfolio_clocks, strategy.agents,
-- strategy.agent_instruments, ledger.exchange_rates
CREATE OR REPLACE FUNCTION internal.limit_instruments(
  p_portfolio trading.portfolios, p_limits risk.limits[], p_at timestamptz)
RETURNS TABLE (instrument_id int, agent_id int, quantity numeric, buys numeric, sells numeric, price numeric,
               unit numeric, sector text, exchange_id int, is_open boolean, next_order_id bigint, limits risk.limits[])
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    WITH known AS (
      SELECT n.instrument_id, n.quantity::numeric, n.open_buy_quantity::numeric AS buys,
             n.open_sell_quantity::numeric AS sells, i.sector, i.exchange_id,
             coalesce(q.last::numeric, n.average_price) AS price, i.multiplier, i.currency,
             n.quantity <> 0 OR n.open_buy_quantity <> 0 OR n.open_sell_quantity <> 0 AS is_open
        FROM trading.positions AS n
        JOIN market.instruments AS i USING (instrument_id)
        LEFT JOIN market.quotes AS q USING (instrument_id)
       WHERE n.portfolio_id = p_portfolio.portfolio_id
      UNION ALL
      -- One that never traded is measured by an instrument that there is not.
      SELECT 0, 0, 0, 0, NULL, NULL, 0, 1, p_portfolio.currency, false
       WHERE NOT EXISTS (SELECT FROM trading.positions AS n WHERE n.portfolio_id = p_portfolio.portfolio_id)
    ), placed AS (
      SELECT k.*, a.agent_id, a.strategy_id,
             row_number() OVER (PARTITION BY a.agent_id ORDER BY k.is_open DESC, k.instrument_id) AS place,
             row_number() OVER (PARTITION BY a.agent_id, k.exchange_id
                                    ORDER BY k.is_open DESC, k.instrument_id) AS exchange_place
        FROM known AS k
        CROSS JOIN LATERAL (
          SELECT NULL::int AS agent_id, NULL::int AS strategy_id
          UNION ALL
          SELECT g.agent_id, g.strategy_id
            FROM strategy.agent_instruments AS x
            JOIN strategy.agents AS g USING (portfolio_id, agent_id)
           WHERE x.portfolio_id = p_portfolio.portfolio_id AND x.instrument_id = k.instrument_id) AS a
    ), measured AS (
      SELECT p.*, t.limits
        FROM placed AS p
        CROSS JOIN LATERAL (
          SELECT array_agg(l) AS limits
            FROM unnest(p_limits) AS l
           WHERE (l.instrument_id IS NULL OR l.instrument_id = p.instrument_id)
             AND CASE l.scope WHEN 'agent' THEN l.scope_id = p.agent_id
                              WHEN 'strategy' THEN l.scope_id = p.strategy_id
                              WHEN 'instrument' THEN l.scope_id = p.instrument_id AND p.agent_id IS NULL
                              WHEN 'sector' THEN l.scope_name = p.sector AND p.agent_id IS NULL
                              ELSE p.agent_id IS NULL END
             -- What is the same for all instruments, or all of an exchange, is measured once.
             AND (p.place = 1 OR l.metric BETWEEN 'position_quantity' AND 'sector_share'
                  OR l.instrument_id IS NOT NULL OR l.scope IN ('instrument', 'sector')
                  OR l.metric BETWEEN 'daily_loss' AND 'weekly_loss_share' AND p.exchange_place = 1)) AS t
       WHERE t.limits IS NOT NULL
    )
    SELECT m.instrument_id, m.agent_id, m.quantity, m.buys, m.sells, m.price,
           m.price * m.multiplier
             * CASE m.currency WHEN p_portfolio.currency THEN 1
                               ELSE internal.measuring_rate(m.currency, p_portfolio.currency, p_at) END,
           m.sector, m.exchange_id, m.is_open,
           (SELECT k.next_order_id FROM ledger.portfolio_clocks AS k WHERE k.portfolio_id = p_portfolio.portfolio_id),
           m.limits
      FROM measured AS m
     ORDER BY m.place;
END
$$;
COMMENT ON FUNCTION internal.limit_instruments(trading.portfolios, risk.limits[], timestamptz) IS
  'The instruments by which limits of a portfolio are measured, each with what is held and ordered of it, what a unit '
  'is worth in the portfolio''s currency, and the limits that it decides, for an agent (agent_id) or for all (NULL).';
