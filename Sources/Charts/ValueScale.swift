import Glibc

/// Values along a side of a plot.
struct ValueScale: Sendable {
  let low: Double
  let high: Double
  /// Where ``low`` and ``high`` are.
  let bottom: Double
  let top: Double
  /// The distance of ticks; the lowest tick where the scale is logarithmic.
  let step: Double
  /// Equal distances are equal ratios.
  private let isLogarithmic: Bool

  /// Values beyond this are none: sums and differences of them would not be finite.
  static let limit = 1e100

  /// A scale that holds all values, and zero where it is a part of what is shown.
  ///
  /// - Parameters:
  ///   - values: those that are not finite do not count.
  ///   - ticks: about so many.
  ///   - isLogarithmic: wanted; values at or below zero have none.
  init(
    _ values: some Sequence<Double>, includesZero: Bool, bottom: Double, top: Double, ticks: Int,
    isLogarithmic: Bool = false
  ) {
    var low = Double.infinity
    var high = -Double.infinity
    for value in values where value.magnitude < Self.limit {
      low = min(low, value)
      high = max(high, value)
    }
    if low > high { (low, high) = (0, 1) }
    (self.bottom, self.top) = (bottom, top)
    self.isLogarithmic = isLogarithmic && !includesZero && low > 0 && high > low * 1.5
    if self.isLogarithmic {
      let room = pow(high / low, 0.04)
      (self.low, self.high) = (low / room, high * room)
      step = Self.niceStep(atLeast: self.low)
      return
    }
    if includesZero { (low, high) = (min(low, 0), max(high, 0)) }
    // What is flat lies in the middle.
    if high - low <= 1e-9 * max(low.magnitude, high.magnitude) {
      let half = max(low.magnitude * 0.01, low == 0 ? 1 : 0)
      if !(includesZero && low == 0 && high == 0) { low -= half }
      high += half
    }
    step = Self.niceStep(atLeast: (high - low) / Double(max(ticks, 1)))
    // Room for what touches the edge, but none beyond zero.
    let room = (high - low) * 0.04
    self.low = low == 0 && includesZero ? 0 : low - room
    self.high = high == 0 && includesZero ? 0 : high + room
  }

  /// 1, 2 or 5 times a power of ten.
  static func niceStep(atLeast least: Double) -> Double {
    guard least > 0, least < limit else { return 1 }
    var power = 1.0
    while power > least { power /= 10 }
    while power * 10 <= least { power *= 10 }
    return [1, 2, 5].map { $0 * power }.first { $0 >= least * 0.999_999 } ?? 10 * power
  }

  func position(_ value: Double) -> Double {
    let share = isLogarithmic ? log(max(value, low) / low) / log(high / low) : (value - low) / (high - low)
    return bottom + share * (top - bottom)
  }

  var ticks: [Double] {
    if isLogarithmic {
      var ticks: [Double] = []
      var tick = step
      while tick <= high {
        ticks.append(tick)
        tick = Self.niceStep(atLeast: tick * 1.5)
      }
      // Over many decades powers of ten are enough.
      return ticks.count <= 8 ? ticks : ticks.filter { (log10($0) - log10($0).rounded()).magnitude < 1e-6 }
    }
    let first = (low / step).rounded(.up)
    let last = (high / step).rounded(.down)
    guard first <= last, last - first < 100 else { return [] }
    return (0...Int(last - first)).map { (first + Double($0)) * step }
  }

  /// What a tick says.
  func label(_ tick: Double, _ format: ValueFormat) -> String {
    isLogarithmic
      ? format.tick(tick, step: tick, largest: tick)
      : format.tick(tick, step: step, largest: max(low.magnitude, high.magnitude))
  }
}
