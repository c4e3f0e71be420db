import Feeds
import LibPQ
import Logging
import TestSupport
import Testing
import TradingCore

@testable import EngineStore
@testable import Runner

/// Contracts settle, and shorts pay, at the price of their own day: whatever the batches, the restarts, who trades the underlying, and when
/// its price comes.
@Suite(.needsServer, .commonTimeLimit)
struct SettlementDayTests {
  /// A put that ends on 2025-01-30, a future that ends on 2025-02-03, and a share that is sold short.
  private static let setup = """
    SELECT market.add_instrument('NIFTY', 'NSE', kind => 'index', tick_size => 0.05), market.add_instrument('INFY', 'NSE');
    SELECT market.add_instrument('PUT', 'NFO', kind => 'option', option_right => 'put', strike => 24000, underlying => 'NSE:NIFTY',
                                 lot_size => 75, tick_size => 0.05, expires_on => '2025-01-30'),
           market.add_instrument('FUT', 'NFO', kind => 'future', underlying => 'NSE:NIFTY', lot_size => 75, tick_size => 0.05,
                                 expires_on => '2025-02-03', initial_margin => 0.1, maintenance_margin => 0.1);
    SELECT trading.create_portfolio('e', currency => 'INR', capital => 10000000, account_type => 'margin', at => '2025-01-01Z');
    SELECT trading.submit_order('e', s, side::trading.order_side, q, 'limit', p, time_in_force => 'gtc', client_order_id => s, at => '2025-01-28 03:40Z')
      FROM (VALUES ('NFO:PUT', 'buy', 75, 300), ('NFO:FUT', 'buy', 75, 23100), ('NSE:INFY', 'sell', 1, 1900)) AS o (s, side, q, p);
    INSERT INTO trading.borrow_rates (instrument_id, percent) VALUES (market.instrument_id('INFY'), 36);
    """
  private static let tape = """
    2025-01-28T03:45:02Z,PUT,300
    2025-01-28T03:45:03Z,INFY,1900
    2025-01-28T03:45:04Z,FUT,23100
    2025-01-28T09:59:59Z,FUT,23150
    2025-01-28T10:05:00Z,FUT,23333
    2025-01-30T09:59:57Z,FUT,23260
    2025-01-30T09:59:58Z,INFY,1901
    2025-01-30T09:59:59Z,NIFTY,23249.5
    2025-01-30T10:00:00Z,INFY,1901.5
    2025-01-31T03:45:00Z,NIFTY,23400
    2025-01-31T03:45:01Z,INFY,1900
    2025-01-31T09:59:00Z,FUT,23420
    2025-02-03T03:45:01Z,INFY,1900
    2025-02-03T09:00:00Z,NIFTY,23500
    2025-02-03T10:01:01Z,INFY,1900
    2025-02-04T03:45:01Z,NIFTY,23700
    2025-02-04T03:45:02Z,INFY,1900
    """
  /// Of the 29th there is no price of the future: the 30th pays for it. The last day goes by the index.
  private static let settled = [
    "FUT 2025-01-28 daily 23150 3750 2025-01-28 10:00", "FUT 2025-01-30 daily 23260 8250 2025-01-30 10:00",
    "PUT 2025-01-30 expiry 750.5 33787.5 2025-01-30 10:00", "FUT 2025-01-31 daily 23420 12000 2025-01-31 10:00",
    "FUT 2025-02-03 final 23500 6000 2025-02-03 10:00",
  ]
  /// Of a day without a price the last one counts. Saturday, 1 February, was a trading day.
  private static let charged = [
    "2025-01-28 1 1900 1.9 2025-01-28 10:00", "2025-01-29 1 1900 1.9 2025-01-29 10:00",
    "2025-01-30 1 1901.5 1.9015 2025-01-30 10:00", "2025-01-31 1 1900 1.9 2025-01-31 10:00",
    "2025-02-01 2 1900 3.8 2025-02-01 10:00", "2025-02-03 1 1900 1.9 2025-02-03 10:00",
  ]
  private static let instruments: [String: Int32] = ["NIFTY": 1, "INFY": 2, "PUT": 3, "FUT": 4]

