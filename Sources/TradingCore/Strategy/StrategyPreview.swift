/// What a strategy would have done on an instrument: flat at the start, it enters only when flat and leaves only when in, at
/// the closes of candles. Stops and targets that rest at a broker do not act: what would have filled is not known.
public struct StrategyPreview: Sendable {
  /// What came of a candle of the instrument's own.
  public struct Row: Sendable {
    public let action: Signal.Action?
    /// What the rules compared: one value for each of `program.operandNames`, NaN for what is not known.
    public let operands: [Double]
    /// The position before the candle; nil: flat.
    let side: Side?
    /// What the program's exits said.
    let exitValues: [Double]
  }

  private let from: Timestamp
  private let plan: AgentPlan
  private var memory: StrategyMemory
  private var trade: AgentTrade?
  private var entryPrice = Double.nan

  public var program: StrategyProgram { memory.program }

  /// - Parameter from: candles that begin before are the past: they warm the indicators up.
  public init(_ program: StrategyProgram, from: Timestamp) {
    self.init(program, from: from, exits: program.definition.exits)
  }

  /// - Parameter exits: those of the program that count, from the first on.
  init(_ program: StrategyProgram, from: Timestamp, exits: [ExitRule]) {
    self.from = from
    memory = StrategyMemory(program)
    plan = AgentPlan(exits: exits, sizing: program.definition.sizing, terms: .finest)
  }

  /// Takes in candles in the order of their closes, those of other series before the own one that closes at the same time.
  ///
  /// - Parameter predictions: of an own candle the values of `program.predictions`, NaN for what is not known.
  /// - Returns: nil for candles of other series and of the past.
  public mutating func take(_ closed: ClosedCandle, predictions: [Double]) -> Row? {
    let (candle, time, clock) = (closed.candle, closed.closedAt, closed.clock)
    if closed.series != 0 {
      memory.update(series: closed.series, candle, closedAt: time, clock: clock)
      return nil
    }
    if candle.bucket < from {
      memory.warmUp(candle, closedAt: time, clock: clock)
      return nil
    }
    let side = trade?.side
    let intent = memory.evaluate(candle, closedAt: time, clock: clock, trade: view, predictions: predictions)
    trade?.bars += 1
    return Row(action: act(on: intent, at: time), operands: memory.operands, side: side, exitValues: intent.exitValues)
  }

  /// The position as the candle that closes next sees it.
  private var view: TradeView {
    guard let trade else { return .flat }
    return TradeView(
      side: trade.side == .buy ? 1 : -1, barsSinceEntry: trade.bars + 1, enteredAt: trade.enteredAt,
      entryPrice: entryPrice, initialStopDistance: trade.risk?.double ?? .nan)
  }

  private mutating func act(on intent: StrategyIntent, at time: Timestamp) -> Signal.Action? {
    if let trade {
      var isOver = trade.condition(intent, plan) != nil
      if case .exit = intent.action { isOver = true }
      guard isOver else { return nil }
      self.trade = nil
      return .exit
    }
    let side: Side
    switch intent.action {
    case .enterLong: side = .buy
    case .enterShort: side = .sell
    case .exit, nil: return nil
    }
    // Where no stop is known an agent would not enter; the rules say what they say.
    let protected = try? AgentTrade(side, intent, plan, at: time)
    trade = protected ?? AgentTrade(side: side, enteredAt: time)
    entryPrice = intent.price
    return side == .buy ? .buy : .sell
  }
}

extension TradingTerms {
  /// Every price and quantity that there is.
  fileprivate static let finest: TradingTerms = {
    guard let terms = try? TradingTerms(tickSize: Price(unchecked: 1), lot: Quantity(unchecked: 1)) else {
      preconditionFailure("the smallest steps are positive")
    }
    return terms
  }()
}

/// A candle that has closed, of one of the series that a strategy reads.
public struct ClosedCandle: Sendable {
  public let candle: Candle
  /// Its place in `StrategyProgram.series`; 0 is the instrument's own.
  public let series: Int
  public let closedAt: Timestamp
  /// What the clock of the candle's exchange shows at its close.
  public let clock: ClockView?

  public init(_ candle: Candle, ofSeries series: Int, closedAt: Timestamp, clock: ClockView?) {
    self.candle = candle
    self.series = series
    self.closedAt = closedAt
    self.clock = clock
  }
}
