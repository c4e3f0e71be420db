import Testing

@testable import TradingCore

@Suite struct MinuteFoldTests {
  private static func ticks(_ count: Int) throws -> [Tick] {
    var random = UInt64(7)
    return try (0..<count).map { index in
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Tick(
        instrument: Int32(1 + index % 3), time: try Timestamp(microseconds: Int64(index / 4) * 1_700_000 - 300_000_000),
        price: 100 + Double(random >> 50) / 100, size: Double(random >> 60), sequence: Int64(index % 4))
    }
  }

  private static func fold(_ ticks: some Sequence<Tick>) -> [String: MinuteFold.Part] {
    var fold = MinuteFold()
    for tick in ticks { fold.add(tick) }
    return Dictionary(uniqueKeysWithValues: fold.parts.map { ("\($0.instrument) \($0.bucket)", $0) })
  }

  @Test func thePartsOfAnyBatchesMakeTheSameCandles() throws {
    let ticks = try Self.ticks(2_000)
    let whole = Self.fold(ticks)
    for size in [1, 7, 100, 1_999] {
      var merged: [String: TickSummary] = [:]
      for start in stride(from: 0, to: ticks.count, by: size) {
        for (key, part) in Self.fold(ticks[start..<min(start + size, ticks.count)].reversed()) {
          merged[key, default: TickSummary()].merge(part.summary)
        }
      }
      #expect(merged.count == whole.count)
      for (key, part) in whole {
        let other = try #require(merged[key])
        #expect(other.ticks == part.summary.ticks && other.high == part.summary.high && other.low == part.summary.low)
        #expect(other.first.price == part.summary.first.price && other.last.price == part.summary.last.price)
        #expect(other.volume == part.summary.volume && abs(other.turnover - part.summary.turnover) < 1e-6)
      }
    }
  }

  @Test func minutesAreAlignedBeforeAndAfterTheEpoch() throws {
    for part in Self.fold(try Self.ticks(2_000)).values {
      #expect(part.bucket.modulo(60_000_000) == 0)
      #expect(part.summary.first.time >= part.bucket && part.summary.last.time < part.bucket + 60_000_000)
    }
  }

  @Test func theLastSizeIsThatOfTheLatestTick() throws {
    var fold = MinuteFold()
    for (second, size) in [(5, 1.0), (9, 2.0), (7, 3.0)] {
      fold.add(
        Tick(instrument: 1, time: try Timestamp(microseconds: Int64(second) * 1_000_000), price: 1, size: size))
    }
    #expect(fold.parts.map(\.lastSize) == [2])
  }

  @Test(arguments: [
    ([10.0, 11, 12, 9], [false, false, false, false]), ([10, 100.5, 10], [false, true, false]),
    ([10, 100], [false, false]), ([10, 101, 102, 103], [false, true, false, false]),
    ([10, 0.9, 10, 0.9, 0.9], [false, true, false, false, false]), ([1_000_000], [false]),
    ([10, 200, 4_000, 10], [false, true, true, true]),
  ])
  func aJumpIsFarFromBothPricesBeforeIt(prices: [Double], jumps: [Bool]) {
    var filter = JumpFilter(collar: 10)
    #expect(prices.map { filter.isJump($0) } == jumps)
  }
}
