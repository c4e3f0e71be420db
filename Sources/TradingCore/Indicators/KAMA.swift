/// Kaufman's adaptive moving average: an EMA whose weight follows the efficiency of the last `period` steps.
///
/// efficiency = |x − x[−n]| ÷ Σ|single steps|, weight = (efficiency·(2/3 − 2/31) + 2/31)². Kaufman, Smarter Trading
/// (1995), as TA-Lib: starts from x[n − 1]; the running sum of steps
/// is set to 0 when the window is flat. First value after `period + 1` updates.
public typealias KAMA = Indicator<KAMAKernel>

public struct KAMAKernel: PeriodKernel {
  public let memoryCount: Int
  private var ring: Ring
  private var count = 0
  /// Steps in a row without movement.
  private var still = 0
  /// The sum of the last `period` absolute steps.
  private var path = 0.0
  private var newest = 0.0
  /// The value that left the ring last: the start of the oldest step.
  private var trailing = 0.0
  private var value = Double.nan

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    var plan = MemoryPlan()
    ring = Ring(period, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ x: Double, _ memory: Memory) -> Double {
    let step = abs(x - newest)
    let previous = newest
    still = step == 0 ? still + 1 : 0
    newest = x
    let old = ring.push(x, memory)
    if count < ring.capacity {
      if count > 0 { path += step }
      count += 1
      return .nan
    }
    if count == ring.capacity {
      count += 1
      value = previous
      path += step
    } else {
      path -= abs(trailing - old)
      path += step
    }
    trailing = old
    if still >= ring.capacity { path = 0 }
    let change = x - old
    let efficiency = path <= abs(change) ? 1 : abs(change) / path
    let root = efficiency * (2.0 / 3 - 2.0 / 31) + 2.0 / 31
    value = value.addingProduct(x - value, root * root)
    return value
  }
}
