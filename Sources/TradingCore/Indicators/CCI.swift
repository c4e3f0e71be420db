/// Commodity channel index: (typical price − its mean) ÷ (0.015 × its mean absolute deviation) over `period` bars; 0
/// when the typical price is at its mean or the window is flat.
///
/// Lambert (1980), as TA-Lib. First value after `period` updates. Up to ``CCIKernel/longestSummed`` bars mean and
/// deviation are summed over a ring in slot order, which equals TA-Lib to the last bit and is fastest; longer windows are
/// kept sorted (``SortedWindow``), in O(log period) per bar.
public typealias CCI = Indicator<CCIKernel>

public struct CCIKernel: PeriodKernel {
  /// The longest period whose window is summed at each bar: from about here on sorting is faster.
  public static let longestSummed = 256

  public let memoryCount: Int
  private let period: Int
  /// One of the two is used, the other is of period 0 or 1.
  private var ring: Ring
  private var sorted: SortedWindow
  private var count = 0
  /// The sum of the slots before the ring's next one: the part of the mean that stays while the ring goes round.
  private var head = 0.0

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    self.period = period
    let isSummed = period <= Self.longestSummed
    var plan = MemoryPlan()
    ring = Ring(isSummed ? period : 1, &plan)
    sorted = SortedWindow(isSummed ? 0 : period, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ bar: HighLowClose, _ memory: Memory) -> Double {
    let price = bar.typicalPrice
    return period <= Self.longestSummed ? sum(price, memory) : sort(price, memory)
  }

  @inline(__always) private mutating func sum(_ price: Double, _ memory: Memory) -> Double {
    if ring.next == 0 { head = 0 }
    _ = ring.push(price, memory)
    head += price
    if count < period {
      count += 1
      guard count == period else { return .nan }
    }
    let slots = ring.slots(memory)
    var sum = head
    if ring.next > 0 {
      for slot in ring.next..<period { sum += slots[slot] }
    }
    let mean = sum / Double(period)
    var deviation = 0.0
    for slot in 0..<period { deviation += abs(slots[slot] - mean) }
    return result(price, mean, deviation)
  }

  @inline(never) private mutating func sort(_ price: Double, _ memory: Memory) -> Double {
    sorted.add(price, memory)
    guard sorted.isFull else { return .nan }
    let sum = sorted.sum(memory)
    let mean = sum / Double(period)
    let below = sorted.below(mean, memory)
    // What lies below the mean is as far from it as what lies above.
    let deviationBelow = mean * Double(below.count) - below.sum
    let deviationAbove = (sum - below.sum) - mean * Double(period - below.count)
    return result(price, mean, deviationBelow + deviationAbove)
  }

  @inline(__always) private func result(_ price: Double, _ mean: Double, _ deviation: Double) -> Double {
    if isZeroDifference(price, mean) || deviation == 0 { return 0 }
    return (price - mean) / (0.015 * (deviation / Double(period)))
  }
}
