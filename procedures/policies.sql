-- Row security of every table that identity.row_keys lists, made anew as a whole with each installation. The forms keep
-- index scans, and ask once for each statement: docs/decisions/row-security.md.
DO $$
DECLARE
  v_mine   constant text := 'ANY ((SELECT identity.own_portfolios())::int[])';
  v_actor  constant text := '(SELECT ops.actor())';
  v_all    constant text := '(SELECT identity.is_shown_all())';
  v_table  record;
  v_policy record;
BEGIN
  FOR v_policy IN
    SELECT p.polname, p.polrelid::regclass AS relation
      FROM pg_catalog.pg_policy AS p
      JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'ops', 'identity')
  LOOP
    EXECUTE format('DROP POLICY %I ON %s', v_policy.polname, v_policy.relation);
  END LOOP;
  FOR v_table IN
    SELECT k.relation, c.relname, c.relowner::regrole AS owner, CASE k.key
             WHEN 'portfolio' THEN format('portfolio_id = %s', v_mine)
             WHEN 'event' THEN format('portfolio_id = %s OR portfolio_id IS NULL AND actor = %s', v_mine, v_actor)
             WHEN 'alert'
               THEN format('owner = %s OR owner IS NULL AND (portfolio_id = %s OR portfolio_id IS NULL AND %s)',
                           v_actor, v_mine, v_all)
             WHEN 'share'
               THEN format('username = %s OR portfolio_id IN (SELECT p.portfolio_id FROM trading.portfolios AS p '
                           'WHERE p.owner = %1$s)', v_actor)
             WHEN 'subject'
               THEN 'scope IN (''system'', ''instrument'', ''sector'') '
                    'OR subject = ANY ((SELECT identity.readable_subjects())::text[])'
             WHEN 'strategy'
               THEN format('owner = %s OR owner IS NULL '
                           'OR strategy_id = ANY ((SELECT identity.shown_strategies())::int[])', v_actor)
             WHEN 'version'
               THEN format('EXISTS (SELECT FROM strategy.strategies AS s WHERE s.strategy_id = %I.strategy_id '
                           'AND (s.owner = %s OR s.owner IS NULL))', c.relname, v_actor)
             WHEN 'model' THEN format('owner = %s OR owner IS NULL', v_actor)
             WHEN 'prediction'
               THEN format('EXISTS (SELECT FROM research.models AS m WHERE m.model_id = %I.model_id '
                           'AND (m.owner = %s OR m.owner IS NULL))', c.relname, v_actor)
             WHEN 'owner' THEN format('owner = %s', v_actor)
             WHEN 'backtest' THEN format('owner = %s OR %s', v_actor, v_all)
             WHEN 'run'
               THEN format('%s OR EXISTS (SELECT FROM research.backtests AS b '
                           'WHERE b.run_id = %I.run_id AND b.owner = %s)', v_all, c.relname, v_actor)
             WHEN 'optimization'
               THEN format('%s OR EXISTS (SELECT FROM research.optimizations AS o '
                           'WHERE o.optimization_id = %I.optimization_id AND o.owner = %s)', v_all, c.relname, v_actor)
             WHEN 'user' THEN format('username = %s', v_actor)
             WHEN 'account' THEN format('owner = %s', v_actor)
             ELSE NULL END AS is_theirs,
           CASE WHEN k.key IN ('user', 'account') THEN 'bourse_admin' WHEN k.key = 'letter' THEN 'bourse_runner'
                WHEN k.key <> 'nobody' THEN 'bourse_admin, bourse_runner' END AS staff,
           'bourse_trader, bourse_investor, bourse_analyst, bourse_dashboard'
             || CASE WHEN k.key IN ('user', 'account') THEN ', bourse_runner' ELSE '' END AS tenants
      FROM identity.row_keys AS k JOIN pg_catalog.pg_class AS c ON c.oid = k.relation_id
     WHERE k.key <> 'public'
     ORDER BY k.relation
  LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', v_table.relation);
    -- Doors run with the rights of the owner, who may be no superuser.
    EXECUTE format('CREATE POLICY %I ON %s TO %s USING (true) WITH CHECK (true)', v_table.relname || '_owner',
                   v_table.relation, v_table.owner);
    IF v_table.staff IS NOT NULL THEN
      EXECUTE format('CREATE POLICY %I ON %s TO %s USING ((SELECT identity.is_staff()))',
                     v_table.relname || '_staff', v_table.relation, v_table.staff);
    END IF;
    IF v_table.is_theirs IS NOT NULL THEN
      EXECUTE format('CREATE POLICY %I ON %s FOR SELECT TO %s USING (%s)', v_table.relname || '_tenant',
                     v_table.relation, v_table.tenants, v_table.is_theirs);
    END IF;
  END LOOP;
  -- The one table that people insert into themselves.
  CREATE POLICY orders_insert ON trading.orders FOR INSERT TO bourse_trader
    WITH CHECK (portfolio_id = ANY ((SELECT identity.tradable_portfolios())::int[]));
END
$$;
