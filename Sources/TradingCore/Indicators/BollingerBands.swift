/// Bollinger bands: the SMA of `period` values plus and minus `width` population standard deviations.
///
/// Bollinger, Bollinger on Bollinger Bands (2001), as TA-Lib's BBANDS. First value after `period` updates.
public typealias BollingerBands = Indicator<BollingerBandsKernel>

public struct BollingerBandsKernel: Kernel {
  public let memoryCount: Int
  private let width: Double
  private var sum: RunningSum
  private var moments: Moments

  public init(period: Int, width: Double) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    try IndicatorError.checkFactor(width)
    self.width = width
    var plan = MemoryPlan()
    sum = RunningSum(period, &plan)
    moments = Moments(period, &plan)
    memoryCount = plan.count
  }

  public init(_ p: IndicatorParameters) throws(IndicatorError) {
    try self.init(period: p.whole(p.first), width: p.second)
  }

  @inline(__always) public mutating func update(_ x: Double, _ memory: Memory) -> Bands {
    let total = sum.add(x, memory)
    moments.add(x, memory)
    guard moments.isFull else { return .missing }
    let middle = total / Double(sum.ring.capacity)
    let reach = width * moments.deviation
    return Bands(upper: middle + reach, middle: middle, lower: middle - reach)
  }
}

extension BollingerBands {
  public init(period: Int, width: Double) throws(IndicatorError) {
    self.init(try BollingerBandsKernel(period: period, width: width))
  }
}