  private static func rows(without symbols: [String] = [], after: String = "2025-01-30T12") -> [String] {
    tape.split(separator: "\n").map(String.init).filter { row in
      !symbols.contains { row.contains(",\($0),") && row > after }
    }
  }

  private func settlements(_ connection: Connection) async throws -> [String] {
    try await connection.query(
      """
      SELECT concat_ws(' ', i.symbol, s.day, s.kind, trim_scale(s.price), trim_scale(s.realised_pnl), to_char(s.at, 'YYYY-MM-DD HH24:MI'))
        FROM trading.settlements AS s JOIN market.instruments AS i USING (instrument_id) ORDER BY s.first_transfer_id, i.symbol DESC
      """
    ).map { try $0[0].string }
  }

  private func charges(_ connection: Connection) async throws -> [String] {
    try await connection.query(
      "SELECT concat_ws(' ', c.day, c.days, trim_scale(c.price), trim_scale(c.amount), to_char(c.at, 'YYYY-MM-DD HH24:MI')) FROM trading.borrow_charges AS c ORDER BY c.day"
    ).map { try $0[0].string }
  }

  private func text(_ connection: Connection, _ query: String) async throws -> String? {
    try await connection.query(query).only()[0].ifPresent?.string
  }

  /// Replays each part as a file and a run of its own.
  private func replay(_ parts: [[String]], batch: Int, _ options: ConnectionOptions) async throws {
    let folder = try TemporaryFolder()
    for (index, part) in parts.enumerated() where !part.isEmpty {
      let path = try folder.file(
        "ts,symbol,price,size\n" + part.map { "\($0),1000\n" }.joined(), "part\(index)-\(part.count).csv")
      let feed = try FileTickFeed(
        paths: [path], options: FileOptions(),
        listings: Self.instruments.mapValues { Listing(instrument: $0, timeZone: "Asia/Kolkata") })
      try await Runner(
        options: RunnerOptions(database: options, batchSize: batch), feed: feed,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      ).run()
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 10_000], [true, false])
  func replaysSettleAlikeWhateverTheBatches(batch: Int, tradesOn: Bool) async throws {
    try await TestDatabase.withSchema(Self.setup) { options, connection in
      let rows = Self.rows(without: tradesOn ? [] : ["NIFTY"], after: "2025-02-03T12")
      try await replay([rows], batch: batch, options)
      #expect(try await settlements(connection) == Self.settled)
      #expect(try await charges(connection) == Self.charged)
      #expect(try await text(connection, "SELECT count(*) FROM ops.check_invariants()") == "0")
    }
  }

  @Test(arguments: 1..<17)
  func replaysSettleAlikeWhereverTheyStopped(row: Int) async throws {
    try await TestDatabase.withSchema(Self.setup) { options, connection in
      let rows = Self.rows()
      try await replay([Array(rows[..<row]), Array(rows[row...])], batch: 100, options)
      #expect(try await settlements(connection) == Self.settled)
      #expect(try await charges(connection) == Self.charged)
    }
  }

  /// Only the index trades after the put has ended: it tells that the day is over, although nobody holds it.
  @Test func theUnderlyingAloneTellsThatADayIsOver() async throws {
    try await TestDatabase.withSchema(Self.setup) { options, connection in
      try await replay([Self.rows(without: ["INFY", "FUT"])], batch: 3, options)
      #expect(try await settlements(connection).contains(Self.settled[2]))
    }
  }

