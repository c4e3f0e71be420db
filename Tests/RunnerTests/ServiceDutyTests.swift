import LibPQ
import Logging
import TestSupport
import Testing
import TradingCore

@testable import EngineStore
@testable import Runner

/// What the service does beside trading, and for whom.
@Suite(.needsServer, .commonTimeLimit)
struct ServiceDutyTests {
  private func live(_ options: ConnectionOptions) -> Runner {
    Runner(
      options: RunnerOptions(database: options), feed: StoredTickFeed(options: options, follows: true),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  @Test func oldTicksGoAndPartitionsAreMadeAhead() async throws {
    try await TestDatabase.withSchema(
      """
      SELECT market.add_instrument(symbol => 'AAA');
      SELECT market.ensure_tick_partitions(current_date - 40, current_date - 20);
      INSERT INTO market.ticks (instrument_id, ts, seq, price, size)
      SELECT 1, (current_date - d)::timestamptz + interval '12 hours', 0, 10, 1 FROM unnest('{39,30,21,1}'::int[]) AS d;
      UPDATE market.tick_policy SET keep_days = 10;
      """
    ) { options, connection in
      // A replay of the past is no reason to drop any.
      try await Runner(
        options: RunnerOptions(database: options), feed: StoredTickFeed(options: options, follows: false),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      ).replayNothing()
      #expect(try await connection.query("SELECT count(*) FROM market.ticks").only()[0].int == 4)
      // Somebody reads the oldest day for a while: that makes it wait, and nobody behind it.
      let reader = try await Connection.connect(options)
      try await reader.script("BEGIN; SELECT FROM market.ticks LIMIT 1")
      try await RunningService.run(live(options)) {
        try await eventually(connection, "SELECT EXISTS (SELECT FROM ops.runners)")
        try await connection.script(
          "INSERT INTO market.ticks (instrument_id, ts, seq, price, size) VALUES (1, now() - interval '1 hour', 0, 10, 1)"
        )
        try await reader.script("COMMIT")
        try await eventually(connection, "SELECT count(*) = 2 FROM market.ticks")
        try await eventually(
          connection,
          "SELECT p.dropped_before = (current_date - 10)::timestamp AT TIME ZONE 'UTC' FROM market.tick_policy AS p")
        try await eventually(
          connection,
          "SELECT market.tick_target(current_date + 7) IS NOT NULL AND market.tick_target(current_date + 7) !~ 'default'"
        )
      }
      await reader.close()
      // What they made stays.
      #expect(
        try await connection.query("SELECT sum(c.ticks) FROM market.candles_1d AS c WHERE c.instrument_id = 1").only()[
          0
        ]
        .int == 5)
    }
  }

  /// A transaction that took its id early and submits late comes after those with higher ids, and is seen all the same.
  @Test func anOrderOfAnOlderTransactionIsSeen() async throws {
    try await TestDatabase.withSchema(
      """
      SELECT market.add_instrument(symbol => 'AAA');
      SELECT market.upsert_quotes('{1}', '{2013-10-07 13:30Z}', '{10}', '{1}');
      SELECT trading.create_portfolio(name => 'main', capital => 1000, at => '2013-10-01');
      """
    ) { options, connection in
      func submit(_ key: String) -> String {
        "SELECT trading.submit_order('main', 'AAA', 'buy', 1, time_in_force => 'gtc', client_order_id => '\(key)', at => '2013-10-07 14:00Z')"
      }
      let older = try await Connection.connect(options)
      try await RunningService.run(live(options)) {
        try await eventually(connection, "SELECT count(*) = 1 FROM ops.leases")
        try await older.transaction { older in
          try await older.script("SELECT pg_current_xact_id()")
          try await connection.script(submit("first"))
          try await eventually(connection, "SELECT status = 'working' FROM trading.orders")
          try await older.script(submit("late"))
        }
        try await eventually(connection, "SELECT count(*) = 2 FROM trading.orders WHERE status = 'working'")
      }
      await older.close()
    }
  }

  /// What a run has journaled is sealed when it ends, and what was sealed cannot be changed unseen.
  @Test func theJournalIsSealedWhenTheServiceEnds() async throws {
    try await TestDatabase.withSchema(
      """
      SELECT market.add_instrument(symbol => 'AAA');
      SELECT market.upsert_quotes('{1}', '{2013-10-07 13:30Z}', '{10}', '{1}');
      SELECT trading.create_portfolio(name => 'main', capital => 1000, at => '2013-10-01');
      """
    ) { options, connection in
      try await RunningService.run(live(options)) {
        try await eventually(connection, "SELECT count(*) = 1 FROM ops.leases")
        try await connection.script(
          "SELECT trading.submit_order('main', 'AAA', 'buy', 1, time_in_force => 'gtc', at => '2013-10-07 14:00Z')")
        try await eventually(connection, "SELECT status = 'working' FROM trading.orders")
      }
      let sealed = try await connection.query("SELECT sum(order_id)::int FROM ops.journal_seals").only()[0].int
      #expect(sealed == 1)
      let store = EngineStore(connection)
      #expect(try await store.verifyAudit(heads: nil).isEmpty)
      try await connection.script(
        "SET session_replication_role = replica; UPDATE trading.orders SET submitted_by = 'somebody'")
      let faults = try await store.verifyAudit(heads: nil)
      #expect(faults.contains { $0.relation == "trading.orders" && $0.key == "1/1" })
    }
  }

  /// Whatever name begins with paper is matched; another broker's orders wait for somebody who sends them.
  @Test func brokersWhoseNameBeginsWithPaperAreMatched() async throws {
    try await TestDatabase.withSchema(
      """
      SELECT market.add_instrument(symbol => 'AAA');
      SELECT market.upsert_quotes('{1}', '{2013-10-07 13:30Z}', '{10}', '{1}');
      SELECT trading.create_portfolio(name => b, broker => b, capital => 1000, at => '2013-10-01')
        FROM unnest('{paper,paper-two,papers,somewhere}'::text[]) AS b;
      SELECT trading.submit_order(b, 'AAA', 'buy', 1, time_in_force => 'gtc', at => '2013-10-07 14:00Z')
        FROM unnest('{paper,paper-two,papers,somewhere}'::text[]) AS b;
      """
    ) { options, connection in
      try await RunningService.run(live(options)) {
        try await eventually(connection, "SELECT count(*) >= 3 FROM ops.feed_cursors")
        try await connection.script(
          "INSERT INTO market.ticks (instrument_id, ts, seq, price, size) VALUES (1, '2013-10-07 14:00:01Z', 0, 10, 100)"
        )
        try await eventually(connection, "SELECT count(*) = 3 FROM trading.fills")
      }
      #expect(
        try await connection.query(
          "SELECT p.name || ' ' || o.status FROM trading.orders AS o JOIN trading.portfolios AS p USING (portfolio_id) ORDER BY p.name"
        ).map { try $0[0].string } == ["paper filled", "paper-two filled", "papers filled", "somewhere pending_submit"])
      let error = await #expect(throws: RunnerRefusal.self) {
        try await Runner(
          options: RunnerOptions(database: options, portfolios: ["somewhere"]),
          feed: StoredTickFeed(options: options, follows: true),
          logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ).run()
      }
      #expect(error?.description.contains("somewhere") == true)
    }
  }
}

extension Runner {
  /// A run that finds nothing to do.
  fileprivate func replayNothing() async throws {
    await #expect(throws: RunnerRefusal.self) { try await run() }
  }
}
