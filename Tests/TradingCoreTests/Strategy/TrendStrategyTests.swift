import TestSupport
import Testing
import TradingCore

@Suite struct TrendStrategyTests {
  static let parameters = try! TrendParameters(json: #"{"fast":3,"slow":6,"atr":4,"atr_multiple":2,"risk_percent":1}"#)

  @Test(arguments: seeds(5))
  func signalsAreTheChangesOfSideOfTheAverages(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var strategy = try TrendStrategy(Self.parameters)
    let bars = Self.randomBars(400, &generator)
    let fast = Self.average(bars.map(\.close), 3)
    let slow = Self.average(bars.map(\.close), 6)
    var side: Bool?
    var signals = 0
    for (i, bar) in bars.enumerated() {
      let signal = strategy.update(bar)
      guard i >= 5 else {
        #expect(signal.action == nil)
        continue
      }
      let isUp = fast[i] > slow[i]
      if let before = side, before != isUp {
        signals += 1
        #expect(signal.action == (isUp ? .enterLong : .exit(.rule)))
        #expect(signal.price == bar.close && signal.exitValues == [strategy.averageTrueRange * 2])
      } else {
        #expect(signal.action == nil)
      }
      side = isUp
    }
    #expect(signals > 20)
  }

  @Test func averagesThatOnlyTouchGiveNoSignal() throws {
    var strategy = try TrendStrategy(TrendParameters(json: #"{"fast":1,"slow":2,"atr":1}"#))
    let closes: [Double] = [10, 11, 11, 11, 12, 9, 9, 9, 12]
    // slow = EMA(2) never quite meets a flat close, but a bar that repeats it does.
    var actions: [StrategyIntent.Action?] = []
    for (day, close) in closes.enumerated() { actions.append(strategy.update(Self.bar(day, close)).action) }
    #expect(actions == [nil, nil, nil, nil, nil, .exit(.rule), nil, nil, .enterLong])

    var flat = try TrendStrategy(TrendParameters(json: #"{"fast":1,"slow":2,"atr":1}"#))
    for day in 0..<10 { #expect(flat.update(Self.bar(day, 10)).action == nil) }
    // The first side after a flat start is the first known side, not a change.
    #expect(flat.update(Self.bar(10, 11)).action == nil)
    #expect(flat.update(Self.bar(11, 5)).action == .exit(.rule))
  }

  @Test(arguments: [Double.nan, .infinity, 0, -1])
  func aBarWithoutUsablePricesIsPassedOver(price: Double) throws {
    var generator = SeededGenerator(seed: 1)
    var strategy = try TrendStrategy(Self.parameters)
    var clean = strategy
    for (day, bar) in Self.randomBars(60, &generator).enumerated() {
      var bad = bar
      switch day % 4 {
      case 0: bad.open = price
      case 1: bad.high = price
      case 2: bad.low = price
      default: bad.close = price
      }
      #expect(strategy.update(bad).action == nil)
      #expect(strategy.update(bar).action == clean.update(bar).action)
    }
    #expect(strategy.averageTrueRange == clean.averageTrueRange)
  }

  /// The strategy keeps closes only for a sizing that looks at their deviation.
  @Test func theDeviationOfTheClosesSurvivesAStoreAndASplit() throws {
    let json = #"{"fast":3,"slow":6,"atr":4,"sizing":{"method":"deviation","period":9}}"#
    let parameters = try TrendParameters(json: json)
    var generator = SeededGenerator(seed: 7)
    let bars = Self.randomBars(60, &generator)
    var strategy = try TrendStrategy(parameters)
    var reference = try StandardDeviation(period: 9)
    for (day, bar) in bars.enumerated() {
      _ = strategy.update(bar)
      reference.update(bar.close)
      #expect(strategy.isReady == (day >= 8))
      if day >= 8 { #expect(abs(strategy.closeDeviation - reference.value) < 1e-9) }
      let restored = try TrendStrategy(parameters, state: strategy.state)
      #expect(restored.closeDeviation.bitPattern == strategy.closeDeviation.bitPattern)
      #expect(restored.state == strategy.state)
    }
    let before = strategy.closeDeviation
    strategy.rescale(by: 0.25)
    #expect(abs(strategy.closeDeviation - before / 4) < 1e-12)
    let plain = try TrendStrategy(TrendParameters(json: #"{"fast":3,"slow":6,"atr":4}"#))
    #expect(plain.closeDeviation == 0)
    #expect(throws: ParameterError.self) { try TrendStrategy(parameters, state: plain.state) }
  }

  static func average(_ values: [Double], _ period: Int) -> [Double] {
    var result: [Double] = []
    for i in values.indices {
      if i < period {
        result.append(values[...i].reduce(0, +) / Double(i + 1))
      } else {
        result.append(result[i - 1] + (values[i] - result[i - 1]) * 2 / Double(period + 1))
      }
    }
    return result
  }

  static func bar(_ day: Int, _ close: Double, spread: Double = 0) -> Bar {
    Bar(
      bucket: try! Timestamp(microseconds: Int64(day) * 86_400_000_000), open: close, high: close + spread,
      low: close - spread, close: close, volume: 1000)
  }

  static func randomBars(_ count: Int, _ generator: inout SeededGenerator) -> [Bar] {
    var price = 100.0
    return (0..<count).map { day in
      let open = price
      price *= 1 + .random(in: -0.03...0.03, using: &generator)
      let top = max(open, price) * (1 + .random(in: 0...0.01, using: &generator))
      let bottom = min(open, price) * (1 - .random(in: 0...0.01, using: &generator))
      return Bar(
        bucket: try! Timestamp(microseconds: Int64(day) * 86_400_000_000), open: open, high: top, low: bottom,
        close: price, volume: 1000)
    }
  }
}
