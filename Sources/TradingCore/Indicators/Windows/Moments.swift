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

  private mutating func restart(around shift: Double, _ memory: Memory) {
    (mean, m2) = Self.moments(ring.slots(memory), ring.capacity, around: shift)
    drift.restarted(m2)
  }

  /// Mean and M2 in two passes. Shifting by a value of the window makes equal values give themselves as mean and an M2
  /// of exactly 0. Static and not inlined: it is rare, and must not force the fields of `self` out of registers.
  @inline(never)
  private static func moments(_ slots: Memory, _ count: Int, around shift: Double) -> (mean: Double, m2: Double) {
    var sum = 0.0
    for slot in 0..<count { sum += slots[slot] - shift }
    let mean = shift + sum / Double(count)
    var m2 = 0.0
    for slot in 0..<count { m2 += (slots[slot] - mean) * (slots[slot] - mean) }
    return (mean, m2)
  }
}
