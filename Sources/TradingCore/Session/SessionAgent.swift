/// One agent on one instrument.
public struct SessionAgent: Sendable {
  public let id: Int32
  public let portfolio: Int32
  public let instrument: Int32
  /// Begins the client_order_id of its orders.
  public let name: String
  /// False: it follows the market, but sends nothing (paused).
  public let isActive: Bool
  /// Its memory has not been kept yet: ``TradingSession/takeStates()`` gives it out even if nothing happens.
  public var isNew = false
  public var runtime: AgentRuntime
  /// What its rules have seen; nil: a leg, which another of the agent's instruments decides on.
  public var memory: StrategyMemory?
  /// Makes its candles out of ticks, or of shorter bars.
  public var builder: CandleBuilder
  /// Where its candles begin and end; nil: they are of fixed width.
  public let calendar: CandleCalendar?
  /// Every tick is a candle.
  public let isOnTicks: Bool
  /// The feed has bars that are shorter than its candles.
  public let isMadeOfBars: Bool
  /// The series of its program behind the first.
  public var others: [SessionSeries]
  /// Candles that have closed, and that it has not taken in.
  public var waiting: [WaitingCandle] = []
  /// When it may open positions; nil: always.
  public let schedule: SessionSchedule?
  /// On how many of its instruments it may have positions; nil: on all.
  public let maximumPositions: Int?
  /// The instruments of the legs of its strategy, in their order.
  public let legs: [Int32]
  /// False: only outside programs open its positions.
  public let entersByRules: Bool
  /// So many candles of its own it has still to take in before it acts.
  public var candlesToSkip = 0
  /// From what its rules' memory can be made anew; nil: the books know.
  public var history: CandleHistory?

  public init(
    id: Int32, portfolio: Int32, instrument: Int32, name: String, isActive: Bool, runtime: AgentRuntime,
    memory: StrategyMemory?, builder: CandleBuilder, calendar: CandleCalendar? = nil, isOnTicks: Bool = false,
    isMadeOfBars: Bool = false, others: [SessionSeries] = [], schedule: SessionSchedule? = nil,
    maximumPositions: Int? = nil, legs: [Int32] = [],
    entersByRules: Bool = true
  ) {
    self.id = id
    self.portfolio = portfolio
    self.instrument = instrument
    self.name = name
    self.isActive = isActive
    self.runtime = runtime
    self.memory = memory
    self.builder = builder
    self.calendar = calendar
    self.isOnTicks = isOnTicks
    self.isMadeOfBars = isMadeOfBars
    self.others = others
    self.schedule = schedule
    self.maximumPositions = maximumPositions
    self.legs = legs
    self.entersByRules = entersByRules
  }

  /// Everything to go on from, but the open orders: the runtime's part, the candles' part, the rules' part.
  public var state: [UInt8] {
    var writer = StateWriter()
    writer.write(bytes: runtime.state)
    writer.write(bytes: candleState)
    writer.write(bytes: memory?.state ?? [])
    return writer.bytes
  }

  /// The parts of ``state``; nil when it is not one.
  public static func split(state: [UInt8]) -> (runtime: [UInt8], candles: [UInt8], rules: [UInt8])? {
    var reader = StateReader(state)
    guard let runtime = try? reader.bytes(), let candles = try? reader.bytes(), let rules = try? reader.bytes(),
      reader.isAtEnd
    else { return nil }
    return (runtime, candles, rules)
  }

  /// Takes in a candle of its own for its effect on the rules alone.
  public mutating func warmUp(_ candle: Candle, closedAt: Timestamp, clock: ClockView?) {
    guard runtime.isNext(candle) else { return }
    memory?.warmUp(candle, closedAt: closedAt, clock: clock)
    history?.append(series: 0, candle, closedAt: closedAt, clock: clock)
    runtime.pass(candle)
  }

  /// Takes in a candle of its own and says what its rules want.
  mutating func look(
    at candle: Candle, closedAt: Timestamp, clock: ClockView?, predictions: [Double]
  ) -> StrategyIntent.Action? {
    history?.append(series: 0, candle, closedAt: closedAt, clock: clock)
    var trade = TradeView.flat
    if memory?.program.needsTrade ?? false { trade = runtime.trade } else { trade.side = runtime.side }
    return memory?.look(at: candle, closedAt: closedAt, clock: clock, trade: trade, predictions: predictions) ?? nil
  }

  /// Takes in a candle of another series.
  mutating func update(series: Int, _ candle: Candle, closedAt: Timestamp, clock: ClockView?) {
    memory?.update(series: series, candle, closedAt: closedAt, clock: clock)
    history?.append(series: series, candle, closedAt: closedAt, clock: clock)
  }

  /// A feed of ticks has still to tell it in which day, week or month it is.
  public var hasUntouchedCalendar: Bool {
    calendar != nil && builder.isUntouched || others.contains { $0.calendar != nil && $0.builder.isUntouched }
  }

  /// Of all series, the agent's own first: up to where their candles are known to the rules; nil: all that have closed.
  public var knownUntil: [Timestamp?] {
    var until: [Timestamp?] = [builder.formingBegin]
    for other in others { until.append(other.builder.formingBegin) }
    for entry in waiting {
      until[entry.series] = until[entry.series].map { min($0, entry.candle.bucket) } ?? entry.candle.bucket
    }
    return until
  }
}
