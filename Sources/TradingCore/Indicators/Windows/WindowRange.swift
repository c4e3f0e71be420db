/// The highest high and the lowest low of the last `period` bars, in constant time on average and almost without branches.
///
/// van Herk (1992), Gil and Werman (1993): time is cut into blocks of `period` bars. A window is the tail of the previous
/// block and the head of this one; heads are kept as running extremes, tails are made in one backward pass when a block is
/// full, in the slots that the next block then overwrites.
struct WindowRange: BitwiseCopyable, Sendable {
  let period: Int
  private let highs: Int
  private let lows: Int
  /// The place in the current block.
  private var position = 0
  private var highest = 0.0
  private var lowest = 0.0
  private var isFirstBlock = true

  init(_ period: Int, _ plan: inout MemoryPlan) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    self.period = period
    highs = plan.reserve(period + 1)
    lows = plan.reserve(period + 1)
  }

  /// The highest and the lowest including this bar, nothing until `period` bars came.
  @inline(__always) mutating func add(high: Double, low: Double, _ memory: Memory) -> (Double, Double)? {
    if position == 0 {
      Self.makeTails(memory + highs, memory + lows, period, isFirstBlock)
      (highest, lowest) = (high, low)
    } else {
      highest = larger(highest, high)
      lowest = smaller(lowest, low)
    }
    memory[highs + position] = high
    memory[lows + position] = low
    position += 1
    // The tails that start after this place; the slots past the last one are beaten by any price.
    let range = (larger(highest, memory[highs + position]), smaller(lowest, memory[lows + position]))
    if position == period {
      position = 0
      isFirstBlock = false
      return range
    }
    return isFirstBlock ? nil : range
  }

  /// Static and not inlined: it is rare, and must not force the fields of `self` out of registers.
  @inline(never) private static func makeTails(_ highs: Memory, _ lows: Memory, _ period: Int, _ isFirstBlock: Bool) {
    if isFirstBlock {
      for slot in 0...period {
        highs[slot] = -.infinity
        lows[slot] = .infinity
      }
      return
    }
    var (highest, lowest) = (highs[period - 1], lows[period - 1])
    var slot = period - 2
    while slot > 0 {
      highest = larger(highest, highs[slot])
      lowest = smaller(lowest, lows[slot])
      highs[slot] = highest
      lows[slot] = lowest
      slot -= 1
    }
  }
}
