-- Who may do what, as rows: kind and object, a privilege, and the roles that have it. Applied whole: what the groups of
-- the engine have and no row says is taken away. A row for one object stands in place of the row for its schema
-- (schema.*), and a function's name means all its forms. Everybody reads through SELECT, and row security says which
-- rows (procedures/policies.sql); nobody writes a table but the few below directly: the rest goes through procedures,
-- which run with the owner's rights. The schema internal is for nobody but the owner.
DELETE FROM identity.grants;

-- The one function with its owner's rights that a migration makes: a dump without privileges leaves this out.
REVOKE ALL ON FUNCTION identity.acting_user() FROM PUBLIC;

-- What all may: read, and ask who they are.
INSERT INTO identity.grants (kind, object, privilege, roles)
SELECT g.kind, g.object, g.privilege, '{admin,runner,trader,analyst,investor,dashboard}'::text[]
  FROM (VALUES
    ('schema', 'market', 'USAGE'), ('schema', 'ledger', 'USAGE'), ('schema', 'trading', 'USAGE'),
    ('schema', 'risk', 'USAGE'), ('schema', 'strategy', 'USAGE'), ('schema', 'research', 'USAGE'),
    ('schema', 'ops', 'USAGE'), ('schema', 'reporting', 'USAGE'),
    ('table', 'market.*', 'SELECT'), ('table', 'ledger.*', 'SELECT'), ('table', 'trading.*', 'SELECT'),
    ('table', 'risk.*', 'SELECT'), ('table', 'strategy.*', 'SELECT'), ('table', 'research.*', 'SELECT'),
    ('table', 'ops.*', 'SELECT'), ('table', 'reporting.*', 'SELECT'),
    ('table', 'identity.shares', 'SELECT'), ('table', 'identity.row_keys', 'SELECT'),
    ('table', 'identity.users', 'SELECT'), ('table', 'identity.sessions', 'SELECT'),
    ('table', 'identity.api_keys', 'SELECT'), ('table', 'identity.tiers', 'SELECT'),
    ('table', 'identity.grants', 'SELECT'),
    -- Row security, defaults of columns, views and doors ask these; each answers about who acts alone.
    ('function', 'identity.acting_user', 'EXECUTE'), ('function', 'identity.actor_role', 'EXECUTE'),
    ('function', 'identity.own_portfolios', 'EXECUTE'), ('function', 'identity.is_shown_all', 'EXECUTE'),
    ('function', 'identity.readable_portfolios', 'EXECUTE'),
    ('function', 'identity.tradable_portfolios', 'EXECUTE'), ('function', 'identity.readable_subjects', 'EXECUTE'),
    ('function', 'identity.shown_strategies', 'EXECUTE'), ('function', 'identity.resolve_portfolio', 'EXECUTE'),
    -- Their own account.
    ('function', 'identity.update_user', 'EXECUTE'), ('function', 'identity.change_password', 'EXECUTE'),
    ('function', 'identity.revoke_session', 'EXECUTE'), ('function', 'identity.create_api_key', 'EXECUTE'),
    ('function', 'identity.revoke_api_key', 'EXECUTE'), ('function', 'identity.begin_totp', 'EXECUTE'),
    ('function', 'identity.enable_totp', 'EXECUTE'), ('function', 'identity.disable_totp', 'EXECUTE'))
    AS g (kind, object, privilege);

-- What a gateway may as well: log users in, and take on their roles.
INSERT INTO identity.grants (kind, object, privilege, roles)
SELECT g.kind, g.object, g.privilege, '{admin,runner,trader,analyst,investor,dashboard,gateway}'::text[]
  FROM (VALUES
    ('schema', 'identity', 'USAGE'),
    ('function', 'identity.login', 'EXECUTE'), ('function', 'identity.refresh', 'EXECUTE'),
    ('function', 'identity.logout', 'EXECUTE'), ('function', 'identity.use_token', 'EXECUTE'),
    ('function', 'identity.accept_token', 'EXECUTE'), ('function', 'identity.request_password_reset', 'EXECUTE'),
    ('function', 'identity.reset_password', 'EXECUTE'), ('function', 'identity.verify_email', 'EXECUTE'))
    AS g (kind, object, privilege);

-- What writes with nobody's rights but its own: the doors of those who trade.
INSERT INTO identity.grants (kind, object, privilege, roles)
SELECT 'function', f, 'EXECUTE', '{admin,runner,trader}'::text[]
  FROM unnest('{
    trading.create_portfolio,ledger.deposit,ledger.withdraw,
    trading.submit_order,trading.submit_orders,trading.cancel_order,trading.replace_order,trading.replace_orders,
    trading.submit_bracket,trading.submit_oco,trading.order_target,trading.approve_order,trading.square_off,
    trading.close_position,trading.update_portfolio_value,
    risk.halt,risk.resume,risk.set_state,risk.set_limit,risk.set_protection,risk.release,risk.emergency_exit,
    strategy.create_strategy,strategy.create_agent,strategy.start_agent,strategy.pause_agent,strategy.resume_agent,
    strategy.stop_agent,strategy.record_signal,
    research.create_model,research.record_prediction,research.record_predictions,
    ops.add_consumer,ops.advance_consumer,
    identity.put_connection,identity.remove_connection,identity.sealed_connections}'::text[]) AS f;

