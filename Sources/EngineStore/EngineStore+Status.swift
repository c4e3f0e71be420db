import LibPQ

extension EngineStore {
  /// - Parameters:
  ///   - limit: longest that each list may be; nil: as long as it is.
  ///   - checksInvariants: counts violations, which takes seconds where much is stored.
  package nonisolated(nonsending) func status(
    limit: Int? = nil, checksInvariants: Bool = true
  ) async throws -> EngineStatus {
    // As it was at one moment.
    try await connection.transaction(isolation: .repeatableRead, readOnly: true) { _ in
      let counts = try await connection.query(
        """
        SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
               (SELECT count(*) FROM risk.halts AS h WHERE h.resumed_at IS NULL AND (h.expires_at IS NULL OR h.expires_at > now()))
        """
      ).only()
      let alerts = try await AlertStore(connection).alerts(all: false)
      let blockers = try await blockers(after: .seconds(2))
      return EngineStatus(
        at: try counts[0].string, server: try await server(), runners: try await runners(limit),
        feeds: try await feeds(limit), portfolios: try await portfolios(limit), agents: try await agents(limit),
        openOrders: try await openOrders(limit), alerts: .init(alerts, upTo: limit),
        unsettled: try await unsettled(limit), blockers: .init(blockers, upTo: limit), waits: try await waits(limit),
        contradictions: try await contradictions(limit), halts: try counts[1].int,
        invariantViolations: checksInvariants
          ? try await connection.query("SELECT count(*) FROM ops.check_invariants()").only()[0].int : nil)
    }
  }

  /// The portfolio as its reader names it: of one's own its name, of another's owner/name.
  private static func name(_ alias: String, _ column: String = "portfolio") -> String {
    "CASE \(alias).owner WHEN ops.actor() THEN '' ELSE \(alias).owner || '/' END || \(alias).\(column)"
  }

  private static func time(_ expression: String) -> String {
    "to_char(\(expression) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
  }

  /// The rows of a query that takes a limit, and gives the number of all in its first column.
  private nonisolated(nonsending) func list<Row>(
    _ limit: Int?, _ sql: String, _ read: (LibPQ.Row) throws -> Row
  ) async throws -> EngineStatus.List<Row> {
    let rows = try await connection.execute(sql, [.int8(limit.map(Int64.init))])
    return EngineStatus.List(try rows.map(read), total: try rows.first?[0].int ?? 0)
  }

  private nonisolated(nonsending) func server() async throws -> EngineStatus.Server {
    let row = try await connection.query(
      """
      SELECT split_part(current_setting('server_version'), ' ', 1), current_database(), pg_is_in_recovery(),
             extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float8
      """
    ).only()
    let figures = try await connection.query(
      "SELECT h.metric, h.value FROM reporting.database_health AS h WHERE h.subject IS NULL AND h.value IS NOT NULL")
    return EngineStatus.Server(
      version: try row[0].string, database: try row[1].string, isStandby: try row[2].bool,
      uptimeSeconds: try row[3].double,
      health: Dictionary(
        try figures.map { (try $0[0].string, try $0[1].double) }, uniquingKeysWith: { first, _ in first }))
  }

  private nonisolated(nonsending) func runners(_ limit: Int?) async throws -> EngineStatus.List<EngineStatus.Runner> {
    try await list(
      limit,
      """
      SELECT count(*) OVER (), r.name, r.host, r.feed, r.state, r.version, \(Self.time("r.seen_at")), r.process_id,
             r.portfolios, r.age_seconds
        FROM reporting.runners AS r
       WHERE r.stopped_at IS NULL OR r.runner_id = (SELECT max(x.runner_id) FROM ops.runners AS x)
       ORDER BY r.state <> 'running', r.runner_id DESC LIMIT $1
      """
    ) {
      EngineStatus.Runner(
        name: try $0[1].string, host: try $0[2].string, feed: try $0[3].string, state: try $0[4].string,
        version: try $0[5].string, seenAt: try $0[6].string, processID: try $0[7].int, portfolios: try $0[8].int,
        ageSeconds: try $0[9].double)
    }
  }

