import LibPQ
import TestSupport
import Testing
import TradingCore

@testable import EngineStore
@testable import Runner

@Suite(.needsServer, .commonTimeLimit)
struct StoredFeedTests {
  private static let instruments: [SessionInstrument] = [1, 2, 3].map {
    SessionInstrument(
      id: $0, symbol: "S\($0)", tickSize: try! Price("0.01"), lot: try! Quantity("1"), multiplier: .one, last: nil)
  }

  /// Three instruments with 30 days of bars, some missing, and an hour's bar that opens with a day's.
  private static let bars = """
    SELECT market.add_instrument(symbol => s) FROM unnest('{AAA,BBB,CCC}'::text[]) AS s;
    INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
    SELECT i, '1 day', (date '2013-01-01' + d)::timestamp AT TIME ZONE 'America/New_York', 10, 50, 9, 10 + d, 100
      FROM generate_series(1, 3) AS i, generate_series(1, 30) AS d WHERE (d + i) % 7 <> 0;
    """

  private func read(_ feed: any MarketFeed, at cursors: [EngineStore.Cursor?], limit: Int) async throws -> [FeedBatch] {
    var batches: [FeedBatch] = []
    _ = try await feed.open(Self.instruments, of: [1], at: cursors)
    while let batch = try await feed.next(limit: limit) { batches.append(batch) }
    await feed.close()
    return batches
  }

  private func groups(_ batches: [FeedBatch]) -> [String] {
    batches.flatMap { batch -> [String] in
      guard case .bars(let groups) = batch.events else { return [] }
      return groups.map { group in "\(group[0].opensAt) \(group.map(\.instrument))" }
    }
  }

  @Test func oldRowsCanBeClearedAwayWhileBarsAreRead() async throws {
    try await TestDatabase.withSchema(Self.bars) { options, connection in
      let feed = BarFeed(options: options, resolution: 86_400_000_000, from: nil, until: nil)
      _ = try await feed.open(Self.instruments, of: [1], at: [nil])
      #expect(try await feed.next(limit: 3) != nil)
      let others = try await connection.query(
        """
        SELECT count(*), count(*) FILTER (WHERE s.xact_start IS NOT NULL OR s.backend_xmin IS NOT NULL)
          FROM pg_stat_activity AS s
         WHERE s.datname = current_database() AND s.backend_type = 'client backend' AND s.pid <> pg_backend_pid()
        """
      ).only()
      #expect(try others[0].int == 1)
      #expect(try others[1].int == 0)
      await feed.close()
    }
  }

  @Test func barsAreGroupedAlikeInAnyBatchAndFromAnyPosition() async throws {
    try await TestDatabase.withSchema(Self.bars) { options, _ in
      let feed = BarFeed(options: options, resolution: 86_400_000_000, from: nil, until: nil)
      let whole = try await read(feed, at: [nil], limit: 1_000)
      #expect(whole.count == 1)
      let expected = groups(whole)
      #expect(expected.count == 30)
      #expect(expected.contains { $0.hasSuffix("[1, 2, 3]") })
      for limit in [1, 2, 3, 4, 7, 50] {
        let batches = try await read(feed, at: [nil], limit: limit)
        expectEqual(groups(batches), expected)
        // Behind each batch the rest begins.
        var done = 0
        for batch in batches {
          done += groups([batch]).count
          let cursor = try #require(batch.cursors.first)
          let rest = try await read(
            feed, at: [.init(position: cursor.position, sequence: 0, at: nil, isFinished: false)], limit: 5)
          expectEqual(groups(rest), expected.dropFirst(done))
        }
      }
    }
  }

  @Test func barsThatOnlyOpenTogetherAreDifferentEvents() throws {
    let opens = try Timestamp("2013-10-07T13:30:00Z")
    func event(_ instrument: Int32, _ hours: Int64) throws -> BarEvent {
      BarEvent(
        instrument: instrument, opensAt: opens, closesAt: try opens.advanced(byMicroseconds: hours * 3_600_000_000),
        bar: Bar(bucket: opens, open: 1, high: 1, low: 1, close: 1, volume: 1))
    }
    let groups = BarFeed.groups(try [event(1, 7), event(2, 6), event(3, 7)][...])
    #expect(groups.map { $0.map(\.instrument) } == [[2], [1, 3]])
  }

