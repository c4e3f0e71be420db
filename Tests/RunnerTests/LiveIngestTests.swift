import Feeds
import LibPQ
import Logging
import Synchronization
import Testing

@testable import Runner

@Suite(.enabled(if: TestDatabase.isAvailable, TestDatabase.reason), .timeLimit(.minutes(3)))
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
      opened: @escaping @Sendable (LiveLink) async throws -> Void,
      received: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws {
      let asked = Mutex("")
      try await opened(LiveLink(send: { text in asked.withLock { $0 = text } }, ping: {}))
      let request = asked.withLock { $0 }
      subscriptions.withLock { $0.append(request) }
      let after =
        request.split(separator: "\"after\":").dropFirst().first.flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
      for number in after..<min(after + perLink, count) {
        let time = "2024-01-02T14:\(30 + number * 20 / count):00.\(100 + number % 900)Z"
        let trade =
          #"{"type":"trade","symbol":"US:IBM","ts":"\#(time)","seq":\#(number + 1),"price":\#(100 + number % 7),"size":2}"#
        try await received(Array(trade.utf8))
      }
      if after + perLink >= count { try await Task.sleep(for: .seconds(600)) }
    }
  }

  private func rows(_ connection: Connection) async throws -> Int {
    try await connection.query("SELECT count(*) FROM market.ticks").only()[0].int
  }

  @Test func eachTickIsStoredOnceOverDropsAndRestarts() async throws {
    try await TestDatabase.with("SELECT market.add_instrument('IBM')") { options, connection in
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
        while try await rows(connection) < least { try await Task.sleep(for: .milliseconds(20)) }
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
}
