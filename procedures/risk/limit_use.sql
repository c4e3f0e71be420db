-- reads trading.portfolios, trading.portfolio_values, trading.positions, market.instruments, market.quotes,
-- ledger.portfolio_clocks, strategy.agents, strategy.agent_instruments, strategy.strategies, risk.limits and what
-- internal.check_rules reads; writes and locks nothing; errors TR211, TR249
CREATE OR REPLACE FUNCTION risk.limit_use(portfolio text, at timestamptz DEFAULT NULL)
RETURNS TABLE (limit_id int, metric risk.metric, scope risk.scope, name text, symbol text, period interval,
               used numeric, bound numeric, action risk.action)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_portfolio trading.portfolios;
  v_limits    risk.limits[];
  v_order     internal.order_terms;
  v_found     record;  -- an instrument with the limits that it decides, for an agent or for all
  v_verdict   risk.verdict;
  v_verdicts  risk.verdict[];
BEGIN
  SELECT * INTO v_portfolio FROM trading.portfolios AS p
   WHERE p.portfolio_id = trading.portfolio_id(limit_use.portfolio);
  v_limits := internal.measurable_limits(v_portfolio.portfolio_id);
  -- What an order would be told that neither opens nor closes anything.
  v_order.portfolio_id := v_portfolio.portfolio_id;
  v_order.at := coalesce(limit_use.at, internal.latest_time(v_portfolio.portfolio_id));
  PERFORM internal.require_event_time(v_order.at);
  FOR v_found IN SELECT m.* FROM internal.limit_instruments(v_portfolio, v_limits, v_order.at) AS m LOOP
    v_order.instrument_id := v_found.instrument_id;
    v_order.agent_id := v_found.agent_id;
    FOREACH v_order.side IN ARRAY enum_range(NULL::trading.order_side) LOOP
      FOREACH v_verdict IN ARRAY (internal.check_rules(
        v_order, v_found.next_order_id, 0, 1e-20,
        v_found.quantity + CASE v_order.side WHEN 'buy' THEN v_found.buys ELSE -v_found.sells END,
        v_found.price, v_found.unit, v_portfolio.currency, v_found.sector, v_found.exchange_id, v_found.price,
        v_found.limits, NULL, false, true)).verdicts
      LOOP
        -- The order that is asked about counts there, and so does its instrument.
        v_verdict.figure := v_verdict.figure - CASE v_verdict.metric WHEN 'order_rate' THEN 1 WHEN 'open_orders' THEN 1
                                                 WHEN 'open_positions' THEN 1 - v_found.is_open::int ELSE 0 END;
        v_verdicts := v_verdicts || v_verdict;
      END LOOP;
    END LOOP;
  END LOOP;
  RETURN QUERY
    SELECT t.limit_id, t.metric, t.scope,
           CASE t.scope
             WHEN 'portfolio' THEN v_portfolio.name
             WHEN 'strategy' THEN (SELECT s.name FROM strategy.strategies AS s WHERE s.strategy_id = t.scope_id)
             WHEN 'agent' THEN (SELECT a.name FROM strategy.agents AS a
                                 WHERE a.portfolio_id = v_portfolio.portfolio_id AND a.agent_id = t.scope_id)
             WHEN 'instrument' THEN (SELECT i.symbol FROM market.listings AS i WHERE i.instrument_id = t.scope_id)
             ELSE t.scope_name END,
           i.symbol, t.period, m.used, trim_scale(t.bound), t.action
      FROM unnest(v_limits) AS t
      LEFT JOIN market.listings AS i ON i.instrument_id = t.instrument_id
      CROSS JOIN LATERAL (
        SELECT CASE WHEN bool_or(v.figure IS NULL AND v.is_breach) THEN NULL
                    ELSE trim_scale(coalesce(max(v.figure), 0)) END AS used
          FROM unnest(v_verdicts) AS v WHERE v.limit_id = t.limit_id) AS m
     ORDER BY t.metric, t.scope, t.bound, t.limit_id;
END
$$;
COMMENT ON FUNCTION risk.limit_use(text, timestamptz) IS
  'Limits that concern what a portfolio has, whatever is ordered next, and how much of each is used: the figure that '
  'its orders are measured by (internal.check_rules), without one; the highest of all instruments or sectors. NULL: it '
  'cannot be measured. Limits of a user are shown to that user and to staff. at is the event time until which losses '
  'and orders count; NULL: that of the latest valuation or price. Errors TR211, TR249.';
REVOKE ALL ON FUNCTION risk.limit_use(text, timestamptz) FROM PUBLIC;
