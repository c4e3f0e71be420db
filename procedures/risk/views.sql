-- What a person looks at first, by names instead of identifiers. Nothing here is kept.
CREATE OR REPLACE VIEW risk.in_force WITH (security_invoker = true) AS
SELECT h.state::text AS what, h.scope::text AS scope,
       CASE h.scope
         WHEN 'portfolio' THEN (SELECT CASE p.owner WHEN ops.actor() THEN '' ELSE p.owner || '/' END || p.name
                                  FROM trading.portfolios AS p WHERE p.portfolio_id = h.scope_id)
         WHEN 'strategy' THEN (SELECT CASE WHEN s.owner = ops.actor() THEN '' ELSE coalesce(s.owner, '') || '/' END
                                      || s.name
                                 FROM strategy.strategies AS s WHERE s.strategy_id = h.scope_id)
         WHEN 'agent' THEN (SELECT CASE p.owner WHEN ops.actor() THEN '' ELSE p.owner || '/' END || p.name || '/'
                                   || a.name
                              FROM strategy.agents AS a JOIN trading.portfolios AS p USING (portfolio_id)
                             WHERE a.agent_id = h.scope_id)
         WHEN 'instrument' THEN (SELECT i.symbol FROM market.listings AS i WHERE i.instrument_id = h.scope_id)
         ELSE h.scope_name END AS name,
       h.halted_at AS since, h.expires_at AS until, h.reason, NULL::int AS lock_id
  FROM risk.halts AS h
 WHERE h.resumed_at IS NULL
UNION ALL
SELECT 'locked (' || l.code || ')',
       CASE WHEN l.agent_id IS NOT NULL THEN 'agent' WHEN l.instrument_id IS NOT NULL THEN 'instrument'
            ELSE 'portfolio' END,
       CASE p.owner WHEN ops.actor() THEN '' ELSE p.owner || '/' END || p.name || coalesce('/' || a.name, '')
         || coalesce(' ' || i.symbol, ''), l.locked_at,
       nullif(l.expires_at, 'infinity'), l.reason, l.lock_id
  FROM risk.locks AS l
  JOIN trading.portfolios AS p USING (portfolio_id)
  LEFT JOIN strategy.agents AS a ON a.portfolio_id = l.portfolio_id AND a.agent_id = l.agent_id
  LEFT JOIN market.listings AS i ON i.instrument_id = l.instrument_id
 WHERE l.released_at IS NULL;
COMMENT ON VIEW risk.in_force IS
  'Trading states and locks that nobody has ended: risk.resume(scope, name) ends a state, risk.release(portfolio, '
  'lock_id) a lock.';
COMMENT ON COLUMN risk.in_force.what IS
  'reducing, halted, or locked with the code that orders are refused with meanwhile.';
COMMENT ON COLUMN risk.in_force.scope IS 'Whom it concerns.';
COMMENT ON COLUMN risk.in_force.name IS
  'The scope by name, of others with the owner before it: a portfolio, PORTFOLIO/AGENT, EXCHANGE:SYMBOL, ...; of a '
  'lock the portfolio, and what it is limited to. NULL for the whole system.';
COMMENT ON COLUMN risk.in_force.since IS 'Event time at which it began.';
COMMENT ON COLUMN risk.in_force.until IS 'Event time from which on it is over; NULL waits for a person.';
COMMENT ON COLUMN risk.in_force.reason IS 'Why.';
COMMENT ON COLUMN risk.in_force.lock_id IS 'What risk.release asks for; NULL for a state.';
