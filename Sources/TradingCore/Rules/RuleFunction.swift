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
}