-- Alerts of one's own, which change nothing that is traded.
INSERT INTO identity.grants (kind, object, privilege, roles)
SELECT 'function', f, 'EXECUTE', '{admin,runner,trader,analyst,investor}'::text[]
  FROM unnest('{
    ops.set_alert_rule,ops.enable_alert_rule,ops.remove_alert_rule,ops.acknowledge_alert,ops.silence_alert,
    ops.resolve_alert,ops.set_alert_channel,ops.remove_alert_channel,ops.test_alert_channel,
    ops.replay_notifications}'::text[]) AS f;

-- What reads for those who look for strategies, and backtests, which write rows of their own and touch nothing else.
INSERT INTO identity.grants (kind, object, privilege, roles)
SELECT 'function', f, 'EXECUTE', '{admin,runner,trader,analyst}'::text[]
  FROM unnest('{
    strategy.preview,strategy.explain,strategy.check,strategy.parameters_with,strategy.scan,risk.explain,
    research.run_backtest,research.backtest_specification,research.backtest_bars,research.backtest_ticks,
    research.backtest_past,research.record_backtest,research.check_lookahead,research.lookahead_runs,
    research.lookahead_findings,research.optimize,research.work,research.begin_work,research.run_trials,
    research.claim_trials,research.trial_runs,research.record_trials,research.advance_optimization}'::text[]) AS f;

INSERT INTO identity.grants (kind, object, privilege, roles, columns) VALUES
  -- What programs do that serve the whole house.
  ('function', 'market.*', 'EXECUTE', '{admin,runner}', NULL),
  ('function', 'ledger.*', 'EXECUTE', '{admin,runner}', NULL),
  ('function', 'trading.*', 'EXECUTE', '{admin,runner}', NULL),
  ('function', 'risk.*', 'EXECUTE', '{admin,runner}', NULL),
  ('function', 'strategy.*', 'EXECUTE', '{admin,runner}', NULL),
  ('function', 'ops.*', 'EXECUTE', '{admin,runner}', NULL),
  ('function', 'research.*', 'EXECUTE', '{admin,runner}', NULL),
  -- The views of agents call these with the rights of whoever reads.
  ('function', 'strategy.agent_fills', 'EXECUTE', '{admin,runner,trader,analyst,investor,dashboard}', NULL),
  ('function', 'strategy.why', 'EXECUTE', '{admin,runner,trader,analyst,investor,dashboard}', NULL),
  -- So do those of panels.
  ('function', 'risk.limit_use', 'EXECUTE', '{admin,runner,trader,analyst,investor,dashboard}', NULL),
  ('function', 'risk.correlations', 'EXECUTE', '{admin,runner,trader,analyst,investor,dashboard}', NULL),
  ('function', 'identity.share_portfolio', 'EXECUTE', '{admin,trader}', NULL),
  ('function', 'identity.unshare_portfolio', 'EXECUTE', '{admin,trader}', NULL),
  -- The terms of an order alone: what becomes of it the engine decides, and nobody but the owner can say otherwise.
  ('table', 'trading.orders', 'INSERT', '{admin,runner,trader}',
   '{portfolio_id,client_order_id,instrument_id,agent_id,side,type,time_in_force,product,quantity,limit_price,
     stop_price,trail_amount,trail_percent,reduce_only,post_only,parent_order_id,oco_group_id,oco_leg,expires_at,
     submitted_at}'),
  -- What comes from outside; partitions go by the names of their tables.
  ('table', 'market.ticks', 'INSERT', '{admin,runner}', NULL),
  ('table', 'market.quote_ticks', 'INSERT', '{admin,runner}', NULL),
  ('table', 'market.bars', 'INSERT', '{admin,runner}', NULL),
  ('table', 'market.bar_rollups', 'INSERT', '{admin,runner}', NULL),
  ('table', 'market.quotes', 'INSERT', '{admin,runner}', NULL),
  ('table', 'market.quotes', 'UPDATE', '{admin,runner}', NULL),
  ('table', 'ops.imports', 'INSERT', '{admin,runner}', NULL),
  ('table', 'ops.imports', 'UPDATE', '{admin,runner}', NULL),
  ('table', 'ops.import_rejects', 'INSERT', '{admin,runner}', NULL),
  -- What administrators set.
  ('table', 'market.tick_policy', 'UPDATE', '{admin}', NULL),
  ('table', 'market.candle_settings', 'UPDATE', '{admin}', NULL),
  ('table', 'ops.latency_targets', 'UPDATE', '{admin}', '{target_ms}'),
  ('table', 'ops.alert_settings', 'UPDATE', '{admin}', NULL),
  ('table', 'ops.alert_rules', 'UPDATE', '{admin}',
   '{bound,lookback,for_duration,severity,cooldown,quiet_from,quiet_until,quiet_zone,escalate_after,evaluate_every,
     channels,enabled}'),
  ('table', 'market.exchanges', 'UPDATE', '{admin}', '{price_collar,stale_after}'),
  ('table', 'market.instruments', 'UPDATE', '{admin}', '{price_collar}'),
  -- What only few may do, and who did it, is for those who look after them.
  ('table', 'ops.audit_log', 'SELECT', '{admin}', NULL), ('table', 'ops.chain_heads', 'SELECT', '{admin}', NULL),
  ('table', 'ops.journal_seals', 'SELECT', '{admin}', NULL),
  ('function', 'ops.verify_audit', 'EXECUTE', '{admin}', NULL),
  ('function', 'identity.create_user', 'EXECUTE', '{admin}', NULL),
  ('function', 'identity.delete_user', 'EXECUTE', '{admin}', NULL),
  ('function', 'identity.set_password', 'EXECUTE', '{admin}', NULL),
  ('function', 'identity.rotate_signing_key', 'EXECUTE', '{admin}', NULL),
  ('function', 'identity.create_login', 'EXECUTE', '{admin}', NULL),
  ('function', 'identity.disable_login', 'EXECUTE', '{admin}', NULL),
  ('function', 'identity.apply_login_limits', 'EXECUTE', '{admin}', NULL),
  -- What delivers letters reads their tokens.
  ('table', 'identity.outbox', 'SELECT', '{admin,runner}', NULL),
  ('function', 'identity.claim_letters', 'EXECUTE', '{runner}', NULL),
  ('function', 'identity.letter_sent', 'EXECUTE', '{runner}', NULL),
  -- Accounts at brokers. Their credentials open with a key that the database does not have; identity.sealed_connections
  -- gives the sealed ones.
  ('table', 'identity.broker_connections', 'SELECT', '{runner,trader}',
   '{connection_id,owner,name,broker,url,key_id,created_at,rotated_at}'),
  ('table', 'identity.connection_portfolios', 'SELECT', '{admin,runner,trader}', NULL),
  ('function', 'identity.rotate_connections', 'EXECUTE', '{admin}', NULL);
