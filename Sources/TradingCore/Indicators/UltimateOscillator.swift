/// Ultimate oscillator, 0...100: buying pressure over true range in three windows, weighted 4, 2, 1 from the shortest
/// to the longest.
///
/// Williams (1985), as TA-Lib's ULTOSC: pressure = close − min(low, previous close); a window without range adds 0 and
/// clears the running sums. First value after the longest period + 1 updates.
public typealias UltimateOscillator = Indicator<UltimateOscillatorKernel>

public struct UltimateOscillatorKernel: Kernel {
  public let memoryCount: Int
  private var short, middle, long: PressureWindow
  private var previousClose = Double.nan
  private var count = 0

  public init(_ first: Int, _ second: Int, _ third: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(first)
    try IndicatorError.checkPeriod(second)
    try IndicatorError.checkPeriod(third)
    let smallest = min(first, second, third)
    let largest = max(first, second, third)
    var plan = MemoryPlan()
    short = PressureWindow(smallest, longest: largest, &plan)
    middle = PressureWindow(first + second + third - smallest - largest, longest: largest, &plan)
    long = PressureWindow(largest, longest: largest, &plan)
    memoryCount = plan.count
  }

  public init(_ p: IndicatorParameters) throws(IndicatorError) {
    try self.init(p.whole(p.first), p.whole(p.second), p.whole(p.third))
  }

  @inline(__always) public mutating func update(_ bar: HighLowClose, _ memory: Memory) -> Double {
    let pressure = bar.close - min(bar.low, previousClose)
    let range = trueRange(bar, previousClose)
    previousClose = bar.close
    guard count > 0 else {
      count = 1
      return .nan
    }
    let first = short.add(pressure, range, memory)
    let second = middle.add(pressure, range, memory)
    let third = long.add(pressure, range, memory)
    return 100 * (4 * first + 2 * second + third) / 7
  }
}

/// Σpressure ÷ Σrange over the last `period` bars, with the sums of two ``RunningSum``s; 0 without range.
///
/// The sums of the shorter windows start late, so that each has seen just its own bars when the longest is full.
private struct PressureWindow: BitwiseCopyable, Sendable {
  private var delay: Int
  /// Bars in a row without range.
  private var still = 0
  private var pressures, ranges: RunningSum

  init(_ period: Int, longest: Int, _ plan: inout MemoryPlan) {
    delay = longest - period
    pressures = RunningSum(period, &plan)
    ranges = RunningSum(period, &plan)
  }

  @inline(__always) mutating func add(_ pressure: Double, _ range: Double, _ memory: Memory) -> Double {
    still = range == 0 ? still + 1 : 0
    guard delay == 0 else {
      delay -= 1
      return .nan
    }
    let sum = ranges.add(range, memory)
    let part = pressures.add(pressure, memory)
    if still >= ranges.ring.capacity {
      (pressures.sum, ranges.sum) = (0, 0)
      return 0
    }
    return sum == 0 ? 0 : part / sum
  }
}

extension UltimateOscillator {
  public init(_ first: Int, _ second: Int, _ third: Int) throws(IndicatorError) {
    self.init(try UltimateOscillatorKernel(first, second, third))
  }
}
