/// Average true range, smoothed as Wilder does (New Concepts in Technical Trading Systems, 1978).
///
/// As TA-Lib: the first bar only gives a previous close, the seed is the mean of the next `period` true ranges, then
/// a·(period − 1) ÷ period + range ÷ period. First value after `period + 1` updates. In price units.
public typealias ATR = Indicator<ATRKernel>

public struct ATRKernel: PeriodKernel {
  public let period: Int
  private let keep: Double
  private let reciprocal: Double
  /// Bars seen, at most `period + 1`.
  fileprivate var count = 0
  fileprivate var previousClose = Double.nan
  /// The sum of the seed ranges.
  fileprivate var sum = 0.0
  fileprivate var value = Double.nan

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    self.period = period
    keep = Double(period - 1) / Double(period)
    reciprocal = 1 / Double(period)
  }

  @inline(__always) public mutating func update(_ bar: HighLowClose, _ memory: Memory) -> Double { update(bar) }

  @inline(__always) mutating func update(_ bar: HighLowClose) -> Double {
    let range = trueRange(bar, previousClose)
    previousClose = bar.close
    if count > period {
      value = (range * reciprocal).addingProduct(value, keep)
    } else {
      if count > 0 { sum += range }
      count += 1
      if count > period { value = sum / Double(period) }
    }
    return value
  }
}

/// max(high − low, |high − previous close|, |low − previous close|)
@inline(__always) func trueRange(_ bar: HighLowClose, _ previousClose: Double) -> Double {
  let (up, down) = (abs(bar.high - previousClose), abs(bar.low - previousClose))
  var range = bar.high - bar.low
  range = up > range ? up : range
  range = down > range ? down : range
  return range
}

extension ATR {
  public var period: Int { kernel.period }

  /// The average as if all past prices had been multiplied by `ratio`.
  public mutating func rescale(by ratio: Double) {
    latest *= ratio
    kernel.value *= ratio
    kernel.sum *= ratio
    kernel.previousClose *= ratio
  }

  /// `[count, value, sum of the seed, previous close]`
  public var state: [Double] { [Double(kernel.count), kernel.value, kernel.sum, kernel.previousClose] }

  /// Restores an exported state; goes on bit for bit as the original would.
  public init(period: Int, state: [Double]) throws(IndicatorError) {
    try self.init(period: period)
    guard state.count == 4 else { throw .badState }
    kernel.count = try counter(state[0], in: 0...(period + 1))
    guard kernel.count == period + 1 || state[1].isNaN else { throw .badState }
    kernel.value = state[1]
    kernel.sum = state[2]
    kernel.previousClose = state[3]
    latest = kernel.value
  }
}
