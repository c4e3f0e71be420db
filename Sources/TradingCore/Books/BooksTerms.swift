/// Everything that books in memory go by: what the tables of a database say of it when a run begins.
public struct BooksTerms: Sendable {
  public var portfolios: [BooksPortfolio]
  public var instruments: [BooksInstrument]
  public var agents: [BooksAgent]
  /// Those of all exchanges that have instruments, traded here or not: when a day of one begins, portfolios are valued.
  public var calendars: [ExchangeCalendar]
  /// The candles of days, weeks and months that agents look at, for the whole run.
  public var candles: [CandleSpans]
  public var actions: [BooksAction]
  public var limits: [RiskLimit]
  public var protections: [LossProtection]

  public init(
    portfolios: [BooksPortfolio], instruments: [BooksInstrument], agents: [BooksAgent], calendars: [ExchangeCalendar],
    candles: [CandleSpans] = [], actions: [BooksAction] = [], limits: [RiskLimit] = [],
    protections: [LossProtection] = []
  ) {
    self.portfolios = portfolios
    self.instruments = instruments
    self.agents = agents
    self.calendars = calendars
    self.candles = candles
    self.actions = actions
    self.limits = limits
    self.protections = protections
  }
}

/// A portfolio with nothing but its capital.
public struct BooksPortfolio: Sendable {
  public enum AccountType: SQLSpelling {
    /// What is bought is paid in full, and nothing is sold short.
    case cash
    /// Short sales, futures and written options on collateral.
    case margin

    public var sql: String {
      switch self {
      case .cash: "cash"
      case .margin: "margin"
      }
    }
  }

  public let id: Int32
  /// Whose it is: limits may concern all that a user owns.
  public let owner: String
  public let currency: String
  public let accountType: AccountType
  public let capital: Money
  public var openedAt: Timestamp
  /// Name of the schedule or plan of ``fees``.
  public let feeSchedule: String
  public let fees: FeePlan
  public let exerciseFees: ExerciseFees
  public let slippageBasisPoints: Ratio
  /// The share of a tick's or bar's volume that it can have; nil: orders fill whole.
  public let participation: Ratio?
  public let friction: PaperFriction
  /// Share above the last price that is reserved for a market or stop buy.
  public let marketOrderBuffer: Ratio
  /// Microseconds between snapshots.
  public let snapshotInterval: Int64
  /// The exchange whose clock its days go by; nil: UTC until it has traded, then that of the exchange of its first fill.
  public let clock: Int32?
  /// Every order waits for a second person: then there is no run.
  public let requiresApproval: Bool

  public init(
    id: Int32, owner: String, currency: String, accountType: AccountType = .cash, capital: Money, openedAt: Timestamp,
    feeSchedule: String = "free", fees: FeePlan = .free, exerciseFees: ExerciseFees = ExerciseFees(),
    slippageBasisPoints: Ratio = .zero, participation: Ratio? = nil, friction: PaperFriction = .none,
    marketOrderBuffer: Ratio,
    snapshotInterval: Int64 = 86_400_000_000,
    clock: Int32? = nil, requiresApproval: Bool = false
  ) {
    self.id = id
    self.owner = owner
    self.currency = currency
    self.accountType = accountType
    self.capital = capital
    self.openedAt = openedAt
    self.feeSchedule = feeSchedule
    self.fees = fees
    self.exerciseFees = exerciseFees
    self.slippageBasisPoints = slippageBasisPoints
    self.participation = participation
    self.friction = friction
    self.marketOrderBuffer = marketOrderBuffer
    self.snapshotInterval = snapshotInterval
    self.clock = clock
    self.requiresApproval = requiresApproval
  }
}

/// What the holder of options is charged when they are exercised: by terms without sides and products.
public struct ExerciseFees: Sendable {
  /// On what they are worth.
  public let onIntrinsicValue: FeePlan
  /// On the whole value of what they are on.
  public let onSettlementValue: FeePlan

  public init(onIntrinsicValue: FeePlan = FeePlan([:]), onSettlementValue: FeePlan = FeePlan([:])) {
    self.onIntrinsicValue = onIntrinsicValue
    self.onSettlementValue = onSettlementValue
  }
}

