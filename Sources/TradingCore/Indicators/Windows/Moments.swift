/// Mean and population variance of the last `period` values, sliding.
///
/// Chan, Golub, LeVeque, "Algorithms for computing the sample variance" (1983), in the form for one value in and one
/// out: with a shift to the old mean, M2′ = M2 + (x − m)² − (old − m)² − n·((x − old)/n)². Computed afresh in two
/// passes when a ``DriftGuard`` asks for it, so that a flat window after a wild one has a deviation of exactly 0.
struct Moments: BitwiseCopyable, Sendable {
  private var ring: Ring
  private let reciprocal: Double
  private var drift: DriftGuard
  private var count = 0
  private(set) var mean = Double.nan
  /// The sum of squared deviations from the mean.
  private var m2 = 0.0

  init(_ period: Int, _ plan: inout MemoryPlan) {
    ring = Ring(period, &plan)
    reciprocal = 1 / Double(period)
    drift = DriftGuard(period: period)
  }

  var isFull: Bool { count == ring.capacity }

  /// The standard deviation with divisor `period`; meaningful when `isFull`.
  @inline(__always) var deviation: Double { m2 > 0 ? (m2 * reciprocal).squareRoot() : 0 }

  @inline(__always) mutating func add(_ x: Double, _ memory: Memory) {
    let old = ring.push(x, memory)
    guard isFull else {
      count += 1
      if isFull { restart(around: x, memory) }
      return
    }
    let step = (x - old) * reciprocal
    // (x − m)² − (old − m)² − n·step² = (x − old)·((x − m) + (old − m) − step)
    m2 += (x - old) * ((x - mean) + (old - mean) - step)
    mean += step
    if drift.needsRestart(m2) { restart(around: x, memory) }
  }

  /// Shifting by a value of the window makes equal values give their mean exactly and a deviation of 0.
  @inline(never) private mutating func restart(around shift: Double, _ memory: Memory) {
    let slots = ring.slots(memory)
    var sum = 0.0
    for slot in 0..<ring.capacity { sum += slots[slot] - shift }
    mean = shift + sum * reciprocal
    m2 = 0
    for slot in 0..<ring.capacity { m2 += (slots[slot] - mean) * (slots[slot] - mean) }
    drift.restarted(m2)
  }
}