  private static let ticks = """
    SELECT market.add_instrument(symbol => s) FROM unnest('{AAA,BBB,CCC}'::text[]) AS s;
    SELECT trading.create_portfolio(name => 'main', capital => 1000000, at => '2013-10-01');
    INSERT INTO market.ticks (instrument_id, ts, seq, price, size, suspicious)
    SELECT 1 + n % 2, timestamptz '2013-10-07 14:30Z' + n / 4 * interval '1 s', n % 4 / 2, 10 + n, 100, n = 13
      FROM generate_series(0, 39) AS n;
    """

  private func prices(_ batches: [FeedBatch]) -> [Double] {
    batches.flatMap { batch -> [Double] in
      guard case .ticks(let ticks) = batch.events else { return [] }
      return ticks.map(\.price)
    }
  }

  @Test func storedTicksComeInOrderWithoutTheDoubtfulFromEveryCursor() async throws {
    try await TestDatabase.withSchema(Self.ticks) { options, _ in
      let feed = StoredTickFeed(options: options, follows: false)
      #expect(feed.cursors(for: Self.instruments) == ["ticks/1", "ticks/2", "ticks/3"])
      let whole = prices(try await read(feed, at: [nil, nil, nil], limit: 1_000))
      #expect(whole.count == 39)
      let expected = Set((0..<40).filter { $0 != 13 }.map { 10 + Double($0) })
      #expect(Set(whole) == expected)
      for limit in [1, 2, 3, 5, 17] {
        let batches = try await read(feed, at: [nil, nil, nil], limit: limit)
        expectEqual(prices(batches), whole)
        var done = 0
        for batch in batches {
          done += batch.count
          let cursors = batch.cursors.map {
            EngineStore.Cursor(position: $0.position, sequence: $0.sequence, at: nil, isFinished: false)
          }
          expectEqual(prices(try await read(feed, at: cursors, limit: 100)), whole.dropFirst(done))
        }
      }
    }
  }

  @Test func followerBeginsBehindWhatIsThereAndAtOpenOrders() async throws {
    try await TestDatabase.withSchema(
      Self.ticks + """
        SELECT market.upsert_quotes('{1,2}', array_fill(timestamptz '2013-10-07 14:30Z', '{2}'), '{10,10}', '{1,1}');
        SELECT trading.submit_order(portfolio => 'main', symbol => 'BBB', side => 'buy', quantity => 1, time_in_force => 'gtc',
                                    at => '2013-10-07 14:30:05Z');
        """
    ) { options, connection in
      let feed = StoredTickFeed(options: options, follows: true)
      let starts = try await feed.open(Self.instruments, of: [1], at: [nil, nil, nil])
      #expect(starts.map(\.name) == ["live/1", "live/2", "live/3"])
      // The order's instrument begins at the order, the others at the end.
      let first = prices(try await [feed.next(limit: 100)].compactMap { $0 })
      let afterOrder: [Double] = [35, 37, 39, 41, 43, 45, 47, 49]
      #expect(first == afterOrder)
      #expect(try await feed.next(limit: 100)?.count == nil)
      try await connection.script(
        "INSERT INTO market.ticks (instrument_id, ts, seq, price, size) VALUES (1, '2013-10-07 15:00Z', 0, 99, 1), (3, '2013-10-07 15:00Z', 0, 98, 1)"
      )
      #expect(prices(try await [feed.next(limit: 100)].compactMap { $0 }) == [99, 98])
      // An old cursor of an instrument that only an order wants is passed over; a newer one stands.
      let old = EngineStore.Cursor(position: 0, sequence: 0, at: nil, isFinished: false)
      let again = try await feed.open(Self.instruments, of: [1], at: [old, old, old])
      #expect(again[0].position == 0)
      #expect(again[1].position == starts[1].position)
      #expect(again[2].position == 0)
      await feed.close()
    }
  }
}
