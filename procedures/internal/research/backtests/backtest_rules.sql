-- reads risk.limits, risk.protections, market.instruments, trading.portfolios; errors TR531
CREATE OR REPLACE FUNCTION internal.backtest_rules(p_settings jsonb, p_strategy_id int, p_instrument_ids int[])
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  v_portfolio_id int;
  v_fault        text;
BEGIN
  -- A run that is repeated has those that it had.
  IF p_settings ? 'rules' OR NOT p_settings ? 'portfolio' THEN
    RETURN p_settings -> 'rules';
  END IF;
  v_portfolio_id := trading.portfolio_id(p_settings ->> 'portfolio');
  -- Books in memory have one portfolio.
  SELECT format('Limit %s of %s on user %s adds up all of that user''s portfolios.', l.limit_id, l.metric, l.scope_name)
    INTO v_fault
    FROM risk.limits AS l
   WHERE l.scope = 'user' AND (l.metric BETWEEN 'position_quantity' AND 'open_positions'
                               OR l.metric BETWEEN 'daily_loss' AND 'weekly_loss_share')
     AND internal.concerns_backtest(l.scope, l.scope_id, l.scope_name, v_portfolio_id, p_strategy_id, p_instrument_ids)
     AND (SELECT count(*) FROM trading.portfolios AS p WHERE p.owner = l.scope_name) > 1
   ORDER BY l.limit_id LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a backtest cannot judge this: a limit of the user'
      USING ERRCODE = 'TR531', DETAIL = v_fault,
            HINT = 'Give the terms of the portfolio as settings instead of its name.';
  END IF;
  RETURN jsonb_build_object(
    'limits', (
      SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
               'id', l.limit_id, 'scope', l.scope, 'scope_id', l.scope_id, 'scope_name', l.scope_name,
               'instrument', l.instrument_id, 'metric', l.metric, 'bound', l.bound::text, 'action', l.action,
               'period', (extract(epoch FROM l.period) * 1000000)::bigint)) ORDER BY l.limit_id), '[]')
        FROM risk.limits AS l
       WHERE internal.concerns_backtest(l.scope, l.scope_id, l.scope_name, v_portfolio_id, p_strategy_id,
                                        p_instrument_ids)),
    'protections', (
      SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
               'id', n.protection_id, 'scope', n.scope, 'scope_id', n.scope_id, 'scope_name', n.scope_name,
               'kind', n.kind, 'per', n.per, 'pause', (extract(epoch FROM n.pause) * 1000000)::bigint,
               'period', (extract(epoch FROM n.period) * 1000000)::bigint, 'period_words', n.period::text,
               'trades', n.trades, 'least_profit', n.least_profit::text)) ORDER BY n.protection_id), '[]')
        FROM risk.protections AS n
       WHERE internal.concerns_backtest(n.scope, n.scope_id, n.scope_name, v_portfolio_id, p_strategy_id,
                                        p_instrument_ids)));
END
$$;
COMMENT ON FUNCTION internal.backtest_rules(jsonb, int, int[]) IS
  'Limits and protections that a backtest has from a portfolio: those that would concern its orders there, but for '
  'those of single agents, or those that its settings say it had; NULL without a portfolio. Error TR531.';
