/// One instrument that a session trades.
public struct SessionInstrument: Sendable {
  public let id: Int32
  public let symbol: String
  public let tickSize: Price
  public let lot: Quantity
  public let multiplier: Ratio
  /// Collateral of a short sale as a share of its value.
  public let initialMargin: Ratio
  /// What its trades are charged by.
  public let feeGroup: FeePlan.Group
  /// False: nobody trades it here, but a contract that somebody does is on it.
  public let isTraded: Bool
  /// The latest price known when the session begins; nil when none is.
  public var last: Tick?

  public init(
    id: Int32, symbol: String, tickSize: Price, lot: Quantity, multiplier: Ratio, initialMargin: Ratio = .one,
    kind: InstrumentKind = .equity, exchange: Int32 = 0, isTraded: Bool = true, last: Tick?
  ) {
    self.id = id
    self.symbol = symbol
    self.tickSize = tickSize
    self.lot = lot
    self.multiplier = multiplier
    self.initialMargin = initialMargin
    feeGroup = FeePlan.Group(kind: kind, exchange: exchange)
    self.isTraded = isTraded
    self.last = last
  }

  /// Not paid for: it is worth what its price has moved since the last settlement.
  public var isFuture: Bool { feeGroup.kind == .future }
}

/// One portfolio that a session trades for.
public struct SessionPortfolio: Sendable {
  public let id: Int32
  public let fees: FeePlan
  public let slippageBasisPoints: Ratio
  /// The share of a tick's or bar's volume that it can have; nil: orders fill whole.
  public let participation: Ratio?
  public let friction: PaperFriction
  /// Share above the last price that the books reserve for a market buy.
  public let marketOrderBuffer: Ratio
  /// Microseconds between snapshots.
  public let snapshotInterval: Int64
  /// When the next day begins, of an exchange or of the portfolio, that the books do not know yet.
  public let nextPeriod: Timestamp
  public var account: SessionAccount

  public init(
    id: Int32, fees: FeePlan, slippageBasisPoints: Ratio, participation: Ratio? = nil,
    friction: PaperFriction = .none, marketOrderBuffer: Ratio,
    snapshotInterval: Int64, nextPeriod: Timestamp = .latest, account: SessionAccount
  ) {
    self.id = id
    self.fees = fees
    self.slippageBasisPoints = slippageBasisPoints
    self.participation = participation
    self.friction = friction
    self.marketOrderBuffer = marketOrderBuffer
    self.snapshotInterval = snapshotInterval
    self.nextPeriod = nextPeriod
    self.account = account
  }
}

/// The money of a portfolio as its books have it.
public struct SessionAccount: Sendable {
  /// All money, collateral included.
  public var cash: Money
  /// Cash that no order has reserved.
  public var available: Money

  public init(cash: Money, available: Money) {
    self.cash = cash
    self.available = available
  }
}

/// What a portfolio holds of an instrument.
public struct SessionPosition: Sendable {
  public let portfolio: Int32
  public let instrument: Int32
  public let holding: SessionHolding
  /// When the part of it that intraday orders opened is squared off; nil when there is none.
  public let squareOffAt: Timestamp?

  public init(portfolio: Int32, instrument: Int32, holding: SessionHolding, squareOffAt: Timestamp? = nil) {
    self.portfolio = portfolio
    self.instrument = instrument
    self.holding = holding
    self.squareOffAt = squareOffAt
  }
}

public struct SessionHolding: Sendable, Equatable {
  /// Negative when short.
  public var quantity: Quantity
  /// With the sign of the quantity; of a future its value at the last settlement.
  public var cost: Money

  public static let none = SessionHolding(quantity: .zero, cost: .zero)

  public init(quantity: Quantity, cost: Money) {
    self.quantity = quantity
    self.cost = cost
  }
}

/// A split to come.
public struct SessionSplit: Sendable {
  public let actionID: Int32
  public let instrument: Int32
  public let split: StockSplit
  /// From this time on prices are the new ones.
  public let effectiveAt: Timestamp

  public init(actionID: Int32, instrument: Int32, split: StockSplit, effectiveAt: Timestamp) {
    self.actionID = actionID
    self.instrument = instrument
    self.split = split
    self.effectiveAt = effectiveAt
  }
}

/// A bar with the times between which it happened.
public struct BarEvent: Sendable {
  public let instrument: Int32
  /// It is of whole trading days: that it is there says that there was trading, whatever the calendar knows.
  public let isOfDays: Bool
  public let opensAt: Timestamp
  public let closesAt: Timestamp
  /// Its bucket is `opensAt`.
  public let bar: Bar

  public init(instrument: Int32, opensAt: Timestamp, closesAt: Timestamp, bar: Bar, isOfDays: Bool = false) {
    self.instrument = instrument
    self.isOfDays = isOfDays
    self.opensAt = opensAt
    self.closesAt = closesAt
    self.bar = bar
  }
}

