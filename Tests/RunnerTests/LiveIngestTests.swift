import Feeds
import LibPQ
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Runner

@Suite(.needsServer, .commonTimeLimit)
struct LiveIngestTests {
  /// A source in memory with a tape of trades, which drops its link after some of them.
  private final class Tape: LiveTransport {
    private let count: Int
    private let perLink: Int
    let subscriptions = Mutex<[String]>([])

    init(count: Int, perLink: Int) {
      self.count = count
      self.perLink = perLink
    }

    func run(
      subscription: @escaping @Sendable () async -> String,
      opened: @escaping @Sendable (LiveLink) async throws -> Void,
      received: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws {
      try await opened(LiveLink(send: { _ in }, ping: {}))
      let request = await subscription()
      subscriptions.withLock { $0.append(request) }
      let after =
        request.split(separator: "\"after\":").dropFirst().first.flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
      for number in after..<min(after + perLink, count) {
        let time = "2024-01-02T14:\(30 + number * 20 / count):00.\(100 + number % 900)Z"
        let trade =
          #"{"type":"trade","symbol":"US:IBM","ts":"\#(time)","seq":\#(number + 1),"price":\#(100 + number % 7),"size":2}"#
        try await received(Array(trade.utf8))
      }
      if after + perLink >= count { try await Task.sleep(for: patience * 2) }
    }
  }

  private func rows(_ connection: Connection) async throws -> Int {
    try await connection.query("SELECT count(*) FROM market.ticks").only()[0].int
  }

  @Test func eachTickIsStoredOnceOverDropsAndRestarts() async throws {
    try await TestDatabase.withSchema("SELECT market.add_instrument('IBM')") { options, connection in
      let tape = Tape(count: 3_000, perLink: 400)
      var policy = LinkMachine.Policy()
      policy.firstDelay = .milliseconds(10)
      policy.longestDelay = .milliseconds(20)
      // The first one is stopped on the way, the second goes on.
      for least in [900, 3_000] {
        let ingest = LiveIngest(
          database: options, transport: tape, symbols: ["US:IBM"], name: "test", policy: policy,
          logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let task = Task { try await ingest.run() }
        try await eventually { try await rows(connection) >= least }
        task.cancel()
        try? await task.value
      }
      #expect(try await rows(connection) == 3_000)
      let checks = try await connection.query(
        """
        SELECT (SELECT count(DISTINCT t.seq) FROM market.ticks AS t), (SELECT sum(c.ticks)::bigint FROM market.candles('IBM', '1 minute') AS c),
               (SELECT p.seq FROM market.feed_positions AS p WHERE p.feed = 'test'), (SELECT count(*) FROM market.ticks AS t WHERE t.received_at IS NULL)
        """
      ).only()
      #expect(try (checks[0].int, checks[1].int, checks[2].int, checks[3].int) == (3_000, 3_000, 3_000, 0))
      let subscriptions = tape.subscriptions.withLock { $0 }
      #expect(subscriptions.first == #"{"op":"subscribe","symbols":[{"symbol":"US:IBM"}]}"#)
      #expect(subscriptions.dropFirst().allSatisfy { $0.contains("after") })
    }
  }

  /// The source counts from the beginning again and sends what is stored, then something new.
  @Test func aSourceThatBeginsAnewIsNoFailure() async throws {
    try await TestDatabase.withSchema("SELECT market.add_instrument('IBM'), market.add_instrument('KYN')") {
      options, connection in
      let messages = (1...40).map { trade("IBM", $0, $0 < 10 ? "0\($0)" : "\($0)") }
      try await run(options, Quiet(messages), connection, until: "count(*) = 40 FROM market.ticks")
      let again = [#"{"type":"restart","symbol":"IBM"}"#] + messages + [trade("IBM", 41, "41")]
      try await run(
        options, Quiet(messages + again), connection, until: "count(*) = 41 FROM market.ticks")
      let candle = try await connection.query("SELECT sum(c.ticks)::bigint FROM market.candles('IBM', '1 minute') AS c")
        .only()
      #expect(try candle[0].int == 41)
    }
  }

  /// A source that says each of these once, and sends heartbeats.
  private final class Quiet: LiveTransport {
    let messages: Mutex<[String]>

    init(_ messages: [String]) { self.messages = Mutex(messages) }

    func run(
      subscription: @escaping @Sendable () async -> String,
      opened: @escaping @Sendable (LiveLink) async throws -> Void,
      received: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws {
      try await opened(LiveLink(send: { _ in }, ping: {}))
      while true {
        let message = messages.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        try await received(Array((message ?? #"{"type":"heartbeat"}"#).utf8))
        try await Task.sleep(for: .milliseconds(20))
      }
    }
  }

  private func trade(_ symbol: String, _ number: Int, _ second: String) -> String {
    #"{"type":"trade","symbol":"\#(symbol)","ts":"2024-01-02T14:30:\#(second)Z","seq":\#(number),"price":\#(number),"size":1}"#
  }

  /// Runs an ingest until a condition is true.
  private func run(
    _ options: ConnectionOptions, _ transport: some LiveTransport, _ connection: Connection, until condition: String
  ) async throws {
    let ingest = LiveIngest(
      database: options, transport: transport, symbols: ["IBM", "KYN"], name: "test",
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let task = Task { try await ingest.run() }
    try await eventually { try await connection.query("SELECT \(condition)").only()[0].bool }
    task.cancel()
    try? await task.value
  }

  /// All instruments of the feed, once each, over a restart; what comes afterwards revises. History is not closed again.
  @Test func candlesCloseWhileTheMarketIsQuiet() async throws {
    try await TestDatabase.withSchema(
      """
      SELECT market.add_instrument(s) FROM unnest('{IBM,KYN}'::text[]) AS s;
      UPDATE market.candle_settings SET journaled = '{1}';
      INSERT INTO market.ticks (instrument_id, ts, price, size) VALUES (1, '2024-01-02 14:00Z', 5, 1);
      """
    ) { options, connection in
      try await run(
        options, Quiet([trade("KYN", 1, "30"), trade("IBM", 1, "59.9")]), connection,
        until: "(SELECT count(*) = 3 FROM market.ticks)")
      #expect(try await connection.query("SELECT count(*) FROM ops.events WHERE kind ~ '^candle'").only()[0].int == 0)
      let source = Quiet([])
      let task = Task {
        try await eventually {
          try await connection.query("SELECT count(*) FROM ops.events WHERE kind = 'candle.closed'").only()[0].int >= 2
        }
        source.messages.withLock { $0 = [self.trade("KYN", 2, "45")] }
      }
      try await run(
        options, source, connection, until: "EXISTS (SELECT FROM ops.events WHERE kind = 'candle.revised')")
      try await task.value
      let journal = try await connection.query(
        """
        SELECT concat_ws(' ', e.kind, i.symbol, to_char(e.at AT TIME ZONE 'UTC', 'HH24:MI'), e.payload ->> 'close', e.payload ->> 'ticks')
          FROM ops.events AS e JOIN market.instruments AS i USING (instrument_id) WHERE e.kind ~ '^candle' ORDER BY e.event_id
        """
      ).map { try $0[0].string }
      #expect(
        journal == ["candle.closed IBM 14:31 1 1", "candle.closed KYN 14:31 1 1", "candle.revised KYN 14:31 2 2"])
    }
  }
}
