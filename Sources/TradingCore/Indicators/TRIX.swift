/// One-step rate of change, in percent, of a triple-smoothed EMA: (E₃ ÷ E₃[−1] − 1) × 100; 0 when E₃[−1] is 0.
///
/// Hutson, "Good TRIX" (Technical Analysis of Stocks & Commodities, 1983), as TA-Lib. First value after 3·period − 1
/// updates.
public typealias TRIX = Indicator<TRIXKernel>

public struct TRIXKernel: PeriodKernel {
  private var cascade: TripleEMA
  private var previous = Double.nan

  public init(period: Int) throws(IndicatorError) { cascade = try TripleEMA(period: period) }

  @inline(__always) public mutating func update(_ x: Double, _ memory: Memory) -> Double {
    guard let (_, _, smooth) = cascade.update(x) else { return .nan }
    let change = previous == 0 ? 0 : (smooth / previous - 1) * 100
    previous = smooth
    return change
  }
}
