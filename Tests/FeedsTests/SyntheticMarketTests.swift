import TestSupport
import Testing
import TradingCore

@testable import Feeds

struct SyntheticMarketTests {
  /// Ten sessions from 14:30 to 21:00 UTC.
  private static let days = (0..<10).map { day in
    let open = Int64(day) * 86_400_000_000 + 52_200_000_000
    return open..<(open + 23_400_000_000)
  }

  private func market(
    _ symbols: [String] = ["AAA", "BBB", "CCC"], seed: UInt64 = 7, ticks: Int = 2_000,
    sessions: [Range<Int64>] = Self.days
  ) -> SyntheticMarket {
    SyntheticMarket(
      symbols.enumerated().map {
        .init(id: Int32($0.offset + 1), symbol: $0.element, tickSize: 0.05, lotSize: 10, sessions: sessions)
      }, .init(seed: seed, ticksPerSession: ticks))
  }

  private func all(_ market: SyntheticMarket) -> [Tick] {
    var market = market
    var ticks: [Tick] = []
    while market.nextMinute(into: &ticks) {}
    return ticks
  }

  @Test func theSameSeedGivesTheSameTicksHoweverTheyAreRead() {
    let expected = all(market())
    expectEqual(all(market()), expected)
    #expect(expected != all(market(seed: 8)))
    for limit in [1, 7, 1_000, 1_000_000] {
      var feed = SyntheticTickFeed(market())
      var read: [Tick] = []
      while read.count < 5_000, let batch = feed.read(upTo: limit) {
        #expect(batch.count <= limit && batch.firstRow == read.count + 1)
        read += batch.ticks
        #expect(batch.lastRow == read.count && batch.venue(0) == "SYNTHETIC")
      }
      expectEqual(read, expected.prefix(read.count))
    }
    for row in [0, 1, 4_321, expected.count] {
      var feed = SyntheticTickFeed(market())
      feed.skip(to: row)
      expectEqual(feed.read(upTo: .max)?.ticks ?? [], expected[row...])
    }
  }

  /// The drawings of the first minutes, so that a change that would alter all replays shows.
  @Test func ticksAreTheSameOnEveryMachine() {
    let ticks = all(market(["AAA"], ticks: 100)).prefix(3).map {
      "\($0.time) \($0.price) \($0.size) \($0.sequence)"
    }
    #expect(
      ticks == [
        "2000-01-01T14:30:15.508Z 98.05 10.0 0", "2000-01-01T14:36:34.267Z 98.1 10.0 0",
        "2000-01-01T14:38:45.662Z 98.2 20.0 0",
      ])
  }

  @Test func anotherInstrumentChangesNone() {
    let alone = all(market(["AAA"]))
    let together = all(market(["AAA", "BBB"]))
    #expect(alone == together.filter { $0.instrument == 1 })
    #expect(!alone.isEmpty && alone.count < together.count)
  }

  @Test func tradesHappenInSessionsInOrderOnTheTickGrid() {
    let ticks = all(market())
    #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0.time <= $1.time })
    #expect(ticks.allSatisfy { tick in Self.days.contains { $0.contains(tick.time.microseconds) } })
    #expect(ticks.allSatisfy { $0.price > 0 && $0.price * 20 == ($0.price * 20).rounded() && $0.size >= 10 })
    // Equal times of an instrument are numbered from 0 without gaps.
    for instrument in Int32(1)...3 {
      var last: Tick?
      for tick in ticks where tick.instrument == instrument {
        #expect(tick.sequence == (tick.time == last?.time ? last!.sequence + 1 : 0))
        last = tick
      }
    }
    #expect(ticks.contains { $0.sequence > 0 })
    let perSession = Double(ticks.count) / 30
    #expect(perSession > 1_400 && perSession < 3_000)
  }

  @Test func theDayIsBusiestAtItsEnds() {
    let ticks = all(market())
    func share(_ part: Range<Int64>) -> Int {
      ticks.count { tick in Self.days.contains { part.contains((tick.time.microseconds - $0.lowerBound) / 60_000_000) }
      }
    }
    // The first and last hour against the two in the middle.
    #expect(Double(share(0..<60) + share(330..<390)) > 1.3 * Double(share(135..<255)))
  }

  /// Large moves follow large moves, and there are more of them than a normal distribution has.
  @Test func volatilityComesInClusters() {
    let sessions = (0..<60).map { day in
      let open = Int64(day) * 86_400_000_000
      return open..<(open + 23_400_000_000)
    }
    var closes: [Int64: Double] = [:]
    for tick in all(market(["AAA"], ticks: 4_000, sessions: sessions)) {
      closes[tick.time.microseconds / 300_000_000] = tick.price
    }
    let keys = closes.keys.sorted()
    let moves = zip(keys, keys.dropFirst()).filter { $1 - $0 == 1 }.map { closes[$1]! / closes[$0]! - 1 }
    let mean = moves.reduce(0, +) / Double(moves.count)
    let squares = moves.map { ($0 - mean) * ($0 - mean) }
    let variance = squares.reduce(0, +) / Double(squares.count)
    let fourth = squares.map { $0 * $0 }.reduce(0, +) / Double(squares.count)
    #expect(fourth / (variance * variance) > 3.5)
    let lagged = zip(squares, squares.dropFirst()).map { ($0 - variance) * ($1 - variance) }.reduce(0, +)
    #expect(lagged / squares.map { ($0 - variance) * ($0 - variance) }.reduce(0, +) > 0.03)
  }

  @Test func instrumentsMoveTogetherInPart() {
    var closes: [Int32: [Int64: Double]] = [:]
    for tick in all(market(["AAA", "BBB"])) {
      closes[tick.instrument, default: [:]][tick.time.microseconds / 300_000_000] = tick.price
    }
    let keys = closes[1]!.keys.filter { closes[2]![$0] != nil }.sorted()
    let moves = zip(keys, keys.dropFirst()).filter { $1 - $0 == 1 }.map { first, second in
      (closes[1]![second]! / closes[1]![first]! - 1, closes[2]![second]! / closes[2]![first]! - 1)
    }
    let products = moves.map { $0.0 * $0.1 }.reduce(0, +)
    let correlation =
      products
      / (moves.map { $0.0 * $0.0 }.reduce(0, +) * moves.map { $0.1 * $0.1 }.reduce(0, +)).squareRoot()
    #expect(correlation > 0.2 && correlation < 0.8)
  }
}