INSERT INTO identity.grants (kind, object, privilege, roles)
SELECT 'table', t, p, '{admin}'::text[]
  FROM unnest('{
    market.sale_conditions,market.underlying_names,market.holidays,market.sessions,market.corporate_actions,
    trading.fee_schedules,trading.fee_components,trading.fee_plans,trading.borrow_rates,identity.rate_limits,
    identity.login_limits}'::text[])
       AS t, unnest('{INSERT,UPDATE,DELETE}'::text[]) AS p
UNION ALL
SELECT 'table', t, 'SELECT', '{admin}'::text[]
  FROM unnest('{identity.rate_limits,identity.login_limits,identity.settings}'::text[]) AS t;
-- A dump by administrators: pg_dump locks each table and reads each sequence. Of what is nobody's it finds no rows
-- (procedures/policies.sql), and credentials of brokers it has as they are sealed.
INSERT INTO identity.grants (kind, object, privilege, roles)
SELECT 'sequence', s || '.*', 'SELECT', '{admin}'::text[]
  FROM unnest('{market,ledger,trading,risk,strategy,research,identity,ops}'::text[]) AS s
UNION ALL
SELECT 'table', t, 'SELECT', '{admin}'::text[]
  FROM unnest('{
    identity.acting,identity.credentials,identity.login_failures,identity.secret_keys,identity.secrets,
    identity.token_buckets,identity.broker_connections}'::text[]) AS t;

DO $$
DECLARE
  v_command text;
BEGIN
  -- Whoever loses a privilege on a table loses it on its columns, too: what they keep of these comes back the second
  -- time.
  FOR i IN 1 .. 2 LOOP
    FOR v_command IN
      SELECT format(CASE WHEN d.is_wanted THEN 'GRANT %s ON %s TO %s' ELSE 'REVOKE %s ON %s FROM %s' END, d.privilege,
                    d.target, string_agg(quote_ident(d.role_name), ', ' ORDER BY d.role_name))
        FROM internal.grant_differences() AS d GROUP BY d.privilege, d.target, d.is_wanted
       ORDER BY d.is_wanted, d.target, d.privilege
    LOOP
      EXECUTE v_command;
    END LOOP;
  END LOOP;
END
$$;
