/// Where the close lies in the range of the last bars, 0...100, and its average.
public struct StochasticLines: OutputRecord {
  public var k, d: Double

  public static var columnCount: Int { 2 }
  public static var missing: Self { Self(k: .nan, d: .nan) }
  public var isPresent: Bool { !d.isNaN }
  @inline(__always) public func store(row: Int, to columns: OutputColumns<Self>) {
    columns.first[row] = k
    columns.second[row] = d
  }
}

extension OutputColumns where Row == StochasticLines {
  public init(k: UnsafeMutableBufferPointer<Double>, d: UnsafeMutableBufferPointer<Double>) { self.init(k, d) }
}

/// Slow stochastic oscillator: raw = (close − lowest low) ÷ (highest high − lowest low) × 100 over `period` bars, %K
/// its SMA of `slowing`, %D the SMA of %K.
///
/// Lane (1957), as TA-Lib's STOCH; raw is 0 in a flat window. First value after period + slowing + d − 2 updates, for
/// both lines.
public typealias Stochastic = Indicator<StochasticKernel>

/// Fast stochastic oscillator: %K is raw, %D its SMA. As TA-Lib's STOCHF; first value after period + d − 1 updates.
public typealias FastStochastic = Indicator<FastStochasticKernel>

/// The fast stochastic oscillator of the RSI: Chande and Kroll, The New Technical Trader (1994), as TA-Lib's STOCHRSI.
/// First value after period + k + d − 1 updates, for both lines.
public typealias StochasticRSI = Indicator<StochasticRSIKernel>

public struct StochasticKernel: Kernel {
  public let memoryCount: Int
  private var place: PlaceInRange
  private var slow, smooth: RunningSum

  public init(period: Int, slowing: Int, d: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(slowing)
    try IndicatorError.checkPeriod(d)
    var plan = MemoryPlan()
    place = try PlaceInRange(period, &plan)
    slow = RunningSum(slowing, &plan)
    smooth = RunningSum(d, &plan)
    memoryCount = plan.count
  }

  public init(_ p: IndicatorParameters) throws(IndicatorError) {
    try self.init(period: p.whole(p.first), slowing: p.whole(p.second), d: p.whole(p.third))
  }

  @inline(__always) public mutating func update(_ bar: HighLowClose, _ memory: Memory) -> StochasticLines {
    guard let raw = place.add(bar, memory) else { return .missing }
    let k = slow.add(raw, memory) / Double(slow.ring.capacity)
    guard !k.isNaN else { return .missing }
    let d = smooth.add(k, memory) / Double(smooth.ring.capacity)
    return d.isNaN ? .missing : StochasticLines(k: k, d: d)
  }
}

public struct FastStochasticKernel: Kernel {
  public let memoryCount: Int
  private var place: PlaceInRange
  private var smooth: RunningSum

  public init(period: Int, d: Int) throws(IndicatorError) {
    var plan = MemoryPlan()
    try self.init(period: period, d: d, &plan)
  }

  init(period: Int, d: Int, _ plan: inout MemoryPlan) throws(IndicatorError) {
    try IndicatorError.checkPeriod(d)
    place = try PlaceInRange(period, &plan)
    smooth = RunningSum(d, &plan)
    memoryCount = plan.count
  }

  public init(_ p: IndicatorParameters) throws(IndicatorError) {
    try self.init(period: p.whole(p.first), d: p.whole(p.second))
  }

  @inline(__always) public mutating func update(_ bar: HighLowClose, _ memory: Memory) -> StochasticLines {
    guard let k = place.add(bar, memory) else { return .missing }
    let d = smooth.add(k, memory) / Double(smooth.ring.capacity)
    return d.isNaN ? .missing : StochasticLines(k: k, d: d)
  }
}

public struct StochasticRSIKernel: Kernel {
  private var rsi: RSIKernel
  private var stochastic: FastStochasticKernel

  public var memoryCount: Int { stochastic.memoryCount }

  public init(period: Int, k: Int, d: Int) throws(IndicatorError) {
    rsi = try RSIKernel(period: period)
    stochastic = try FastStochasticKernel(period: k, d: d)
  }

  public init(_ p: IndicatorParameters) throws(IndicatorError) {
    try self.init(period: p.whole(p.first), k: p.whole(p.second), d: p.whole(p.third))
  }

  @inline(__always) public mutating func update(_ x: Double, _ memory: Memory) -> StochasticLines {
    let strength = rsi.update(x)
    guard !strength.isNaN else { return .missing }
    return stochastic.update(HighLowClose(high: strength, low: strength, close: strength), memory)
  }
}

/// (close − lowest low) ÷ (highest high − lowest low) × 100 over a window; 0 when it is flat.
struct PlaceInRange: BitwiseCopyable, Sendable {
  private var range: WindowRange

  init(_ period: Int, _ plan: inout MemoryPlan) throws(IndicatorError) { range = try WindowRange(period, &plan) }

  @inline(__always) mutating func add(_ bar: HighLowClose, _ memory: Memory) -> Double? {
    guard let (highest, lowest) = range.add(high: bar.high, low: bar.low, memory) else { return nil }
    return isZeroDifference(highest, lowest) ? 0 : (bar.close - lowest) / ((highest - lowest) / 100)
  }
}

extension Stochastic {
  public init(period: Int, slowing: Int, d: Int) throws(IndicatorError) {
    self.init(try StochasticKernel(period: period, slowing: slowing, d: d))
  }
}

extension FastStochastic {
  public init(period: Int, d: Int) throws(IndicatorError) { self.init(try FastStochasticKernel(period: period, d: d)) }
}

extension StochasticRSI {
  public init(period: Int, k: Int, d: Int) throws(IndicatorError) {
    self.init(try StochasticRSIKernel(period: period, k: k, d: d))
  }
}