  private nonisolated(nonsending) func feeds(_ limit: Int?) async throws -> EngineStatus.List<EngineStatus.Feed> {
    try await list(
      limit,
      """
      SELECT count(*) OVER (), f.feed, f.symbols, f.rejected_ticks, \(Self.time("f.last_event_at")), f.age_seconds,
             f.lag_seconds, f.tick_rate
        FROM reporting.feed_health AS f WHERE f.portfolio IS NULL ORDER BY f.age_seconds, f.feed LIMIT $1
      """
    ) {
      EngineStatus.Feed(
        name: try $0[1].string, symbols: try $0[2].int, rejectedTicks: try $0[3].int,
        lastEventAt: try $0[4].ifPresent?.string, ageSeconds: try $0[5].ifPresent?.double,
        lagSeconds: try $0[6].ifPresent?.double, ticksPerSecond: try $0[7].double)
    }
  }

  /// One's own first, and those that trade before the others.
  private nonisolated(nonsending) func portfolios(
    _ limit: Int?
  ) async throws -> EngineStatus.List<EngineStatus.Portfolio> {
    try await list(
      limit,
      """
      WITH shown AS MATERIALIZED (
        SELECT p.portfolio_id, p.owner, p.name AS portfolio, a.agents, a.running, a.failed, count(*) OVER () AS total,
               row_number() OVER (ORDER BY p.owner <> ops.actor(), a.running = 0, p.owner, p.name) AS place
          FROM trading.portfolios AS p
          CROSS JOIN LATERAL (
            SELECT count(*) AS agents, count(*) FILTER (WHERE n.status = 'running') AS running,
                   count(*) FILTER (WHERE n.status = 'error') AS failed
              FROM strategy.agents AS n WHERE n.portfolio_id = p.portfolio_id) AS a
         ORDER BY place LIMIT $1)
      SELECT n.total, \(Self.name("n")), s.currency, round(s.equity, 2), round(s.available, 2), s.positions, s.open_orders,
             n.agents, n.running, n.failed, t.trend, t.sparkline, l.lag_seconds
        FROM shown AS n
        JOIN trading.portfolio_summary AS s USING (owner, portfolio)
        LEFT JOIN reporting.cursor_lag AS l USING (owner, portfolio)
        CROSS JOIN LATERAL (
          SELECT string_agg(v.equity::text, ' ' ORDER BY v.time) AS trend,
                 trading.sparkline(array_agg(v.equity ORDER BY v.time)) AS sparkline
            FROM (SELECT greatest(min(x.at), max(x.at) - interval '30 days') AS since, max(x.at) AS until
                    FROM trading.portfolio_snapshots AS x WHERE x.portfolio_id = n.portfolio_id) AS d
            CROSS JOIN LATERAL reporting.portfolio_values(
              ARRAY[n.portfolio], d.since, d.until, (d.until - d.since) / 24) AS v
           WHERE d.until IS NOT NULL AND v.owner = n.owner) AS t
       ORDER BY n.place
      """
    ) {
      EngineStatus.Portfolio(
        name: try $0[1].string, currency: try $0[2].string, equity: try $0[3].string, available: try $0[4].string,
        positions: try $0[5].int, openOrders: try $0[6].int, agents: try $0[7].int, runningAgents: try $0[8].int,
        failedAgents: try $0[9].int,
        trend: try $0[10].ifPresent?.string.split(separator: " ").compactMap { Double($0) } ?? [],
        sparkline: try $0[11].ifPresent?.string ?? "", lagSeconds: try $0[12].ifPresent?.double)
    }
  }

  private nonisolated(nonsending) func agents(_ limit: Int?) async throws -> EngineStatus.List<EngineStatus.Agent> {
    try await list(
      limit,
      """
      SELECT count(*) OVER (), \(Self.name("p", "name")), a.name, s.name, a.status, \(Self.time("a.changed_at")), a.error
        FROM strategy.agents AS a
        JOIN trading.portfolios AS p USING (portfolio_id)
        JOIN strategy.strategies AS s USING (strategy_id)
       WHERE a.status <> 'stopped'
       ORDER BY a.status <> 'error', a.status <> 'running', 2, a.name LIMIT $1
      """
    ) {
      EngineStatus.Agent(
        portfolio: try $0[1].string, agent: try $0[2].string, strategy: try $0[3].string, status: try $0[4].string,
        since: try $0[5].string, error: try $0[6].ifPresent?.string)
    }
  }

