/// Slope of the least-squares regression of y on x over the last `period` pairs: how many units of x move as one unit of y
/// does. NaN when x does not vary.
///
/// Σ(x − mean x)(y − mean y) ÷ Σ(x − mean x)²; sliding (``Comoments``). First value after `period` updates, at least 2.
public typealias HedgeRatio = Indicator<HedgeRatioKernel>

public struct HedgeRatioKernel: PeriodKernel {
  public let memoryCount: Int
  private var moments: Comoments

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    guard period >= 2 else { throw .init(.badPeriod, Double(period)) }
    var plan = MemoryPlan()
    moments = Comoments(period, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ pair: XY, _ memory: Memory) -> Double {
    moments.add(pair.x, pair.y, memory)
    return moments.isFull ? moments.slope : .nan
  }
}
