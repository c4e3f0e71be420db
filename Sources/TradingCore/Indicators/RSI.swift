/// Relative strength index: 100 × average gain ÷ (average gain + average loss), 0...100.
///
/// Wilder (1978), as TA-Lib to the last bit: seeded with the mean gain and loss of the first `period` steps, then
/// Wilder's smoothing; 0 when there was no movement at all. First value after `period + 1` updates.
public typealias RSI = Indicator<RSIKernel>

public struct RSIKernel: PeriodKernel {
  public let period: Int
  private let keep: Double
  private let reciprocal: Double
  private var count = 0
  private var previous = 0.0
  private var gain = 0.0
  private var loss = 0.0

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    self.period = period
    keep = Double(period - 1)
    reciprocal = 1 / Double(period)
  }

  @inline(__always) public mutating func update(_ x: Double, _ memory: Memory) -> Double { update(x) }

  @inline(__always) mutating func update(_ x: Double) -> Double {
    let step = x - previous
    previous = x
    let up = positive(step)
    let down = positive(-step)
    if count > period {
      gain = (gain * keep + up) * reciprocal
      loss = (loss * keep + down) * reciprocal
    } else {
      if count > 0 {
        gain += up
        loss += down
      }
      count += 1
      guard count > period else { return .nan }
      gain *= reciprocal
      loss *= reciprocal
    }
    let movement = gain + loss
    return movement > 0 ? 100 * (gain / movement) : 0
  }
}

extension RSI {
  public var period: Int { kernel.period }
}
