-- called once per new order, under the book's lock; reads risk.halts, risk.locks, risk.limits and what the metrics in force need;
-- writes, unless it explains, risk.breaches, risk.halts, risk.locks, risk.peaks, ops.events; refusals TR301-TR304, TR308-TR327
CREATE OR REPLACE FUNCTION risk.check_order(
  p_order trading.orders, p_portfolio trading.portfolios, p_instrument market.instruments, p_position trading.positions, p_reference numeric,
  p_explain boolean DEFAULT false, OUT code text, OUT reason text, OUT verdicts risk.verdict[])
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan  -- the list of subjects would be planned for anew each time
AS $$
DECLARE
  v_subjects  text[] := ARRAY['system', 'user:' || p_order.submitted_by, 'portfolio:' || p_order.portfolio_id, 'instrument:' || p_order.instrument_id];
  v_reduces   boolean := p_order.opening_quantity = 0;
  v_at        timestamptz := p_order.updated_at;
  v_open      numeric := p_order.quantity - p_order.filled_quantity;
  v_found     int;
  v_rule      record;
  v_verdict   risk.verdict;
  v_unit      numeric;   -- value of one unit of quantity, in the portfolio's currency
  v_after     numeric;   -- the position if this order and all open ones of its side fill
  v_equity    numeric;
  v_gross     numeric; v_net numeric; v_sector numeric; v_positions int;  -- of other instruments
  v_profit    numeric; v_deposits numeric;
