import Feeds
import LibPQ
import Logging
import TestSupport
import Testing
import TradingCore

@testable import EngineStore
@testable import Runner

/// The service runs agents on candles of a day or more: their exchange's session ends them.
@Suite(.needsServer, .commonTimeLimit)
struct DayCandleServiceTests {
  /// The demo in small: years of daily bars, agents on candles of a day, and a memory from the replay of the bars.
  private static let setup = """
    SELECT market.ensure_instruments('{AAPL,IBM}');
    INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
    SELECT i, '1 day', d.day AT TIME ZONE 'America/New_York', p, p + 0.5, p - 0.5, p, 100000
      FROM generate_series(timestamp '2013-08-01', '2013-10-04', '1 day') AS d (day), generate_series(1, 2) AS i,
           LATERAL (SELECT 100 - extract(epoch FROM d.day - timestamp '2013-08-01') / 864000 AS p) AS x
     WHERE extract(isodow FROM d.day) < 6;
    SELECT trading.create_portfolio(name => 'main', capital => 100000, fee_schedule => 'us_equity', slippage_bps => 5, at => '2013-07-01');
    SELECT strategy.create_strategy('ema-crossover', 'trend', '1 day',
      '{"fast": 2, "slow": 5, "atr": 3, "atr_multiple": 3, "risk_percent": 1}', at => '2013-07-01');
    SELECT strategy.record_check(u.strategy, u.version, 'checked') FROM strategy.unchecked_versions AS u;
    SELECT strategy.create_agent(lower(s), 'main', 'ema-crossover', ARRAY[s], at => '2013-07-01'),
           strategy.start_agent('main', lower(s), at => '2013-07-01') FROM unnest('{AAPL,IBM}'::text[]) AS s;
    """

