/// Simple moving average of the last `period` values.
///
/// Follows TA-Lib's order of operations (add the new value, divide, subtract the oldest), so that the results are
/// equal to the last bit. First value after `period` updates.
public struct SMA: Sendable {
  public let period: Int
  /// The latest average, NaN while warming up.
  public private(set) var value = Double.nan

  private var count = 0
  /// The sum of the last `period - 1` values, which are in `window`.
  private var sum = 0.0
  /// A ring of `period` slots; `next` is the one to write.
  private var window: [Double]
  private var next = 0

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    self.period = period
    window = Array(repeating: 0, count: period)
  }

  public var isReady: Bool { count == period }

  /// Takes one value in and returns the average, NaN while warming up.
  @discardableResult
  public mutating func update(_ x: Double) -> Double {
    window[next] = x
    next += 1
    if next == period { next = 0 }
    sum += x
    if count < period { count += 1 }
    if count == period {
      value = sum / Double(period)
      sum -= window[next]
    }
    return value
  }

  /// The average as if all past values had been multiplied by `ratio`.
  public mutating func rescale(by ratio: Double) {
    value *= ratio
    sum *= ratio
    for slot in window.indices { window[slot] *= ratio }
  }

  /// `[count, value, sum, values from oldest to newest…]`
  public var state: [Double] {
    var state = [Double(count), value, sum]
    for age in 0..<count { state.append(window[(next + period - count + age) % period]) }
    return state
  }

  /// Restores an exported state; goes on bit for bit as the original would.
  public init(period: Int, state: [Double]) throws(IndicatorError) {
    try self.init(period: period)
    guard state.count >= 3 else { throw .badState }
    count = try counter(state[0], in: 0...period)
    guard state.count == 3 + count else { throw .badState }
    value = state[1]
    sum = state[2]
    for slot in 0..<count { window[slot] = state[3 + slot] }
    next = count % period
  }
}
