/// The sum of the last `period` values in TA-Lib's order: add the new value, give the sum, then subtract the oldest.
///
/// That order makes averages equal to TA-Lib's to the last bit, also in the digits lost to a huge value that has left.
struct RunningSum: BitwiseCopyable, Sendable {
  var ring: Ring
  private(set) var count = 0
  /// Without the oldest value when the ring is full.
  var sum = 0.0

  init(_ period: Int, _ plan: inout MemoryPlan) { ring = Ring(period, &plan) }

  /// The sum including `x`, NaN until `period` values came.
  @inline(__always) mutating func add(_ x: Double, _ memory: Memory) -> Double {
    _ = ring.push(x, memory)
    let total = sum + x
    if count + 1 < ring.capacity {
      count += 1
      sum = total
      return .nan
    }
    count = ring.capacity
    sum = total - ring.oldest(memory)
    return total
  }

  /// Multiplies all values by `ratio`.
  mutating func rescale(by ratio: Double, _ memory: Memory) {
    sum *= ratio
    for slot in 0..<ring.capacity { ring.slots(memory)[slot] *= ratio }
  }
}

/// Tells when a quantity that slides (add the new, subtract the old) must be computed afresh from its window, because
/// rounding residues of values that have left could show.
///
/// Residues are a few units in the last place of the largest amount that the quantity had since it was last computed
/// afresh. So that is done when the amount has fallen to a thousandth of that peak, and otherwise every
/// `max(period, 1024)` values. Both are rare: the cost per value stays constant on average.
struct DriftGuard: BitwiseCopyable, Sendable {
  private let interval: Int
  private var age = 0
  private var peak = 0.0

  init(period: Int) { interval = max(period, 1024) }

  /// Takes note of the amount after a slide; true when the window must be summed up afresh now.
  @inline(__always) mutating func needsRestart(_ amount: Double) -> Bool {
    age += 1
    if amount > peak { peak = amount }
    return age >= interval || amount < peak * 0.001
  }

  mutating func restarted(_ amount: Double) {
    age = 0
    peak = amount
  }
}
