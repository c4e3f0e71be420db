/// Average true range, smoothed as Wilder does (New Concepts in Technical Trading Systems, 1978).
///
/// As TA-Lib: the first bar only gives a previous close, the seed is the mean of the next `period` true ranges, then
/// `(a × (period − 1) + range) ÷ period`. First value after `period + 1` updates. In price units.
public struct ATR: Sendable {
  public let period: Int
  /// The latest average, NaN while warming up.
  public private(set) var value = Double.nan

  /// Bars seen, at most `period + 1`.
  private var count = 0
  private var previousClose = Double.nan
  /// The sum of the seed ranges.
  private var sum = 0.0

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    self.period = period
  }

  public var isReady: Bool { count > period }

  /// Takes one bar in and returns the average, NaN while warming up.
  @discardableResult
  public mutating func update(high: Double, low: Double, close: Double) -> Double {
    defer { previousClose = close }
    if count == 0 {
      count = 1
      return value
    }
    let range = max(max(high - low, abs(high - previousClose)), abs(low - previousClose))
    if count > period {
      value = (value * Double(period - 1) + range) / Double(period)
    } else {
      count += 1
      sum += range
      if count > period { value = sum / Double(period) }
    }
    return value
  }

  /// The average as if all past prices had been multiplied by `ratio`.
  public mutating func rescale(by ratio: Double) {
    value *= ratio
    sum *= ratio
    previousClose *= ratio
  }

  /// `[count, value, sum of the seed, previous close]`
  public var state: [Double] { [Double(count), value, sum, previousClose] }

  /// Restores an exported state; goes on bit for bit as the original would.
  public init(period: Int, state: [Double]) throws(IndicatorError) {
    try self.init(period: period)
    guard state.count == 4 else { throw .badState }
    count = try counter(state[0], in: 0...(period + 1))
    value = state[1]
    sum = state[2]
    previousClose = state[3]
  }
}
