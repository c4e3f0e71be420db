// Candlestick patterns, after Nison, Japanese Candlestick Charting Techniques (1991), with the proportions stated here.
// Each gives 1 (bullish), −1 (bearish) or 0 (none); a doji has no side and gives 1.

/// Doji: the body is at most a tenth of the bar's range, which is not 0. From the first update on.
public typealias Doji = Indicator<DojiKernel>

/// Hammer: the lower shadow is at least twice the body, the upper shadow at most a tenth of the range, and the body is
/// not 0. Whether it ends a decline is for the reader to see. From the first update on.
public typealias Hammer = Indicator<HammerKernel>

/// Engulfing: a body that covers the whole body of the bar before, of the other colour, and is larger; 1 when it is
/// white, −1 when it is black. First value after 2 updates.
public typealias Engulfing = Indicator<EngulfingKernel>

/// Morning star (1): a black bar with a body above half its range; a body at most three tenths of that one and wholly
/// below it; a white bar that closes above the middle of the first body. First value after 3 updates.
public typealias MorningStar = Indicator<MorningStarKernel>

/// Evening star (−1): the mirror of the morning star. First value after 3 updates.
public typealias EveningStar = Indicator<EveningStarKernel>

public struct DojiKernel: PlainKernel {
  public init() {}

  @inline(__always) public mutating func update(_ bar: OpenHighLowClose, _ memory: Memory) -> Double {
    bar.range > 0 && bar.body <= 0.1 * bar.range ? 1 : 0
  }
}

public struct HammerKernel: PlainKernel {
  public init() {}

  @inline(__always) public mutating func update(_ bar: OpenHighLowClose, _ memory: Memory) -> Double {
    let isHammer =
      bar.body > 0 && bar.bottom - bar.low >= 2 * bar.body && bar.high - bar.top <= 0.1 * bar.range
    return isHammer ? 1 : 0
  }
}

public struct EngulfingKernel: PlainKernel {
  private var isFirst = true
  private var previous = OpenHighLowClose(open: 0, high: 0, low: 0, close: 0)

  public init() {}

  @inline(__always) public mutating func update(_ bar: OpenHighLowClose, _ memory: Memory) -> Double {
    defer {
      previous = bar
      isFirst = false
    }
    guard !isFirst else { return .nan }
    guard bar.top >= previous.top, bar.bottom <= previous.bottom, bar.body > previous.body else { return 0 }
    if bar.isWhite, previous.isBlack { return 1 }
    return bar.isBlack && previous.isWhite ? -1 : 0
  }
}

public struct MorningStarKernel: PlainKernel {
  private var past = TwoBars()

  public init() {}

  @inline(__always) public mutating func update(_ bar: OpenHighLowClose, _ memory: Memory) -> Double {
    guard let (first, star) = past.push(bar) else { return .nan }
    let isStar =
      first.isBlack && first.body > 0.5 * first.range && star.body <= 0.3 * first.body && star.top < first.bottom
      && bar.isWhite && bar.close > (first.open + first.close) / 2
    return isStar ? 1 : 0
  }
}

public struct EveningStarKernel: PlainKernel {
  private var past = TwoBars()

  public init() {}

  @inline(__always) public mutating func update(_ bar: OpenHighLowClose, _ memory: Memory) -> Double {
    guard let (first, star) = past.push(bar) else { return .nan }
    let isStar =
      first.isWhite && first.body > 0.5 * first.range && star.body <= 0.3 * first.body && star.bottom > first.top
      && bar.isBlack && bar.close < (first.open + first.close) / 2
    return isStar ? -1 : 0
  }
}

extension OpenHighLowClose {
  var range: Double { high - low }
  var body: Double { abs(close - open) }
  var top: Double { max(open, close) }
  var bottom: Double { min(open, close) }
  var isWhite: Bool { close > open }
  var isBlack: Bool { close < open }
}

/// The two bars before the newest.
private struct TwoBars: BitwiseCopyable, Sendable {
  private var count = 0
  private var first = OpenHighLowClose(open: 0, high: 0, low: 0, close: 0)
  private var second = OpenHighLowClose(open: 0, high: 0, low: 0, close: 0)

  @inline(__always) mutating func push(_ bar: OpenHighLowClose) -> (OpenHighLowClose, OpenHighLowClose)? {
    let past = (first, second)
    (first, second) = (second, bar)
    if count < 2 {
      count += 1
      return nil
    }
    return past
  }
}
