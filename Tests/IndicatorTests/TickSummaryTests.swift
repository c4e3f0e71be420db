import TestSupport
import Testing

@testable import TradingCore

@Suite struct TickSummaryTests {
  typealias Mark = TickSummary.Mark

  static func ticks(seed: UInt64, count: Int) -> [(mark: Mark, size: Double)] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { i in
      // Several ticks at one time, sequence numbers that repeat, prices and sizes that do not add up exactly.
      let price = 100 + Double(generator.next() % 1_000) / 700
      let mark = Mark(time: Int64(i / 5), sequence: Int64(generator.next() % 3), price: price)
      return (mark, Double(generator.next() % 10_000) / 300)
    }
  }

  static func summary(_ ticks: some Sequence<(mark: Mark, size: Double)>) -> TickSummary {
    var summary = TickSummary()
    for tick in ticks { summary.add(tick.mark, size: tick.size) }
    return summary
  }

  func expectSame(_ a: TickSummary, _ b: TickSummary, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(a.ticks == b.ticks && a.high == b.high && a.low == b.low, sourceLocation: sourceLocation)
    #expect(a.first.price == b.first.price && a.first.time == b.first.time, sourceLocation: sourceLocation)
    #expect(a.last.price == b.last.price && a.last.time == b.last.time, sourceLocation: sourceLocation)
    #expect(a.volume == b.volume && a.vwap == b.vwap, sourceLocation: sourceLocation)
  }

  @Test(arguments: seeds(20))
  func neitherOrderNorPartsMatter(seed: UInt64) {
    let ticks = Self.ticks(seed: seed, count: 2_000)
    let whole = Self.summary(ticks)
    var generator = SeededGenerator(seed: seed + 100)
    let shuffled = ticks.shuffled(using: &generator)
    expectSame(Self.summary(shuffled), whole)

    var joined = TickSummary()
    for start in stride(from: 0, to: shuffled.count, by: 317) {
      joined.merge(Self.summary(shuffled[start..<min(start + 317, shuffled.count)]))
    }
    expectSame(joined, whole)
  }

  @Test func ofTicksAtOneTimeTheSequenceThenThePriceDecides() {
    let bySequence = Self.summary([
      (Mark(time: 1, sequence: 2, price: 5), 1), (Mark(time: 1, sequence: 1, price: 9), 1),
    ])
    #expect(bySequence.first.price == 9 && bySequence.last.price == 5)
    let byPrice = Self.summary([(Mark(time: 1, sequence: 0, price: 5), 1), (Mark(time: 1, sequence: 0, price: 9), 1)])
    #expect(byPrice.first.price == 5 && byPrice.last.price == 9)
  }

  @Test func withoutVolumeThereIsNoAveragePrice() {
    #expect(Self.summary([(Mark(time: 1, sequence: 0, price: 5), 0)]).vwap.isNaN)
    #expect(TickSummary().vwap.isNaN && TickSummary().ticks == 0)
  }

  @Test func sumsDoNotLoseSmallSizesBesideLargeOnes() {
    let mark = Mark(time: 1, sequence: 0, price: 1)
    var summary = TickSummary()
    summary.add(mark, size: 1e16)
    for _ in 0..<1_000 { summary.add(mark, size: 0.5) }
    #expect(summary.volume == 1e16 + 500)
  }
}
