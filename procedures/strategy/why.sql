-- reads trading.orders, trading.order_events, trading.fills, strategy.signals, strategy.external_signals,
-- strategy.agents, strategy.strategy_versions, market.ticks, market.candles; errors TR205, TR211
CREATE OR REPLACE FUNCTION strategy.why(portfolio text, order_id bigint)
RETURNS TABLE (step text, at timestamptz, recorded_at timestamptz, latency interval, detail text,
               client_order_id text)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_order  trading.orders := internal.find_order(trading.portfolio_id(why.portfolio), coalesce(why.order_id, 0), NULL);
  v_signal strategy.signals;
BEGIN
  SELECT * INTO v_signal FROM strategy.signals AS s
   WHERE s.portfolio_id = v_order.portfolio_id AND s.client_order_id = v_order.client_order_id
     AND s.agent_id = v_order.agent_id
   ORDER BY s.signal_no LIMIT 1;
  RETURN QUERY
    WITH steps AS (
      SELECT s.turn, s.place, s.step, s.at, s.recorded_at, s.detail FROM internal.market_steps(v_order, v_signal) AS s
      UNION ALL
      SELECT 3, 0, 'outside signal', e.at, e.recorded_at,
             concat_ws(', ', e.action || coalesce(' at ' || e.price, ''), 'by ' || e.actor,
                       'confidence ' || e.confidence, e.note)
        FROM strategy.external_signals AS e
       WHERE e.portfolio_id = v_signal.portfolio_id AND e.agent_id = v_signal.agent_id
         AND e.instrument_id = v_signal.instrument_id AND e.signal_no = v_signal.signal_no
      UNION ALL
      -- A stop that rests is told of when it has filled.
      SELECT CASE WHEN v_signal.reason IN ('stop', 'take_profit') THEN 6 ELSE 4 END, 0, 'signal', v_signal.at,
             v_signal.recorded_at, internal.describe_signal(v_signal)
       WHERE v_signal.signal_no IS NOT NULL
      UNION ALL
      SELECT 5, e.version, CASE WHEN e.version = 1 THEN 'order ' WHEN e.fill_id IS NOT NULL THEN 'fill, ' ELSE '' END
             || e.to_status, e.at, e.recorded_at,
             concat_ws(', ',
               CASE WHEN e.version = 1
                    THEN concat_ws(' ', v_order.side, v_order.type, trim_scale(e.quantity),
                                   'limit ' || trim_scale(e.limit_price), 'stop ' || trim_scale(e.stop_price)) END,
               CASE WHEN f.fill_id IS NOT NULL
                    THEN format('%s %s at %s, fee %s', CASE f.side WHEN 'buy' THEN 'bought' ELSE 'sold' END,
                                trim_scale(f.quantity), trim_scale(f.price), trim_scale(f.fee)) END,
               'by ' || CASE e.version WHEN 1 THEN coalesce((SELECT 'agent ' || a.name FROM strategy.agents AS a
                                                               WHERE a.portfolio_id = v_order.portfolio_id
                                                                 AND a.agent_id = v_order.agent_id), e.actor) END,
               e.reason_code || ': ' || e.reason)
        FROM trading.order_events AS e
        LEFT JOIN trading.fills AS f ON f.portfolio_id = e.portfolio_id AND f.fill_id = e.fill_id
       WHERE e.portfolio_id = v_order.portfolio_id AND e.order_id = v_order.order_id
    )
    SELECT s.step, s.at, s.recorded_at,
           s.recorded_at - max(s.recorded_at) OVER (ORDER BY s.at, s.turn, s.place
                                                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
           s.detail, v_order.client_order_id
      FROM steps AS s
     ORDER BY s.at, s.turn, s.place;
END
$$;
COMMENT ON FUNCTION strategy.why(text, bigint) IS
  'The story of an order, in the order of event times: the ticks or the candle that it came from, what an outside '
  'program wanted, the signal with what its rules compared, each event of the order, each fill with the tick before '
  'it. recorded_at is the clock when the step was received or recorded, NULL for candles; latency is what went by '
  'since the steps before. client_order_id is the same in each row: what joins signal, order, fills, journal and log. '
  'Orders of people have no signal. Errors TR205, TR211.';
REVOKE ALL ON FUNCTION strategy.why(text, bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION strategy.why(portfolio text, key text)
RETURNS TABLE (step text, at timestamptz, recorded_at timestamptz, latency interval, detail text,
               client_order_id text)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_order_id bigint := (SELECT o.order_id FROM trading.orders AS o
                         WHERE o.portfolio_id = trading.portfolio_id(why.portfolio)
                           AND o.client_order_id = why.key);
BEGIN
  IF v_order_id IS NULL AND why.key ~ '^[0-9]{1,18}$' THEN
    v_order_id := why.key::bigint;
  END IF;
  RETURN QUERY SELECT * FROM strategy.why(why.portfolio, v_order_id);
END
$$;
COMMENT ON FUNCTION strategy.why(text, text) IS
  'The same of the order with this client_order_id, or else with this number. Errors TR205, TR211.';
REVOKE ALL ON FUNCTION strategy.why(text, text) FROM PUBLIC;
