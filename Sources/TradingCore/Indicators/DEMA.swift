/// Double exponential moving average: 2·E₁ − E₂, where E₁ is the EMA of the values and E₂ the EMA of E₁.
///
/// Mulloy, "Smoothing data with faster moving averages" (Technical Analysis of Stocks & Commodities, 1994), as TA-Lib:
/// each stage is seeded with the mean of the first `period` values of the one before. First value after
/// 2·period − 1 updates.
public typealias DEMA = Indicator<DEMAKernel>

public struct DEMAKernel: PeriodKernel {
  private var first, second: EMAKernel

  public init(period: Int) throws(IndicatorError) {
    first = try EMAKernel(period: period)
    second = first
  }

  @inline(__always) public mutating func update(_ x: Double, _ memory: Memory) -> Double {
    let e1 = first.update(x)
    guard !e1.isNaN else { return .nan }
    return 2 * e1 - second.update(e1)
  }
}
