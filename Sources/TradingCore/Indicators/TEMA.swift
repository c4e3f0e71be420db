/// Triple exponential moving average: 3·E₁ − 3·E₂ + E₃, each Eₖ the EMA of the one before.
///
/// Mulloy (1994), as TA-Lib: each stage is seeded with the mean of the first `period` values of the one before. First
/// value after 3·period − 2 updates.
public typealias TEMA = Indicator<TEMAKernel>

public struct TEMAKernel: PeriodKernel {
  private var cascade: TripleEMA

  public init(period: Int) throws(IndicatorError) { cascade = try TripleEMA(period: period) }

  @inline(__always) public mutating func update(_ x: Double, _ memory: Memory) -> Double {
    guard let (e1, e2, e3) = cascade.update(x) else { return .nan }
    return 3 * e1 - 3 * e2 + e3
  }
}

/// Three exponential averages in a row; nothing until the third is seeded.
struct TripleEMA: BitwiseCopyable, Sendable {
  private var first, second, third: EMAKernel

  init(period: Int) throws(IndicatorError) {
    first = try EMAKernel(period: period)
    second = first
    third = first
  }

  @inline(__always) mutating func update(_ x: Double) -> (Double, Double, Double)? {
    let e1 = first.update(x)
    guard !e1.isNaN else { return nil }
    let e2 = second.update(e1)
    guard !e2.isNaN else { return nil }
    let e3 = third.update(e2)
    guard !e3.isNaN else { return nil }
    return (e1, e2, e3)
  }
}
