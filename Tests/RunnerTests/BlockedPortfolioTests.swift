import LibPQ
import Logging
import Synchronization
import TestSupport
import Testing
import TradingCore

@testable import EngineStore
@testable import Runner

/// A session that keeps the book of one portfolio locked stops that portfolio alone, for as long as it lasts.
@Suite(.needsServer, .commonTimeLimit)
struct BlockedPortfolioTests {
  /// Portfolios a, b and c with agents that trade every few ticks, on the same instrument and on others.
  private static let setup = """
    SELECT market.ensure_instruments('{AAA,BBB}');
    SELECT market.upsert_quotes('{1,2}', array_fill(timestamptz '2013-10-07 13:30Z', '{2}'), '{50,50}', '{1,1}');
    SELECT trading.create_portfolio(name => n, capital => 100000, at => '2013-10-01') FROM unnest('{a,b,c}'::text[]) AS n;
    SELECT strategy.create_strategy('trend', 'trend', '20 seconds',
      '{"fast":1,"slow":2,"atr":1,"atr_multiple":3,"risk_percent":1}', at => '2013-10-01');
    SELECT strategy.record_check(u.strategy, u.version, 'checked') FROM strategy.unchecked_versions AS u;
    SELECT strategy.create_agent('walker', p, 'trend', s::text[], at => '2013-10-01'), strategy.start_agent(p, 'walker', at => '2013-10-01')
      FROM (VALUES ('a', '{AAA,BBB}'), ('b', '{AAA}'), ('c', '{BBB}')) AS v (p, s);
    """

  /// Ticks `range` of both instruments, 5 seconds apart, whose prices go up and down.
  private static func ticks(_ range: Range<Int>) -> String {
    """
    INSERT INTO market.ticks (instrument_id, ts, seq, price, size)
    SELECT i, timestamptz '2013-10-07 14:00Z' + n * interval '5 s' + i * interval '1 s', 0, 50 + 5 * sin(n / 7.0 + i), 1000
      FROM generate_series(\(range.lowerBound), \(range.upperBound - 1)) AS n, generate_series(1, 2) AS i;
    """
  }

  private static let count = 400