  private func live(_ options: ConnectionOptions) -> Runner {
    Runner(
      options: RunnerOptions(database: options), feed: StoredTickFeed(options: options, follows: true),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private func replayBars(_ options: ConnectionOptions) async throws {
    try await Runner(
      options: RunnerOptions(database: options),
      feed: BarFeed(options: options, resolution: 86_400_000_000, from: nil, until: nil),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ).run()
  }

  private func tick(_ symbol: String, _ time: String, _ price: Double) -> String {
    "INSERT INTO market.ticks (instrument_id, ts, seq, price, size) SELECT market.instrument_id('\(symbol)'), '\(time)', 0, \(price), 100;"
  }

  private func hasSeen(_ connection: Connection, _ symbol: String, _ time: String) async throws {
    try await eventually(
      connection,
      """
      SELECT EXISTS (SELECT FROM ops.feed_cursors AS c WHERE c.feed = 'live/' || market.instrument_id('\(symbol)')
        AND timestamptz '2000-01-01Z' + c.position * interval '1 microsecond' >= '\(time)')
      """)
  }

  private func orders(_ connection: Connection) async throws -> [String] {
    try await connection.query(
      "SELECT concat_ws(' ', o.client_order_id, o.side, o.status, o.submitted_at) FROM trading.orders AS o ORDER BY o.order_id"
    ).map { try $0[0].string }
  }

  @Test(arguments: [true, false])
  func theDayClosesWithItsSessionAndTheAgentActsOnce(hasMemory: Bool) async throws {
    try await TestDatabase.withSchema(Self.setup) { options, connection in
      if hasMemory { try await replayBars(options) }
      let monday = [
        tick("AAPL", "2013-10-07 12:00:00Z", 97), tick("AAPL", "2013-10-07 13:30:00Z", 94),
        tick("AAPL", "2013-10-07 17:00:00Z", 104), tick("AAPL", "2013-10-07 20:00:00Z", 105),
      ]
      try await RunningService.run(live(options)) {
        try await eventually(connection, "SELECT count(*) >= 2 FROM ops.feed_cursors WHERE feed LIKE 'live/%'")
        for tick in monday[..<3] { try await connection.script(tick) }
        try await hasSeen(connection, "AAPL", "2013-10-07 17:00Z")
        #expect(try await orders(connection) == [])
      }
      // Killed or stopped in the middle of the day: the candle goes on where it was.
      try await RunningService.run(live(options)) {
        try await connection.script(monday[3])
        try await hasSeen(connection, "AAPL", "2013-10-07 20:00Z")
        // What trades at the close is part of the day.
        #expect(try await orders(connection) == [])
        // The session is over when anything happens behind it.
        try await connection.script(tick("IBM", "2013-10-07 20:00:01Z", 93))
        try await hasSeen(connection, "IBM", "2013-10-07 20:00:01Z")
        let entry = "aapl/AAPL/entry-2013-10-07T13:30:00Z buy working 2013-10-07 20:00:00+00"
        #expect(try await orders(connection) == [entry])
        // What trades in the evening belongs to no candle, and makes nobody act.
        try await connection.script(tick("IBM", "2013-10-07 21:00:00Z", 300))
        try await hasSeen(connection, "IBM", "2013-10-07 21:00Z")
        #expect(try await orders(connection) == [entry])
      }
      try await RunningService.run(live(options)) {
        try await connection.script(tick("AAPL", "2013-10-08 13:30:00Z", 106))
        try await hasSeen(connection, "AAPL", "2013-10-08 13:30:00Z")
      }
      let found = try await orders(connection)
      try #require(found.count == 2)
      #expect(found[0].hasPrefix("aapl/AAPL/entry-2013-10-07T13:30:00Z buy filled"))
      #expect(found[1].hasPrefix("aapl/AAPL/stop-2013-10-07T13:30:00Z sell working"))
      #expect(try await connection.query("SELECT count(*) FROM strategy.signals").only()[0].int == 1)
      #expect(
        try await connection.query("SELECT f.at = '2013-10-08 13:30:00Z' FROM trading.fills AS f").only()[0].bool)
      #expect(try await connection.query("SELECT * FROM ops.check_invariants()").isEmpty)
    }
  }

  /// The same days as ticks and as bars lead to the same orders, whose names, times and sizes are the same.
  @Test func ticksOfADayDecideAsItsBarDoes() async throws {
    let more = """
      INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
      SELECT i, '1 day', d.day AT TIME ZONE 'America/New_York', o, greatest(o, c), least(o, c), c, 300
        FROM (SELECT day, i, 90 + 8 * sin(n / 2.0 + i) AS o, 90 + 8 * sin((n + 1) / 2.0 + i) AS c
                FROM generate_series(timestamp '2013-10-07', '2013-11-29', '1 day') WITH ORDINALITY AS g (day, n), generate_series(1, 2) AS i) AS d
       WHERE extract(isodow FROM d.day) < 6;
      """
    func run(_ prepare: (ConnectionOptions, Connection) async throws -> Void) async throws -> [String] {
      var found: [String] = []
      try await TestDatabase.withSchema(Self.setup) { options, connection in
        try await prepare(options, connection)
        // What the bars of the last day lead to has no tick yet.
        found = try await connection.query(
          """
          SELECT concat_ws(' ', o.client_order_id, o.side, o.type, o.quantity, o.stop_price, o.submitted_at) FROM trading.orders AS o
           WHERE o.submitted_at < '2013-11-29' ORDER BY o.submitted_at, o.client_order_id
          """
        ).map { try $0[0].string }
      }
      return found
    }
    let byBars = try await run { options, connection in
      try await connection.script(more)
      try await replayBars(options)
    }
    let byTicks = try await run { options, connection in
      try await replayBars(options)
      try await RunningService.run(live(options)) {
        try await eventually(connection, "SELECT count(*) >= 2 FROM ops.feed_cursors WHERE feed LIKE 'live/%'")
        try await connection.script(
          "BEGIN;" + more + """
            CREATE TEMPORARY TABLE days ON COMMIT DROP AS SELECT b.* FROM market.bars AS b WHERE b.ts >= '2013-10-07';
            INSERT INTO market.ticks (instrument_id, ts, seq, price, size)
            SELECT d.instrument_id, d.ts + t.at, 0, t.price, 100 FROM days AS d,
              LATERAL (VALUES (interval '9:30', d.open), ('12:00', (d.open + d.close) / 2), ('16:00', d.close)) AS t (at, price)
             ORDER BY 2, 1;
            COMMIT;
            """)
        try await eventually(
          connection, "SELECT bool_and(at >= '2013-11-29 20:00Z') FROM ops.feed_cursors WHERE feed LIKE 'live/%'")
      }
    }
    #expect(byBars.count > 12)
    #expect(byTicks == byBars)
  }

  /// A quiet evening: the source says that the session is over, and nothing trades.
  @Test func theSourcesTimeEndsTheDay() async throws {
    try await TestDatabase.withSchema(Self.setup) { options, connection in
      try await replayBars(options)
      try await RunningService.run(live(options)) {
        try await eventually(connection, "SELECT count(*) >= 2 FROM ops.feed_cursors WHERE feed LIKE 'live/%'")
        try await connection.script(
          tick("IBM", "2013-10-07 19:00:00Z", 93) + tick("AAPL", "2013-10-07 20:00:00Z", 105))
        try await hasSeen(connection, "AAPL", "2013-10-07 20:00Z")
        #expect(try await orders(connection) == [])
        try await connection.script("SELECT market.close_candles('{1,2}', '2013-10-07 20:05Z', '2013-10-07 13:30Z')")
        try await eventually(connection, "SELECT EXISTS (SELECT FROM trading.orders)")
        #expect(
          try await orders(connection) == [
            "aapl/AAPL/entry-2013-10-07T13:30:00Z buy working 2013-10-07 20:00:00+00"
          ])
      }
    }
  }

