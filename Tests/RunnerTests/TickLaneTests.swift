import Feeds
import LibPQ
import Logging
import TestSupport
import Testing
import TradingCore

@testable import EngineStore
@testable import Runner

/// Batches of new ticks, of which the next is being stored while one ends.
@Suite(.needsServer, .commonTimeLimit)
struct TickLaneTests {
  /// 20 batches of 50 ticks, one a second; each begins with the last tick of the one before.
  private actor OverlappingFeed: MarketFeed {
    nonisolated let name = "overlapping"
    nonisolated let barResolution: Int64? = nil
    nonisolated let hasEnd = true
    private var next = 0

    nonisolated func cursors(for instruments: [SessionInstrument]) -> [String] { [name] }

    func open(
      _ instruments: [SessionInstrument], of portfolios: [Int32], at cursors: [EngineStore.Cursor?]
    ) -> [FeedPosition] {
      next = Int(cursors[0]?.position ?? 0)
      return []
    }

    func next(limit: Int) throws -> FeedBatch? {
      guard next < 20 else { return nil }
      let start = try Timestamp("2013-10-07T14:00:00Z")
      var batch = TickBatch()
      for place in next * 49...next * 49 + 49 {
        batch.append(
          Tick(
            instrument: 1, time: try start.advanced(byMicroseconds: Int64(place) * 1_000_000),
            price: 10 + Double(place % 7) / 100, size: 100))
      }
      next += 1
      return FeedBatch(.newTicks(batch), cursors: [(name, Int64(next), 0)])
    }

    func close() {}
  }

  private static let setup = """
    SELECT market.add_instrument(symbol => 'AAA');
    SELECT market.upsert_quotes('{1}', '{2013-10-04 20:00Z}', '{10}', '{NULL}');
    SELECT trading.create_portfolio(name => 'main', capital => 10000, at => '2013-01-01');
    SELECT trading.submit_order('main', 'AAA', 'buy', 1, time_in_force => 'gtc', at => '2013-10-04 20:00Z');
    CREATE SEQUENCE collisions;
    CREATE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF current_setting('test.collides', true) = 'on' THEN
        IF nextval('public.collisions') % 11 = 3 THEN RAISE SQLSTATE '40001'; END IF;
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER collide BEFORE INSERT ON market.candle_store FOR EACH ROW EXECUTE FUNCTION collide();
    """

  private func runner(_ options: ConnectionOptions, waits: Bool = false) -> Runner {
    Runner(
      options: RunnerOptions(
        database: options, waitsForLease: waits,
        commitRetry: RetryPolicy(maximumAttempts: 50, firstDelay: .milliseconds(1), maximumDelay: .milliseconds(2))),
      feed: OverlappingFeed(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private func database(of connection: Connection) async throws -> String {
    try await connection.query("SELECT current_database()").only()[0].string
  }

  @Test(arguments: [false, true])
  func ticksThatComeTwiceAndBatchesThatCollideAreInTheCandlesOnce(collides: Bool) async throws {
    try await TestDatabase.withSchema(Self.setup) { options, connection in
      if collides {
        try await connection.script("ALTER DATABASE \(try await database(of: connection)) SET test.collides = on")
      }
      try await runner(options).run()
      let counts = try await connection.query(
        """
        SELECT (SELECT count(*) FROM market.ticks), (SELECT sum(ticks) FROM market.candles_1m), (SELECT count(*) FROM trading.fills),
               (SELECT count(*) FROM market.check_candles(1)), (SELECT last_value > 20 FROM collisions)
        """
      ).only()
      #expect(try counts[0].int == 20 * 49 + 1)
      #expect(try counts[1].int == 20 * 49 + 1)
      #expect(try counts[2].int == 1)
      #expect(try counts[3].int == 0)
      #expect(try counts[4].bool == collides)
    }
  }

  @Test func aLaneThatOutlivesItsRunnerKeepsThePortfolios() async throws {
    try await TestDatabase.withSchema(Self.setup) { options, connection in
      let lane = TickLane(try await Connection.connect(options))
      try await EngineStore(lane.connection).joinRunner([1])
      let error = await #expect(throws: PostgresError.self) { try await runner(options).run() }
      #expect(error?.sqlState == "TR601")
      let successor = runner(options, waits: true)
      async let end: Void = successor.run()
      try await Task.sleep(for: .milliseconds(100))
      await lane.close()
      try await end
      #expect(successor.figures.end == .finished)
    }
  }

  @Test func ticksThatWereStoredAheadGiveWayAfterAWhile() async throws {
    try await TestDatabase.withSchema(Self.setup) { options, connection in
      let feed = OverlappingFeed()
      guard case .newTicks(let ticks)? = try await feed.next(limit: 50)?.events else { return }
      let targets = Dictionary(
        uniqueKeysWithValues: zip(ticks.days, try await EngineStore(connection).tickTargets(days: ticks.days)))
      let lane = TickLane(try await Connection.connect(options))
      _ = try await lane.beginAhead(ticks, targets: targets)
      // Waits for the lane's transaction, which nobody ends.
      try await connection.script("BEGIN; LOCK TABLE market.ticks IN ACCESS EXCLUSIVE MODE; COMMIT")
      #expect(await lane.take() == false)
      _ = try await lane.begin(ticks, targets: targets, merging: false)
      try await lane.commit()
      await lane.close()
      #expect(try await connection.query("SELECT count(*) FROM market.ticks").only()[0].int == 50)
    }
  }
}
