/// The sum of the last `period` values, in the order of a ``RunningSum``. First value after `period` updates.
public struct WindowSumKernel: PeriodKernel {
  public let memoryCount: Int
  private var sum: RunningSum

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    var plan = MemoryPlan()
    sum = RunningSum(period, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ x: Double, _ memory: Memory) -> Double { sum.add(x, memory) }
}
