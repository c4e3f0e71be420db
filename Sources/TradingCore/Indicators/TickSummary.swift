/// Ticks folded into one candle: in any order, in any parts, with the same result.
///
/// The open is the price of the earliest tick and the close that of the latest; ticks at one time are ordered by their
/// sequence number, and without or with equal numbers by price (so the open is the lowest of the first ones, the close
/// the highest of the last ones). Sums are kept with their rounding errors (Dekker's two-sum), so that volume and VWAP do
/// not depend on the order either.
public struct TickSummary: BitwiseCopyable, Sendable {
  /// A tick's place and price.
  public struct Mark: BitwiseCopyable, Sendable {
    /// Microseconds since any fixed time.
    public var time: Int64
    public var sequence: Int64
    public var price: Double

    public init(time: Int64, sequence: Int64, price: Double) {
      self.time = time
      self.sequence = sequence
      self.price = price
    }

    @inline(__always) static func < (a: Mark, b: Mark) -> Bool {
      if a.time != b.time { return a.time < b.time }
      if a.sequence != b.sequence { return a.sequence < b.sequence }
      return a.price < b.price
    }
  }

  public private(set) var ticks: Int64 = 0
  public private(set) var first = Mark(time: .max, sequence: .max, price: .infinity)
  public private(set) var last = Mark(time: .min, sequence: .min, price: -.infinity)
  public private(set) var high = -Double.infinity
  public private(set) var low = Double.infinity
  private var volumeSum = ExactSum()
  private var turnoverSum = ExactSum()

  public init() {}

  public var volume: Double { volumeSum.value }
  /// Σ(price × size)
  public var turnover: Double { turnoverSum.value }
  /// Turnover ÷ volume, NaN without volume.
  public var vwap: Double { volume > 0 ? turnover / volume : .nan }

  @inline(__always) public mutating func add(_ mark: Mark, size: Double) {
    ticks += 1
    if mark < first { first = mark }
    if last < mark { last = mark }
    if mark.price > high { high = mark.price }
    if mark.price < low { low = mark.price }
    volumeSum.add(size)
    turnoverSum.add(mark.price * size)
  }

  /// Adds a finished candle: rolls minutes up into hours.
  public mutating func add(
    ticks: Int64, first: Mark, last: Mark, high: Double, low: Double, volume: Double, turnover: Double
  ) {
    self.ticks += ticks
    if first < self.first { self.first = first }
    if self.last < last { self.last = last }
    self.high = max(self.high, high)
    self.low = min(self.low, low)
    volumeSum.add(volume)
    turnoverSum.add(turnover)
  }

  /// Adds what another summary has seen.
  public mutating func merge(_ other: TickSummary) {
    add(
      ticks: other.ticks, first: other.first, last: other.last, high: other.high, low: other.low,
      volume: other.volumeSum.sum, turnover: other.turnoverSum.sum)
    volumeSum.add(other.volumeSum.error)
    turnoverSum.add(other.turnoverSum.error)
  }
}

/// A sum with the error that rounding left out of it.
private struct ExactSum: BitwiseCopyable, Sendable {
  private(set) var sum = 0.0
  private(set) var error = 0.0

  var value: Double { sum + error }

  /// Knuth's two-sum: `total` and what it lacks are exact together.
  @inline(__always) mutating func add(_ x: Double) {
    let total = sum + x
    let part = total - sum
    error += (sum - (total - part)) + (x - part)
    sum = total
  }
}
