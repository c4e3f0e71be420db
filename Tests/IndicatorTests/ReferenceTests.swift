import TestSupport
import Testing

@testable import TradingCore

/// Indicators that TA-Lib lacks, against the plainest form of their definitions: whole windows, nothing slid.
@Suite struct ReferenceTests {
  static let samples: [Bars] = [GoldenTable.talib.bars] + (1...4).map { .random(seed: $0, count: 2_000) }

  /// For each bar from index `first` on what `definition` gives for it, NaN before.
  func series(_ count: Int, from first: Int, _ definition: (Int) -> Double) -> [Double] {
    (0..<count).map { $0 < first ? .nan : definition($0) }
  }

  func mean(_ values: ArraySlice<Double>) -> Double {
    // Around the first value, so that equal values have themselves as mean.
    values.first! + values.reduce(0) { $0 + ($1 - values.first!) } / Double(values.count)
  }

  @Test(arguments: samples, [2, 20])
  func zScoreIsTheDistanceFromTheMeanInDeviations(bars: Bars, n: Int) throws {
    let expected = series(bars.count, from: n - 1) { i in
      let window = bars.close[(i - n + 1)...i]
      let m = mean(window)
      let deviation = (window.reduce(0) { $0 + ($1 - m) * ($1 - m) } / Double(n)).squareRoot()
      return deviation == 0 ? 0 : (bars.close[i] - m) / deviation
    }
    expectClose(try Series.of(.zscore, .init(Double(n)), bars)[0], expected, "zscore")
  }

