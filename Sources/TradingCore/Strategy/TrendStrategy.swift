/// What a strategy sees in a bar.
public struct Signal: Sendable, Hashable {
  public enum Kind: SQLSpelling {
    case entry
    case exit

    public var sql: String {
      switch self {
      case .entry: "entry"
      case .exit: "exit"
      }
    }
  }

  public let kind: Kind
  /// The distance of the averages in average true ranges, at most a million.
  public let strength: Double
  /// The close of the bar.
  public let price: Double
}

/// Follows the trend: long while a fast moving average is above a slow one.
///
/// The first bar at which all averages are ready tells the side; from then on a change of side is a signal. Averages
/// that meet exactly have not changed sides yet.
public struct TrendStrategy: Sendable {
  public let parameters: TrendParameters

  private var fast: EMA
  private var slow: EMA
  private var range: ATR
  private enum Direction: Int {
    case down = -1
    case unknown, up
  }
  private var direction = Direction.unknown

  public init(_ parameters: TrendParameters) throws(IndicatorError) {
    self.parameters = parameters
    fast = try EMA(period: parameters.fast)
    slow = try EMA(period: parameters.slow)
    range = try ATR(period: parameters.atr)
  }

  /// How many bars come before the first one that can give a signal.
  public var warmUp: Int { max(parameters.slow, parameters.atr + 1) }

  public var isReady: Bool { slow.isReady && range.isReady }

  /// The average true range in price units, NaN while warming up.
  public var averageTrueRange: Double { range.value }

  /// Takes a complete bar in. A bar whose prices are not positive numbers is passed over: it would poison the averages.
  public mutating func update(_ bar: Bar) -> Signal? {
    guard bar.isUsable else { return nil }
    fast.update(bar.close)
    slow.update(bar.close)
    range.update(high: bar.high, low: bar.low, close: bar.close)
    guard isReady else { return nil }

    let distance = fast.value - slow.value
    let before = direction
    if distance > 0 { direction = .up }
    if distance < 0 { direction = .down }
    guard before != .unknown, direction != before else { return nil }
    // After a long calm both are as good as nothing, and their quotient could be anything.
    let strength = range.value > 0 ? min(abs(distance) / range.value, 1_000_000) : 0
    return Signal(kind: direction == .up ? .entry : .exit, strength: strength, price: bar.close)
  }

  /// The strategy as if all past prices had been multiplied by `priceRatio`.
  public mutating func rescale(by priceRatio: Double) {
    fast.rescale(by: priceRatio)
    slow.rescale(by: priceRatio)
    range.rescale(by: priceRatio)
  }

  func write(to writer: inout StateWriter) {
    writer.write(fast.state)
    writer.write(slow.state)
    writer.write(range.state)
    writer.write(direction.rawValue)
  }

  init(_ parameters: TrendParameters, from reader: inout StateReader) throws(StateReader.Malformed) {
    self.parameters = parameters
    let (fastState, slowState, rangeState) = (try reader.doubles(), try reader.doubles(), try reader.doubles())
    guard let fast = try? EMA(period: parameters.fast, state: fastState),
      let slow = try? EMA(period: parameters.slow, state: slowState),
      let range = try? ATR(period: parameters.atr, state: rangeState)
    else { throw StateReader.Malformed() }
    self.fast = fast
    self.slow = slow
    self.range = range
    guard let direction = Direction(rawValue: try reader.int()) else { throw StateReader.Malformed() }
    self.direction = direction
  }
}
