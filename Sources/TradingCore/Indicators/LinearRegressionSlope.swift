/// Slope of the least-squares line through the last `period` values, in value units per step; positive when rising.
///
/// (n·Σtx − Σt·Σx) ÷ (n·Σt² − (Σt)²) over t = 0...n − 1, with the sums slid (``WeightedSum``). As TA-Lib's
/// LINEARREG_SLOPE; first value after `period` updates, at least 2.
public typealias LinearRegressionSlope = Indicator<LinearRegressionSlopeKernel>

public struct LinearRegressionSlopeKernel: PeriodKernel {
  public let memoryCount: Int
  /// The mean weight (period + 1) ÷ 2, which centres the weights 1...period.
  private let middle: Double
  /// Σ(t − mean t)² = n·(n² − 1) ÷ 12
  private let spread: Double
  private var window: WeightedSum

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    guard period >= 2 else { throw .init(.badPeriod, Double(period)) }
    let n = Double(period)
    middle = (n + 1) / 2
    spread = n * (n * n - 1) / 12
    var plan = MemoryPlan()
    window = WeightedSum(period, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ x: Double, _ memory: Memory) -> Double {
    window.add(x, memory)
    return window.isFull ? (window.weighted - middle * window.sum) / spread : .nan
  }
}
