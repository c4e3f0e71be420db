/// Money flow index, 0...100: the share of upward money flow (typical price × volume) in the flow of the last `period`
/// bars; 0 when there was none.
///
/// Quong and Soudack (1989), as TA-Lib's MFI: a bar whose typical price did not change, but for rounding, has no flow.
/// First value after `period + 1` updates.
public typealias MoneyFlowIndex = Indicator<MoneyFlowIndexKernel>

public struct MoneyFlowIndexKernel: PeriodKernel {
  public let memoryCount: Int
  /// Flows with the sign of the price's step.
  private var ring: Ring
  private var count = 0
  private var previous = 0.0
  private var up = 0.0
  private var down = 0.0
  /// Bars in a row without flow.
  private var still = 0

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    var plan = MemoryPlan()
    ring = Ring(period, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ bar: HighLowCloseVolume, _ memory: Memory) -> Double {
    let price = bar.typicalPrice
    let step = price - previous
    var flow = isZeroDifference(price, previous) ? 0 : price * bar.volume
    if step < 0 { flow = -flow }
    previous = price
    guard count > 0 else {
      count = 1
      return .nan
    }

    // Subtract what leaves, then add: TA-Lib's order. What leaves is 0 while the ring fills.
    let old = ring.push(flow, memory)
    up = up - positive(old) + positive(flow)
    down = down - positive(-old) + positive(-flow)
    still = flow == 0 ? still + 1 : 0
    if still >= ring.capacity { (up, down) = (0, 0) }

    if count <= ring.capacity {
      count += 1
      guard count > ring.capacity else { return .nan }
    }
    let sum = up + down
    return sum > 0 ? 100 * (max(0, min(up, sum)) / sum) : 0
  }
}
