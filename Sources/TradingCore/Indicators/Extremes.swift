/// The highest of the last `period` values, the newest included. First value after `period` updates.
public struct HighestKernel: PeriodKernel {
  public let memoryCount: Int
  private var range: WindowRange

  public init(period: Int) throws(IndicatorError) {
    var plan = MemoryPlan()
    range = try WindowRange(period, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ x: Double, _ memory: Memory) -> Double {
    // Adding 0 gives both zeros one sign: which of two equal values comes out depends on where the window's blocks begin.
    range.add(high: x + 0, low: x + 0, memory)?.0 ?? .nan
  }
}

/// The lowest of the last `period` values, the newest included. First value after `period` updates.
public struct LowestKernel: PeriodKernel {
  public let memoryCount: Int
  private var range: WindowRange

  public init(period: Int) throws(IndicatorError) {
    var plan = MemoryPlan()
    range = try WindowRange(period, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ x: Double, _ memory: Memory) -> Double {
    range.add(high: x + 0, low: x + 0, memory)?.1 ?? .nan
  }
}
