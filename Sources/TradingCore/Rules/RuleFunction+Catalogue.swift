// The one list of what rules can call: for parser, printer, compiler, plain words and the table in docs/rules.md.

extension RuleFunction {
  /// All functions, in the order of the documentation: indicators by `IndicatorKind`, then what only rules have.
  public static let catalogue: [RuleSignature] = IndicatorKind.allCases.map(indicatorSignature) + ownSignatures

  public var signature: RuleSignature { Self.catalogue[position] }

  /// Of this name in any case, or with this alias.
  static func named(_ name: some Collection<UInt8>) -> RuleSignature? {
    for signature in catalogue {
      if isSameWord(name, signature.name) { return signature }
      if let alias = signature.alias, isSameWord(name, alias) { return signature }
    }
    return nil
  }

  private var position: Int {
    let own: Int
    switch self {
    case .indicator(let kind): return Int(kind.rawValue)
    case .crossesAbove: own = 0
    case .crossesBelow: own = 1
    case .highest: own = 2
    case .lowest: own = 3
    case .sum: own = 4
    case .count: own = 5
    case .absolute: own = 6
    case .squareRoot: own = 7
    case .minimum: own = 8
    case .maximum: own = 9
    case .hedgeRatio: own = 10
    case .openingHigh: own = 11
    case .openingLow: own = 12
    }
    return IndicatorKind.allCases.count + own
  }

  // MARK: Indicators

