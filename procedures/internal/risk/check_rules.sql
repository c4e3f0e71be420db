-- reads what the metrics in force need; refusals TR301-TR304, TR308-TR327
CREATE OR REPLACE FUNCTION internal.check_rules(
  p_order trading.orders, p_facts internal.order_facts, p_reference numeric, p_stop_loss numeric, p_explain boolean,
  OUT code text, OUT reason text, OUT verdicts risk.verdict[], OUT peak risk.peaks)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_portfolio  trading.portfolios;
  v_instrument market.instruments;
  v_position   trading.positions;
  v_reduces    boolean := p_order.opening_quantity = 0;
  v_at         timestamptz := p_order.updated_at;
  v_open       numeric := p_order.quantity - p_order.filled_quantity;
  v_rule       risk.limits;
  v_verdict    risk.verdict;
  v_unit       numeric;   -- value of one unit of quantity, in the portfolio's currency
  v_after      numeric;   -- the position if this order and all open ones of its side fill
  v_equity     numeric;
  v_gross      numeric; v_net numeric; v_sector numeric; v_positions int;  -- of other instruments
  v_result     internal.portfolio_result;
  v_peak       risk.peaks;
BEGIN
  -- No rule keeps anybody in a position: what only reduces passes halts, locks and limits. The price collar alone counts for it: a limit
  -- price far through the market gives the position away, and a market order is always open to who wants out.
  IF v_reduces AND p_order.limit_price IS NULL AND NOT p_explain OR p_facts.limits IS NULL AND NOT p_facts.has_stops THEN
    RETURN;
  END IF;
  IF p_facts.has_stops AND (NOT v_reduces OR p_explain) THEN
    verdicts := risk.stops(p_order, p_facts.subjects, v_at);
    IF NOT v_reduces THEN
      code := verdicts[1].code;
      reason := verdicts[1].reason;
    END IF;
  END IF;
  v_portfolio := p_facts.portfolio;
  v_instrument := p_facts.instrument;
  v_position := p_facts.position;
  FOREACH v_rule IN ARRAY coalesce(p_facts.limits, '{}') LOOP
    v_verdict := ROW (NULL, v_rule.metric, v_rule.scope, v_rule.limit_id, v_rule.metric, NULL, v_rule.bound, v_rule.action, false, NULL);
    IF NOT v_reduces OR v_rule.metric = 'price_collar' THEN
      IF v_unit IS NULL THEN
        v_unit := p_reference * v_instrument.multiplier
                  * CASE WHEN v_instrument.currency = v_portfolio.currency THEN 1
                         ELSE risk.rate(v_instrument.currency, v_portfolio.currency, v_at) END;
        v_after := CASE p_order.side WHEN 'buy' THEN v_position.quantity + v_position.open_buy_quantity + v_open
                                     ELSE v_position.quantity - v_position.open_sell_quantity - v_open END;
      END IF;
      IF v_equity IS NULL AND v_rule.metric BETWEEN 'position_share' AND 'correlation' THEN
        SELECT nullif(greatest(v.equity, 0), 0) INTO v_equity FROM trading.portfolio_values AS v WHERE v.portfolio_id = p_order.portfolio_id;
      END IF;
      IF v_positions IS NULL AND v_rule.metric BETWEEN 'sector_value' AND 'open_positions' THEN
        SELECT x.gross, x.net, x.sector, x.positions INTO v_gross, v_net, v_sector, v_positions
          FROM risk.exposure(p_order.portfolio_id, p_order.instrument_id, p_order.side, v_instrument.sector, v_portfolio.currency, v_at) AS x;
      END IF;
      IF v_result.profit IS NULL AND v_rule.metric >= 'daily_loss' THEN
        v_result := risk.profit(p_order.portfolio_id, v_portfolio.currency, v_at);
      END IF;
      IF v_rule.metric = 'drawdown' THEN
        v_peak := internal.find_peak(p_order.portfolio_id, v_result.profit, v_at);
        IF v_peak.portfolio_id IS NOT NULL THEN
          peak := v_peak;
        END IF;
      END IF;
      -- A figure that is NULL cannot be measured, and what cannot be measured is refused; -1 where the rule has nothing to say.
      v_verdict.figure := CASE v_rule.metric
        WHEN 'restricted'        THEN 1
        WHEN 'market_hours'      THEN CASE WHEN p_order.time_in_force IN ('at_open', 'at_close') THEN -1
                                           ELSE risk.minutes_to_open(v_instrument.exchange_id, v_at) END
        WHEN 'quote_age'         THEN risk.quote_age(p_order.instrument_id, v_at)
        WHEN 'price_collar'      THEN risk.price_reach(p_order, p_facts.last_price)
        WHEN 'order_rate'        THEN risk.order_rate(p_order, v_rule.scope, v_at - v_rule.period, v_rule.bound::int)
        WHEN 'order_value'       THEN v_open * v_unit
        WHEN 'position_quantity' THEN abs(v_after)
        WHEN 'position_value'    THEN abs(v_after) * v_unit
        WHEN 'position_share'    THEN abs(v_after) * v_unit * 100 / v_equity
        WHEN 'sector_value'      THEN CASE WHEN v_instrument.sector IS NULL THEN -1 ELSE v_sector + abs(v_after) * v_unit END
        WHEN 'sector_share'      THEN CASE WHEN v_instrument.sector IS NULL THEN -1
                                           ELSE (v_sector + abs(v_after) * v_unit) * 100 / v_equity END
        WHEN 'gross_value'       THEN v_gross + abs(v_after) * v_unit
        WHEN 'gross_share'       THEN (v_gross + abs(v_after) * v_unit) * 100 / v_equity
        WHEN 'net_value'         THEN abs(v_net + v_after * v_unit)
        WHEN 'net_share'         THEN abs(v_net + v_after * v_unit) * 100 / v_equity
        WHEN 'open_positions'    THEN v_positions + 1
        WHEN 'trade_risk'        THEN internal.trade_risk(p_order, p_reference, v_unit, p_stop_loss) * 100 / v_equity
        WHEN 'portfolio_heat'    THEN (risk.heat(p_order.portfolio_id, v_portfolio.currency, v_at)
                                       + internal.trade_risk(p_order, p_reference, v_unit, p_stop_loss)) * 100 / v_equity
        WHEN 'correlation'       THEN risk.correlation(p_order.portfolio_id, p_order.instrument_id, p_order.side, v_at)
        -- Percent below the equity that the portfolio would have at its highest profit with today's deposits.
        WHEN 'drawdown'          THEN (v_peak.profit - v_result.profit) * 100 / nullif(greatest(v_peak.profit + v_result.deposits, 0), 0)
        ELSE risk.loss(p_order.portfolio_id, v_rule.metric, v_instrument.exchange_id, v_result.profit, v_result.deposits, v_at) END;
      v_verdict.is_breach := (v_verdict.figure <= v_rule.bound) IS NOT TRUE;
      v_verdict.figure := round(nullif(v_verdict.figure, -1), 8);
      IF v_verdict.is_breach THEN
        v_verdict.code := risk.metric_code(v_rule.metric);
        v_verdict.reason := format('%s %s, the limit of the %s is %s', replace(v_verdict.rule, '_', ' '),
          coalesce('would be ' || trim_scale(v_verdict.figure), 'cannot be measured'), v_rule.scope, trim_scale(v_rule.bound));
        IF v_verdict.action <> 'warn' AND code IS NULL THEN
          code := v_verdict.code;
          reason := v_verdict.reason;
        END IF;
      END IF;
    END IF;
    IF v_verdict.is_breach OR p_explain THEN
      verdicts := verdicts || v_verdict;
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.check_rules(trading.orders, internal.order_facts, numeric, numeric, boolean) IS
  'Judges an order by all rules that concern it. code and reason are those of the first that refuses it, NULL when it may pass; verdicts are the rules that it breaks, or with p_explain all of them; peak is the highest profit of the portfolio where that is news. The order has its opening_quantity (0 when it can only reduce) and in updated_at the time at which it is judged; the position of p_facts does not count it; p_reference is the price at which it is judged, in the instrument''s currency; p_stop_loss is where its protective stop will be.';
