/// What a rule can call: every indicator, and what only rules have. `RuleFunction+Catalogue.swift` has names and shapes.
public enum RuleFunction: Sendable, Hashable {
  case indicator(IndicatorKind)
  /// `crosses_above(a, b)`: a > b now, and a <= b one candle before; false while one of the four is unknown.
  case crossesAbove
  case crossesBelow
  /// `highest(x, n)`, `lowest(x, n)`: over the last n candles, this one included.
  case highest, lowest
  case sum
  /// `count(condition, n)`: how many of the last n candles meet it.
  case count
  case absolute, squareRoot, minimum, maximum
  /// `hedge_ratio(y, x, n)`: slope of the regression of y on x over the last n candles.
  case hedgeRatio
  /// `opening_high(m)`, `opening_low(m)`: extreme of the candles that closed within the first m minutes of the session; no
  /// value before these are over, nor outside of sessions.
  case openingHigh, openingLow
}

/// Whether an expression is a number or a condition.
public enum RuleType: Sendable {
  case number, condition
}

/// The name and the shape of a function. The arguments of a ``Rule/call(_:_:output:)`` are its inputs, each of them a series,
/// followed by its constants, each of them a number or a parameter; none is ever left out.
public struct RuleSignature: Sendable {
  public struct Input: Sendable {
    public let name: String
    public let type: RuleType
    /// What it is when it is left out.
    public let standard: CandleField?
  }

  public struct Constant: Sendable {
    public let name: String
    /// The smallest whole number; nil: a factor, which is above 0 and at most ``RuleLimits/largestFactor``.
    public let least: Int?
    public let largest: Int
    /// What it is when it is left out, together with those behind it.
    public let standard: RuleNumber?
  }

  public struct Output: Sendable {
    public let name: String
    let words: String
  }

  public let function: RuleFunction
  /// The name in the normal form.
  public let name: String
  /// TA-Lib's name where it differs.
  public let alias: String?
  public let inputs: [Input]
  /// What it takes from the candle on its own. (`vwap` takes the typical price and the volume.)
  public let implicit: [CandleField]
  public let constants: [Constant]
  /// What is asked for by field, in the kernel's order; empty when there is one value.
  public let outputs: [Output]
  public let type: RuleType
  /// Whether its value depends on the exchange's sessions.
  public let needsClock: Bool
  /// What it is in plain words: `{x}`, `{y}` stand for the inputs (`{-x}`: without its article), `{1}` … for the constants,
  /// `{o}` for the output.
  let words: String
}

/// What a rule may take, so that none takes a machine's memory or time.
public enum RuleLimits {
  /// Bytes of one rule's text.
  public static let text = 8_000
  /// Expressions inside one another.
  public static let depth = 64
  /// Expressions of one rule.
  public static let nodes = 500
  /// Candles that a lookback or a period goes back.
  public static let lookback = 10_000
  public static let largestFactor = 1_000
  public static let exits = 8
  public static let legs = 4
  public static let parameters = 16
  /// Bytes of the name of a symbol, a model or a parameter.
  public static let name = 80
}