  private func runner(_ options: ConnectionOptions, _ logger: Logger? = nil) -> Runner {
    Runner(
      options: RunnerOptions(database: options, patience: .milliseconds(300)),
      feed: StoredTickFeed(options: options, follows: true),
      logger: logger ?? Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  /// The portfolio has seen all ticks up to number `n`.
  private func hasSeen(_ connection: Connection, _ portfolio: String, _ n: Int) async throws {
    try await eventually(
      connection,
      """
      SELECT bool_and(timestamptz '2000-01-01Z' + c.position * interval '1 microsecond' >= timestamptz '2013-10-07 14:00Z' + \(n) * interval '5 s')
        FROM ops.feed_cursors AS c WHERE c.portfolio_id = trading.portfolio_id('\(portfolio)')
      """)
  }

  /// What the portfolios did, in their own numbers and in the market's time.
  private func trades(_ connection: Connection) async throws -> [String] {
    try await connection.query(
      """
      SELECT x.line FROM (
        SELECT o.portfolio_id, o.order_id, 0::bigint AS fill_id, concat_ws(' ', o.portfolio_id, o.order_id, o.client_order_id, o.side, o.type, o.quantity, o.stop_price,
               o.status, o.submitted_at, o.closed_at) AS line FROM trading.orders AS o
        UNION ALL
        SELECT f.portfolio_id, f.order_id, f.fill_id, concat_ws(' ', 'fill', f.portfolio_id, f.fill_id, f.quantity, f.price, f.at) FROM trading.fills AS f
        UNION ALL
        SELECT n.portfolio_id, 0, n.instrument_id, concat_ws(' ', 'memory', n.portfolio_id, n.instrument_id, n.at, n.state) FROM strategy.agent_instruments AS n) AS x
       ORDER BY x.portfolio_id, x.order_id, x.fill_id
      """
    ).map { try $0[0].string }
  }

  private func expectSame(_ found: [String], _ expected: [String], sourceLocation: SourceLocation = #_sourceLocation) {
    for (found, expected) in zip(found, expected) where found != expected {
      Issue.record("\(found) instead of \(expected)", sourceLocation: sourceLocation)
      return
    }
    #expect(found.count == expected.count, sourceLocation: sourceLocation)
  }

  /// What happens when nobody is in the way.
  private func undisturbed() async throws -> [String] {
    var found: [String] = []
    try await TestDatabase.withSchema(Self.setup) { options, connection in
      try await RunningService.run(runner(options)) {
        try await eventually(connection, "SELECT EXISTS (SELECT FROM ops.feed_cursors)")
        try await connection.script(Self.ticks(0..<Self.count))
        for portfolio in ["a", "b", "c"] { try await hasSeen(connection, portfolio, Self.count - 1) }
      }
      found = try await trades(connection)
      #expect(found.filter { $0.hasPrefix("fill") }.count > 30)
    }
    return found
  }

  @Test(arguments: ["", "SAVEPOINT s;"])
  func theOthersGoOnAndTheBlockedOneCatchesUp(savepoint: String) async throws {
    let expected = try await undisturbed()
    try await TestDatabase.withSchema(Self.setup) { options, connection in
      let log = Lines()
      try await RunningService.run(runner(options, log.logger)) {
        try await eventually(connection, "SELECT EXISTS (SELECT FROM ops.feed_cursors)")
        try await connection.script(Self.ticks(0..<100))
        for portfolio in ["a", "b", "c"] { try await hasSeen(connection, portfolio, 99) }
        // Somebody looks at a, and goes to lunch.
        var person = options
        person.applicationName = "lunch"
        let other = try await Connection.connect(person)
        try await other.script("BEGIN; \(savepoint) SELECT internal.lock_portfolio(trading.portfolio_id('a'));")
        if !savepoint.isEmpty { try await other.script("RELEASE s") }
        let process = try await other.query("SELECT pg_backend_pid()").only()[0].string
        try await connection.script(Self.ticks(100..<200))
        for portfolio in ["b", "c"] { try await hasSeen(connection, portfolio, 199) }
        // Everybody can see who it is.
        try await eventually(connection, "SELECT EXISTS (SELECT FROM ops.blocked_portfolios())")
        let blockers = try await EngineStore(connection).status().blockers.rows
        #expect(blockers.map(\.portfolio) == ["a"])
        #expect(blockers.map { "\($0.processID)" } == [process])
        #expect(blockers.map(\.application) == ["lunch"])
        #expect(blockers.map(\.state) == ["idle in transaction"])
        #expect(log.has("keeps a portfolio locked", "portfolio", "a"))
        #expect(log.has("keeps a portfolio locked", "process", process))
        // The others trade on, and a has not moved.
        try await connection.script(Self.ticks(200..<300))
        for portfolio in ["b", "c"] { try await hasSeen(connection, portfolio, 299) }
        #expect(
          try await connection.query(
            "SELECT max(c.at) < '2013-10-07 14:20Z' FROM ops.feed_cursors AS c WHERE c.portfolio_id = trading.portfolio_id('a')"
          ).only()[0].bool)
        try await other.script("COMMIT")
        try await hasSeen(connection, "a", 299)
        #expect(log.has("free again", "portfolio", "a"))
        #expect(try await EngineStore(connection).status().blockers.rows.isEmpty)
        await other.close()
        try await connection.script(Self.ticks(300..<Self.count))
        for portfolio in ["a", "b", "c"] { try await hasSeen(connection, portfolio, Self.count - 1) }
        // All stand at the same place again.
        try await eventually(connection, "SELECT count(DISTINCT c.at) = 1 FROM ops.feed_cursors AS c")
      }
      expectSame(try await trades(connection), expected)
      #expect(try await connection.query("SELECT * FROM ops.check_invariants()").isEmpty)
    }
  }

  /// What the blocker did counts when it commits, in its place.
  @Test func anOrderThatWaitedForItsCommitIsWorked() async throws {
    try await TestDatabase.withSchema(Self.setup) { options, connection in
      try await RunningService.run(runner(options)) {
        try await eventually(connection, "SELECT EXISTS (SELECT FROM ops.feed_cursors)")
        try await connection.script(Self.ticks(0..<100))
        for portfolio in ["a", "b", "c"] { try await hasSeen(connection, portfolio, 99) }
        let other = try await Connection.connect(options)
        try await other.script(
          """
          BEGIN;
          SELECT trading.submit_order('a', 'AAA', 'buy', 1, 'limit', 49, time_in_force => 'gtc', client_order_id => 'late',
                                      at => '2013-10-07 14:08:20Z');
          """)
        try await connection.script(Self.ticks(100..<200))
        for portfolio in ["b", "c"] { try await hasSeen(connection, portfolio, 199) }
        try await other.script("COMMIT")
        await other.close()
        try await hasSeen(connection, "a", 199)
        try await eventually(
          connection, "SELECT o.status = 'filled' FROM trading.orders AS o WHERE o.client_order_id = 'late'")
        // At the first price that was low enough after it, although the commit came later.
        #expect(
          try await connection.query(
            """
            SELECT f.at = (SELECT min(t.ts) FROM market.ticks AS t WHERE t.instrument_id = 1 AND t.ts > '2013-10-07 14:08:20Z' AND t.price <= 49)
              FROM trading.fills AS f JOIN trading.orders AS o USING (portfolio_id, order_id) WHERE o.client_order_id = 'late'
            """
          ).only()[0].bool)
      }
      #expect(try await connection.query("SELECT * FROM ops.check_invariants()").isEmpty)
    }
  }

