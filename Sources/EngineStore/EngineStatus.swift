import LibPQ

/// What is going on in a database: runners, portfolios, halts and violations.
package struct EngineStatus: Encodable, Sendable {
  package struct Runner: Encodable, Sendable {
    package let name, host, feed, state, seenAt: String
  }

  package struct Portfolio: Encodable, Sendable {
    package let name, currency, equity, available: String
    package let positions, openOrders, runningAgents: Int
  }

  /// An agent that cannot run.
  package struct FailedAgent: Encodable, Sendable {
    package let portfolio, agent, error, since: String
  }

  /// A fill that was booked although it contradicts its order.
  package struct Contradiction: Encodable, Sendable {
    package let portfolio, symbol: String
    package let fillID, orderID: Int
    package let code, reason, recordedAt: String
  }

  /// A position that could not be settled for want of a price.
  package struct Unsettled: Encodable, Sendable {
    package let portfolio, symbol, kind, day, priceOf: String
  }

  package let runners: [Runner]
  package let portfolios: [Portfolio]
  package let failedAgents: [FailedAgent]
  package let unsettled: [Unsettled]
  /// Sessions that keep portfolios locked.
  package let blockers: [EngineStore.Blocker]
  /// The latest twenty of the last seven days, but for fills that were taken back since.
  package let contradictions: [Contradiction]
  package let halts, invariantViolations: Int
}

extension EngineStore {
  package nonisolated(nonsending) func status() async throws -> EngineStatus {
    let runners = try await connection.query(
      """
      SELECT r.name, r.host, r.feed, r.state, to_char(r.seen_at, 'YYYY-MM-DD HH24:MI:SS TZ')
        FROM ops.runner_states AS r
       WHERE r.stopped_at IS NULL OR r.runner_id = (SELECT max(x.runner_id) FROM ops.runners AS x)
       ORDER BY r.runner_id DESC LIMIT 10
      """
    ).map {
      EngineStatus.Runner(
        name: try $0[0].string, host: try $0[1].string, feed: try $0[2].string, state: try $0[3].string,
        seenAt: try $0[4].string)
    }
    let portfolios = try await connection.query(
      """
      SELECT CASE s.owner WHEN ops.actor() THEN '' ELSE s.owner || '/' END || s.portfolio, s.currency, round(s.equity, 2), round(s.available, 2), s.positions, s.open_orders,
             (SELECT count(*) FROM strategy.agents AS a JOIN trading.portfolios AS p USING (portfolio_id)
               WHERE p.owner = s.owner AND p.name = s.portfolio AND a.status = 'running')
        FROM trading.portfolio_summary AS s ORDER BY s.owner <> ops.actor(), 1
      """
    ).map {
      EngineStatus.Portfolio(
        name: try $0[0].string, currency: try $0[1].string, equity: try $0[2].string, available: try $0[3].string,
        positions: try $0[4].int, openOrders: try $0[5].int, runningAgents: try $0[6].int)
    }
    let failedAgents = try await connection.query(
      """
      SELECT CASE p.owner WHEN ops.actor() THEN '' ELSE p.owner || '/' END || p.name, a.name, a.error, to_char(a.changed_at, 'YYYY-MM-DD HH24:MI:SS TZ')
        FROM strategy.agents AS a JOIN trading.portfolios AS p USING (portfolio_id) WHERE a.status = 'error' ORDER BY 1, 2
      """
    ).map {
      EngineStatus.FailedAgent(
        portfolio: try $0[0].string, agent: try $0[1].string, error: try $0[2].string, since: try $0[3].string)
    }
    let contradictions = try await connection.query(
      """
      SELECT CASE c.owner WHEN ops.actor() THEN '' ELSE c.owner || '/' END || c.portfolio, c.symbol, c.fill_id, c.order_id, c.code, c.reason, to_char(c.recorded_at, 'YYYY-MM-DD HH24:MI:SS TZ')
        FROM trading.contradictory_fills AS c WHERE NOT c.is_taken_back AND c.recorded_at > now() - interval '7 days'
       ORDER BY c.recorded_at DESC, c.portfolio, c.fill_id, c.code LIMIT 20
      """
    ).map {
      EngineStatus.Contradiction(
        portfolio: try $0[0].string, symbol: try $0[1].string, fillID: try $0[2].int, orderID: try $0[3].int,
        code: try $0[4].string, reason: try $0[5].string, recordedAt: try $0[6].string)
    }
    let unsettled = try await connection.query(
      """
      SELECT CASE u.owner WHEN ops.actor() THEN '' ELSE u.owner || '/' END || u.portfolio, u.symbol, u.kind, u.day, u.price_of
        FROM trading.unsettled AS u ORDER BY 1, 2
      """
    ).map {
      EngineStatus.Unsettled(
        portfolio: try $0[0].string, symbol: try $0[1].string, kind: try $0[2].string, day: try $0[3].string,
        priceOf: try $0[4].string)
    }
    let counts = try await connection.query(
      """
      SELECT (SELECT count(*) FROM risk.halts AS h WHERE h.resumed_at IS NULL AND (h.expires_at IS NULL OR h.expires_at > now())),
             (SELECT count(*) FROM ops.check_invariants())
      """
    ).only()
    return EngineStatus(
      runners: runners, portfolios: portfolios, failedAgents: failedAgents, unsettled: unsettled,
      blockers: try await blockers(after: .seconds(2)), contradictions: contradictions, halts: try counts[0].int,
      invariantViolations: try counts[1].int)
  }
}