/// What a session wants to be done, in this order.
public enum SessionRequest: Sendable {
  case submit(SessionOrder)
  /// An order takes the place of another one of its agent, or that one stays.
  case replace(OrderKey, by: SessionOrder)
  /// An order ends: a cancel that its agent asked for, an expiry, or what the paper exchange could not fill.
  case end(OrderKey, OrderEnding, at: Timestamp)
  case fill(PaperFill)
  /// The stop price of an order has traded.
  case trigger(OrderKey, at: Timestamp)
  /// A trailing stop has moved.
  case trail(TrailedStop)
  /// The session of an exchange is over: what the portfolio did intraday ends with it.
  case squareOff(portfolio: Int32, at: Timestamp)
  case signal(SessionSignal)
  /// Value all portfolios that are due at the latest prices, before anything newer happens.
  case snapshot(portfolios: [Int32], at: Timestamp)
  /// Days or weeks of exchanges have begun since the last event: what all portfolios are worth now is what they began with.
  case periods(portfolios: [Int32], at: Timestamp)
  case split(SessionSplit)
  case duty(SessionDuty)
  /// Which candle of a calendar a time belongs to.
  case span(CandleCalendar, at: Timestamp)
  /// When an exchange has its sessions, and what its clock says.
  case hours(exchange: Int32, from: Timestamp, until: Timestamp)
  /// A memory of what was before a time, made anew: prices have been restated. It is rare and large.
  indirect case recollect(SessionAgent, before: Timestamp)
  /// An agent has dealt with what an outside program wants; `number` is the signal that came of it.
  case handled(OutsideSignal, number: Int64?, at: Timestamp)
  /// The agent's arithmetic failed: it must not go on.
  case fail(agent: Int32, portfolio: Int32, reason: String, at: Timestamp)
}

/// Where a trailing stop stands since `at`.
public struct TrailedStop: Sendable, Equatable {
  public let key: OrderKey
  public let stop: Price
  public let at: Timestamp
}

/// An order of an agent on its way to the books.
public struct SessionOrder: Sendable {
  public let portfolio: Int32
  public let agent: Int32
  public let instrument: Int32
  /// Unique in the portfolio and the same in every replay: `agent/symbol/entry-2013-10-07T14:30:00Z`.
  public let clientOrderID: String
  public let request: OrderRequest
  public let at: Timestamp
}

public struct SessionSignal: Sendable {
  public let portfolio: Int32
  public let agent: Int32
  public let instrument: Int32
  public let signal: Signal
  /// The order that came of it, by its whole name.
  public let clientOrderID: String?
  /// What the rules compared, as of the last candle, with the program that has their names; nil for a leg.
  public let operands: (program: StrategyProgram, values: [Double])?
  public let at: Timestamp
}

/// An order as the books have it.
public struct BookedOrder: Sendable {
  public let order: PaperOrder
  public let instrument: Int32
  public let clientOrderID: String
  public let agent: Int32?
  /// End of the session in which it is squared off; nil unless its product is intraday.
  public let squareOffAt: Timestamp?

  public init(
    order: PaperOrder, instrument: Int32, clientOrderID: String, agent: Int32?, squareOffAt: Timestamp? = nil
  ) {
    self.squareOffAt = squareOffAt
    self.order = order
    self.instrument = instrument
    self.clientOrderID = clientOrderID
    self.agent = agent
  }
}

/// What the books say to a request.
public enum SessionAnswer: Sendable {
  /// The order is open now.
  case accepted(BookedOrder)
  /// The order is open now, and the other one is not.
  case replaced(OrderKey, by: BookedOrder)
  /// The order was refused, or is closed already; one that it was to replace is as it was.
  case rejected(SessionOrder)
  case ended(OrderKey, at: Timestamp)
  /// The fill is booked; the portfolio now holds this.
  case filled(PaperFill, SessionHolding)
  /// All open orders of a portfolio: a fill or the end of a session has changed some. Comes after the other answers of its
  /// round.
  case orders([BookedOrder], portfolio: Int32, at: Timestamp)
  /// The order could not take the fill; `isOpen` says whether it still rests.
  case refused(PaperFill, isOpen: Bool)
  /// The split is booked, and these open orders have new terms.
  case split(SessionSplit, orders: [BookedOrder])
  /// What the books will have to do next.
  case due(SessionDuty)
  case span(CandleCalendar, CandleSpan)
  case hours(SessionHours)
  indirect case recollected(agent: Int32, instrument: Int32, StrategyMemory)
  /// When the next day begins, of an exchange or of a portfolio.
  case periods(next: Timestamp)
  case position(portfolio: Int32, instrument: Int32, SessionHolding)
  case account(portfolio: Int32, SessionAccount)
}
