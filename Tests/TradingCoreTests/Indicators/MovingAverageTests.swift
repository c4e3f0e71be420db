import Testing
import TradingCore

@Suite struct MovingAverageTests {
  let golden: Fixture

  init() throws { golden = try Fixture("golden/talib_sma_ema_atr.csv") }

  @Test func simpleAverageEqualsTALibToTheLastBit() throws {
    var sma = try SMA(period: 20)
    expectSame(golden["close"].map { sma.update($0) }, golden["sma20"])
  }

  @Test(arguments: [20, 50])
  func exponentialAverageEqualsTALibToTheLastBit(period: Int) throws {
    var ema = try EMA(period: period)
    expectSame(golden["close"].map { ema.update($0) }, golden["ema\(period)"])
  }

  @Test func averageTrueRangeEqualsTALib() throws {
    var atr = try ATR(period: 14)
    let expected = golden["atr14"]
    for i in expected.indices {
      let value = atr.update(high: golden["high"][i], low: golden["low"][i], close: golden["close"][i])
      #expect(value.isNaN == expected[i].isNaN, "bar \(i)")
      if !value.isNaN { #expect(abs(value - expected[i]) <= 1e-14 * expected[i], "bar \(i)") }
    }
  }

  @Test(arguments: [0, -1, 100_001, .max, .min])
  func absurdPeriodsAreRefused(period: Int) {
    #expect(refusal(try SMA(period: period)) == .badPeriod)
    #expect(refusal(try EMA(period: period)) == .badPeriod)
    #expect(refusal(try ATR(period: period)) == .badPeriod)
  }

  @Test func periodOneRepeatsTheInput() throws {
    var sma = try SMA(period: 1)
    var ema = try EMA(period: 1)
    var atr = try ATR(period: 1)
    for (high, low, close) in [(5.0, 3.0, 4.0), (7.0, 6.0, 6.5), (2.0, 1.0, 1.5)] {
      #expect(sma.update(close) == close)
      #expect(ema.update(close) == close)
      atr.update(high: high, low: low, close: close)
    }
    #expect(atr.value == 5.5)
  }

  @Test(arguments: [1, 2, 7, 20])
  func restoringTheStateAfterAnyValueGoesOnBitForBit(period: Int) throws {
    let close = golden["close"]
    var sma = try SMA(period: period)
    var ema = try EMA(period: period)
    var atr = try ATR(period: period)
    for i in 0..<100 {
      sma = try SMA(period: period, state: sma.state)
      ema = try EMA(period: period, state: ema.state)
      atr = try ATR(period: period, state: atr.state)
      sma.update(close[i])
      ema.update(close[i])
      atr.update(high: golden["high"][i], low: golden["low"][i], close: close[i])
      #expect(sma.isReady == (i + 1 >= period) && ema.isReady == (i + 1 >= period) && atr.isReady == (i >= period))
    }
    var plainSMA = try SMA(period: period)
    var plainEMA = try EMA(period: period)
    var plainATR = try ATR(period: period)
    for i in 0..<100 {
      plainSMA.update(close[i])
      plainEMA.update(close[i])
      plainATR.update(high: golden["high"][i], low: golden["low"][i], close: close[i])
    }
    expectSame(sma.state, plainSMA.state)
    expectSame(ema.state, plainEMA.state)
    expectSame(atr.state, plainATR.state)
  }

  static let impossibleStates: [[Double]] = [
    [], [1], [-1, 0, 0], [0.5, 0, 0], [4, 0, 0, 1, 2, 3, 4], [.nan, 0, 0], [2, 0, 0, 1, 1, 1], [.infinity, 0, 0],
    [1e300, 0, 0],
  ]

  @Test(arguments: impossibleStates)
  func aStateThatCannotBeIsRefused(state: [Double]) {
    #expect(refusal(try SMA(period: 3, state: state)) == .badState)
    #expect(refusal(try ATR(period: 3, state: state)) == .badState)
    #expect(refusal(try EMA(period: 3, state: state)) == .badState)
  }

  @Test(arguments: [1, 10, 19, 20, 21, 60])
  func rescalingEqualsAHistoryAtTheNewScale(at split: Int) throws {
    // Halving is exact in binary, so even the bits agree.
    let close = golden["close"]
    var sma = try SMA(period: 20)
    var ema = try EMA(period: 20)
    var atr = try ATR(period: 14)
    var scaledSMA = sma
    var scaledEMA = ema
    var scaledATR = atr
    for i in 0..<100 {
      let (high, low) = (golden["high"][i], golden["low"][i])
      let ratio = i < split ? 1 : 0.5
      if i == split {
        sma.rescale(by: 0.5)
        ema.rescale(by: 0.5)
        atr.rescale(by: 0.5)
      }
      sma.update(close[i] * ratio)
      ema.update(close[i] * ratio)
      atr.update(high: high * ratio, low: low * ratio, close: close[i] * ratio)
      scaledSMA.update(close[i] * 0.5)
      scaledEMA.update(close[i] * 0.5)
      scaledATR.update(high: high * 0.5, low: low * 0.5, close: close[i] * 0.5)
    }
    expectSame(sma.state, scaledSMA.state)
    expectSame(ema.state, scaledEMA.state)
    expectSame(atr.state, scaledATR.state)
  }
}

/// Equal bit for bit, any NaN equal to any other.
func expectSame(_ actual: [Double], _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation) {
  #expect(actual.count == expected.count, sourceLocation: sourceLocation)
  for (i, (a, b)) in zip(actual, expected).enumerated() where !(a == b || (a.isNaN && b.isNaN)) {
    Issue.record("index \(i): \(a) instead of \(b)", sourceLocation: sourceLocation)
    return
  }
}

/// The code of the error that the expression throws, nil when it has a value.
func refusal<Value>(_ expression: @autoclosure () throws -> Value) -> IndicatorError.Code? {
  do {
    _ = try expression()
    return nil
  } catch {
    return (error as? IndicatorError)?.code
  }
}
