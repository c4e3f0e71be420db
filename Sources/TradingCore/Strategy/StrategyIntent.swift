/// What a strategy wants after a candle has closed (or a tick has come, for a strategy on ticks).
public struct StrategyIntent: Sendable {
  public enum Action: Sendable, Equatable {
    case enterLong, enterShort
    case exit(ExitReason)
  }
  public var action: Action?
  /// The close.
  public var price: Double
  /// One element for each of the definition's `exits` (two for a `stopLevel`: long, short), in their order: what its rule
  /// says at this candle, 1 and 0 for conditions; NaN while it is not known or when there is no rule.
  public var exitValues: [Double]
  /// For the sizing, in price units; NaN while they are not known, 0 when the sizing does not ask.
  public var averageTrueRange: Double
  public var deviation: Double
  /// One for each leg.
  public var legRatios: [Double]

  public init(
    action: Action?, price: Double, exitValues: [Double] = [], averageTrueRange: Double = 0, deviation: Double = 0,
    legRatios: [Double] = []
  ) {
    self.action = action
    self.price = price
    self.exitValues = exitValues
    self.averageTrueRange = averageTrueRange
    self.deviation = deviation
    self.legRatios = legRatios
  }
}

/// What a strategy is told of the position that it has led to.
public struct TradeView: Sendable, Equatable {
  /// 1 long, -1 short, 0 flat.
  public var side: Int
  public var barsSinceEntry: Int
  public var enteredAt: Timestamp
  public var entryPrice: Double
  /// Distance of the initial stop from the entry; NaN without one.
  public var initialStopDistance: Double

  public static let flat = TradeView(
    side: 0, barsSinceEntry: 0, enteredAt: .earliest, entryPrice: .nan, initialStopDistance: .nan)

  public init(side: Int, barsSinceEntry: Int, enteredAt: Timestamp, entryPrice: Double, initialStopDistance: Double) {
    self.side = side
    self.barsSinceEntry = barsSinceEntry
    self.enteredAt = enteredAt
    self.entryPrice = entryPrice
    self.initialStopDistance = initialStopDistance
  }
}

/// What the exchange's clock says at the close of a candle.
public struct ClockView: Sendable, Equatable {
  /// Minutes since midnight, the exchange's.
  public var minuteOfDay: Double
  /// 1 Monday … 7 Sunday.
  public var weekday: Int
  /// The session in which the candle closed: opening < close of the candle <= closing; nil outside of sessions.
  public var session: (opensAt: Timestamp, closesAt: Timestamp)?

  public init(minuteOfDay: Double, weekday: Int, session: (opensAt: Timestamp, closesAt: Timestamp)?) {
    self.minuteOfDay = minuteOfDay
    self.weekday = weekday
    self.session = session
  }

  public static func == (left: Self, right: Self) -> Bool {
    left.minuteOfDay == right.minuteOfDay && left.weekday == right.weekday
      && left.session?.opensAt == right.session?.opensAt && left.session?.closesAt == right.session?.closesAt
  }
}
