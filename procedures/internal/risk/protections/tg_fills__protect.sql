-- AFTER INSERT on trading.fills that closed something; reads risk.protections, trading.portfolios;
-- writes risk.locks, ops.events
CREATE OR REPLACE FUNCTION internal.tg_fills__protect()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_order       trading.orders;
  v_protection  risk.protections;
  v_agent_id    int;
  v_instrument  int;
  v_past        record;
  v_is_stop     boolean;
  v_profit      numeric;  -- since the opening, whatever was settled on the way
  v_reason      text;
BEGIN
  IF NOT EXISTS (SELECT FROM risk.protections) THEN
    RETURN NULL;
  END IF;
  SELECT * INTO v_order FROM trading.orders AS o WHERE o.portfolio_id = NEW.portfolio_id AND o.order_id = NEW.order_id;
  v_profit := NEW.realised_pnl + internal.settled_pnl(NEW);
  v_is_stop := v_profit < 0
               AND internal.is_stop(NEW.portfolio_id, v_order.agent_id, NEW.instrument_id, v_order.type,
                                    v_order.client_order_id);
  FOR v_protection IN
    SELECT n.* FROM risk.protections AS n
     WHERE n.subject IN ('system', 'user:' || v_order.submitted_by, 'portfolio:' || NEW.portfolio_id,
                         'user:'
                           || (SELECT p.owner FROM trading.portfolios AS p WHERE p.portfolio_id = NEW.portfolio_id),
                         'instrument:' || NEW.instrument_id, 'agent:' || v_order.agent_id,
                         'strategy:'
                           || (SELECT a.strategy_id
                                 FROM strategy.agents AS a
                                WHERE a.portfolio_id = NEW.portfolio_id AND a.agent_id = v_order.agent_id),
                         'sector:'
                           || (SELECT i.sector FROM market.instruments AS i WHERE i.instrument_id = NEW.instrument_id))
       AND (n.per <> 'agent' OR v_order.agent_id IS NOT NULL)
     ORDER BY n.protection_id
  LOOP
    v_instrument := CASE v_protection.per WHEN 'instrument' THEN NEW.instrument_id END;
    v_agent_id := CASE v_protection.per WHEN 'agent' THEN v_order.agent_id END;
    v_reason := NULL;
    IF v_protection.kind = 'cooldown' THEN
      IF v_is_stop THEN
        v_reason := format('stopped out with %s', trim_scale(v_profit));
      END IF;
    ELSIF v_protection.kind = 'low_profit' OR v_is_stop THEN
      -- A person who released it wants to hear of later trades only.
      v_past := internal.closed_trades(NEW.portfolio_id, v_instrument, v_agent_id,
                                       greatest(NEW.at - v_protection.period, (
        SELECT max(l.released_at) FROM risk.locks AS l
         WHERE l.portfolio_id = NEW.portfolio_id AND l.cause_id = v_protection.protection_id AND l.code <> 'TR322'
           AND (l.instrument_id, l.agent_id) IS NOT DISTINCT FROM (v_instrument, v_agent_id))), NEW.at);
      IF v_protection.kind = 'stop_loss_guard' AND v_past.stopped >= v_protection.trades THEN
        v_reason := format('%s trades stopped out within %s', v_past.stopped, v_protection.period);
      ELSIF v_protection.kind = 'low_profit' AND v_past.trades >= v_protection.trades
            AND v_past.profit < v_protection.least_profit THEN
        v_reason := format('%s trades within %s made %s, less than %s', v_past.trades, v_protection.period,
                           trim_scale(v_past.profit), trim_scale(v_protection.least_profit));
      END IF;
    END IF;
    IF v_reason IS NOT NULL THEN
      PERFORM internal.put_lock(NEW.portfolio_id, v_instrument, v_agent_id,
                                CASE v_protection.kind WHEN 'cooldown' THEN 'TR325' WHEN 'stop_loss_guard' THEN 'TR326'
                                                       ELSE 'TR327' END, v_protection.protection_id,
                                v_reason, NEW.at, NEW.at + v_protection.pause);
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_fills__protect() IS
  'Sets the pauses that the protections ask for after a fill that closed a position.';
CREATE OR REPLACE TRIGGER trigger_protect_after_loss AFTER INSERT ON trading.fills
  FOR EACH ROW WHEN (NEW.closed_quantity > 0 AND NEW.busts_fill_id IS NULL)
  EXECUTE FUNCTION internal.tg_fills__protect();
COMMENT ON TRIGGER trigger_protect_after_loss ON trading.fills IS
  'Losses may pause the instrument, the agent or the portfolio.';
