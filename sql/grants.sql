-- Who may do what. Everybody reads through SELECT, and row security says which rows (procedures/policies.sql); nobody
-- writes a table but market.ticks, trading.orders and ops.imports directly: the rest goes through procedures, which run
-- with the owner's rights. The schema internal is for nobody but the owner.
GRANT USAGE ON SCHEMA market, ledger, trading, risk, strategy, research, ops, identity
  TO bourse_analyst, bourse_investor, bourse_dashboard, bourse_trader, bourse_runner, bourse_admin;
GRANT SELECT ON ALL TABLES IN SCHEMA market, ledger, trading, risk, strategy, research, ops
  TO bourse_analyst, bourse_investor, bourse_dashboard, bourse_trader, bourse_runner, bourse_admin;
-- What only few may do, and who did it, is for those who look after them.
REVOKE SELECT ON ops.audit_log, ops.chain_heads, ops.journal_seals
  FROM bourse_analyst, bourse_investor, bourse_dashboard, bourse_trader, bourse_runner;

-- Who acts, and as what, is asked with everybody's rights: by row security, defaults of columns, views.
GRANT SELECT ON identity.shares, identity.row_keys
  TO bourse_analyst, bourse_investor, bourse_dashboard, bourse_trader, bourse_runner, bourse_admin;
GRANT EXECUTE ON FUNCTION identity.acting_user(), identity.actor_role()
  TO bourse_analyst, bourse_investor, bourse_dashboard, bourse_trader, bourse_runner, bourse_admin;

GRANT USAGE ON SCHEMA identity TO bourse_gateway;
GRANT EXECUTE ON FUNCTION identity.login(text, text, text), identity.refresh(text), identity.logout(text),
  identity.use_token(text), identity.accept_token(text)
  TO bourse_analyst, bourse_trader, bourse_investor, bourse_dashboard, bourse_runner, bourse_admin, bourse_gateway;
GRANT EXECUTE ON FUNCTION identity.update_user(text, text, text, text, jsonb, jsonb, boolean)
  TO bourse_analyst, bourse_trader, bourse_investor, bourse_dashboard, bourse_runner, bourse_admin;
GRANT SELECT ON identity.users, identity.sessions, identity.api_keys, identity.tiers
  TO bourse_analyst, bourse_trader, bourse_investor, bourse_dashboard, bourse_runner, bourse_admin;
GRANT EXECUTE ON FUNCTION identity.create_user(text, text, text, text, text), identity.delete_user(text),
  identity.rotate_signing_key(boolean)
  TO bourse_admin;

-- Accounts at brokers, without their credentials. These open with a key that the database does not have; who may trade
-- stores them, and reads the sealed ones of their own.
GRANT SELECT (connection_id, owner, name, broker, url, key_id, created_at, rotated_at) ON identity.broker_connections
  TO bourse_trader, bourse_runner, bourse_admin;
GRANT SELECT ON identity.connection_portfolios TO bourse_trader, bourse_runner, bourse_admin;
GRANT EXECUTE ON FUNCTION
  identity.put_connection(uuid, text, text, text, text, bytea, text[]), identity.remove_connection(text, text),
  identity.sealed_connections(boolean)
TO bourse_trader, bourse_runner, bourse_admin;
GRANT EXECUTE ON FUNCTION identity.rotate_connections(uuid[], text[], text), identity.apply_login_limits()
TO bourse_admin;
GRANT SELECT ON identity.rate_limits, identity.login_limits TO bourse_admin;
GRANT INSERT, UPDATE, DELETE ON identity.rate_limits, identity.login_limits TO bourse_admin;

-- The terms of an order alone: what becomes of it the engine decides, and nobody but the owner can say otherwise.
GRANT INSERT (portfolio_id, client_order_id, instrument_id, agent_id, side, type, time_in_force, product, quantity,
              limit_price, stop_price, trail_amount, trail_percent, reduce_only, post_only, parent_order_id,
              oco_group_id, oco_leg, expires_at, submitted_at)
  ON trading.orders TO bourse_trader, bourse_runner, bourse_admin;
GRANT INSERT ON
  market.ticks, market.quote_ticks, market.quote_ticks_default, market.bars, market.bar_rollups, ops.imports,
  ops.import_rejects
  TO bourse_runner, bourse_admin;
DO $$
BEGIN
  -- A hypertable has none.
  IF to_regclass('market.ticks_default') IS NOT NULL THEN
    GRANT INSERT ON market.ticks_default TO bourse_runner, bourse_admin;
  END IF;
END
$$;
GRANT INSERT, UPDATE ON market.quotes TO bourse_runner, bourse_admin;
GRANT UPDATE ON ops.imports TO bourse_runner, bourse_admin;
GRANT INSERT, UPDATE, DELETE ON
  market.sale_conditions, market.underlying_names, market.holidays, market.sessions, market.corporate_actions,
  trading.fee_schedules, trading.fee_components, trading.fee_plans
  TO bourse_admin;

GRANT UPDATE ON market.tick_policy, market.candle_settings TO bourse_admin;
GRANT UPDATE (price_collar, stale_after) ON market.exchanges TO bourse_admin;
GRANT UPDATE (price_collar) ON market.instruments TO bourse_admin;