  private static func indicatorSignature(_ kind: IndicatorKind) -> RuleSignature {
    switch kind {
    case .sma: series(kind, "sma", 30, "the {1}-candle average of {x}")
    case .ema: series(kind, "ema", 30, "the {1}-candle exponential average of {x}")
    case .wma: series(kind, "wma", 30, "the {1}-candle weighted average of {x}")
    case .dema: series(kind, "dema", 30, "the {1}-candle double exponential average of {x}")
    case .tema: series(kind, "tema", 30, "the {1}-candle triple exponential average of {x}")
    case .kama: series(kind, "kama", 30, "Kaufman's {1}-candle adaptive average of {x}")
    case .trix:
      series(kind, "trix", 30, "the {1}-candle TRIX (change of the triple smoothed average in percent) of {x}")
    case .rsi: series(kind, "rsi", 14, "the {1}-candle relative strength index of {x}")
    case .roc: series(kind, "roc", 10, "the change of {x} over {1} candles in percent")
    case .mom: series(kind, "mom", 10, "the change of {x} over {1} candles")
    case .stdev: series(kind, "stdev", alias: "stddev", 5, "the standard deviation of {x} over {1} candles")
    case .linregSlope:
      series(
        kind, "linreg_slope", alias: "linearreg_slope", least: 2, 14,
        "the slope of the line through {x} over {1} candles")
    case .zscore: series(kind, "zscore", 20, "the distance of {x} from its {1}-candle mean in standard deviations")
    case .macd:
      of(
        kind, "macd", [x(.close)], [period("fast", 12), period("slow", 26), period("signal", 9)],
        outputs: [("macd", "line"), ("signal", "signal line"), ("histogram", "histogram")],
        "the {o} of the MACD ({1}, {2}, {3}) of {x}")
    case .bbands:
      of(
        kind, "bbands", [x(.close)], [period("n", 5), factor("k", 2)], outputs: bands,
        "the {o} Bollinger band ({1} candles, {2} standard deviations) of {x}")
    case .stochrsi:
      of(
        kind, "stochrsi", [x(.close)], [period("n", 14), period("k", 5), period("d", 3)], outputs: lines,
        "{o} of the stochastic RSI ({1}, {2}, {3}) of {x}")
    case .atr: bar(kind, "atr", range, [period("n", 14)], "the average true range ({1} candles)")
    case .natr:
      bar(kind, "natr", range, [period("n", 14)], "the average true range ({1} candles) in percent of the close")
    case .adx: bar(kind, "adx", range, [period("n", 14)], "the average directional index ({1} candles)")
    case .plusDI: bar(kind, "plus_di", range, [period("n", 14)], "the upward directional indicator ({1} candles)")
    case .minusDI: bar(kind, "minus_di", range, [period("n", 14)], "the downward directional indicator ({1} candles)")
    case .cci: bar(kind, "cci", range, [period("n", 14)], "the commodity channel index ({1} candles)")
    case .willr: bar(kind, "willr", range, [period("n", 14)], "Williams' %R ({1} candles)")
    case .stoch:
      bar(
        kind, "stoch", range, [period("k", 5), period("slow_k", 3), period("d", 3)], outputs: lines,
        "{o} of the slow stochastic ({1}, {2}, {3})")
    case .stochf:
      bar(
        kind, "stochf", range, [period("k", 5), period("d", 3)], outputs: lines, "{o} of the fast stochastic ({1}, {2})"
      )
    case .ultosc:
      bar(
        kind, "ultosc", range, [period("n1", 7), period("n2", 14), period("n3", 28)],
        "the ultimate oscillator ({1}, {2}, {3})")
    case .keltner:
      bar(
        kind, "keltner", range, [period("n", 20), period("atr_n", 10), factor("k", 2)], outputs: bands,
        "the {o} Keltner channel ({1} candles, {3} average true ranges of {2} candles)")
    case .supertrend:
      bar(
        kind, "supertrend", range, [period("n", 10), factor("k", 3)],
        outputs: [("line", "line"), ("direction", "direction")],
        "the {o} of the SuperTrend ({1} candles, {2} average true ranges)")
    case .aroon:
      bar(
        kind, "aroon", [.high, .low], [period("n", 14)], outputs: [("up", "up"), ("down", "down")],
        "Aroon {o} ({1} candles)")
    case .sar:
      bar(
        kind, "sar", [.high, .low],
        [
          factor("acceleration", RuleNumber(digits: 2, decimals: 2)),
          factor("maximum", RuleNumber(digits: 2, decimals: 1)),
        ], "the parabolic SAR ({1}, {2})")
    case .donchian:
      bar(kind, "donchian", [.high, .low], [period("n", 20)], outputs: bands, "the {o} Donchian channel ({1} candles)")
    case .obv: bar(kind, "obv", [.close, .volume], [], "the on-balance volume")
    case .vwap:
      bar(
        kind, "vwap", [.high, .low, .close, .volume], [], needsClock: true,
        "the volume-weighted average price of the session")
    case .mfi:
      bar(kind, "mfi", [.high, .low, .close, .volume], [period("n", 14)], "the money flow index ({1} candles)")
    case .correlation:
      of(
        kind, "correlation", alias: "correl", [x(nil), y], [period("n", 30)],
        "the correlation of {x} with {y} over {1} candles")
    case .volumeSurge:
      of(
        kind, "volume_surge", [x(.volume)], [period("n", 20)],
        "{x} in multiples of its average of the {1} candles before")
    case .doji: bar(kind, "doji", alias: "cdldoji", prices, [], "the doji pattern (1 or 0)")
    case .hammer: bar(kind, "hammer", alias: "cdlhammer", prices, [], "the hammer pattern (1 or 0)")
    case .engulfing:
      bar(kind, "engulfing", alias: "cdlengulfing", prices, [], "the engulfing pattern (1 up, -1 down, or 0)")
    case .morningStar:
      bar(kind, "morning_star", alias: "cdlmorningstar", prices, [], "the morning star pattern (1 or 0)")
    case .eveningStar:
      bar(kind, "evening_star", alias: "cdleveningstar", prices, [], "the evening star pattern (-1 or 0)")
    }
  }

  // MARK: What only rules have

  private static var ownSignatures: [RuleSignature] {
    [
      own(.crossesAbove, "crosses_above", [input("a"), input("b")], [], .condition, "{x} crosses above {y}"),
      own(.crossesBelow, "crosses_below", [input("a"), input("b")], [], .condition, "{x} crosses below {y}"),
      own(.highest, "highest", [x(nil)], [length], .number, "the highest {-x} of the last {1} candles"),
      own(.lowest, "lowest", [x(nil)], [length], .number, "the lowest {-x} of the last {1} candles"),
      own(.sum, "sum", [x(nil)], [length], .number, "the sum of {x} over the last {1} candles"),
      own(
        .count, "count", [.init(name: "condition", type: .condition, standard: nil)], [length], .number,
        "the number of the last {1} candles at which {x}"),
      own(.absolute, "abs", [x(nil)], [], .number, "the size of {x}"),
      own(.squareRoot, "sqrt", [x(nil)], [], .number, "the square root of {x}"),
      own(.minimum, "min", [input("a"), input("b")], [], .number, "the smaller of {x} and {y}"),
      own(.maximum, "max", [input("a"), input("b")], [], .number, "the larger of {x} and {y}"),
      own(
        .hedgeRatio, "hedge_ratio", [input("y"), input("x")],
        [.init(name: "n", least: 2, largest: RuleLimits.lookback, standard: nil)], .number,
        "the hedge ratio of {x} on {y} over {1} candles"),
      own(.openingHigh, "opening_high", [], [minutes], .number, "the high of the session's first {1} minutes"),
      own(.openingLow, "opening_low", [], [minutes], .number, "the low of the session's first {1} minutes"),
    ]
  }

