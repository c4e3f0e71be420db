/// Parabolic stop and reverse, in price units.
///
/// Wilder (1978), as TA-Lib's SAR: long from the second bar on unless the first step was downward movement (−DM > 0);
/// the acceleration grows by `acceleration` with each new extreme, up to `maximum`. First value after 2 updates.
public typealias ParabolicSAR = Indicator<ParabolicSARKernel>

public struct ParabolicSARKernel: Kernel {
  private let acceleration: Double
  private let maximum: Double
  private var count = 0
  private var isLong = true
  private var previous = HighLow(high: 0, low: 0)
  private var stop = 0.0
  private var extreme = 0.0
  private var factor = 0.0

  /// An `acceleration` above `maximum` counts as `maximum`, as in TA-Lib.
  public init(acceleration: Double, maximum: Double) throws(IndicatorError) {
    try IndicatorError.checkFactor(acceleration)
    try IndicatorError.checkFactor(maximum)
    self.acceleration = min(acceleration, maximum)
    self.maximum = maximum
    factor = self.acceleration
  }

  public init(_ p: IndicatorParameters) throws(IndicatorError) {
    try self.init(acceleration: p.first, maximum: p.second)
  }

  @inline(__always) public mutating func update(_ bar: HighLow, _ memory: Memory) -> Double {
    if count < 2 {
      count += 1
      guard count == 2 else {
        previous = bar
        return .nan
      }
      start(bar)
    }
    defer { previous = bar }
    return isLong ? stepLong(bar) : stepShort(bar)
  }

  private mutating func start(_ bar: HighLow) {
    let up = bar.high - previous.high
    let down = previous.low - bar.low
    isLong = !(down > 0 && down > up)
    (extreme, stop) = isLong ? (bar.high, previous.low) : (bar.low, previous.high)
    // The second bar is its own predecessor.
    previous = bar
  }

  @inline(__always) private mutating func stepLong(_ bar: HighLow) -> Double {
    if bar.low <= stop {
      isLong = false
      let result = larger(extreme, larger(previous.high, bar.high))
      factor = acceleration
      extreme = bar.low
      stop = larger(result + factor * (extreme - result), larger(previous.high, bar.high))
      return result
    }
    let result = stop
    if bar.high > extreme {
      extreme = bar.high
      factor = smaller(factor + acceleration, maximum)
    }
    stop = smaller(stop + factor * (extreme - stop), smaller(previous.low, bar.low))
    return result
  }

  @inline(__always) private mutating func stepShort(_ bar: HighLow) -> Double {
    if bar.high >= stop {
      isLong = true
      let result = smaller(extreme, smaller(previous.low, bar.low))
      factor = acceleration
      extreme = bar.high
      stop = smaller(result + factor * (extreme - result), smaller(previous.low, bar.low))
      return result
    }
    let result = stop
    if bar.low < extreme {
      extreme = bar.low
      factor = smaller(factor + acceleration, maximum)
    }
    stop = larger(stop + factor * (extreme - stop), larger(previous.high, bar.high))
    return result
  }
}

extension ParabolicSAR {
  public init(acceleration: Double, maximum: Double) throws(IndicatorError) {
    self.init(try ParabolicSARKernel(acceleration: acceleration, maximum: maximum))
  }
}