  @Test(arguments: samples, [2, 30])
  func correlationIsPearsons(bars: Bars, n: Int) throws {
    let expected = series(bars.count, from: n - 1) { i in
      let (x, y) = (bars.close[(i - n + 1)...i], bars.volume[(i - n + 1)...i])
      let (mx, my) = (mean(x), mean(y))
      let xx = x.reduce(0) { $0 + ($1 - mx) * ($1 - mx) }
      let yy = y.reduce(0) { $0 + ($1 - my) * ($1 - my) }
      let xy = zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) }
      return xx == 0 || yy == 0 ? 0 : xy / (xx.squareRoot() * yy.squareRoot())
    }
    expectClose(try Series.of(.correlation, .init(Double(n)), bars)[0], expected, "correlation")
  }

  @Test(arguments: samples, [1, 2, 3, 20, 500])
  func donchianIsTheRangeOfTheWindow(bars: Bars, n: Int) throws {
    let highest = series(bars.count, from: n - 1) { bars.high[($0 - n + 1)...$0].max()! }
    let lowest = series(bars.count, from: n - 1) { bars.low[($0 - n + 1)...$0].min()! }
    let middle = zip(highest, lowest).map { ($0 + $1) / 2 }
    let results = try Series.of(.donchian, .init(Double(n)), bars)
    for (actual, expected) in zip(results, [highest, middle, lowest]) {
      expectEqual(actual.map(\.bitPattern), expected.map(\.bitPattern))
    }
  }

  @Test(arguments: samples, [256, 257, 500])
  func longCCIIsThePlainOne(bars: Bars, n: Int) throws {
    let typical = (0..<bars.count).map { (bars.high[$0] + bars.low[$0] + bars.close[$0]) / 3 }
    let expected = series(bars.count, from: n - 1) { i in
      let window = typical[(i - n + 1)...i]
      let m = mean(window)
      let deviation = window.reduce(0) { $0 + abs($1 - m) } / Double(n)
      return deviation == 0 ? 0 : (typical[i] - m) / (0.015 * deviation)
    }
    expectClose(try Series.of(.cci, .init(Double(n)), bars)[0], expected, "cci")
  }

  /// NaN has no place in a sorted window; it must spoil the results only.
  @Test(arguments: IndicatorKind.allCases)
  func inputsThatAreNotFiniteDoNoHarm(kind: IndicatorKind) throws {
    var bars = Bars.random(seed: 3, count: 1_000)
    for i in stride(from: 7, to: 900, by: 13) {
      bars.close[i] = [.nan, .infinity, -.infinity, -.nan][i % 4]
      bars.high[i] = bars.close[i]
      bars.volume[i] = bars.close[i]
    }
    for parameters in [kind.usual, kind.short] + (kind == .cci ? [.init(300)] : []) {
      #expect(try Series.of(kind, parameters, bars)[0].count == bars.count)
    }
  }

  @Test func longCCIOfAFlatSeriesIsZero() throws {
    var cci = try CCI(period: 1_000)
    for price in [Double](repeating: 0.1, count: 2_500) { cci.update(high: price, low: price, close: price) }
    #expect(cci.value == 0)
  }

  @Test(arguments: samples)
  func keltnerIsTheAveragePlusAndMinusRanges(bars: Bars) throws {
    let middle = exponential(bars.close, 20)
    let range = wilderRange(bars, 10)
    let results = try Series.of(.keltner, .init(20, 10, 1.5), bars)
    expectClose(results[0], zip(middle, range).map { $0 + 1.5 * $1 }, "upper")
    expectClose(results[1], middle, "middle")
    expectClose(results[2], zip(middle, range).map { $0 - 1.5 * $1 }, "lower")
  }

  @Test(arguments: samples)
  func superTrendFollowsItsBands(bars: Bars) throws {
    let range = wilderRange(bars, 10)
    var (line, direction) = ([Double](), [Double]())
    var (upper, lower) = ([Double](), [Double]())
    for i in 0..<bars.count {
      guard i >= 10 else {
        (line, direction, upper, lower) = (line + [.nan], direction + [.nan], upper + [.nan], lower + [.nan])
        continue
      }
      let middle = (bars.high[i] + bars.low[i]) / 2
      let (basicUpper, basicLower) = (middle + 3 * range[i], middle - 3 * range[i])
      if i == 10 {
        upper.append(basicUpper)
        lower.append(basicLower)
        direction.append(-1)
      } else {
        let close = bars.close[i - 1]
        upper.append(basicUpper < upper[i - 1] || close > upper[i - 1] ? basicUpper : upper[i - 1])
        lower.append(basicLower > lower[i - 1] || close < lower[i - 1] ? basicLower : lower[i - 1])
        let wasRising = direction[i - 1] == 1
        direction.append(wasRising ? (bars.close[i] < lower[i] ? -1 : 1) : (bars.close[i] > upper[i] ? 1 : -1))
      }
      line.append(direction[i] == 1 ? lower[i] : upper[i])
    }
    let results = try Series.of(.supertrend, .init(10, 3), bars)
    expectClose(results[0], line, "line")
    expectClose(results[1], direction, "direction")
    #expect(direction.contains(1) && direction.contains(-1))
  }

  @Test(arguments: samples)
  func volumeWeightedPriceIsTurnoverOverVolume(bars: Bars) throws {
    let turnover = zip(bars.close, bars.volume).map { $0 * $1 }
    let expected = (0..<bars.count).map { (i: Int) -> Double in
      let volume = bars.volume[0...i].reduce(0, +)
      return volume == 0 ? .nan : turnover[0...i].reduce(0, +) / volume
    }
    expectClose(try Series.of(.vwap, .init(), bars)[0], expected, "vwap")
  }

  @Test func aNewSessionForgetsTheOldOne() {
    var vwap = VWAP()
    vwap.update(price: 100, volume: 10)
    vwap.startSession()
    #expect(vwap.value.isNaN)
    #expect(vwap.update(price: 50, volume: 2) == 50)
  }

  @Test(arguments: samples, [1, 20])
  func volumeSurgeComparesWithTheBarsBefore(bars: Bars, n: Int) throws {
    var surge = try VolumeSurge(period: n)
    let expected = series(bars.count, from: n) { i in
      let usual = bars.volume[(i - n)..<i].reduce(0, +) / Double(n)
      return usual == 0 ? .nan : bars.volume[i] / usual
    }
    expectClose(bars.volume.map { surge.update($0) }, expected, "volume surge")
  }

  @Test(
    arguments: [
      // open, high, low, close
      ([100, 102, 98, 100.1], IndicatorKind.doji, 1),
      ([100, 102, 98, 100.5], .doji, 0),
      ([100, 100, 100, 100], .doji, 0),
      ([100, 101.1, 95, 101], .hammer, 1),
      ([101, 101.1, 95, 100], .hammer, 1),
      ([100, 103, 95, 101], .hammer, 0),
      ([100, 101.1, 98.5, 101], .hammer, 0),
      ([100, 100, 95, 100], .hammer, 0),
    ] as [([Double], IndicatorKind, Double)])
  func patternsOfOneBar(bar: [Double], kind: IndicatorKind, expected: Double) throws {
    #expect(try Series.of(kind, .init(), Bars(ohlc: [bar]))[0] == [expected])
  }

  static let engulfing: [([[Double]], Double)] = [
    ([[102, 103, 99, 100], [99, 104, 98, 103]], 1),
    ([[102, 103, 99, 100], [100, 104, 98, 102]], 0),
    ([[102, 103, 99, 100], [100, 104, 98, 102.5]], 1),
    ([[102, 103, 99, 100], [100.5, 104, 98, 103]], 0),
    ([[100, 103, 99, 102], [103, 104, 98, 99]], -1),
    ([[100, 103, 99, 102], [99, 104, 98, 103]], 0),
  ]

  @Test(arguments: engulfing)
  func engulfingCoversTheBodyBefore(bars: [[Double]], expected: Double) throws {
    let result = try Series.of(.engulfing, .init(), Bars(ohlc: bars))[0]
    #expect(result[0].isNaN && result[1] == expected)
  }

  static let stars: [([[Double]], IndicatorKind, Double)] = [
    ([[110, 111, 99, 100], [98, 99, 96, 97], [98, 107, 97, 106]], .morningStar, 1),
    ([[110, 111, 99, 100], [98, 99, 96, 97], [98, 107, 97, 105]], .morningStar, 0),
    ([[110, 111, 99, 100], [101, 101, 96, 98], [98, 107, 97, 106]], .morningStar, 0),
    ([[110, 111, 99, 100], [99, 99, 90, 95], [98, 107, 97, 106]], .morningStar, 0),
    ([[110, 125, 95, 100], [98, 99, 96, 97], [98, 107, 97, 106]], .morningStar, 0),
    ([[100, 111, 99, 110], [112, 113, 111, 113], [112, 113, 102, 104]], .eveningStar, -1),
    ([[100, 111, 99, 110], [112, 113, 111, 113], [112, 113, 102, 105]], .eveningStar, 0),
    ([[100, 111, 99, 110], [109, 113, 108, 112], [112, 113, 102, 104]], .eveningStar, 0),
  ]

  @Test(arguments: stars)
  func starsTurnTheTrend(bars: [[Double]], kind: IndicatorKind, expected: Double) throws {
    let result = try Series.of(kind, .init(), Bars(ohlc: bars))[0]
    #expect(result[0].isNaN && result[1].isNaN && result[2] == expected)
  }

  /// TA-Lib's classic EMA: the first value is the mean of the first `n`.
  func exponential(_ x: [Double], _ n: Int) -> [Double] {
    var result = [Double](repeating: .nan, count: x.count)
    result[n - 1] = x[..<n].reduce(0, +) / Double(n)
    for i in n..<x.count { result[i] = result[i - 1] + 2 / Double(n + 1) * (x[i] - result[i - 1]) }
    return result
  }

  func wilderRange(_ bars: Bars, _ n: Int) -> [Double] {
    let ranges = (1..<bars.count).map { (i: Int) -> Double in
      let close = bars.close[i - 1]
      return max(bars.high[i], close) - min(bars.low[i], close)
    }
    var result = [Double](repeating: .nan, count: bars.count)
    result[n] = ranges[..<n].reduce(0, +) / Double(n)
    for i in (n + 1)..<bars.count { result[i] = (result[i - 1] * Double(n - 1) + ranges[i - 1]) / Double(n) }
    return result
  }
}

extension Bars {
  init(ohlc: [[Double]]) {
    self.init(
      open: ohlc.map { $0[0] }, high: ohlc.map { $0[1] }, low: ohlc.map { $0[2] }, close: ohlc.map { $0[3] },
      volume: ohlc.map { _ in 1 })
  }
}