  /// A service that starts while a portfolio is locked, and one that ends then: the next one finds the portfolios where they
  /// are.
  @Test func aRestartInBetweenLosesNothing() async throws {
    let expected = try await undisturbed()
    try await TestDatabase.withSchema(Self.setup) { options, connection in
      try await RunningService.run(runner(options)) {
        try await eventually(connection, "SELECT EXISTS (SELECT FROM ops.feed_cursors)")
        try await connection.script(Self.ticks(0..<50))
        for portfolio in ["a", "b", "c"] { try await hasSeen(connection, portfolio, 49) }
      }
      let other = try await Connection.connect(options)
      try await other.script("BEGIN; SELECT internal.lock_portfolio(trading.portfolio_id('a'))")
      try await RunningService.run(runner(options)) {
        try await connection.script(Self.ticks(50..<200))
        for portfolio in ["b", "c"] { try await hasSeen(connection, portfolio, 199) }
      }
      try await connection.script(Self.ticks(200..<300))
      try await RunningService.run(runner(options)) {
        for portfolio in ["b", "c"] { try await hasSeen(connection, portfolio, 299) }
        try await other.script("ROLLBACK")
        try await hasSeen(connection, "a", 299)
        try await connection.script(Self.ticks(300..<Self.count))
        for portfolio in ["a", "b", "c"] { try await hasSeen(connection, portfolio, Self.count - 1) }
      }
      await other.close()
      expectSame(try await trades(connection), expected)
      #expect(try await connection.query("SELECT * FROM ops.check_invariants()").isEmpty)
    }
  }

  /// A replay has nobody who waits for it.
  @Test func aReplayWaits() async throws {
    try await TestDatabase.withSchema(Self.setup + Self.ticks(0..<60)) { options, connection in
      let other = try await Connection.connect(options)
      try await other.script("BEGIN; SELECT internal.lock_portfolio(trading.portfolio_id('a'))")
      let replay = Runner(
        options: RunnerOptions(database: options, patience: .milliseconds(1)),
        feed: StoredTickFeed(options: options, follows: false),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      async let running: Void = replay.run()
      try await eventually(
        connection,
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database())")
      try await other.script("COMMIT")
      try await running
      #expect(replay.figures.end == .finished)
      await other.close()
    }
  }
}

/// Lines of a log.
private final class Lines: Sendable {
  private let lines = Mutex<[(message: String, metadata: Logger.Metadata)]>([])

  var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

  func has(_ message: String, _ key: String, _ value: String) -> Bool {
    lines.withLock { $0.contains { $0.message.contains(message) && $0.metadata[key]?.description == value } }
  }

  private struct Handler: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      lines.lines.withLock { $0.append(("\(event.message)", event.metadata ?? [:])) }
    }
  }
}
