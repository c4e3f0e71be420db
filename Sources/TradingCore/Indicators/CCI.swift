/// Commodity channel index: (typical price − its mean) ÷ (0.015 × its mean absolute deviation) over `period` bars; 0
/// when the typical price is at its mean or the window is flat.
///
/// Lambert (1980), as TA-Lib to the last bit: mean and deviation are summed over a ring in slot order. First value after
/// `period` updates.
public typealias CCI = Indicator<CCIKernel>

public struct CCIKernel: PeriodKernel {
  public let memoryCount: Int
  private var ring: Ring
  private var count = 0
  /// The sum of the slots before the ring's next one: the part of the mean that stays while the ring goes round.
  private var head = 0.0

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    var plan = MemoryPlan()
    ring = Ring(period, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ bar: HighLowClose, _ memory: Memory) -> Double {
    let price = bar.typicalPrice
    if ring.next == 0 { head = 0 }
    _ = ring.push(price, memory)
    head += price
    if count < ring.capacity {
      count += 1
      guard count == ring.capacity else { return .nan }
    }
    let n = Double(ring.capacity)
    let slots = ring.slots(memory)
    var sum = head
    if ring.next > 0 {
      for slot in ring.next..<ring.capacity { sum += slots[slot] }
    }
    let mean = sum / n
    var deviation = 0.0
    for slot in 0..<ring.capacity { deviation += abs(slots[slot] - mean) }
    if isZeroDifference(price, mean) || deviation == 0 { return 0 }
    return (price - mean) / (0.015 * (deviation / n))
  }
}
