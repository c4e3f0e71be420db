import EngineStore
import InMemoryTracing
import LibPQ
import Logging
import Synchronization
import TestSupport
import Testing
import Tracing

@testable import Runner

/// One id leads from the tick to the fill: in the trace, in the log and in psql.
@Suite(.needsServer, .commonTimeLimit)
struct TracingTests {
  private static let schema = """
    SELECT market.ensure_instruments('{IBM}');
    SELECT trading.create_portfolio(name => 'main', capital => 100000, at => '2024-01-02 14:00Z');
    SELECT market.upsert_quotes(ARRAY(SELECT instrument_id FROM market.instruments), '{2024-01-02 14:00Z}', '{100}', '{1}');
    SELECT strategy.create_strategy('turns', 'custom', '0 seconds',
      '{"entry": "close > 100", "exit": "close > 105", "sizing": {"method": "fixed_quantity", "quantity": 1}}', at => '2024-01-02 14:00Z');
    SELECT strategy.record_check('turns', 1, 'checked', at => '2024-01-02 14:00Z');
    SELECT strategy.create_agent('a', 'main', 'turns', '{IBM}', at => '2024-01-02 14:00Z');
    SELECT strategy.start_agent('main', 'a', at => '2024-01-02 14:00Z');
    INSERT INTO market.ticks (instrument_id, ts, seq, price, size)
    SELECT market.instrument_id('IBM'), timestamptz '2024-01-02 15:00Z' + n * interval '1 s', 0, p, 100
      FROM unnest('{99,101,102,103}'::float8[]) WITH ORDINALITY AS t (p, n);
    """
  /// Named by the agent after the tick that it acted on.
  private static let entry = "a/IBM/entry-2024-01-02T15:00:02Z"

  /// Keeps what is logged.
  private struct Notes: LogHandler {
    final class Book: Sendable {
      let events = Mutex<[(message: String, metadata: Logger.Metadata)]>([])
    }

    let book: Book
    var logLevel = Logger.Level.debug
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      book.events.withLock { $0.append((event.message.description, event.metadata ?? [:])) }
    }
  }

  private func runner(_ options: ConnectionOptions, _ logger: Logger, _ tracer: any Tracer = NoOpTracer()) -> Runner {
    Runner(
      options: RunnerOptions(database: options), feed: StoredTickFeed(options: options, follows: false), logger: logger,
      tracer: tracer)
  }

  @Test func spansLeadFromTheBatchToTheFill() async throws {
    try await TestDatabase.withSchema(Self.schema) { options, connection in
      let tracer = InMemoryTracer()
      try await runner(options, Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, tracer).run()
      let spans = Dictionary(
        tracer.finishedSpans.map { ($0.spanContext.spanID, $0) }, uniquingKeysWith: { first, _ in first })
      #expect(tracer.activeSpans.isEmpty)
      /// The names from a span up to the root.
      func path(_ span: FinishedInMemorySpan) -> [String] {
        [span.operationName] + (span.spanContext.parentSpanID.flatMap { spans[$0] }.map(path) ?? [])
      }
      for name in ["bourse.signal", "bourse.order", "bourse.fill"] {
        let found = spans.values.filter {
          $0.operationName == name && $0.attributes.get("bourse.client_order_id") == .string(Self.entry)
        }
        let span = try #require(found.first, "\(name)")
        #expect(found.count == 1)
        #expect(path(span) == [name, "bourse.submission", "bourse.evaluation", "bourse.batch"])
        if name != "bourse.signal" { #expect(span.attributes.get("bourse.order_id") == .int64(1)) }
      }
      let commit = try #require(spans.values.first { path($0) == ["bourse.commit", "bourse.batch"] })
      let batch = try #require(commit.spanContext.parentSpanID.flatMap { spans[$0] })
      #expect(batch.attributes.get("bourse.events") == .int64(4))
      #expect(batch.startInstant.nanosecondsSinceEpoch <= commit.startInstant.nanosecondsSinceEpoch)
      #expect(commit.endInstant.nanosecondsSinceEpoch <= batch.endInstant.nanosecondsSinceEpoch)
      // The same in psql.
      #expect(
        try await connection.query(
          "SELECT string_agg(DISTINCT w.client_order_id, ' '), count(*) FROM strategy.why('main', '\(Self.entry)') AS w"
        ).only()[0].string == Self.entry)
    }
  }

  @Test func theLogFollowsEachOrderOnceItHasCommitted() async throws {
    try await TestDatabase.withSchema(Self.schema) { options, _ in
      let book = Notes.Book()
      try await runner(options, Logger(label: "test") { _ in Notes(book: book) }).run()
      let events = book.events.withLock { $0 }.filter { $0.metadata["client_order_id"] == "\(Self.entry)" }
      #expect(events.map(\.message) == ["signal", "order submitted", "fill"])
      #expect(events.allSatisfy { $0.metadata["portfolio"] == "main" })
      #expect(events[0].metadata["action"] == "buy" && events[0].metadata["at"] == "2024-01-02T15:00:02Z")
      #expect(events[1].metadata["status"] == "working" && events[1].metadata["order"] == "1")
      #expect(events[2].metadata["price"] == "102" && events[2].metadata["at"] == "2024-01-02T15:00:03Z")
    }
  }

  @Test func whatIsRefusedSaysWhy() async throws {
    try await TestDatabase.withSchema(
      Self.schema + "SELECT risk.halt('portfolio', 'main', 'a test', at => '2024-01-02 14:30Z');"
    ) { options, _ in
      let (book, tracer) = (Notes.Book(), InMemoryTracer())
      try await runner(options, Logger(label: "test") { _ in Notes(book: book) }, tracer).run()
      let order = book.events.withLock { $0 }.first { $0.message == "order submitted" }
      #expect(order?.metadata["code"] == "TR301" && order?.metadata["status"] == "rejected")
      #expect(
        tracer.finishedSpans.contains {
          $0.operationName == "bourse.order" && $0.attributes.get("bourse.code") == .string("TR301")
        })
    }
  }

  /// Nobody asks, and nothing is kept for anybody.
  @Test func withoutATracerNothingIsFollowed() {
    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    var info = Logger(label: "test") { _ in Notes(book: Notes.Book()) }
    info.logLevel = .info
    #expect(runner(ConnectionOptions(), info).tracer == nil)
    #expect(!runner(ConnectionOptions(), info).follows)
    #expect(runner(ConnectionOptions(), quiet, InMemoryTracer()).follows)
  }
}
