/// Where instruments, agents and orders have their places in a session.
extension TradingSession {
  struct Slot {
    var agent: SessionAgent
    /// Position of its portfolio.
    let portfolio: Int
    var hasFailed = false
    /// Its memory differs from what was given out last.
    var hasChanged = false
    /// The latest event that changed its memory since the session began.
    var changedAt: Timestamp?
    /// The position of each series' calendar; nil: its candles are of fixed width.
    let calendars: [Int?]
    /// The position of each series' clock; nil: nobody asks for it.
    var clocks: [Int?] = []
    /// The position of the exchange's clock that its schedule goes by.
    var scheduleClock: Int?
    /// The tracks of the predictions that its program looks at, and how old they may be in microseconds.
    var predictions: [(track: Int, age: Int64)] = []
    /// It looks at more than the candles of its own, or makes these of bars.
    let isWide: Bool
    /// The earliest end of its forming candles, when it is wide.
    var nextEnd = Timestamp.earliest
    /// Where its legs are, and whose leg it is.
    var legs: [Place] = []
    var primaries: [Place] = []

    init(agent: SessionAgent, portfolio: Int, calendars: [Int?], symbol: String) {
      self.agent = agent
      prefix = "\(agent.name)/\(symbol)/"
      self.portfolio = portfolio
      self.calendars = calendars
      isWide = !agent.others.isEmpty || agent.isMadeOfBars
      hasChanged = agent.isNew
    }

    var isOnCalendar: Bool { calendars.contains { $0 != nil } }
    /// Candles of it end when their time is over, whatever trades then.
    var endsByTime: Bool { agent.isMadeOfBars || isOnCalendar }

    /// Its rules ask for the clock or for predictions.
    var asksForMore = false
    /// Begins the names of its orders.
    let prefix: String

    /// What a candle means to the agent.
    enum Outcome {
      case nothing
      /// Taken in, and nothing is to be done but for its legs.
      case rests
      /// Its runtime has to act, with this.
      case wants(StrategyIntent.Action?)
    }

    /// Shows a candle of its own to the agent.
    ///
    /// - Parameters:
    ///   - held: what its portfolio has of the instrument.
    ///   - hasFees: whether it is known what a trade costs now; else it has to be told that it cannot go on.
    mutating func look(
      at bar: Candle, _ closedAt: Timestamp, at time: Timestamp, _ clock: ClockView?, _ predictions: [Double],
      _ held: Quantity, hasFees: Bool, isWatching: Bool
    ) -> Outcome {
      change(at: time)
      guard agent.runtime.isNext(bar) else { return .nothing }
      if isWatching || agent.candlesToSkip > 0 {
        if !isWatching { agent.candlesToSkip -= 1 }
        agent.warmUp(bar, closedAt: closedAt, clock: clock)
        return .nothing
      }
      var action = agent.look(at: bar, closedAt: closedAt, clock: clock, predictions: predictions)
      guard agent.isActive, !hasFailed else {
        agent.runtime.pass(bar)
        return .nothing
      }
      if !agent.entersByRules, action?.isEntry ?? false { action = nil }
      guard action == nil, hasFees, agent.runtime.isAtRest(bar, held) else { return .wants(action) }
      agent.runtime.rest(through: bar)
      return legs.isEmpty && primaries.isEmpty ? .nothing : .rests
    }

    @inline(__always)
    mutating func change(at time: Timestamp) {
      hasChanged = true
      changedAt = time
    }
  }

  struct Lane {
    let instrument: SessionInstrument
    var lastPrice: Double?
    var lastSize = Double.nan
    var lastTime = Timestamp.earliest
    var hasNewPrice = false
    /// What trades are charged, one book and one position for each portfolio.
    let fees: [FeeHistory?]
    var books: [PaperBook]
    var held: [SessionHolding]
    var openOrders = 0
    var slots: [Slot] = []
    /// The position of its exchange's clock; nil: no order has rested here.
    var clock: Int?
    /// What the latest time that was asked for is part of.
    var stretch: TradingStretch?
    /// Agents on other instruments that look at this one.
    var watchers: [Place] = []

    /// Agents look at its bars beside others.
    var isWatched: Bool { !watchers.isEmpty || slots.contains { $0.isWide } }

    @inline(__always)
    mutating func setPrice(_ price: Double, _ size: Double, _ at: Timestamp) {
      guard price > 0, price < .infinity, at >= lastTime else { return }
      lastPrice = price
      lastSize = size
      lastTime = at
      hasNewPrice = true
    }

    /// The prices of a bar that meets no order.
    @inline(__always)
    mutating func pass(_ bar: BarEvent) {
      setPrice(bar.bar.open, .nan, bar.opensAt)
      setPrice(bar.bar.close, .nan, bar.closesAt)
    }

    mutating func countOrders() {
      openOrders = 0
      for book in books { openOrders += book.orders.count }
    }
  }

  /// Where an open order belongs.
  struct Home {
    let lane: Int
    /// The agent that sent it; nil for a person's order.
    let slot: Int?
    let clientOrderID: String
  }
}
