/// Exponential moving average with weight 2 ÷ (period + 1) for the newest value.
///
/// As TA-Lib's classic mode: seeded with the plain mean of the first `period` values, then one fused multiply-add per
/// value, so that the results are equal to the last bit. First value after `period` updates.
public struct EMA: Sendable {
  public let period: Int
  /// The latest average, NaN while warming up.
  public private(set) var value = Double.nan

  private let weight: Double
  private var count = 0
  /// The sum of the seed values.
  private var sum = 0.0

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    self.period = period
    weight = 2 / Double(period + 1)
  }

  public var isReady: Bool { count == period }

  /// Takes one value in and returns the average, NaN while warming up.
  @discardableResult
  public mutating func update(_ x: Double) -> Double {
    if count == period {
      value = value.addingProduct(x - value, weight)
    } else {
      count += 1
      sum += x
      if count == period { value = sum / Double(period) }
    }
    return value
  }

  /// The average as if all past values had been multiplied by `ratio`.
  public mutating func rescale(by ratio: Double) {
    value *= ratio
    sum *= ratio
  }

  /// `[count, value, sum of the seed]`
  public var state: [Double] { [Double(count), value, sum] }

  /// Restores an exported state; goes on bit for bit as the original would.
  public init(period: Int, state: [Double]) throws(IndicatorError) {
    try self.init(period: period)
    guard state.count == 3 else { throw .badState }
    count = try counter(state[0], in: 0...period)
    value = state[1]
    sum = state[2]
  }
}
