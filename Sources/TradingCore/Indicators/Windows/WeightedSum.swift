/// The sum and the time-weighted sum (weights 1...period, the newest heaviest) of the last `period` values, sliding:
/// W′ = W − S + period·x, S′ = S − old + x. Computed afresh from the window when a ``DriftGuard`` asks for it.
struct WeightedSum: BitwiseCopyable, Sendable {
  private var ring: Ring
  private var drift: DriftGuard
  private var count = 0
  private(set) var sum = 0.0
  private(set) var weighted = 0.0
  /// The sum of absolute values: what the rounding errors of the two others are measured by.
  private var magnitude = 0.0

  init(_ period: Int, _ plan: inout MemoryPlan) {
    ring = Ring(period, &plan)
    drift = DriftGuard(period: period)
  }

  var isFull: Bool { count == ring.capacity }

  @inline(__always) mutating func add(_ x: Double, _ memory: Memory) {
    let old = ring.push(x, memory)
    guard isFull else {
      count += 1
      if isFull { restart(memory) }
      return
    }
    weighted += Double(ring.capacity) * x - sum
    sum += x - old
    magnitude += abs(x) - abs(old)
    if drift.needsRestart(magnitude) { restart(memory) }
  }

  private mutating func restart(_ memory: Memory) {
    (sum, weighted, magnitude) = Self.sums(ring.slots(memory), ring.capacity, oldest: ring.next)
    drift.restarted(magnitude)
  }

  /// Static and not inlined, as in `Moments`.
  @inline(never)
  private static func sums(_ slots: Memory, _ count: Int, oldest: Int) -> (Double, Double, Double) {
    var (sum, weighted, magnitude) = (0.0, 0.0, 0.0)
    for age in 0..<count {
      let x = slots[(oldest + age) % count]
      sum += x
      weighted += Double(age + 1) * x
      magnitude += abs(x)
    }
    return (sum, weighted, magnitude)
  }
}
