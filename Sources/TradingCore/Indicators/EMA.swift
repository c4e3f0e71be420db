/// Exponential moving average with weight 2 ÷ (period + 1) for the newest value.
///
/// As TA-Lib's classic mode: seeded with the plain mean of the first `period` values, then one fused multiply-add per
/// value, so that the results are equal to the last bit. First value after `period` updates.
public typealias EMA = Indicator<EMAKernel>

public struct EMAKernel: PeriodKernel {
  public let period: Int
  fileprivate let weight: Double
  fileprivate var count = 0
  /// The sum of the seed values.
  fileprivate var sum = 0.0
  fileprivate(set) var value = Double.nan

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    self.period = period
    weight = 2 / Double(period + 1)
  }

  @inline(__always) public mutating func update(_ x: Double, _ memory: Memory) -> Double { update(x) }

  @inline(__always) mutating func update(_ x: Double) -> Double {
    if count == period {
      advance(x)
    } else {
      count += 1
      sum += x
      if count == period { value = sum / Double(period) }
    }
    return value
  }

  /// Takes a value in when seeded.
  @inline(__always) mutating func advance(_ x: Double) { value = value.addingProduct(x - value, weight) }

  /// Goes on from `seed` as if it were the mean of the first values.
  mutating func start(at seed: Double) {
    count = period
    value = seed
  }
}

extension EMA {
  public var period: Int { kernel.period }

  /// The average as if all past values had been multiplied by `ratio`.
  public mutating func rescale(by ratio: Double) {
    latest *= ratio
    kernel.value *= ratio
    kernel.sum *= ratio
  }

  /// `[count, value, sum of the seed]`
  public var state: [Double] { [Double(kernel.count), kernel.value, kernel.sum] }

  /// Restores an exported state; goes on bit for bit as the original would.
  public init(period: Int, state: [Double]) throws(IndicatorError) {
    try self.init(period: period)
    guard state.count == 3 else { throw .badState }
    kernel.count = try counter(state[0], in: 0...period)
    guard kernel.count == period || state[1].isNaN else { throw .badState }
    kernel.value = state[1]
    kernel.sum = state[2]
    latest = kernel.value
  }
}
