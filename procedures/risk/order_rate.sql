-- reads trading.orders, strategy.agents, market.instruments
-- It goes back from the portfolio's last order, so its cost does not depend on how many orders there are. Plans of a small table must
-- not outlive it: hence the settings.
CREATE OR REPLACE FUNCTION risk.order_rate(p_order trading.orders, p_scope risk.scope, p_from timestamptz, p_most int)
RETURNS int
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_sort = off
AS $$
DECLARE
  v_last  record;
  v_count int := 1;  -- this one
BEGIN
  FOR v_last IN
    SELECT o.submitted_at,
           CASE p_scope WHEN 'agent'      THEN o.agent_id = p_order.agent_id
                        WHEN 'instrument' THEN o.instrument_id = p_order.instrument_id
                        WHEN 'user'       THEN o.submitted_by = p_order.submitted_by
                        WHEN 'strategy'   THEN o.agent_id IS NOT NULL
                                               AND (SELECT a.strategy_id FROM strategy.agents AS a WHERE a.portfolio_id = o.portfolio_id AND a.agent_id = o.agent_id)
                                                   = (SELECT a.strategy_id FROM strategy.agents AS a WHERE a.portfolio_id = o.portfolio_id AND a.agent_id = p_order.agent_id)
                        WHEN 'sector'     THEN (SELECT i.sector FROM market.instruments AS i WHERE i.instrument_id = o.instrument_id)
                                               = (SELECT i.sector FROM market.instruments AS i WHERE i.instrument_id = p_order.instrument_id)
                        ELSE true END AS counts
      FROM trading.orders AS o
     WHERE o.portfolio_id = p_order.portfolio_id AND o.order_id < p_order.order_id
     ORDER BY o.order_id DESC
     LIMIT 10000
  LOOP
    EXIT WHEN v_last.submitted_at <= p_from OR v_count > p_most;
    v_count := v_count + CASE WHEN v_last.counts THEN 1 ELSE 0 END;
  END LOOP;
  RETURN v_count;
END
$$;
COMMENT ON FUNCTION risk.order_rate(trading.orders, risk.scope, timestamptz, int) IS
  'Orders of the portfolio since a time, this one included and refused ones too: who sends too many is refused until he pauses. Of an agent, strategy, instrument, sector or user only its own. It stops counting above p_most, and after 10,000 orders.';
REVOKE ALL ON FUNCTION risk.order_rate(trading.orders, risk.scope, timestamptz, int) FROM PUBLIC;
