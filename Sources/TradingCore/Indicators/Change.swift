/// Momentum: x − x[−period], in value units. As TA-Lib's MOM; first value after `period + 1` updates.
public typealias Momentum = Indicator<MomentumKernel>

/// Rate of change: (x ÷ x[−period] − 1) × 100, in percent; 0 when x[−period] is 0. As TA-Lib's ROC; first value after
/// `period + 1` updates.
public typealias ROC = Indicator<ROCKernel>

public struct MomentumKernel: PeriodKernel {
  public let memoryCount: Int
  private var past: Lag

  public init(period: Int) throws(IndicatorError) {
    var plan = MemoryPlan()
    past = try Lag(period, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ x: Double, _ memory: Memory) -> Double { x - past.push(x, memory) }
}

public struct ROCKernel: PeriodKernel {
  public let memoryCount: Int
  private var past: Lag

  public init(period: Int) throws(IndicatorError) {
    var plan = MemoryPlan()
    past = try Lag(period, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ x: Double, _ memory: Memory) -> Double {
    let old = past.push(x, memory)
    return old == 0 ? 0 : (x / old - 1) * 100
  }
}

/// The value `period` steps ago.
struct Lag: BitwiseCopyable, Sendable {
  private var ring: Ring
  private var count = 0

  init(_ period: Int, _ plan: inout MemoryPlan) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    ring = Ring(period, &plan)
  }

  /// Takes `x` in and returns the value `period` steps before it, NaN when there is none.
  @inline(__always) mutating func push(_ x: Double, _ memory: Memory) -> Double {
    let old = ring.push(x, memory)
    if count == ring.capacity { return old }
    count += 1
    return .nan
  }
}
