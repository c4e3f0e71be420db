/// Simple moving average: the mean of the last `period` values.
///
/// TA-Lib's order of operations (``RunningSum``), equal to the last bit. First value after `period` updates.
public typealias SMA = Indicator<SMAKernel>

public struct SMAKernel: PeriodKernel {
  public let memoryCount: Int
  public let period: Int
  fileprivate var sum: RunningSum

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    self.period = period
    var plan = MemoryPlan()
    sum = RunningSum(period, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ x: Double, _ memory: Memory) -> Double {
    sum.add(x, memory) / Double(period)
  }
}

extension SMA {
  public var period: Int { kernel.period }

  /// The average as if all past values had been multiplied by `ratio`.
  public mutating func rescale(by ratio: Double) {
    latest *= ratio
    memory.withUnsafeMutableBufferPointer { kernel.sum.rescale(by: ratio, $0.baseAddress!) }
  }

  /// `[count, value, sum, values from oldest to newest…]`; the sum is without the oldest value once the window is full.
  public var state: [Double] {
    let sum = kernel.sum
    let count = isReady ? period : sum.count
    var state = [Double(count), latest, sum.sum]
    for age in 0..<count { state.append(memory[(sum.ring.next + period - count + age) % period]) }
    return state
  }

  /// Restores an exported state; goes on bit for bit as the original would.
  public init(period: Int, state: [Double]) throws(IndicatorError) {
    try self.init(period: period)
    guard state.count >= 3 else { throw .badState }
    let count = try counter(state[0], in: 0...period)
    guard state.count == 3 + count, count == period || state[1].isNaN else { throw .badState }
    for x in state[3...] { update(x) }
    latest = state[1]
    kernel.sum.sum = state[2]
  }
}
