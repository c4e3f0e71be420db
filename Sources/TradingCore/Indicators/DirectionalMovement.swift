/// Average directional index, 0...100: Wilder's average of |+DI − −DI| ÷ (+DI + −DI) × 100.
///
/// Wilder (1978), as TA-Lib's ADX: the seed is the mean of `period` values; where the quotient is undefined the last
/// average stands (and in the seed a 0 is counted). First value after 2·period updates.
public typealias ADX = Indicator<ADXKernel>

/// Plus directional indicator +DI, 0...100: the smoothed upward movement in percent of the smoothed true range.
///
/// Wilder (1978), as TA-Lib's PLUS_DI. First value after `period + 1` updates.
public typealias PlusDI = Indicator<PlusDIKernel>

/// Minus directional indicator −DI, 0...100: the smoothed downward movement in percent of the smoothed true range.
///
/// Wilder (1978), as TA-Lib's MINUS_DI. First value after `period + 1` updates.
public typealias MinusDI = Indicator<MinusDIKernel>

public struct ADXKernel: PeriodKernel {
  private var movement: DirectionalMovement
  /// Values in the seed, at most `period`.
  private var count = 0
  private var value = 0.0
  private let keep: Double
  private let reciprocal: Double

  public init(period: Int) throws(IndicatorError) {
    movement = try DirectionalMovement(period: period)
    keep = Double(period - 1) / Double(period)
    reciprocal = 1 / Double(period)
  }

  @inline(__always) public mutating func update(_ bar: HighLowClose, _ memory: Memory) -> Double {
    guard movement.add(bar) else { return .nan }
    let index = movement.index
    if count == movement.period {
      if !index.isNaN { value = (index * reciprocal).addingProduct(value, keep) }
      return value
    }
    count += 1
    if !index.isNaN { value += index }
    guard count == movement.period else { return .nan }
    value /= Double(count)
    return value
  }
}

public struct PlusDIKernel: PeriodKernel {
  private var movement: DirectionalMovement

  public init(period: Int) throws(IndicatorError) { movement = try DirectionalMovement(period: period) }

  @inline(__always) public mutating func update(_ bar: HighLowClose, _ memory: Memory) -> Double {
    movement.add(bar) ? movement.percent(movement.plus) : .nan
  }
}

public struct MinusDIKernel: PeriodKernel {
  private var movement: DirectionalMovement

  public init(period: Int) throws(IndicatorError) { movement = try DirectionalMovement(period: period) }

  @inline(__always) public mutating func update(_ bar: HighLowClose, _ memory: Memory) -> Double {
    movement.add(bar) ? movement.percent(movement.minus) : .nan
  }
}

/// Wilder's smoothed sums of +DM, −DM and true range: seeded with `period − 1` terms, then S·(1 − 1 ÷ period) + new.
///
/// +DM is the rise of the high when it is positive and larger than the fall of the low, −DM the reverse.
struct DirectionalMovement: BitwiseCopyable, Sendable {
  let period: Int
  private let keep: Double
  private var count = 0
  private var previous = HighLowClose(high: 0, low: 0, close: 0)
  private(set) var plus = 0.0
  private(set) var minus = 0.0
  private var range = 0.0

  init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    self.period = period
    keep = Double(period - 1) / Double(period)
  }

  /// Takes a bar in; whether the sums are ready.
  @inline(__always) mutating func add(_ bar: HighLowClose) -> Bool {
    let up = positive(bar.high - previous.high)
    let down = positive(previous.low - bar.low)
    let plusMove = ifLarger(up, down)
    let minusMove = ifLarger(down, up)
    let newRange = trueRange(bar, previous.close)
    previous = bar
    if count >= period {
      plus = plusMove.addingProduct(plus, keep)
      minus = minusMove.addingProduct(minus, keep)
      range = newRange.addingProduct(range, keep)
      return true
    }
    if count > 0 {
      plus += plusMove
      minus += minusMove
      range += newRange
    }
    count += 1
    return false
  }

  /// 100 × part ÷ range, 0 when there was no range.
  @inline(__always) func percent(_ part: Double) -> Double { range > 0 ? 100 * (part / range) : 0 }

  /// 100 × |+DI − −DI| ÷ (+DI + −DI), NaN when undefined.
  @inline(__always) var index: Double {
    let (up, down) = (percent(plus), percent(minus))
    let sum = up + down
    return sum > 0 ? 100 * (abs(down - up) / sum) : .nan
  }
}