/// An instrument: what a session trades it by, and what else orders are decided by.
public struct BooksInstrument: Sendable {
  public let terms: SessionInstrument
  public let currency: String
  public let isActive: Bool
  public let isShortable: Bool
  public let sector: String?
  /// Of a future or an option.
  public let contract: BooksContract?
  /// What holding it short over the end of a day costs, by the first day of each rate; of a future or an option none.
  public let borrowRates: [BorrowRate]

  public init(
    _ terms: SessionInstrument, currency: String, isActive: Bool = true, isShortable: Bool = true,
    sector: String? = nil, contract: BooksContract? = nil, borrowRates: [BorrowRate] = []
  ) {
    self.terms = terms
    self.currency = currency
    self.isActive = isActive
    self.isShortable = isShortable
    self.sector = sector
    self.contract = contract
    self.borrowRates = borrowRates
  }
}

/// What ends.
public struct BooksContract: Sendable {
  public enum Right: Sendable { case call, put }
  /// Its last day, in days since 2000-01-01; nil: it never expires.
  public let expiresOn: Int64?
  /// What it is on, where that is an instrument of the run.
  public let underlying: Int32?
  /// Of an option.
  public let strike: Price?
  public let right: Right?

  public init(expiresOn: Int64?, underlying: Int32? = nil, strike: Price? = nil, right: Right? = nil) {
    self.expiresOn = expiresOn
    self.underlying = underlying
    self.strike = strike
    self.right = right
  }
}

/// An agent, of which limits may concern the strategy.
public struct BooksAgent: Sendable {
  public let id: Int32
  public let strategy: Int32
  /// Its strategy's orders wait for a second person: then there is no run.
  public let requiresApproval: Bool

  public init(id: Int32, strategy: Int32, requiresApproval: Bool = false) {
    self.id = id
    self.strategy = strategy
    self.requiresApproval = requiresApproval
  }
}

/// All candles of a calendar that a run may meet, in order and without a gap.
public struct CandleSpans: Sendable {
  public let calendar: CandleCalendar
  public let spans: [CandleSpan]

  public init(calendar: CandleCalendar, spans: [CandleSpan]) {
    self.calendar = calendar
    self.spans = spans
  }

  /// The candle that a time falls into; nil beyond the ends.
  func span(at time: Timestamp) -> CandleSpan? {
    let begun = spans.prefixCount { $0.begin <= time }
    return begun > 0 && time < spans[begun - 1].next ? spans[begun - 1] : nil
  }
}

/// What an issuer does to an instrument in the course of a run.
public struct BooksAction: Sendable {
  public enum Kind: Sendable {
    case split(StockSplit)
    /// Shares for nothing: a split by another name.
    case bonus(StockSplit)
    /// For each unit.
    case dividend(Money)
  }

  public let id: Int32
  public let instrument: Int32
  public let kind: Kind
  /// The ex-date, in days since 2000-01-01.
  public let exDay: Int64
  /// Who holds the instrument then has it as it is after.
  public let effectiveAt: Timestamp

  public init(id: Int32, instrument: Int32, kind: Kind, exDay: Int64, effectiveAt: Timestamp) {
    self.id = id
    self.instrument = instrument
    self.kind = kind
    self.exDay = exDay
    self.effectiveAt = effectiveAt
  }
}

/// Why a run cannot be made with books in memory: something in it that they cannot judge. Nothing is left out.
public struct BooksRefusal: Error, Sendable, CustomStringConvertible {
  /// What it is, such as `correlation` or `approval`.
  public let name: String
  public let description: String

  init(_ name: String, _ description: String) {
    self.name = name
    self.description = description
  }
}

/// Why a run ended: an order that makes no sense, a number beyond all range, or data that it was not given.
public struct BooksError: Error, Sendable, CustomStringConvertible {
  /// That of the database, such as `TR201`.
  public let code: String
  public let description: String

  init(_ code: String, _ description: String) {
    self.code = code
    self.description = description
  }

  // numeric_value_out_of_range
  init(_ error: ArithmeticError) { self.init("22003", error.description) }
  init(_ error: ParameterError) { self.init("TR212", error.description) }
}
