import LibPQ
import TradingCore

/// Typed calls of the database's procedures; with the feeds' importers the only Swift that contains SQL.
///
/// A thin view of one connection: as cheap to make as to pass on. Its calls follow the connection's rules, so that inside
/// ``LibPQ/Connection/transaction(isolation:readOnly:deferrable:file:line:_:)`` they are part of the transaction.
package struct EngineStore: Sendable {
  package let connection: Connection

  package init(_ connection: Connection) { self.connection = connection }

  /// A portfolio as a caller names it.
  package struct Portfolio: Sendable {
    package let id: Int32
    /// As calls take it: of one's own its name, of another's owner/name.
    package let name: String
    package let broker: String
    /// The runner matches its orders.
    package let isPaper: Bool
  }

  /// The portfolios with these names, or all of them; ordered by identifier. An unknown name is TR211.
  package nonisolated(nonsending) func portfolios(named names: [String]) async throws -> [Portfolio] {
    let rows = try await connection.execute(
      """
      SELECT p.portfolio_id, CASE p.owner WHEN ops.actor() THEN '' ELSE p.owner || '/' END || p.name, p.broker, p.is_paper
        FROM trading.portfolios AS p
       WHERE cardinality($1::text[]) = 0 OR p.portfolio_id = ANY (trading.portfolio_ids($1::text[]))
       ORDER BY p.portfolio_id
      """, [.texts(names)])
    return try rows.map { row in
      Portfolio(id: try row[0].int32, name: try row[1].string, broker: try row[2].string, isPaper: try row[3].bool)
    }
  }

  // MARK: Runners

  /// Marks this session as a runner's and takes the portfolios for it. TR601 when another runner has one of them.
  package nonisolated(nonsending) func startRunner(
    name: String, host: String, processID: Int32, version: String, feed: String, portfolios: [Int32]
  ) async throws -> Int32 {
    // The runner does not ring its own doorbell.
    try await connection.script("SET bourse.runner = 'on'")
    let rows = try await connection.execute(
      "SELECT (ops.start_runner($1, $2, $3, $4, $5, $6)).runner_id",
      [.text(name), .text(host), .int4(processID), .text(version), .text(feed), .int4s(portfolios)])
    return try rows.only()[0].int32
  }

  /// A sign of life.
  package nonisolated(nonsending) func touchRunner(_ id: Int32) async throws {
    try await connection.execute("SELECT ops.touch_runner($1)", [.int4(id)])
  }

  /// Records an orderly stop and gives back the portfolios and the doorbell at once: the server notices the end of a
  /// session a little later than the client.
  package nonisolated(nonsending) func stopRunner(_ id: Int32) async throws {
    try await connection.execute("SELECT ops.touch_runner($1, true)", [.int4(id)])
    try await unlockAll()
  }

  /// Gives back all locks of the session.
  package nonisolated(nonsending) func unlockAll() async throws {
    try await connection.execute("SELECT pg_catalog.pg_advisory_unlock_all()")
  }

  static let laneClass: Int32 = 1_114_599_793

  /// Makes this another session of the runner that has these portfolios: while it lasts nobody else takes them, not even when
  /// the runner's first session is gone.
  package nonisolated(nonsending) func joinRunner(_ portfolios: [Int32]) async throws {
    try await connection.script("SET bourse.runner = 'on'")
    try await connection.execute(
      "SELECT pg_catalog.pg_advisory_lock_shared($1, p) FROM unnest($2::int[]) AS p",
      [.int4(Self.laneClass), .int4s(portfolios)])
  }

  /// The clocks of portfolios, each its number of transitions: one that somebody else has moved says that the session's
  /// memory is out of date.
  package nonisolated(nonsending) func clocks(of portfolios: [Int32]) async throws -> [String] {
    try Self.clocks(try await run([Self.clocks(of: portfolios)])[0])
  }

  static func clocks(of portfolios: [Int32]) -> Request {
    Request(
      "SELECT b.transitions::text FROM ledger.portfolio_clocks AS b WHERE b.portfolio_id = ANY ($1) ORDER BY b.portfolio_id",
      [.int4s(portfolios)])
  }

  static func clocks(_ rows: Rows) throws -> [String] { try rows.map { try $0[0].string } }

  /// Locks portfolios until the transaction ends; answers their clocks as they were.
  /// - Parameter patience: longest wait for one of them, then it fails with `lockNotAvailable`; nil: as long as it takes.
  static func lockPortfolios(_ portfolios: [Int32], patience: Duration? = nil) -> Request {
    Request(
      "SELECT h::text FROM ledger.lock_portfolios($1, $2 * interval '1 second') AS h",
      [.int4s(portfolios), .float8(patience.map { $0 / .seconds(1) })])
  }

  /// Locks portfolios for a transaction that does more with them.
  package nonisolated(nonsending) func lockPortfolios(of portfolios: [Int32], patience: Duration?) async throws {
    try await run([Self.lockPortfolios(portfolios, patience: patience)])
  }

  /// Those of these portfolios that nobody has locked.
  package nonisolated(nonsending) func lockFreePortfolios(_ portfolios: [Int32]) async throws -> [Int32] {
    try await connection.execute("SELECT f FROM ledger.lock_free_portfolios($1) AS f", [.int4s(portfolios)])
      .map { try $0[0].int32 }
  }

  /// A session that keeps a portfolio locked.
  package struct Blocker: Encodable, Sendable {
    package let portfolio: String
    package let processID: Int32
    package let user, application, state, since: String?
  }

  /// Who has kept portfolios locked for this long.
  package nonisolated(nonsending) func blockers(after: Duration) async throws -> [Blocker] {
    try await connection.execute(
      """
      SELECT b.portfolio, b.process_id, b.user_name, b.application, b.state, to_char(b.since, 'YYYY-MM-DD HH24:MI:SS TZ')
        FROM ops.blocked_portfolios($1 * interval '1 second') AS b
      """, [.float8(after / .seconds(1))]
    ).map {
      Blocker(
        portfolio: try $0[0].string, processID: try $0[1].int32, user: try $0[2].ifPresent?.string,
        application: try $0[3].ifPresent?.string, state: try $0[4].ifPresent?.string,
        since: try $0[5].ifPresent?.string)
    }
  }

  // MARK: Agents

  /// Takes an agent out of service, unless somebody else has done that meanwhile.
  package static func failAgent(_ agent: Int32, of portfolio: Int32, _ reason: String, at: Timestamp?) -> Request {
    Request(
      """
      SELECT strategy.set_agent_status(p.owner || '/' || p.name, a.name, 'error', $3, coalesce($4, now()))
        FROM strategy.agents AS a JOIN trading.portfolios AS p USING (portfolio_id)
       WHERE a.portfolio_id = $1 AND a.agent_id = $2 AND a.status IN ('running', 'paused')
      """, [.int4(portfolio), .int4(agent), .text(reason), .timestamptz(at?.microseconds)])
  }

  static func candleSpan(of calendar: CandleCalendar, at: Timestamp) -> Request {
    Request(
      """
      SELECT s.begins_at, s.opens_at, s.closes_at, s.ends_at
        FROM market.candle_span($1, make_interval(months => $2, days => $3), $4) AS s
      """, [.int4(calendar.exchange), .int4(calendar.months), .int4(calendar.days), .timestamptz(at.microseconds)])
  }

  /// The candle of a calendar that a time belongs to.
  package nonisolated(nonsending) func candleSpan(of calendar: CandleCalendar, at: Timestamp) async throws -> CandleSpan
  {
    try CandleSpan(try await run([Self.candleSpan(of: calendar, at: at)])[0].only())
  }

  // MARK: Doorbell

  static let doorbellClass: Int32 = 1_114_599_794

  package static let doorbellChannel = "bourse"

  /// Tries to take the runner's doorbell; while it is held, writers notify. Refused while a writer's transaction is open.
  package nonisolated(nonsending) func lockDoorbell(_ runner: Int32) async throws -> Bool {
    try await connection.execute(
      "SELECT pg_catalog.pg_try_advisory_lock($1, $2)", [.int4(Self.doorbellClass), .int4(runner)]
    ).only()[0].bool
  }

  package nonisolated(nonsending) func unlockDoorbell(_ runner: Int32) async throws {
    try await connection.execute(
      "SELECT pg_catalog.pg_advisory_unlock($1, $2)", [.int4(Self.doorbellClass), .int4(runner)])
  }

  // MARK: Orders of others

  /// Moves orders that others submitted on to working: the runner's broker has them now.
  package nonisolated(nonsending) func adoptOrders(_ portfolios: [Int32]) async throws {
    try await run([Self.adoptOrders(portfolios, at: nil)])
  }

  /// - Parameter at: event time; nil leaves the orders' times as they are.
  static func adoptOrders(_ portfolios: [Int32], at: Timestamp?) -> Request {
    Request(
      """
      SELECT count(*) FROM trading.acknowledge_orders(
        (SELECT array_agg(o.portfolio_id ORDER BY o.portfolio_id, o.order_id) FROM trading.orders AS o
          WHERE o.portfolio_id = ANY ($1) AND o.closed_at IS NULL AND o.status = 'accepted'),
        (SELECT array_agg(o.order_id ORDER BY o.portfolio_id, o.order_id) FROM trading.orders AS o
          WHERE o.portfolio_id = ANY ($1) AND o.closed_at IS NULL AND o.status = 'accepted'), coalesce($2, '-infinity'))
      """, [.int4s(portfolios), .timestamptz(at?.microseconds)])
  }

  // MARK: Feeds

  package struct Cursor: Sendable, Equatable {
    package let position: Int64
    package let sequence: Int64
    package let at: Timestamp?
    package let isFinished: Bool
  }

  /// Where each portfolio stands in a feed; nil before its first batch.
  package nonisolated(nonsending) func cursors(_ portfolios: [Int32], feed: String) async throws -> [Cursor?] {
    let rows = try await connection.execute(
      """
      SELECT c.position, c.sequence, c.at, c.is_finished
        FROM unnest($1::int[]) WITH ORDINALITY AS n (portfolio_id, place)
        LEFT JOIN ops.feed_cursors AS c ON c.portfolio_id = n.portfolio_id AND c.feed = $2
       ORDER BY n.place
      """, [.int4s(portfolios), .text(feed)])
    return try rows.map { row in
      guard let position = try row[0].ifPresent?.int64 else { return nil }
      return Cursor(
        position: position, sequence: try row[1].int64, at: try row[2].ifPresent.map { try $0.time },
        isFinished: try row[3].bool)
    }
  }

  /// Where each portfolio stands in the parts of a feed (`feed/part`).
  package nonisolated(nonsending) func cursors(
    _ portfolios: [Int32], ofFeed feed: String
  ) async throws -> [Int32: [String: Cursor]] {
    let rows = try await connection.execute(
      """
      SELECT c.portfolio_id, c.feed, c.position, c.sequence, c.at, c.is_finished FROM ops.feed_cursors AS c
       WHERE c.portfolio_id = ANY ($1) AND starts_with(c.feed, $2 || '/')
      """, [.int4s(portfolios), .text(feed).typed(.text)])
    var cursors: [Int32: [String: Cursor]] = [:]
    for row in rows {
      cursors[try row[0].int32, default: [:]][try row[1].string] = Cursor(
        position: try row[2].int64, sequence: try row[3].int64, at: try row[4].ifPresent.map { try $0.time },
        isFinished: try row[5].bool)
    }
    return cursors
  }

  /// The last event that any of these portfolios has seen in any feed; nil before the first.
  package nonisolated(nonsending) func lastEventTime(_ portfolios: [Int32]) async throws -> Timestamp? {
    try await connection.execute(
      "SELECT max(c.at) FROM ops.feed_cursors AS c WHERE c.portfolio_id = ANY ($1)", [.int4s(portfolios)]
    ).only()[0].ifPresent?.time
  }

  /// Statements that end a batch: cursor, prices, agents' memories.
  package static func saveCursor(
    _ portfolios: [Int32], feed: String, position: Int64, sequence: Int64 = 0, at: Timestamp?, isFinished: Bool
  ) -> Request {
    Request(
      "SELECT ops.save_cursor($1, $2, $3, $4, $5, $6)",
      [
        .int4s(portfolios), .text(feed), .int8(position), .timestamptz(at?.microseconds), .bool(isFinished),
        .int8(sequence),
      ])
  }

  package static func saveState(
    portfolio: Int32, agent: Int32, instrument: Int32, at: Timestamp?, state: [UInt8]
  ) -> Request {
    Request(
      "SELECT strategy.save_agent_state($1, $2, $3, $4, $5)",
      [
        .int4(portfolio), .int4(agent), .int4(instrument), .timestamptz(at?.microseconds), .bytea(state),
      ])
  }

  package static func upsertQuotes(
    _ prices: [(instrument: Int32, time: Timestamp, price: Double, size: Double)]
  ) -> Request {
    Request(
      "SELECT market.upsert_quotes($1, $2, $3, $4)",
      [
        .int4s(prices.map(\.instrument)), .timestamptzs(prices.map(\.time.microseconds)),
        .float8s(prices.map(\.price)), .float8s(prices.map { $0.size.isNaN ? nil : $0.size }),
      ])
  }

  /// Runs statements in one round trip; the first failure is thrown.
  @discardableResult
  package nonisolated(nonsending) func run(_ requests: [Request]) async throws -> [Rows] {
    try await connection.pipeline(requests).map { try $0.get() }
  }

  package nonisolated(nonsending) func rewindQuotes(_ instruments: [Int32], to time: Timestamp) async throws -> Int {
    try await connection.execute(
      "SELECT market.rewind_quotes($1, $2)", [.int4s(instruments), .timestamptz(time.microseconds)]
    ).only()[0].int
  }
}

extension CandleSpan {
  /// From the columns begins_at, opens_at, closes_at, ends_at.
  init(_ row: Row) throws {
    self.init(
      begin: try row[0].time, opensAt: try row[1].time, closesAt: try row[2].time, next: try row[3].time)
  }
}

extension Cell {
  package var time: Timestamp { get throws { try Timestamp(microseconds: timestamp) } }
  package var price: Price { get throws { try Price(string) } }
  package var quantity: Quantity { get throws { try Quantity(string) } }
  package var money: Money { get throws { try Money(string) } }
  package var ratio: Ratio { get throws { try Ratio(string) } }
}