BEGIN
  -- No rule keeps anybody in a position: what only reduces passes halts, locks and limits. The price collar alone counts for it: a limit
  -- price far through the market gives the position away, and a market order is always open to who wants out.
  IF v_reduces AND p_order.limit_price IS NULL AND NOT p_explain THEN
    RETURN;
  END IF;
  IF p_order.agent_id IS NOT NULL THEN
    v_subjects := v_subjects || ARRAY['agent:' || p_order.agent_id,
      'strategy:' || (SELECT a.strategy_id FROM strategy.agents AS a WHERE a.portfolio_id = p_order.portfolio_id AND a.agent_id = p_order.agent_id)];
  END IF;
  IF p_instrument.sector IS NOT NULL THEN
    v_subjects := v_subjects || ('sector:' || p_instrument.sector);
  END IF;
  -- Nearly always there is nothing; to open a cursor costs more than to know that.
  v_found := CASE WHEN EXISTS (SELECT FROM risk.limits AS l WHERE l.subject = ANY (v_subjects)) THEN 1 ELSE 0 END
             + CASE WHEN v_reduces AND NOT p_explain THEN 0
                    WHEN EXISTS (SELECT FROM risk.halts AS h WHERE h.subject = ANY (v_subjects) AND h.resumed_at IS NULL)
                      OR EXISTS (SELECT FROM risk.locks AS l WHERE l.portfolio_id = p_order.portfolio_id AND l.released_at IS NULL AND l.expires_at > v_at) THEN 2
                    ELSE 0 END;
  IF v_found = 0 THEN
    RETURN;
  ELSIF v_found >= 2 THEN
    verdicts := risk.stops(p_order, v_subjects, v_at);
    IF NOT v_reduces THEN
      code := verdicts[1].code;
      reason := verdicts[1].reason;
    END IF;
  END IF;
  FOR v_rule IN
    SELECT l.limit_id, l.scope, l.metric, l.bound, l.action, l.period FROM risk.limits AS l
     WHERE l.subject = ANY (v_subjects) AND (l.instrument_id IS NULL OR l.instrument_id = p_order.instrument_id)
     ORDER BY l.metric, l.bound, l.limit_id
  LOOP
    v_verdict := ROW (NULL, v_rule.metric, v_rule.scope, v_rule.limit_id, v_rule.metric, NULL, v_rule.bound, v_rule.action, false, NULL);
    IF NOT v_reduces OR v_rule.metric = 'price_collar' THEN
      IF v_unit IS NULL THEN
        v_unit := p_reference * p_instrument.multiplier
                  * CASE WHEN p_instrument.currency = p_portfolio.currency THEN 1 ELSE risk.rate(p_instrument.currency, p_portfolio.currency, v_at) END;
        v_after := CASE p_order.side WHEN 'buy' THEN p_position.quantity + p_position.open_buy_quantity + v_open
                                     ELSE p_position.quantity - p_position.open_sell_quantity - v_open END;
      END IF;
      IF v_equity IS NULL AND v_rule.metric >= 'position_share' THEN
        SELECT v.equity INTO v_equity FROM trading.portfolio_values AS v WHERE v.portfolio_id = p_order.portfolio_id;
        v_equity := nullif(greatest(v_equity, 0), 0);
      END IF;
      IF v_positions IS NULL AND v_rule.metric BETWEEN 'sector_value' AND 'open_positions' THEN
        SELECT x.gross, x.net, x.sector, x.positions INTO v_gross, v_net, v_sector, v_positions
          FROM risk.exposure(p_order.portfolio_id, p_order.instrument_id, p_order.side, p_instrument.sector, p_portfolio.currency, v_at) AS x;
      END IF;
      IF v_profit IS NULL AND v_rule.metric >= 'daily_loss' THEN
        SELECT x.profit, x.deposits INTO v_profit, v_deposits FROM risk.profit(p_order.portfolio_id, p_portfolio.currency, v_at) AS x;
      END IF;
      -- A figure that is NULL cannot be measured, and what cannot be measured is refused; -1 where the rule has nothing to say.
      v_verdict.figure := CASE v_rule.metric
        WHEN 'restricted'        THEN 1
        WHEN 'market_hours'      THEN CASE WHEN p_order.time_in_force IN ('at_open', 'at_close') THEN -1 ELSE risk.minutes_to_open(p_instrument.exchange_id, v_at) END
        WHEN 'quote_age'         THEN risk.quote_age(p_order.instrument_id, v_at)
        WHEN 'price_collar'      THEN risk.price_reach(p_order)
        WHEN 'order_rate'        THEN risk.order_rate(p_order, v_rule.scope, v_at - v_rule.period, v_rule.bound::int)
        WHEN 'order_value'       THEN v_open * v_unit
        WHEN 'position_quantity' THEN abs(v_after)
        WHEN 'position_value'    THEN abs(v_after) * v_unit
        WHEN 'position_share'    THEN abs(v_after) * v_unit * 100 / v_equity
        WHEN 'sector_value'      THEN CASE WHEN p_instrument.sector IS NULL THEN -1 ELSE v_sector + abs(v_after) * v_unit END
        WHEN 'sector_share'      THEN CASE WHEN p_instrument.sector IS NULL THEN -1 ELSE (v_sector + abs(v_after) * v_unit) * 100 / v_equity END
        WHEN 'gross_value'       THEN v_gross + abs(v_after) * v_unit
        WHEN 'gross_share'       THEN (v_gross + abs(v_after) * v_unit) * 100 / v_equity
        WHEN 'net_value'         THEN abs(v_net + v_after * v_unit)
        WHEN 'net_share'         THEN abs(v_net + v_after * v_unit) * 100 / v_equity
        WHEN 'open_positions'    THEN v_positions + 1
        WHEN 'trade_risk'        THEN risk.trade_risk(p_order, p_reference, v_unit) * 100 / v_equity
        WHEN 'portfolio_heat'    THEN (risk.heat(p_order.portfolio_id, p_portfolio.currency, v_at) + risk.trade_risk(p_order, p_reference, v_unit)) * 100 / v_equity
        WHEN 'correlation'       THEN risk.correlation(p_order.portfolio_id, p_order.instrument_id, p_order.side, v_at)
        WHEN 'drawdown'          THEN risk.drawdown(p_order.portfolio_id, v_profit, v_deposits, v_at, NOT p_explain)
        ELSE risk.loss(p_order.portfolio_id, v_rule.metric, p_instrument.exchange_id, v_profit, v_deposits, v_at) END;
      v_verdict.is_breach := (v_verdict.figure <= v_rule.bound) IS NOT TRUE;
      v_verdict.figure := round(nullif(v_verdict.figure, -1), 8);
      IF v_verdict.is_breach THEN
        v_verdict.code := risk.metric_code(v_rule.metric);
        v_verdict.reason := format('%s %s, the limit of the %s is %s', replace(v_verdict.rule, '_', ' '),
          coalesce('would be ' || trim_scale(v_verdict.figure), 'cannot be measured'), v_rule.scope, trim_scale(v_rule.bound));
      END IF;
    END IF;
    IF v_verdict.is_breach AND v_verdict.action <> 'warn' AND code IS NULL THEN
      code := v_verdict.code;
      reason := v_verdict.reason;
    END IF;
    IF v_verdict.is_breach OR p_explain THEN
      verdicts := verdicts || v_verdict;
    END IF;
  END LOOP;
  IF verdicts IS NOT NULL AND NOT p_explain THEN
    PERFORM risk.record_breaches(p_order, p_instrument.exchange_id, verdicts);
  END IF;
END
$$;
COMMENT ON FUNCTION risk.check_order(trading.orders, trading.portfolios, market.instruments, trading.positions, numeric, boolean) IS
  'Judges a new order by all rules that concern it and records what it breaks. code and reason are those of the first that refuses it, NULL when it may pass; verdicts are the rules that it breaks, or with p_explain all of them, and then nothing is recorded. The order has its number, its opening_quantity (0 when it can only reduce) and in updated_at the time at which it is judged; p_position does not count it yet; p_reference is the price at which it is judged, in the instrument''s currency.';
REVOKE ALL ON FUNCTION risk.check_order(trading.orders, trading.portfolios, market.instruments, trading.positions, numeric, boolean) FROM PUBLIC;
