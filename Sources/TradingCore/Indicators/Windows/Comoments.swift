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
    return max(-1, min(1, cross / (m2x.squareRoot() * m2y.squareRoot())))
  }

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

  @inline(never) private mutating func restart(_ shiftX: Double, _ shiftY: Double, _ memory: Memory) {
    let (x, y) = (xs.slots(memory), ys.slots(memory))
    var (sumX, sumY) = (0.0, 0.0)
    for slot in 0..<xs.capacity {
      sumX += x[slot] - shiftX
      sumY += y[slot] - shiftY
    }
    meanX = shiftX + sumX * reciprocal
    meanY = shiftY + sumY * reciprocal
    (m2x, m2y, cross) = (0, 0, 0)
    for slot in 0..<xs.capacity {
      let (dx, dy) = (x[slot] - meanX, y[slot] - meanY)
      m2x += dx * dx
      m2y += dy * dy
      cross += dx * dy
    }
    driftX.restarted(m2x)
    driftY.restarted(m2y)
  }
}