  @Test func aWeekEndsWithItsLastSession() async throws {
    try await TestDatabase.withSchema(
      Self.setup + """
        SELECT strategy.create_strategy('weekly', 'trend', '7 days',
          '{"fast": 1, "slow": 2, "atr": 1, "atr_multiple": 3, "risk_percent": 1}', at => '2013-07-01');
        SELECT strategy.record_check(u.strategy, u.version, 'checked') FROM strategy.unchecked_versions AS u;
        SELECT strategy.stop_agent('main', lower(s), at => '2013-07-01') FROM unnest('{AAPL,IBM}'::text[]) AS s;
        SELECT strategy.create_agent('week', 'main', 'weekly', '{AAPL}', at => '2013-07-01'), strategy.start_agent('main', 'week', at => '2013-07-01');
        INSERT INTO market.holidays (exchange_id, day, name) SELECT i.exchange_id, '2013-10-11', 'A long weekend' FROM market.instruments AS i WHERE i.symbol = 'AAPL';
        """
    ) { options, connection in
      try await RunningService.run(live(options)) {
        try await eventually(connection, "SELECT EXISTS (SELECT FROM ops.feed_cursors WHERE feed LIKE 'live/%')")
        for day in 7...10 {
          try await connection.script(tick("AAPL", "2013-10-\(day < 10 ? "0" : "")\(day) 15:00:00Z", 90 + Double(day)))
        }
        try await hasSeen(connection, "AAPL", "2013-10-10 15:00Z")
        #expect(try await orders(connection) == [])
        try await connection.script(tick("AAPL", "2013-10-14 13:30:00Z", 101))
        try await hasSeen(connection, "AAPL", "2013-10-14 13:30Z")
        #expect(
          try await orders(connection).first
            == "week/AAPL/entry-2013-10-07T13:30:00Z buy filled 2013-10-10 20:00:00+00")
      }
    }
  }
}
