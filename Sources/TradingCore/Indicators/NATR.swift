/// Normalised average true range: ATR ÷ close × 100, in percent of the price; 0 when the close is 0.
///
/// Forman, "Cross-market evaluations with normalized average true range" (Technical Analysis of Stocks & Commodities,
/// 2006), as TA-Lib. First value after `period + 1` updates.
public typealias NATR = Indicator<NATRKernel>

public struct NATRKernel: PeriodKernel {
  private var average: ATRKernel

  public init(period: Int) throws(IndicatorError) { average = try ATRKernel(period: period) }

  @inline(__always) public mutating func update(_ bar: HighLowClose, _ memory: Memory) -> Double {
    let range = average.update(bar)
    return bar.close == 0 && !range.isNaN ? 0 : range / bar.close * 100
  }
}
