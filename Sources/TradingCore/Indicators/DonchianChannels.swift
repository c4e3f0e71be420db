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
