/// Williams %R: (highest high − close) ÷ (highest high − lowest low) × −100 over `period` bars, −100...0; 0 when the
/// window is flat.
///
/// Williams, How I Made One Million Dollars (1973), as TA-Lib's WILLR. First value after `period` updates.
public typealias WilliamsR = Indicator<WilliamsRKernel>

public struct WilliamsRKernel: PeriodKernel {
  public let memoryCount: Int
  private var range: WindowRange

  public init(period: Int) throws(IndicatorError) {
    var plan = MemoryPlan()
    range = try WindowRange(period, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ bar: HighLowClose, _ memory: Memory) -> Double {
    guard let (highest, lowest) = range.add(high: bar.high, low: bar.low, memory) else { return .nan }
    return highest == lowest ? 0 : (highest - bar.close) / (highest - lowest) * -100
  }
}
