import Testing
import TradingCore

/// Equality with TA-Lib 0.8.2 over the golden bars, warm-up included.
@Suite struct GoldenTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var kind: IndicatorKind
    var parameters: IndicatorParameters
    var columns: [String]

    var testDescription: String { columns.joined(separator: ", ") }
  }

  static let cases: [Case] = [
    Case(kind: .sma, parameters: .init(20), columns: ["sma20"]),
    Case(kind: .ema, parameters: .init(20), columns: ["ema20"]),
    Case(kind: .ema, parameters: .init(50), columns: ["ema50"]),
    Case(kind: .wma, parameters: .init(20), columns: ["wma20"]),
    Case(kind: .rsi, parameters: .init(14), columns: ["rsi14"]),
    Case(kind: .macd, parameters: .init(12, 26, 9), columns: ["macd", "macd_signal", "macd_hist"]),
    Case(kind: .bbands, parameters: .init(20, 2), columns: ["bb_upper", "bb_middle", "bb_lower"]),
    Case(kind: .atr, parameters: .init(14), columns: ["atr14"]),
    Case(kind: .natr, parameters: .init(14), columns: ["natr14"]),
    Case(kind: .adx, parameters: .init(14), columns: ["adx14"]),
    Case(kind: .plusDI, parameters: .init(14), columns: ["plus_di14"]),
    Case(kind: .minusDI, parameters: .init(14), columns: ["minus_di14"]),
    Case(kind: .stoch, parameters: .init(14, 3, 3), columns: ["stoch_slowk", "stoch_slowd"]),
    Case(kind: .stochrsi, parameters: .init(14, 5, 3), columns: ["stochrsi_fastk", "stochrsi_fastd"]),
    Case(kind: .cci, parameters: .init(20), columns: ["cci20"]),
    Case(kind: .roc, parameters: .init(10), columns: ["roc10"]),
    Case(kind: .mom, parameters: .init(10), columns: ["mom10"]),
    Case(kind: .willr, parameters: .init(14), columns: ["willr14"]),
    Case(kind: .sar, parameters: .init(0.02, 0.2), columns: ["sar"]),
    Case(kind: .obv, parameters: .init(), columns: ["obv"]),
    Case(kind: .mfi, parameters: .init(14), columns: ["mfi14"]),
    Case(kind: .stdev, parameters: .init(20), columns: ["stddev20"]),
    Case(kind: .linregSlope, parameters: .init(14), columns: ["linearreg_slope14"]),
    Case(kind: .tema, parameters: .init(20), columns: ["tema20"]),
    Case(kind: .dema, parameters: .init(20), columns: ["dema20"]),
    Case(kind: .kama, parameters: .init(30), columns: ["kama30"]),
    Case(kind: .trix, parameters: .init(15), columns: ["trix15"]),
    Case(kind: .ultosc, parameters: .init(7, 14, 28), columns: ["ultosc7_14_28"]),
    Case(kind: .aroon, parameters: .init(14), columns: ["aroon_up14", "aroon_down14"]),
  ]

  @Test(arguments: cases)
  func equalsTALib(_ test: Case) throws {
    let results = try Series.of(test.kind, test.parameters, GoldenTable.talib.bars)
    #expect(results.count == test.columns.count)
    for (result, name) in zip(results, test.columns) {
      expectClose(result, GoldenTable.talib[name], name)
    }
  }

  @Test(arguments: [IndicatorKind.sma, .ema, .rsi, .roc, .mom, .willr, .obv, .mfi, .cci])
  func equalsTALibToTheLastBit(_ kind: IndicatorKind) throws {
    let test = Self.cases.first { $0.kind == kind }!
    let results = try Series.of(kind, test.parameters, GoldenTable.talib.bars)
    for (i, (a, b)) in zip(results[0], GoldenTable.talib[test.columns[0]]).enumerated() {
      #expect(a == b || (a.isNaN && b.isNaN), "bar \(i)")
    }
  }
}

/// Equal to 10⁻⁹ of max(1, |expected|) or to `residue`, NaN at the same places; reports the first difference only.
func expectClose(
  _ actual: [Double], _ expected: [Double], _ name: String, residue: Double = 0,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.count == expected.count, "\(name)", sourceLocation: sourceLocation)
  for (i, (a, b)) in zip(actual, expected).enumerated() where !(a.isNaN && b.isNaN) {
    guard abs(a - b) <= max(residue, 1e-9 * max(1, abs(b))) else {
      Issue.record("\(name), bar \(i): \(a), expected \(b)", sourceLocation: sourceLocation)
      return
    }
  }
}
