/// Linearly weighted moving average: weights 1...period from the oldest to the newest, divided by their sum
/// period·(period + 1) ÷ 2. As TA-Lib; first value after `period` updates.
public typealias WMA = Indicator<WMAKernel>

public struct WMAKernel: PeriodKernel {
  public let memoryCount: Int
  private let divisor: Double
  private var window: WeightedSum

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    divisor = Double(period * (period + 1) / 2)
    var plan = MemoryPlan()
    window = WeightedSum(period, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ x: Double, _ memory: Memory) -> Double {
    window.add(x, memory)
    return window.isFull ? window.weighted / divisor : .nan
  }
}
