-- reads trading.fills, strategy.agents, strategy.strategy_versions, market.ticks, market.candles
CREATE OR REPLACE FUNCTION internal.market_steps(p_order trading.orders, p_signal strategy.signals)
RETURNS TABLE (turn int, place int, step text, at timestamptz, recorded_at timestamptz, detail text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
DECLARE
  v_timeframe interval;
BEGIN
  -- The last tick before the signal, the order, and each fill.
  RETURN QUERY
    SELECT DISTINCT 1, 0, 'tick', t.ts, coalesce(t.received_at, t.stored_at), format('%s at %s', t.size, t.price)
      FROM (SELECT p_order.instrument_id, p_order.submitted_at
            UNION
            SELECT p_signal.instrument_id, p_signal.at WHERE p_signal.signal_no IS NOT NULL
            UNION
            SELECT f.instrument_id, f.at FROM trading.fills AS f
             WHERE f.portfolio_id = p_order.portfolio_id AND f.order_id = p_order.order_id
               AND f.busts_fill_id IS NULL) AS n (instrument_id, at)
      CROSS JOIN LATERAL market.last_tick(n.instrument_id, n.at) AS l
      JOIN market.ticks AS t ON t.ts = l.ts AND t.instrument_id = n.instrument_id AND t.seq = l.seq;
  SELECT v.timeframe INTO v_timeframe
    FROM strategy.agents AS a JOIN strategy.strategy_versions AS v USING (strategy_id, version)
   WHERE a.portfolio_id = p_signal.portfolio_id AND a.agent_id = p_signal.agent_id
     AND v.timeframe > interval '0' AND (p_signal.reason IN ('stop', 'take_profit')) IS NOT TRUE;
  IF FOUND THEN
    RETURN QUERY
      SELECT 2, 0, 'candle', p_signal.at, NULL::timestamptz,
             format('%s from %s: open %s, high %s, low %s, close %s, volume %s', v_timeframe,
                    c.bucket AT TIME ZONE 'UTC', c.open, c.high, c.low, c.close, c.volume)
        FROM market.candles((SELECT l.symbol FROM market.listings AS l WHERE l.instrument_id = p_signal.instrument_id),
                            v_timeframe, p_signal.at - 2 * v_timeframe - interval '10 days', p_signal.at) AS c
       ORDER BY c.bucket DESC LIMIT 1;
  END IF;
END
$$;
COMMENT ON FUNCTION internal.market_steps(trading.orders, strategy.signals) IS
  'What the market showed before an order: the last tick before its signal, itself and each of its fills, and the '
  'candle that gave the signal.';
