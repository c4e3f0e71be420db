-- What a person looks at first, by names instead of identifiers. Nothing here is kept.
CREATE OR REPLACE VIEW risk.in_force AS
SELECT h.state::text AS what, h.scope::text AS scope,
       CASE h.scope WHEN 'portfolio'  THEN (SELECT p.name FROM trading.portfolios AS p WHERE p.portfolio_id = h.scope_id)
                    WHEN 'strategy'   THEN (SELECT s.name FROM strategy.strategies AS s WHERE s.strategy_id = h.scope_id)
                    WHEN 'agent'      THEN (SELECT p.name || '/' || a.name FROM strategy.agents AS a JOIN trading.portfolios AS p USING (portfolio_id) WHERE a.agent_id = h.scope_id)
                    WHEN 'instrument' THEN (SELECT e.code || ':' || i.symbol FROM market.instruments AS i JOIN market.exchanges AS e USING (exchange_id) WHERE i.instrument_id = h.scope_id)
                    ELSE h.scope_name END AS name,
       h.halted_at AS since, h.expires_at AS until, h.reason, NULL::int AS lock_id
  FROM risk.halts AS h
 WHERE h.resumed_at IS NULL
UNION ALL
SELECT 'locked (' || l.code || ')', CASE WHEN l.agent_id IS NOT NULL THEN 'agent' WHEN l.instrument_id IS NOT NULL THEN 'instrument' ELSE 'portfolio' END,
       p.name || coalesce('/' || a.name, '') || coalesce(' ' || i.symbol, ''), l.locked_at, nullif(l.expires_at, 'infinity'), l.reason, l.lock_id
  FROM risk.locks AS l
  JOIN trading.portfolios AS p USING (portfolio_id)
  LEFT JOIN strategy.agents AS a ON a.portfolio_id = l.portfolio_id AND a.agent_id = l.agent_id
  LEFT JOIN market.instruments AS i ON i.instrument_id = l.instrument_id
 WHERE l.released_at IS NULL;
COMMENT ON VIEW risk.in_force IS 'Trading states and locks that nobody has ended: risk.resume(scope, name) ends a state, risk.release(portfolio, lock_id) a lock. Those with an end (until, event time) are over from then on; NULL waits for a person.';
