/// Pearson's correlation of two series over the last `period` pairs, −1...1; 0 when either does not vary.
///
/// As TA-Lib's CORREL; sliding (``Comoments``). First value after `period` updates.
public typealias Correlation = Indicator<CorrelationKernel>

public struct CorrelationKernel: PeriodKernel {
  public let memoryCount: Int
  private var moments: Comoments

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    var plan = MemoryPlan()
    moments = Comoments(period, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ pair: XY, _ memory: Memory) -> Double {
    moments.add(pair.x, pair.y, memory)
    return moments.isFull ? moments.correlation : .nan
  }
}
