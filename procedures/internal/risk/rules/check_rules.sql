-- reads what the metrics in force need; locks a row of trading.portfolios for limits of a user
-- refusals TR301-TR304, TR308-TR327, TR329
CREATE OR REPLACE FUNCTION internal.check_rules(
  p_order internal.order_terms, p_number bigint, p_open numeric, p_opening numeric, p_after numeric,
  p_reference numeric, p_unit numeric, p_currency text, p_sector text, p_exchange_id int, p_last_price numeric,
  p_limits risk.limits[], p_subjects text[], p_has_stops boolean, p_explain boolean)
RETURNS internal.rule_result
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_rules     internal.rule_result;
  v_rule      risk.limits;
  v_figure    numeric;
  v_is_breach boolean;
  v_equity    numeric;
  v_gross     numeric; v_net numeric; v_sector numeric; v_positions int;  -- of other instruments
  v_result    internal.portfolio_result;
BEGIN
  -- No rule keeps anybody in a position: what only reduces passes halts, locks and limits. The price collar alone
  -- counts for it: a limit price far through the market gives the position away, and a market order is always open to
  -- who wants out.
  IF p_has_stops AND (p_opening > 0 OR p_explain) THEN
    v_rules.verdicts := internal.forbidding_states(p_order, p_opening, p_subjects);
    IF p_opening > 0 THEN
      v_rules.code := v_rules.verdicts[1].code;
      v_rules.reason := v_rules.verdicts[1].reason;
    END IF;
  END IF;
  FOREACH v_rule IN ARRAY coalesce(p_limits, '{}') LOOP
    IF p_opening > 0 OR v_rule.metric = 'price_collar' THEN
      -- Orders of all portfolios of the user are judged one after the other, so that no two of them have what is left.
      IF v_rule.scope = 'user' AND NOT p_explain THEN
        PERFORM FROM trading.portfolios AS p
          WHERE p.portfolio_id = (SELECT min(f.portfolio_id) FROM trading.portfolios AS f
                                   WHERE f.owner = v_rule.scope_name) FOR NO KEY UPDATE;
      END IF;
      -- All that an expression names is prepared in every transaction, so those that look nothing up are by themselves.
      IF v_rule.scope = 'user'
         AND (v_rule.metric BETWEEN 'position_quantity' AND 'open_positions'
              OR v_rule.metric BETWEEN 'daily_loss' AND 'weekly_loss_share') THEN
        v_figure := internal.user_figure(p_order, v_rule, p_currency, p_sector, p_exchange_id, p_after, p_unit);
      ELSIF v_rule.metric BETWEEN 'order_value' AND 'position_value' THEN
        v_figure := CASE v_rule.metric
          WHEN 'order_value'       THEN p_open * p_unit
          WHEN 'position_quantity' THEN abs(p_after)
          ELSE abs(p_after) * p_unit END;
      ELSE
        IF v_equity IS NULL AND v_rule.metric BETWEEN 'position_share' AND 'correlation' THEN
          SELECT nullif(greatest(v.equity, 0), 0) INTO v_equity
            FROM trading.portfolio_values AS v
           WHERE v.portfolio_id = p_order.portfolio_id;
        END IF;
        IF v_positions IS NULL AND v_rule.metric BETWEEN 'sector_value' AND 'open_positions' THEN
          SELECT x.gross, x.net, x.sector, x.positions INTO v_gross, v_net, v_sector, v_positions
            FROM internal.exposure(p_order.portfolio_id, p_order.instrument_id, p_order.side, p_sector, p_currency,
                                   p_order.at) AS x;
        END IF;
        IF v_result.profit IS NULL AND v_rule.metric >= 'daily_loss' THEN
          v_result := internal.performance(p_order.portfolio_id, p_currency, p_order.at);
        END IF;
        IF v_rule.metric = 'drawdown' AND v_result.index > v_result.peak THEN
          v_result.peak := v_result.index;
          v_rules.peak := v_result.index;
        END IF;
        -- A figure that is NULL cannot be measured, and what cannot be measured is refused; -1 where the rule has
        -- nothing to say.
        v_figure := CASE v_rule.metric
          WHEN 'restricted'        THEN 1
          WHEN 'market_hours'      THEN CASE WHEN p_order.time_in_force IN ('at_open', 'at_close') THEN -1
                                             ELSE internal.minutes_to_open(p_exchange_id, p_order.at) END
          WHEN 'quote_age'         THEN internal.quote_age(p_order.instrument_id, p_order.at)
          WHEN 'price_collar'
            THEN internal.price_reach(p_order.side, p_order.limit_price, p_order.stop_price, p_last_price)
          WHEN 'order_rate'
            THEN internal.order_rate(p_order, p_number, v_rule.scope, p_order.at - v_rule.period, v_rule.bound::int,
                                     v_rule.scope_name)
          WHEN 'open_orders'
            THEN internal.open_orders(p_order, v_rule.scope, v_rule.bound::int, v_rule.scope_name)
          WHEN 'position_share'    THEN abs(p_after) * p_unit * 100 / v_equity
          WHEN 'sector_value'      THEN CASE WHEN p_sector IS NULL THEN -1 ELSE v_sector + abs(p_after) * p_unit END
          WHEN 'sector_share'
            THEN CASE WHEN p_sector IS NULL THEN -1 ELSE (v_sector + abs(p_after) * p_unit) * 100 / v_equity END
          WHEN 'gross_value'       THEN v_gross + abs(p_after) * p_unit
          WHEN 'gross_share'       THEN (v_gross + abs(p_after) * p_unit) * 100 / v_equity
          WHEN 'net_value'         THEN abs(v_net + p_after * p_unit)
          WHEN 'net_share'         THEN abs(v_net + p_after * p_unit) * 100 / v_equity
          WHEN 'open_positions'    THEN v_positions + 1
          WHEN 'trade_risk'        THEN internal.trade_risk(p_order, p_opening, p_reference, p_unit) * 100 / v_equity
          WHEN 'portfolio_heat'    THEN (internal.heat(p_order.portfolio_id, p_currency, p_order.at)
                                         + internal.trade_risk(p_order, p_opening, p_reference, p_unit))
                                        * 100 / v_equity
          WHEN 'correlation'
            THEN internal.correlation(p_order.portfolio_id, p_order.instrument_id, p_order.side, p_order.at)
          WHEN 'drawdown'          THEN (1 - v_result.index / nullif(v_result.peak, 0)) * 100
          ELSE internal.loss(p_order.portfolio_id, p_currency, v_rule.metric, p_exchange_id, v_result, p_order.at) END;
      END IF;
      v_is_breach := (v_figure <= v_rule.bound) IS NOT TRUE;
    ELSE
      v_figure := NULL;
      v_is_breach := false;
    END IF;
    IF v_is_breach OR p_explain THEN
      v_figure := round(nullif(v_figure, -1), 8);
      v_rules.verdicts := v_rules.verdicts || ROW (
        CASE WHEN v_is_breach THEN internal.metric_code(v_rule.metric) END, v_rule.metric, v_rule.scope,
        v_rule.limit_id, v_rule.metric, v_figure, v_rule.bound, v_rule.action, v_is_breach,
        CASE WHEN v_is_breach THEN format('%s %s, the limit of the %s is %s', replace(v_rule.metric::text, '_', ' '),
          coalesce('would be ' || trim_scale(v_figure), 'cannot be measured'), v_rule.scope,
          trim_scale(v_rule.bound)) END)::risk.verdict;
      IF v_is_breach AND v_rule.action <> 'warn' AND v_rules.code IS NULL THEN
        v_rules.code := v_rules.verdicts[cardinality(v_rules.verdicts)].code;
        v_rules.reason := v_rules.verdicts[cardinality(v_rules.verdicts)].reason;
      END IF;
    END IF;
  END LOOP;
  RETURN v_rules;
END
$$;
COMMENT ON FUNCTION internal.check_rules(
  internal.order_terms, bigint, numeric, numeric, numeric, numeric, numeric, text, text, int, numeric,
                                         risk.limits[], text[], boolean, boolean) IS
  'What the rules that concern an order say of it, by its number, unfilled quantity, opening part (0: it only '
  'reduces), the position after it and all open orders of its side, the price at which it is decided and what one unit '
  'is worth in the portfolio''s currency. code and reason are those of the first rule that refuses it; with p_explain '
  'verdicts tell of all rules.';
