-- Whose the rows of each table are. A table that is not here is refused by Tests/pgtap/row_security.sql, so that nobody
-- forgets to decide. procedures/policies.sql makes row security of it.
CREATE OR REPLACE VIEW identity.row_keys WITH (security_invoker = true) AS
SELECT r.key, t.name AS relation, t.name::regclass AS relation_id FROM (VALUES
  ('portfolio',
    '{identity.connection_portfolios,ledger.accounts,ledger.balances,'
    'ledger.capital_flows,ledger.conversions,ledger.holds,'
    'ledger.portfolio_clocks,ledger.reversals,ledger.transfers,ops.feed_cursors,ops.leases,risk.breaches,'
    'risk.locks,risk.period_marks,strategy.agent_instruments,strategy.agents,strategy.external_signals,'
    'strategy.signals,trading.borrow_charges,trading.contradictions,trading.dividends,trading.fills,'
    'trading.lot_closures,trading.lots,'
    'trading.margin_calls,trading.order_events,trading.orders,trading.portfolio_snapshots,'
    'trading.portfolio_terms,trading.portfolio_values,trading.portfolios,trading.position_adjustments,'
    'trading.positions,trading.settlements,trading.unpriced_settlements}'::text[]),
  ('event',
    '{ops.events}'::text[]),
  ('alert',
    '{ops.alerts}'::text[]),
  ('share',
    '{identity.shares}'::text[]),
  ('subject',
    '{risk.halts,risk.limits,risk.protections}'::text[]),
  ('strategy',
    '{strategy.strategies}'::text[]),
  ('version',
    '{strategy.strategy_versions}'::text[]),
  ('model',
    '{research.models}'::text[]),
  ('prediction',
    '{research.predictions}'::text[]),
  ('owner',
    '{identity.broker_connections,ops.alert_channels,ops.alert_rules,ops.consumers,ops.notifications}'::text[]),
  ('backtest',
    '{research.backtests,research.optimizations,research.tried}'::text[]),
  ('run',
    '{research.backtest_curves,research.backtest_equity,research.backtest_fills,research.backtest_lots,'
    'research.backtest_orders,research.backtest_trades}'::text[]),
  ('optimization',
    '{research.optimization_windows,research.trials}'::text[]),
  ('user',
    '{identity.users}'::text[]),
  ('account',
    '{identity.api_keys,identity.sessions}'::text[]),
  ('staff',
    '{identity.login_limits,identity.rate_limits,identity.settings,ops.alert_settings,ops.audit_log,'
    'ops.chain_heads,ops.gauges,ops.journal_seals,ops.pending_alerts,ops.rule_states,'
    'trading.instrument_terms}'::text[]),
  ('letter',
    '{identity.outbox}'::text[]),
  ('nobody',
    '{identity.acting,identity.credentials,identity.login_failures,identity.secret_keys,'
    'identity.secrets,identity.token_buckets}'::text[]),
  ('public',
    '{identity.grants,identity.tiers,ledger.exchange_rates,market.archived_days,market.bar_rollups,market.bars,'
    'market.candle_marks,market.candle_settings,'
    'market.candle_store,market.corporate_actions,market.exchanges,market.feed_positions,market.holidays,'
    'market.instrument_aliases,market.instruments,market.quote_ticks,market.quotes,market.rejected_ticks,'
    'market.sale_conditions,market.sessions,market.tick_coverage,market.tick_marks,market.tick_policy,market.ticks,'
    'market.underlying_names,ops.epochs,ops.import_rejects,ops.imports,ops.installed_code,ops.installed_objects,'
    'ops.latency_targets,ops.migrations,ops.runners,strategy.agent_transitions,trading.borrow_rates,'
    'trading.fee_components,'
    'trading.fee_plans,trading.fee_schedules,trading.order_transitions}'::text[])) AS r (key, relations)
  CROSS JOIN LATERAL unnest(r.relations) AS t (name)
 WHERE to_regclass(t.name) IS NOT NULL;
COMMENT ON VIEW identity.row_keys IS
  'Whose the rows of each table are, and so who reads them; administrators and runners read all. portfolio: of '
  'whoever may read the portfolio. event: so, and those of no portfolio of who caused them. alert: of the owner of '
  'the rule; those of the house of whoever may read the portfolio, those of none of whom all portfolios are shown '
  'to. share: of the owner, and of whom the portfolio is shown to. subject: of whom the rule concerns, everybody '
  'where it concerns all. strategy, model: of the owner, everybody where it is the house''s, a strategy also where '
  'its agents are shown. version, prediction: of the owner of the strategy or model, or the house''s. owner: of '
  'the owner. backtest, run, optimization: of the owner of the backtest or optimization, and of whom all portfolios '
  'are shown to. user, account: of the user, and of administrators, not of runners. staff: of nobody else. letter: of '
  'runners alone, which deliver. nobody: not even of staff; administrators may dump the table, which is empty for '
  'them. public: of everybody.';
COMMENT ON COLUMN identity.row_keys.key IS 'By what row security tells whose a row is.';
COMMENT ON COLUMN identity.row_keys.relation IS 'The table.';
COMMENT ON COLUMN identity.row_keys.relation_id IS 'The same as an identifier.';