  @Test func aTickThatComesLateSettlesWhatHadNoPrice() async throws {
    try await TestDatabase.withSchema(Self.setup) { options, connection in
      try await replay([Self.rows(without: ["NIFTY"], after: "")], batch: 100, options)
      #expect(
        try await text(
          connection,
          "SELECT string_agg(concat_ws(' ', u.symbol, u.kind, u.day, u.price_of), ', ' ORDER BY u.symbol) FROM trading.unsettled AS u"
        ) == "NFO:FUT final 2025-02-03 NSE:NIFTY, NFO:PUT expiry 2025-01-30 NSE:NIFTY")
      #expect(
        try await text(
          connection,
          "SELECT string_agg(i.symbol || ' ' || (e.payload ->> 'day'), ', ' ORDER BY e.event_id) FROM ops.events AS e JOIN market.instruments AS i USING (instrument_id) WHERE e.kind = 'settlement.unpriced'"
        ) == "FUT 2025-01-29, PUT 2025-01-30, FUT 2025-02-01, FUT 2025-02-03")
      #expect(try await EngineStore(connection).status().unsettled.rows.map(\.symbol) == ["NFO:FUT", "NFO:PUT"])
      // The service begins behind what is stored; what comes after that it sees.
      let live = Runner(
        options: RunnerOptions(database: options), feed: StoredTickFeed(options: options, follows: true),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      try await RunningService.run(live) {
        try await eventually(connection, "SELECT EXISTS (SELECT FROM ops.feed_cursors AS c WHERE c.feed LIKE 'live/%')")
        try await connection.script(Self.insert("2025-02-04T04:00:00Z,INFY,1900"))
        try await eventually(
          connection, "SELECT count(*) > 0 FROM ops.feed_cursors AS c WHERE c.at >= '2025-02-04 04:00Z'")
        try await connection.script(Self.insert("2025-01-30T09:59:59Z,NIFTY,23249.5"))
        try await eventually(connection, "SELECT count(*) = 1 FROM trading.unsettled")
        try await connection.script(Self.insert("2025-02-03T09:00:00Z,NIFTY,23500"))
        try await eventually(connection, "SELECT count(*) = 0 FROM trading.unsettled")
      }
      #expect(
        try await text(
          connection,
          "SELECT string_agg(concat_ws(' ', s.day, trim_scale(s.realised_pnl)), ', ' ORDER BY s.instrument_id, s.day) FROM trading.settlements AS s"
        ) == "2025-01-30 33787.5, 2025-01-28 3750, 2025-01-30 8250, 2025-01-31 12000, 2025-02-03 6000")
      #expect(try await text(connection, "SELECT count(*) FROM ops.check_invariants()") == "0")
    }
  }

  private static func insert(_ row: String) -> String {
    let fields = row.split(separator: ",")
    return """
      INSERT INTO market.ticks (instrument_id, ts, price, size, seq)
      VALUES (\(instruments[String(fields[1])]!), '\(fields[0])', \(fields[2]), 1000, 0)
      """
  }

  /// Rows that psql inserts, the service stopped after each third of them.
  @Test func theServiceSettlesAlike() async throws {
    try await TestDatabase.withSchema(Self.setup) { options, connection in
      let tape = Self.rows()
      for start in stride(from: 0, to: tape.count, by: 3) {
        let live = Runner(
          options: RunnerOptions(database: options), feed: StoredTickFeed(options: options, follows: true),
          logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await RunningService.run(live) {
          try await eventually(connection, "SELECT EXISTS (SELECT FROM ops.leases)")
          for row in tape[start..<min(tape.count, start + 3)] {
            try await connection.script(Self.insert(row))
            let symbol = String(row.split(separator: ",")[1])
            try await eventually(
              connection,
              """
              SELECT max(c.at) >= '\(row.split(separator: ",")[0])' OR NOT EXISTS (
                       SELECT FROM (SELECT p.instrument_id FROM trading.positions AS p WHERE p.quantity <> 0
                                    UNION ALL SELECT o.instrument_id FROM trading.orders AS o WHERE o.closed_at IS NULL) AS p
                         JOIN market.instruments AS i USING (instrument_id)
                        WHERE '\(symbol)' IN ('PUT', 'FUT', 'NIFTY') AND i.symbol IN ('PUT', 'FUT'))
                FROM ops.feed_cursors AS c
              """)
          }
        }
      }
      let rows = try await settlements(connection)
      #expect(rows == Self.settled)
      #expect(try await charges(connection) == Self.charged)
      #expect(try await text(connection, "SELECT count(*) FROM ops.check_invariants()") == "0")
    }
  }
}
