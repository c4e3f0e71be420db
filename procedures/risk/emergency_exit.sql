-- locks ledger.portfolio_clocks; writes risk.halts, ops.events, ops.audit_log, trading.orders and what its triggers
-- write; errors TR249, TR305, TR306
CREATE OR REPLACE FUNCTION risk.emergency_exit(
  scope risk.scope DEFAULT 'system', target text DEFAULT NULL, reason text DEFAULT 'emergency exit',
  at timestamptz DEFAULT now())
RETURNS TABLE (portfolio text, symbol text, held numeric, orders_cancelled int, closing_order_id bigint,
               status trading.order_status, problem text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_scope_id     int := internal.scope_id(emergency_exit.scope, emergency_exit.target);
  v_portfolios   int[];
  v_instruments  int[];  -- NULL: all
  v_portfolio_id int;
BEGIN
  IF emergency_exit.scope = 'user' THEN
    RAISE EXCEPTION 'positions belong to portfolios, not to users'
      USING ERRCODE = 'TR306', DETAIL = format('User %s.', emergency_exit.target),
            HINT = 'Exit the portfolios, and risk.halt(''user'', ...) the user.';
  END IF;
  v_portfolios := internal.scope_portfolio_ids(emergency_exit.scope, v_scope_id);
  PERFORM internal.require_portfolios(v_portfolios, 'trade');
  -- All portfolios first, in their order: orders on their way come before and are undone here, or wait and meet the
  -- halt. A second exit waits too, and then finds everything done.
  PERFORM internal.lock_portfolios(v_portfolios);
  PERFORM internal.audit('risk.emergency_exit', concat_ws(' ', emergency_exit.scope, emergency_exit.target),
                         p_after => jsonb_build_object('reason', emergency_exit.reason, 'at', emergency_exit.at,
                                                       'portfolios', v_portfolios));
  PERFORM internal.put_state('halted', emergency_exit.scope, v_scope_id,
                             CASE emergency_exit.scope WHEN 'sector' THEN emergency_exit.target END,
                             emergency_exit.reason, emergency_exit.at);
  v_instruments := CASE emergency_exit.scope WHEN 'instrument' THEN ARRAY[v_scope_id]
                                             WHEN 'sector'
                                               THEN ARRAY(SELECT i.instrument_id
                                                            FROM market.instruments AS i
                                                           WHERE i.sector = emergency_exit.target) END;
  FOREACH v_portfolio_id IN ARRAY v_portfolios LOOP
    IF emergency_exit.scope IN ('agent', 'strategy') THEN
      v_instruments := ARRAY(SELECT n.instrument_id
                               FROM strategy.agents AS a
                               JOIN strategy.agent_instruments AS n USING (portfolio_id, agent_id)
                              WHERE a.portfolio_id = v_portfolio_id
                                AND v_scope_id = CASE emergency_exit.scope WHEN 'agent' THEN a.agent_id
                                                                           ELSE a.strategy_id END);
    END IF;
    RETURN QUERY
      SELECT p.name, c.symbol, trim_scale(c.held), c.orders_cancelled, c.closing_order_id, c.status, c.problem
        FROM trading.portfolios AS p
        CROSS JOIN LATERAL internal.close_out(p.portfolio_id, v_instruments, emergency_exit.reason,
                                              emergency_exit.at) AS c
       WHERE p.portfolio_id = v_portfolio_id;
  END LOOP;
END
$$;
COMMENT ON FUNCTION risk.emergency_exit(risk.scope, text, text, timestamptz) IS
  'Halts a scope, cancels everything that rests in it, stops included, and closes its positions by market orders, in '
  'one transaction: SELECT * FROM risk.emergency_exit() does so for everything. An agent or a strategy stands for its '
  'portfolios'' positions in its instruments. Asked again it answers what is under way. risk.resume ends the halt. One '
  'row per instrument that was held or ordered. Errors TR211, TR249, TR305, TR306, TR701, TR702.';
REVOKE ALL ON FUNCTION risk.emergency_exit(risk.scope, text, text, timestamptz) FROM PUBLIC;