  private nonisolated(nonsending) func openOrders(_ limit: Int?) async throws -> EngineStatus.List<EngineStatus.Order> {
    try await list(
      limit,
      """
      SELECT count(*) OVER (), \(Self.name("o")), o.symbol, o.side, o.type, o.quantity, o.filled_quantity, o.status,
             \(Self.time("o.submitted_at")), o.client_order_id, o.order_id, o.limit_price, o.stop_price, o.agent
        FROM trading.open_orders AS o ORDER BY o.submitted_at DESC, 2, o.order_id DESC LIMIT $1
      """
    ) {
      EngineStatus.Order(
        portfolio: try $0[1].string, symbol: try $0[2].string, side: try $0[3].string, type: try $0[4].string,
        quantity: try $0[5].string, filledQuantity: try $0[6].string, status: try $0[7].string,
        submittedAt: try $0[8].string, clientOrderID: try $0[9].string, orderID: try $0[10].int,
        limitPrice: try $0[11].ifPresent?.string, stopPrice: try $0[12].ifPresent?.string,
        agent: try $0[13].ifPresent?.string)
    }
  }

  private nonisolated(nonsending) func unsettled(
    _ limit: Int?
  ) async throws -> EngineStatus.List<EngineStatus.Unsettled> {
    try await list(
      limit,
      """
      SELECT count(*) OVER (), \(Self.name("u")), u.symbol, u.kind, u.day, u.price_of
        FROM reporting.unpriced_settlements AS u ORDER BY 2, 3 LIMIT $1
      """
    ) {
      EngineStatus.Unsettled(
        portfolio: try $0[1].string, symbol: try $0[2].string, kind: try $0[3].string, day: try $0[4].string,
        priceOf: try $0[5].string)
    }
  }

  private nonisolated(nonsending) func waits(_ limit: Int?) async throws -> EngineStatus.List<EngineStatus.Wait> {
    try await list(
      limit,
      """
      SELECT count(*) OVER (), k.process_id, k.blocker_id, k.user_name, k.application, k.waits_for, k.query,
             k.blocker_user, k.blocker_application, k.blocker_state, k.blocker_query, k.seconds
        FROM reporting.locks AS k ORDER BY k.seconds DESC NULLS LAST, 2, 3 LIMIT $1
      """
    ) {
      EngineStatus.Wait(
        processID: try $0[1].int, blockerID: try $0[2].int, user: try $0[3].ifPresent?.string,
        application: try $0[4].ifPresent?.string, waitsFor: try $0[5].ifPresent?.string,
        query: try $0[6].ifPresent?.string, blockerUser: try $0[7].ifPresent?.string,
        blockerApplication: try $0[8].ifPresent?.string, blockerState: try $0[9].ifPresent?.string,
        blockerQuery: try $0[10].ifPresent?.string, seconds: try $0[11].ifPresent?.double)
    }
  }

  private nonisolated(nonsending) func contradictions(
    _ limit: Int?
  ) async throws -> EngineStatus.List<EngineStatus.Contradiction> {
    try await list(
      limit,
      """
      SELECT count(*) OVER (), \(Self.name("c")), c.symbol, c.fill_id, c.order_id, c.code, c.reason,
             \(Self.time("c.recorded_at"))
        FROM trading.contradictory_fills AS c WHERE NOT c.is_taken_back AND c.recorded_at > now() - interval '7 days'
       ORDER BY c.recorded_at DESC, c.portfolio, c.fill_id, c.code LIMIT $1
      """
    ) {
      EngineStatus.Contradiction(
        portfolio: try $0[1].string, symbol: try $0[2].string, fillID: try $0[3].int, orderID: try $0[4].int,
        code: try $0[5].string, reason: try $0[6].string, recordedAt: try $0[7].string)
    }
  }
}

extension EngineStatus.List {
  /// The first rows of all.
  fileprivate init(_ all: [Row], upTo limit: Int?) {
    self.init(limit.map { Array(all.prefix($0)) } ?? all, total: all.count)
  }
}