  // MARK: Shapes

  private typealias Signature = RuleSignature
  private static let range: [CandleField] = [.high, .low, .close]
  private static let prices: [CandleField] = [.open, .high, .low, .close]
  private static let bands = [("upper", "upper"), ("middle", "middle"), ("lower", "lower")]
  private static let lines = [("k", "%K"), ("d", "%D")]
  private static let y = input("y")
  private static let length = Signature.Constant(name: "n", least: 1, largest: RuleLimits.lookback, standard: nil)
  private static let minutes = Signature.Constant(name: "minutes", least: 1, largest: 1_440, standard: nil)

  private static func input(_ name: String) -> Signature.Input { .init(name: name, type: .number, standard: nil) }
  private static func x(_ standard: CandleField?) -> Signature.Input {
    .init(name: "x", type: .number, standard: standard)
  }
  private static func period(_ name: String, least: Int = 1, _ standard: Int64) -> Signature.Constant {
    .init(name: name, least: least, largest: RuleLimits.lookback, standard: RuleNumber(digits: standard))
  }
  private static func factor(_ name: String, _ standard: RuleNumber) -> Signature.Constant {
    .init(name: name, least: nil, largest: RuleLimits.largestFactor, standard: standard)
  }
  private static func factor(_ name: String, _ standard: Int64) -> Signature.Constant {
    factor(name, RuleNumber(digits: standard))
  }

  /// Of one series, with one period.
  private static func series(
    _ kind: IndicatorKind, _ name: String, alias: String? = nil, least: Int = 1, _ standard: Int64, _ words: String
  ) -> Signature {
    of(kind, name, alias: alias, [x(.close)], [period("n", least: least, standard)], words)
  }

  /// Of series that are written out.
  private static func of(
    _ kind: IndicatorKind, _ name: String, alias: String? = nil, _ inputs: [Signature.Input],
    _ constants: [Signature.Constant], outputs: [(String, String)] = [], _ words: String
  ) -> Signature {
    Signature(
      function: .indicator(kind), name: name, alias: alias, inputs: inputs, implicit: [], constants: constants,
      outputs: outputs.map { .init(name: $0.0, words: $0.1) }, type: .number, needsClock: false, words: words)
  }

  /// Of the candle.
  private static func bar(
    _ kind: IndicatorKind, _ name: String, alias: String? = nil, _ implicit: [CandleField],
    _ constants: [Signature.Constant], outputs: [(String, String)] = [], needsClock: Bool = false, _ words: String
  ) -> Signature {
    Signature(
      function: .indicator(kind), name: name, alias: alias, inputs: [], implicit: implicit, constants: constants,
      outputs: outputs.map { .init(name: $0.0, words: $0.1) }, type: .number, needsClock: needsClock, words: words)
  }

  private static func own(
    _ function: RuleFunction, _ name: String, _ inputs: [Signature.Input], _ constants: [Signature.Constant],
    _ type: RuleType, _ words: String
  ) -> Signature {
    let isOpening = function == .openingHigh || function == .openingLow
    return Signature(
      function: function, name: name, alias: nil, inputs: inputs,
      implicit: !isOpening ? [] : [function == .openingHigh ? .high : .low], constants: constants, outputs: [],
      type: type, needsClock: isOpening, words: words)
  }
}

/// Whether the letters are the same, whatever their case. `word` is in lower case.
func isSameWord(_ name: some Collection<UInt8>, _ word: String) -> Bool {
  guard name.count == word.utf8.count else { return false }
  var expected = word.utf8.makeIterator()
  for byte in name {
    let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
    if (isUpper ? byte | 0x20 : byte) != expected.next() { return false }
  }
  return true
}
