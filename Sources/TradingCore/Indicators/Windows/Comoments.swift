/// Squared deviations and their cross product for pairs over the last `period` ones, sliding; see ``Moments``.
struct Comoments: BitwiseCopyable, Sendable {
  private var xs, ys: Ring
  private let reciprocal: Double
  private var driftX, driftY: DriftGuard
  private var count = 0
  private var meanX = 0.0
  private var meanY = 0.0
  private var m2x = 0.0
  private var m2y = 0.0
  private var cross = 0.0

  init(_ period: Int, _ plan: inout MemoryPlan) {
    xs = Ring(period, &plan)
    ys = Ring(period, &plan)
    reciprocal = 1 / Double(period)
    driftX = DriftGuard(period: period)
    driftY = DriftGuard(period: period)
  }

  var isFull: Bool { count == xs.capacity }

  /// Pearson's coefficient, −1...1; 0 when either side does not vary.
  @inline(__always) var correlation: Double {
    guard m2x > 0, m2y > 0 else { return 0 }
    let product = m2x * m2y
    // One root, unless the product has left the range of numbers.
    let isSafe = product > 1e-280 && product < 1e280
    let scale = isSafe ? product.squareRoot() : m2x.squareRoot() * m2y.squareRoot()
    return max(-1, min(1, cross / scale))
  }

  /// Of the regression of y on x; NaN when x does not vary.
  @inline(__always) var slope: Double { m2x > 0 ? cross / m2x : .nan }

  @inline(__always) mutating func add(_ x: Double, _ y: Double, _ memory: Memory) {
    let oldX = xs.push(x, memory)
    let oldY = ys.push(y, memory)
    guard isFull else {
      count += 1
      if isFull { restart(x, y, memory) }
      return
    }
    let stepX = (x - oldX) * reciprocal
    let stepY = (y - oldY) * reciprocal
    let period = Double(xs.capacity)
    cross += (x - meanX) * (y - meanY) - (oldX - meanX) * (oldY - meanY) - period * stepX * stepY
    m2x += (x - oldX) * ((x - meanX) + (oldX - meanX) - stepX)
    m2y += (y - oldY) * ((y - meanY) + (oldY - meanY) - stepY)
    meanX += stepX
    meanY += stepY
    // Both guards must see every value.
    let restartX = driftX.needsRestart(m2x)
    let restartY = driftY.needsRestart(m2y)
    if restartX || restartY { restart(x, y, memory) }
  }

  private mutating func restart(_ x: Double, _ y: Double, _ memory: Memory) {
    meanX = Self.mean(xs.slots(memory), xs.capacity, around: x)
    meanY = Self.mean(ys.slots(memory), ys.capacity, around: y)
    m2x = Self.product(xs.slots(memory), meanX, xs.slots(memory), meanX, xs.capacity)
    m2y = Self.product(ys.slots(memory), meanY, ys.slots(memory), meanY, ys.capacity)
    cross = Self.product(xs.slots(memory), meanX, ys.slots(memory), meanY, xs.capacity)
    driftX.restarted(m2x)
    driftY.restarted(m2y)
  }

  // Static and not inlined, as in `Moments`.

  @inline(never) private static func mean(_ slots: Memory, _ count: Int, around shift: Double) -> Double {
    var sum = 0.0
    for slot in 0..<count { sum += slots[slot] - shift }
    return shift + sum / Double(count)
  }

  @inline(never)
  private static func product(_ a: Memory, _ meanA: Double, _ b: Memory, _ meanB: Double, _ count: Int) -> Double {
    var sum = 0.0
    for slot in 0..<count { sum += (a[slot] - meanA) * (b[slot] - meanB) }
    return sum
  }
}
