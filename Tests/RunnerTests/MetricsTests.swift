import CoreMetrics
import EngineStore
import Feeds
import LibPQ
import Logging
import TestSupport
import Testing
import Telemetry

@testable import Runner

@Suite(.needsServer, .commonTimeLimit)
struct MetricsTests {
  private static let schema = """
    SELECT market.ensure_instruments('{IBM}');
    SELECT trading.create_portfolio(name => 'main', capital => 100000, at => '2024-01-02 14:00Z');
    SELECT market.upsert_quotes(ARRAY(SELECT instrument_id FROM market.instruments), '{2024-01-02 14:00Z}', '{100}', '{1}');
    SELECT strategy.create_strategy('turns', 'custom', '0 seconds',
      '{"entry": "close > 100", "exit": "close > 100", "sizing": {"method": "fixed_quantity", "quantity": 1}}', at => '2024-01-02 14:00Z');
    SELECT strategy.record_check('turns', 1, 'checked', at => '2024-01-02 14:00Z');
    SELECT strategy.create_agent('a', 'main', 'turns', '{IBM}', at => '2024-01-02 14:00Z');
    SELECT strategy.start_agent('main', 'a', at => '2024-01-02 14:00Z');
    """

  /// A registry's samples by name with labels.
  private func samples(_ text: String) -> [String: Double] {
    var samples: [String: Double] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      guard let space = line.lastIndex(of: " ") else { continue }
      samples[String(line[..<space])] = Double(line[line.index(after: space)...])
    }
    return samples
  }

  private func store(_ connection: Connection, second: Int, price: Int) async throws {
    try await connection.script(
      """
      INSERT INTO market.ticks (instrument_id, ts, seq, price, size)
      SELECT market.instrument_id('IBM'), timestamptz '2024-01-02 15:00Z' + interval '\(second) s', 0, \(price), 100
      """)
  }

  @Test func aServiceTellsWhatItDoes() async throws {
    try await TestDatabase.withSchema(Self.schema) { options, connection in
      let registry = PrometheusRegistry(RunnerMetrics.descriptions)
      let runner = Runner(
        options: RunnerOptions(database: options), feed: StoredTickFeed(options: options, follows: true),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, metrics: RunnerMetrics(factory: registry))
      let database = DatabaseFigures(options, lifetime: .zero)
      let pages = MetricsPages(registry: registry, runner: runner, ingest: nil, database: database)
      #expect(await pages.page("/readyz")?.status == 503)
      #expect(await pages.page("/healthz")?.status == 200)
      try await RunningService.run(runner) {
        try await eventually(
          connection, "SELECT EXISTS (SELECT FROM ops.feed_cursors AS c WHERE starts_with(c.feed, 'live/'))")
        try await store(connection, second: 1, price: 101)
        try await eventually(connection, "SELECT EXISTS (SELECT FROM trading.orders)")
        try await store(connection, second: 2, price: 99)
        try await eventually(connection, "SELECT EXISTS (SELECT FROM trading.fills)")
        try await eventually { runner.figures.events == 2 }
        #expect(await pages.page("/readyz")?.status == 200)
        let page = try #require(await pages.page("/metrics"))
        #expect(page.contentType == "text/plain; version=0.0.4; charset=utf-8")
        let found = samples(page.body)
        #expect(found["bourse_events_total"] == 2)
        #expect(found["bourse_batches_total"] == 2)
        #expect(found["bourse_batch_seconds_count"] == 2)
        #expect(found["bourse_evaluation_seconds_count"] == 2)
        #expect(found["bourse_signals_total"] == 1)
        #expect(found["bourse_orders_accepted_total"] == 1)
        #expect(found["bourse_fills_total"] == 1)
        #expect(found[#"bourse_order_latency_seconds_count{step="tick_to_order"}"#] == 1)
        #expect(found[#"bourse_order_latency_seconds_count{step="order_to_fill"}"#] == 1)
        // 2024-01-02 15:00:02 UTC
        #expect(found["bourse_event_time_seconds"] == 1_704_207_602)
        #expect(found["bourse_agents"] == 1)
        #expect(found["bourse_database_connected"] == 1)
        #expect(found["bourse_database_up"] == 1)
        #expect(found["bourse_database_connections"] ?? 0 >= 2)
        #expect(found.contains { $0.key.hasPrefix("bourse_portfolio_fills_total{") && $0.value == 1 })
        #expect(found["process_resident_memory_bytes"] ?? 0 > 1_000_000)
      }
      await database.close()
    }
  }

  @Test func rejectedOrdersAreCountedByTheirCode() async throws {
    try await TestDatabase.withSchema(
      Self.schema + "SELECT risk.halt('portfolio', 'main', 'a test', at => '2024-01-02 14:30Z');"
    ) { options, connection in
      let registry = PrometheusRegistry()
      let runner = Runner(
        options: RunnerOptions(database: options), feed: StoredTickFeed(options: options, follows: false),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, metrics: RunnerMetrics(factory: registry))
      try await store(connection, second: 1, price: 101)
      try await runner.run()
      #expect(samples(registry.text.text)[#"bourse_orders_rejected_total{code="TR301"}"#] == 1)
      #expect(samples(registry.text.text)["bourse_orders_accepted_total"] == 0)
    }
  }

  /// However often it is asked, the database is asked once in a while; and one that does not answer holds nobody up.
  @Test func scrapesShareWhatWasRead() async throws {
    try await TestDatabase.withSchema(Self.schema) { options, connection in
      let database = DatabaseFigures(options, lifetime: .seconds(3_600))
      let first = await database.figures()
      try await connection.script("SELECT trading.create_portfolio(name => 'other', capital => 1)")
      #expect(await database.figures().text == first.text)
      await database.close()
      #expect(first.text.contains("portfolio=\"main\""))
      let nowhere = DatabaseFigures(options.database("nowhere"))
      #expect(samples(await nowhere.figures().text)["bourse_database_up"] == 0)
      #expect(await !nowhere.isReachable())
    }
  }

  /// A view that is too slow, or locked, is left out and counted.
  @Test func aQueryThatFailsIsLeftOut() async throws {
    try await TestDatabase.withSchema(Self.schema) { options, connection in
      try await connection.transaction { _ in
        try await connection.script("LOCK TABLE risk.limits IN ACCESS EXCLUSIVE MODE")
        let database = DatabaseFigures(options, lifetime: .zero)
        let found = samples(await database.figures().text)
        #expect(found[#"bourse_scrape_failures_total{query="bourse_limit"}"#] == 1)
        #expect(found["bourse_database_up"] == 1)
        #expect(found.contains { $0.key.hasPrefix("bourse_portfolio_equity{") })
        await database.close()
      }
    }
  }
}
