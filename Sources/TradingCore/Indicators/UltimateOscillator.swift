/// Ultimate oscillator, 0...100: buying pressure over true range in three windows, weighted 4, 2, 1 from the shortest
/// to the longest.
///
/// Williams (1985), as TA-Lib's ULTOSC: pressure = close − min(low, previous close); a window without range adds 0 and
/// clears the running sums. First value after the longest period + 1 updates.
public typealias UltimateOscillator = Indicator<UltimateOscillatorKernel>

public struct UltimateOscillatorKernel: Kernel {
  public let memoryCount: Int
  private var short, middle, long: PressureWindow
  private var pressures, ranges: Ring
  private var previousClose = Double.nan
  private var count = 0
  /// Bars in a row without range.
  private var still = 0

  public init(_ first: Int, _ second: Int, _ third: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(first)
    try IndicatorError.checkPeriod(second)
    try IndicatorError.checkPeriod(third)
    let smallest = min(first, second, third)
    let largest = max(first, second, third)
    var plan = MemoryPlan()
    pressures = Ring(largest, &plan)
    ranges = Ring(largest, &plan)
    short = PressureWindow(smallest, of: largest)
    middle = PressureWindow(first + second + third - smallest - largest, of: largest)
    long = PressureWindow(largest, of: largest)
    memoryCount = plan.count
  }

  public init(_ p: IndicatorParameters) throws(IndicatorError) {
    try self.init(p.whole(p.first), p.whole(p.second), p.whole(p.third))
  }

  @inline(__always) public mutating func update(_ bar: HighLowClose, _ memory: Memory) -> Double {
    let pressure = bar.close - (previousClose < bar.low ? previousClose : bar.low)
    let range = trueRange(bar, previousClose)
    previousClose = bar.close
    guard count > 0 else {
      count = 1
      return .nan
    }
    still = range == 0 ? still + 1 : 0
    _ = pressures.push(pressure, memory)
    _ = ranges.push(range, memory)
    if count <= pressures.capacity {
      short.fill(pressure, range, bar: count)
      middle.fill(pressure, range, bar: count)
      long.fill(pressure, range, bar: count)
      count += 1
      guard count > pressures.capacity else { return .nan }
    } else {
      short.add(pressure, range)
      middle.add(pressure, range)
      long.add(pressure, range)
    }
    let (p, r) = (pressures.slots(memory), ranges.slots(memory))
    let first = short.quotient(p, r, still)
    let second = middle.quotient(p, r, still)
    let third = long.quotient(p, r, still)
    return 100 * (4 * first + 2 * second + third) / 7
  }
}

/// Σpressure ÷ Σrange over the last `period` bars, in the order of a ``RunningSum``; 0 without range.
private struct PressureWindow: BitwiseCopyable, Sendable {
  private let period: Int
  private let capacity: Int
  /// The slot of the oldest bar of the window.
  private var trailing: Int
  private var pressureSum = 0.0
  private var rangeSum = 0.0

  init(_ period: Int, of capacity: Int) {
    self.period = period
    self.capacity = capacity
    trailing = capacity - period
  }

  /// Takes a bar in while the longest window fills: a shorter one only sees its own bars.
  mutating func fill(_ pressure: Double, _ range: Double, bar: Int) {
    if bar > capacity - period { add(pressure, range) }
  }

  @inline(__always) mutating func add(_ pressure: Double, _ range: Double) {
    pressureSum += pressure
    rangeSum += range
  }

  /// The result for the newest bar; then drops the oldest.
  @inline(__always) mutating func quotient(_ pressures: Memory, _ ranges: Memory, _ still: Int) -> Double {
    // A flat window clears what rounding has left.
    if still >= period { (pressureSum, rangeSum) = (0, 0) }
    let quotient = rangeSum == 0 ? 0 : pressureSum / rangeSum
    pressureSum -= pressures[trailing]
    rangeSum -= ranges[trailing]
    trailing = trailing + 1 == capacity ? 0 : trailing + 1
    return quotient
  }
}

extension UltimateOscillator {
  public init(_ first: Int, _ second: Int, _ third: Int) throws(IndicatorError) {
    self.init(try UltimateOscillatorKernel(first, second, third))
  }
}
