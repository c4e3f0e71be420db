import TestSupport
import Testing

@testable import TradingCore

@Suite struct BatchTests {
  /// The property that lets the runner, a batch and an SQL window be compared at all.
  @Test(arguments: IndicatorKind.allCases)
  func incrementalEqualsBatchBitForBit(_ kind: IndicatorKind) throws {
    let sets = [GoldenTable.talib.bars, .random(seed: 1, count: 3_000), .random(seed: 2, count: 3_000)]
    for bars in sets {
      for parameters in [kind.usual, kind.short] + (kind == .cci ? [.init(300)] : []) {
        let single = try Series.of(kind, parameters, bars)
        for size in [bars.count, 1, 2, 997] {
          let batch = try Series.of(kind, parameters, bars, .batches(of: size))
          for (a, b) in zip(single, batch) {
            expectEqual(a.map(\.bitPattern), b.map(\.bitPattern), "batches of \(size)")
          }
        }
      }
    }
  }

  @Test func aCopyGoesItsOwnWay() throws {
    var original = try SMA(period: 3)
    for x in [1.0, 2, 3] { original.update(x) }
    var copy = original
    copy.update(100)
    #expect(original.update(4) == 3)
    #expect(copy.value == 35)
  }

  @Test(arguments: IndicatorKind.allCases)
  func absurdParametersAreRefused(_ kind: IndicatorKind) {
    guard kind.hasParameters else { return }
    for first in [0, -1, 1e9, .nan, .infinity, -.infinity] as [Double]
    where kind != .sar || !(first > 0 && first < .infinity) {
      var parameters = kind.usual
      parameters.first = first
      #expect(throws: IndicatorError.self, "\(first)") {
        try Series.of(kind, parameters, Bars.random(seed: 1, count: 1))
      }
    }
  }

  @Test func periodsAreWholeNumbers() {
    #expect(throws: IndicatorError.self) { try Series.of(.sma, .init(2.5), .random(seed: 1, count: 1)) }
  }
}

extension IndicatorKind {
  /// The shortest periods that make sense.
  var short: IndicatorParameters {
    switch self {
    case .linregSlope: .init(2)
    case .macd, .stochrsi, .stoch, .ultosc: .init(1, 1, 1)
    case .keltner: .init(1, 1, 1.5)
    case .bbands, .supertrend: .init(1, 2)
    case .stochf: .init(1, 1)
    default: .init(1, 1)
    }
  }

  var hasParameters: Bool {
    switch self {
    case .obv, .vwap, .doji, .hammer, .engulfing, .morningStar, .eveningStar: false
    default: true
    }
  }
}
