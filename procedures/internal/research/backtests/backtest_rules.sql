-- reads risk.limits, risk.protections, market.instruments, trading.portfolios; errors TR530, TR531
CREATE OR REPLACE FUNCTION internal.backtest_rules(p_settings jsonb, p_strategy_id int, p_instrument_ids int[])
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  v_portfolio_id int := CASE WHEN p_settings ? 'portfolio' THEN trading.portfolio_id(p_settings ->> 'portfolio') END;
  v_fault        text;
BEGIN
  SELECT left(l.entry::text, 100) INTO v_fault
    FROM jsonb_array_elements(p_settings -> 'limits') AS l (entry)
   WHERE (jsonb_typeof(l.entry) = 'object' AND l.entry ->> 'metric' = ANY (enum_range(NULL::risk.metric)::text[])
          AND coalesce(l.entry ->> 'action', 'reject') = ANY (enum_range(NULL::risk.action)::text[])
          AND l.entry ->> 'bound' ~ '^[0-9]{1,18}(\.[0-9]{1,8})?$'
          AND (l.entry ->> 'metric' = 'order_rate') = (l.entry ? 'period')
          AND coalesce(l.entry ->> 'period', '1 day') ~ '^[0-9]{1,4} (second|minute|hour|day)s?$') IS NOT TRUE
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a backtest cannot have this setting: limits'
      USING ERRCODE = 'TR530', DETAIL = format('It has %s.', v_fault),
            HINT = 'A limit is {"metric": "order_value", "bound": 10000, "action": "reject"}; an order_rate has a '
                   'period, such as "1 minute".';
  END IF;
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
      SELECT coalesce(jsonb_agg(r.entry), '[]')
        FROM (
          SELECT jsonb_build_object('id', -l.place, 'scope', 'portfolio', 'scope_id', coalesce(v_portfolio_id, 1),
                                    'metric', l.entry ->> 'metric', 'bound', l.entry ->> 'bound',
                                    'action', coalesce(l.entry ->> 'action', 'reject'),
                                    'period', (extract(epoch FROM (l.entry ->> 'period')::interval) * 1000000)::bigint)
                   AS entry
            FROM jsonb_array_elements(p_settings -> 'limits') WITH ORDINALITY AS l (entry, place)
          UNION ALL
          SELECT jsonb_build_object('id', l.limit_id, 'scope', l.scope, 'scope_id', l.scope_id,
                                    'scope_name', l.scope_name, 'instrument', l.instrument_id, 'metric', l.metric,
                                    'bound', l.bound::text, 'action', l.action,
                                    'period', (extract(epoch FROM l.period) * 1000000)::bigint)
            FROM risk.limits AS l
           WHERE v_portfolio_id IS NOT NULL
             AND internal.concerns_backtest(l.scope, l.scope_id, l.scope_name, v_portfolio_id, p_strategy_id,
                                            p_instrument_ids)) AS r),
    'protections', (
      SELECT coalesce(jsonb_agg(jsonb_build_object(
               'id', n.protection_id, 'scope', n.scope, 'scope_id', n.scope_id, 'scope_name', n.scope_name,
               'kind', n.kind, 'per', n.per, 'pause', (extract(epoch FROM n.pause) * 1000000)::bigint,
               'period', (extract(epoch FROM n.period) * 1000000)::bigint, 'period_words', n.period::text,
               'trades', n.trades, 'least_profit', n.least_profit::text)), '[]')
        FROM risk.protections AS n
       WHERE v_portfolio_id IS NOT NULL
         AND internal.concerns_backtest(n.scope, n.scope_id, n.scope_name, v_portfolio_id, p_strategy_id,
                                        p_instrument_ids)));
END
$$;
COMMENT ON FUNCTION internal.backtest_rules(jsonb, int, int[]) IS
  'Limits and protections of a backtest: those of its settings, and where it has the terms of a portfolio those that '
  'would concern its orders there, but for those of single agents. Errors TR530, TR531.';
