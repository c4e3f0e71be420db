/// Whose orders a limit or protection concerns.
public enum RiskScope: Sendable {
  case system
  /// A database role.
  case user(String)
  case portfolio(Int32)
  /// All agents of a strategy.
  case strategy(Int32)
  case agent(Int32)
  case instrument(Int32)
  case sector(String)

  /// The label of `risk.scope`.
  var sql: String {
    switch self {
    case .system: "system"
    case .user: "user"
    case .portfolio: "portfolio"
    case .strategy: "strategy"
    case .agent: "agent"
    case .instrument: "instrument"
    case .sector: "sector"
    }
  }
}

/// What a limit measures of an order; the unit of each is that of `risk.metric`, whose order this is.
public enum RiskMetric: SQLSpelling, Comparable {
  case restricted, marketHours, quoteAge, priceCollar, orderRate, openOrders, orderValue, positionQuantity
  case positionValue, positionShare, sectorValue, sectorShare, grossValue, grossShare, netValue, netShare
  case openPositions, tradeRisk, portfolioHeat, correlation, dailyLoss, dailyLossShare, weeklyLoss, weeklyLossShare
  case drawdown

  public var sql: String {
    switch self {
    case .restricted: "restricted"
    case .marketHours: "market_hours"
    case .quoteAge: "quote_age"
    case .priceCollar: "price_collar"
    case .orderRate: "order_rate"
    case .openOrders: "open_orders"
    case .orderValue: "order_value"
    case .positionQuantity: "position_quantity"
    case .positionValue: "position_value"
    case .positionShare: "position_share"
    case .sectorValue: "sector_value"
    case .sectorShare: "sector_share"
    case .grossValue: "gross_value"
    case .grossShare: "gross_share"
    case .netValue: "net_value"
    case .netShare: "net_share"
    case .openPositions: "open_positions"
    case .tradeRisk: "trade_risk"
    case .portfolioHeat: "portfolio_heat"
    case .correlation: "correlation"
    case .dailyLoss: "daily_loss"
    case .dailyLossShare: "daily_loss_share"
    case .weeklyLoss: "weekly_loss"
    case .weeklyLossShare: "weekly_loss_share"
    case .drawdown: "drawdown"
    }
  }

  /// As words of a reason have it.
  var words: String {
    String(decoding: sql.utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
  }

  /// With which an order is refused.
  var code: String {
    switch self {
    case .restricted: "TR323"
    case .marketHours: "TR324"
    case .quoteAge: "TR311"
    case .priceCollar: "TR310"
    case .orderRate: "TR309"
    case .openOrders: "TR329"
    case .orderValue: "TR302"
    case .positionQuantity: "TR303"
    case .positionValue: "TR304"
    case .positionShare: "TR312"
    case .sectorValue, .sectorShare: "TR315"
    case .grossValue, .grossShare: "TR313"
    case .netValue, .netShare: "TR314"
    case .openPositions: "TR316"
    case .tradeRisk: "TR318"
    case .portfolioHeat: "TR317"
    case .correlation: "TR319"
    case .dailyLoss, .dailyLossShare: "TR320"
    case .weeklyLoss, .weeklyLossShare: "TR321"
    case .drawdown: "TR322"
    }
  }
}

/// What a breach of a limit does.
public enum RiskAction: SQLSpelling {
  case warn, reject, reduceOnly, halt

  public var sql: String {
    switch self {
    case .warn: "warn"
    case .reject: "reject"
    case .reduceOnly: "reduce_only"
    case .halt: "halt"
    }
  }
}

/// A bound that orders must keep: a row of `risk.limits`.
public struct RiskLimit: Sendable {
  public let id: Int32
  public let scope: RiskScope
  /// It concerns orders of this instrument alone; nil: all that the scope concerns.
  public let instrument: Int32?
  public let metric: RiskMetric
  /// Microseconds in which an order rate counts; nil for other metrics.
  public let period: Int64?
  /// Highest allowed figure.
  public let bound: Money
  public let action: RiskAction

  public init(
    id: Int32, scope: RiskScope, instrument: Int32? = nil, metric: RiskMetric, period: Int64? = nil, bound: Money,
    action: RiskAction = .reject
  ) {
    self.id = id
    self.scope = scope
    self.instrument = instrument
    self.metric = metric
    self.period = period
    self.bound = bound
    self.action = action
  }
}

/// A pause after losses: a row of `risk.protections`.
public struct LossProtection: Sendable {
  public enum Kind: Sendable {
    /// After a trade that was stopped out at a loss.
    case cooldown
    /// After so many of them within the period.
    case stopLossGuard(trades: Int)
    /// When so many closing orders within the period made less than this.
    case lowProfit(trades: Int, least: Money)
  }

  /// Whose trades are counted, and who is paused.
  public enum Protected: SQLSpelling {
    case portfolio, agent, instrument

    public var sql: String {
      switch self {
      case .portfolio: "portfolio"
      case .agent: "agent"
      case .instrument: "instrument"
      }
    }
  }

  public let id: Int32
  public let kind: Kind
  public let per: Protected
  public let scope: RiskScope
  /// Microseconds.
  public let pause: Int64
  /// Microseconds before a fill in which trades are counted; unused by a cooldown.
  public let period: Int64
  /// The period as the database writes it, for the words of a reason.
  public let periodWords: String

  public init(
    id: Int32, kind: Kind, per: Protected = .instrument, scope: RiskScope, pause: Int64, period: Int64 = 0,
    periodWords: String = ""
  ) {
    self.id = id
    self.kind = kind
    self.per = per
    self.scope = scope
    self.pause = pause
    self.period = period
    self.periodWords = periodWords
  }
}
