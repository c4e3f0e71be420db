/// Follows the trend: long while a fast moving average is above a slow one.
///
/// The first bar at which all averages are ready tells the side; from then on a change of side is a signal. Averages
/// that meet exactly have not changed sides yet.
public struct TrendStrategy: Sendable {
  public let parameters: TrendParameters

  private var fast: EMA
  private var slow: EMA
  private var range: ATR
  /// For a sizing by standard deviation only: the last closes, at least as many as it looks at.
  private var closes: [Double] = []
  private let closesNeeded: Int
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
    closesNeeded = Self.closesNeeded(parameters)
  }

  private static func closesNeeded(_ parameters: TrendParameters) -> Int {
    if case .deviation(_, _, let period) = parameters.sizing { period } else { 0 }
  }

  /// How many bars come before the first one that can give a signal.
  public var warmUp: Int { max(parameters.slow, parameters.atr + 1, closesNeeded) }

  public var isReady: Bool { slow.isReady && range.isReady && closes.count >= closesNeeded }

  /// The average true range in price units, NaN while warming up.
  public var averageTrueRange: Double { range.value }

  /// The population standard deviation of the last closes that the sizing looks at, in price units; zero without such a
  /// sizing, NaN while warming up.
  public var closeDeviation: Double {
    guard closesNeeded > 0 else { return 0 }
    guard closes.count >= closesNeeded else { return .nan }
    let window = closes[(closes.count - closesNeeded)...]
    var sum = 0.0
    for close in window { sum += close }
    let mean = sum / Double(closesNeeded)
    var squares = 0.0
    for close in window { squares += (close - mean) * (close - mean) }
    return (squares / Double(closesNeeded)).squareRoot()
  }

  /// Takes a complete bar in and says what to do. A bar whose prices are not positive numbers is passed over: it would
  /// poison the averages.
  public mutating func update(_ bar: Bar) -> StrategyIntent {
    let action = take(bar)
    return StrategyIntent(
      action: action, price: bar.close, exitValues: [averageTrueRange * parameters.atrMultiple.double],
      averageTrueRange: averageTrueRange, deviation: closeDeviation)
  }

  private mutating func take(_ bar: Bar) -> StrategyIntent.Action? {
    guard bar.isUsable else { return nil }
    fast.update(bar.close)
    slow.update(bar.close)
    range.update(high: bar.high, low: bar.low, close: bar.close)
    if closesNeeded > 0 {
      // Forgets in chunks, so that a bar costs the same whatever the period.
      if closes.count >= 2 * closesNeeded { closes.removeFirst(closesNeeded) }
      closes.append(bar.close)
    }
    guard isReady else { return nil }

    let distance = fast.value - slow.value
    let before = direction
    if distance > 0 { direction = .up }
    if distance < 0 { direction = .down }
    guard before != .unknown, direction != before else { return nil }
    return direction == .up ? .enterLong : .exit(.rule)
  }

  /// The strategy as if all past prices had been multiplied by `priceRatio`.
  public mutating func rescale(by priceRatio: Double) {
    fast.rescale(by: priceRatio)
    slow.rescale(by: priceRatio)
    range.rescale(by: priceRatio)
    for index in closes.indices { closes[index] *= priceRatio }
  }

  public var state: [UInt8] {
    var writer = StateWriter()
    writer.write(fast.state)
    writer.write(slow.state)
    writer.write(range.state)
    writer.write(direction.rawValue)
    if closesNeeded > 0 { writer.write(Array(closes.suffix(closesNeeded))) }
    return writer.bytes
  }

  /// - Throws: `badState` when the state is not one of a strategy with these parameters.
  public init(_ parameters: TrendParameters, state: [UInt8]) throws(ParameterError) {
    do throws(StateReader.Malformed) {
      var reader = StateReader(state)
      try self.init(parameters, from: &reader)
      guard reader.isAtEnd else { throw StateReader.Malformed() }
    } catch {
      throw .badState(of: "strategy")
    }
  }

  private init(_ parameters: TrendParameters, from reader: inout StateReader) throws(StateReader.Malformed) {
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
    closesNeeded = Self.closesNeeded(parameters)
    if closesNeeded > 0 {
      closes = try reader.doubles()
      guard closes.count <= closesNeeded else { throw StateReader.Malformed() }
    }
  }
}
