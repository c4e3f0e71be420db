-- What fills cost beside what was wanted.
CREATE OR REPLACE VIEW reporting.fill_quality WITH (security_invoker = true) AS
SELECT f.at AS time, p.name AS portfolio, i.symbol, t.name AS strategy, a.name AS agent, f.order_id, f.fill_id AS fill,
       f.side::text AS side, f.quantity::float8 AS quantity, f.price::float8 AS price, s.price AS signal_price,
       f.fee::float8 AS fee, (f.fee * 10000 / nullif(f.value, 0))::float8 AS fee_bps,
       trading.slippage_bps(f.side, f.price, s.price) AS slippage_bps, f.liquidity::text AS liquidity, i.currency::text,
       o.client_order_id, p.owner
  FROM trading.fills AS f
  JOIN trading.portfolios AS p USING (portfolio_id)
  JOIN market.listings AS i USING (instrument_id)
  JOIN trading.orders AS o USING (portfolio_id, order_id)
  LEFT JOIN strategy.agents AS a ON a.portfolio_id = o.portfolio_id AND a.agent_id = o.agent_id
  LEFT JOIN strategy.strategies AS t ON t.strategy_id = a.strategy_id
  LEFT JOIN LATERAL (
    SELECT g.price
      -- By the order's key, whatever else would give them in their order.
      FROM (SELECT n.* FROM strategy.signals AS n
             WHERE n.portfolio_id = o.portfolio_id AND n.client_order_id = o.client_order_id OFFSET 0) AS g
     WHERE g.agent_id = o.agent_id AND g.instrument_id = o.instrument_id
     ORDER BY g.signal_no LIMIT 1) AS s ON true
 WHERE f.busts_fill_id IS NULL
   AND NOT EXISTS (SELECT FROM trading.fills AS b
                    WHERE b.portfolio_id = f.portfolio_id AND b.busts_fill_id = f.fill_id);
COMMENT ON VIEW reporting.fill_quality IS
  'A row for each fill that counts, with its fee and its price beside that of the signal. A portfolio with a range of '
  'time is found by an index.';
COMMENT ON COLUMN reporting.fill_quality.time IS 'Event time of the fill.';
COMMENT ON COLUMN reporting.fill_quality.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN reporting.fill_quality.symbol IS 'What was traded, EXCHANGE:SYMBOL as it is now.';
COMMENT ON COLUMN reporting.fill_quality.strategy IS 'Strategy of the agent; NULL for a person''s order.';
COMMENT ON COLUMN reporting.fill_quality.agent IS 'Agent that sent the order; NULL for a person''s.';
COMMENT ON COLUMN reporting.fill_quality.order_id IS 'Number of the order in the portfolio.';
COMMENT ON COLUMN reporting.fill_quality.fill IS 'Number of the fill in the portfolio.';
COMMENT ON COLUMN reporting.fill_quality.side IS 'buy or sell.';
COMMENT ON COLUMN reporting.fill_quality.quantity IS 'Units of the fill.';
COMMENT ON COLUMN reporting.fill_quality.price IS 'Price of the fill, in the instrument''s currency.';
COMMENT ON COLUMN reporting.fill_quality.signal_price IS
  'Price when the agent wanted it, in the instrument''s currency; NULL for orders of people and signals without price.';
COMMENT ON COLUMN reporting.fill_quality.fee IS 'What was charged for it, in the instrument''s currency.';
COMMENT ON COLUMN reporting.fill_quality.fee_bps IS 'The same in hundredths of a percent of what was traded.';
COMMENT ON COLUMN reporting.fill_quality.slippage_bps IS
  'By how much it was worse than signal_price, in hundredths of a percent of that; negative: it was better.';
COMMENT ON COLUMN reporting.fill_quality.liquidity IS 'maker or taker.';
COMMENT ON COLUMN reporting.fill_quality.currency IS 'The instrument''s currency.';
COMMENT ON COLUMN reporting.fill_quality.client_order_id IS
  'What joins its order, the signal, the journal and the log.';
COMMENT ON COLUMN reporting.fill_quality.owner IS 'Whose portfolio it is.';
