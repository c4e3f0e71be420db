/// Volume surge ratio: the volume over the mean of the `period` volumes before it; 1 is usual, NaN when that mean is 0.
///
/// First value after `period + 1` updates. The mean is a ``RunningSum``.
public typealias VolumeSurge = Indicator<VolumeSurgeKernel>

public struct VolumeSurgeKernel: PeriodKernel {
  public let memoryCount: Int
  private var sum: RunningSum
  /// The mean of the last `period` volumes, NaN while warming up.
  private var usual = Double.nan

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    var plan = MemoryPlan()
    sum = RunningSum(period, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ volume: Double, _ memory: Memory) -> Double {
    let ratio = usual > 0 ? volume / usual : .nan
    usual = sum.add(volume, memory) / Double(sum.ring.capacity)
    return ratio
  }
}
