/// Donchian channels: the highest high and the lowest low of the last `period` bars, the newest included, and their
/// midpoint.
///
/// Donchian's four-week rule (1960). First value after `period` updates.
public typealias DonchianChannels = Indicator<DonchianChannelsKernel>

public struct DonchianChannelsKernel: PeriodKernel {
  public let memoryCount: Int
  private var range: WindowRange

  public init(period: Int) throws(IndicatorError) {
    var plan = MemoryPlan()
    range = try WindowRange(period, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ bar: HighLow, _ memory: Memory) -> Bands {
    guard let (highest, lowest) = range.add(high: bar.high, low: bar.low, memory) else { return .missing }
    return Bands(upper: highest, middle: (highest + lowest) / 2, lower: lowest)
  }
}

/// The highest high and the lowest low of the last `period` bars; nothing until so many came.
struct WindowRange: BitwiseCopyable, Sendable {
  private var highest: WindowExtreme<Highest>
  private var lowest: WindowExtreme<Lowest>
  private var count = 0

  init(_ period: Int, _ plan: inout MemoryPlan) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    highest = WindowExtreme(period, &plan)
    lowest = WindowExtreme(period, &plan)
  }

  @inline(__always) mutating func add(high: Double, low: Double, _ memory: Memory) -> (Double, Double)? {
    let range = (highest.add(high, memory), lowest.add(low, memory))
    if count < highest.period {
      count += 1
      if count < highest.period { return nil }
    }
    return range
  }
}