GRANT EXECUTE ON FUNCTION
  trading.create_portfolio(text, text, numeric, text, text, numeric, interval, timestamptz, trading.account_type,
                           boolean, numeric, text, text, int, numeric, interval),
  ledger.deposit(text, numeric, text, timestamptz, text), ledger.withdraw(text, numeric, text, timestamptz, text),
  trading.submit_order(text, text, trading.order_side, numeric, trading.order_type, numeric, numeric,
                       trading.time_in_force, timestamptz, trading.product, text, text, timestamptz, numeric,
                       numeric, boolean, boolean, bigint, bigint, int),
  trading.submit_orders(int[], text[], int[], int[], text[], text[], text[], numeric[], numeric[], numeric[],
                        timestamptz[], timestamptz[], boolean, boolean[], int[]),
  trading.cancel_order(text, bigint, text, text, timestamptz),
  trading.replace_order(text, bigint, text, text, numeric, numeric, numeric, timestamptz, numeric, numeric),
  trading.replace_orders(int[], bigint[], text[], numeric[], numeric[], numeric[], timestamptz[], boolean),
  trading.submit_bracket(text, text, trading.order_side, numeric, trading.order_type, numeric, numeric, numeric[],
                         numeric[], numeric, numeric, numeric, numeric, trading.time_in_force, trading.time_in_force,
                         trading.product, text, text, timestamptz),
  trading.submit_oco(text, text, trading.order_side, numeric, numeric, numeric, numeric, trading.time_in_force,
                     trading.product, boolean, text, text, timestamptz),
  trading.order_target(text, text, numeric, trading.order_type, numeric, trading.time_in_force, trading.product, text,
                       text, timestamptz),
  trading.approve_order(text, bigint, text, timestamptz), trading.square_off(text, timestamptz, boolean),
  trading.close_position(text, text, text, timestamptz),
  trading.update_portfolio_value(text, timestamptz),
  risk.halt(risk.scope, text, text, timestamptz), risk.resume(risk.scope, text, timestamptz),
  risk.set_state(risk.trading_state, risk.scope, text, text, timestamptz),
  risk.set_limit(risk.metric, numeric, risk.scope, text, timestamptz, risk.action, interval, text),
  risk.set_protection(risk.protection_kind, interval, risk.scope, text, risk.protected, interval, int, numeric,
                      timestamptz),
  risk.release(text, int, timestamptz), risk.emergency_exit(risk.scope, text, text, timestamptz),
  strategy.create_strategy(text, strategy.strategy_type, interval, jsonb, text, timestamptz),
  strategy.create_agent(text, text, text, text[], int, jsonb, strategy.agent_kind, numeric, int, int[], time, time,
                        timestamptz),
  strategy.start_agent(text, text, timestamptz), strategy.pause_agent(text, text, timestamptz),
  strategy.resume_agent(text, text, timestamptz), strategy.stop_agent(text, text, boolean, timestamptz),
  strategy.record_signal(text, text, strategy.signal_action, text, timestamptz, float8, float8, text, text),
  research.create_model(text, text), research.record_prediction(text, text, timestamptz, float8, float8),
  research.record_predictions(text[], text[], timestamptz[], float8[], float8[]),
  ops.add_consumer(text, boolean), ops.advance_consumer(text, xid8, bigint)
TO bourse_trader, bourse_runner, bourse_admin;

-- They read, and write nothing.
GRANT EXECUTE ON FUNCTION
  strategy.preview(text, text, timestamptz, timestamptz, timestamptz, jsonb), strategy.explain(text, jsonb),
  strategy.check(text, text, timestamptz, timestamptz, timestamptz, jsonb), strategy.parameters_with(text, jsonb),
  strategy.scan(text, text[], timestamptz, interval, jsonb),
  risk.explain(trading.orders), risk.explain(text, bigint, text),
  risk.explain(text, text, trading.order_side, numeric, trading.order_type, numeric, numeric, trading.time_in_force,
               text, boolean, timestamptz, numeric),
  strategy.agent_fills(text, text), strategy.why(text, bigint), strategy.why(text, text)
TO bourse_analyst, bourse_trader;

-- The views of agents call it with the rights of whoever reads.
GRANT EXECUTE ON FUNCTION strategy.agent_fills(text, text), strategy.why(text, bigint), strategy.why(text, text)
TO bourse_investor, bourse_dashboard;

-- Backtests write rows of their own, and touch nothing else.
GRANT EXECUTE ON FUNCTION
  research.run_backtest(text, text[], timestamptz, timestamptz, numeric, jsonb),
  research.backtest_specification(text, text[], timestamptz, timestamptz, numeric, jsonb, jsonb),
  research.check_lookahead(text, text[], timestamptz, timestamptz, jsonb),
  research.lookahead_runs(text, text[], timestamptz, timestamptz, jsonb, jsonb),
  research.lookahead_findings(text, text[], timestamptz, timestamptz, jsonb, jsonb, jsonb),
  research.backtest_bars(jsonb), research.backtest_ticks(jsonb), research.backtest_past(jsonb),
  research.record_backtest(jsonb, jsonb, interval)
TO bourse_analyst, bourse_trader;

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA market, ledger, trading, risk, strategy, research, ops
TO bourse_runner, bourse_admin;

-- Reads the books of everybody.
REVOKE EXECUTE ON FUNCTION ops.verify_audit(jsonb) FROM bourse_runner;

-- What row security and the doors ask; each answers about who acts alone.
GRANT EXECUTE ON FUNCTION
  identity.own_portfolios(), identity.readable_portfolios(), identity.tradable_portfolios(),
  identity.readable_subjects(),
  identity.shown_strategies(), identity.resolve_portfolio(text, identity.portfolio_right)
TO bourse_analyst, bourse_investor, bourse_dashboard, bourse_trader, bourse_runner, bourse_admin;
GRANT EXECUTE ON FUNCTION
  identity.share_portfolio(text, text, text, timestamptz), identity.unshare_portfolio(text, text)
TO bourse_trader, bourse_admin;
