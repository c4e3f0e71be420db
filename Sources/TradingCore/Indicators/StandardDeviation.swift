/// Population standard deviation of the last `period` values (divisor `period`), in value units.
///
/// As TA-Lib's STDDEV; sliding (``Moments``). First value after `period` updates.
public typealias StandardDeviation = Indicator<StandardDeviationKernel>

/// How many population standard deviations the newest value lies above the mean of the last `period` values, itself
/// included; 0 when they are all equal. First value after `period` updates.
public typealias ZScore = Indicator<ZScoreKernel>

public struct StandardDeviationKernel: PeriodKernel {
  public let memoryCount: Int
  private var moments: Moments

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    var plan = MemoryPlan()
    moments = Moments(period, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ x: Double, _ memory: Memory) -> Double {
    moments.add(x, memory)
    return moments.isFull ? moments.deviation : .nan
  }
}

public struct ZScoreKernel: PeriodKernel {
  public let memoryCount: Int
  private var moments: Moments

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    var plan = MemoryPlan()
    moments = Moments(period, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ x: Double, _ memory: Memory) -> Double {
    moments.add(x, memory)
    guard moments.isFull else { return .nan }
    let deviation = moments.deviation
    return deviation > 0 ? (x - moments.mean) / deviation : 0
  }
}
