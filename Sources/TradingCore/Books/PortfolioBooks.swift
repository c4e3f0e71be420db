/// The books of one portfolio, with everything that happened in it.
public struct PortfolioBooks: Sendable {
  let terms: BooksPortfolio
  /// Where an order with a number is: one before it.
  public internal(set) var orders: [OrderRecord] = []
  public internal(set) var fills: [FillRecord] = []
  public internal(set) var closures: [ClosureRecord] = []
  public internal(set) var snapshots: [SnapshotRecord] = []
  public internal(set) var breaches: [BreachRecord] = []
  public internal(set) var payments: [PaymentRecord] = []
  /// All money, what is reserved included and collateral not.
  public internal(set) var cash: Money
  /// Of it what orders have set aside.
  public internal(set) var reserved = Money.zero
  /// Collateral.
  public internal(set) var margin = Money.zero
  var positions: [BooksPosition]
  /// Sum of the positions' values when each was last valued.
  var positionsValue = Money.zero
  var worth: Worth
  var marks: [PeriodMark] = []
  /// When the next day begins, of an exchange or of the portfolio, that nothing was marked for.
  var markedUntil: Timestamp
  /// The place of the calendar whose clock its days go by; nil: that of UTC.
  var clock: Int?
  var states: [RiskState] = []
  var locks: [RiskLock] = []
  /// What trades of each instrument are charged, by its place; nil: nothing says so.
  let fees: [FeeHistory?]
  /// Places of orders by a hash of their names.
  var names: [UInt64: Int] = [:]
  /// Names of orders by which agents left where a stop could not rest, until they are submitted.
  var stopNames: [String] = []

  init(_ terms: BooksPortfolio, _ market: BooksMarket) {
    self.terms = terms
    cash = terms.capital
    positions = Array(repeating: BooksPosition(), count: market.instruments.count)
    worth = Worth(capital: terms.capital)
    markedUntil = terms.openedAt
    clock = terms.clock.flatMap { id in market.calendars.firstIndex { $0.exchange == id } }
    fees = market.instruments.map { terms.fees.history(of: $0.terms.feeGroup) }
  }

  public var id: Int32 { terms.id }

  /// Cash that no order has reserved.
  public var available: Money { Money(unchecked: cash.raw - reserved.raw) }

  /// Cash, collateral, and positions as they were last valued.
  public var equity: Money { Money(unchecked: cash.raw + margin.raw + positionsValue.raw) }

  /// Deposits less withdrawals, and what the broker advanced.
  public var netDeposits: Money { worth.netDeposits }

  /// What it has of an instrument, by the instrument's place in the terms.
  public func position(_ place: Int) -> BooksPosition { positions[place] }

  var account: SessionAccount { SessionAccount(cash: Money(unchecked: cash.raw + margin.raw), available: available) }

  var sessionTerms: SessionPortfolio {
    SessionPortfolio(
      id: id, fees: terms.fees, slippageBasisPoints: terms.slippageBasisPoints, participation: terms.participation,
      friction: terms.friction,
      marketOrderBuffer: terms.marketOrderBuffer, snapshotInterval: terms.snapshotInterval, nextPeriod: markedUntil,
      account: account)
  }

  // MARK: Orders

  /// The place of an order; nil when there is none with this number.
  func place(ofOrder number: Int64) -> Int? {
    number >= 1 && number <= orders.count ? Int(number - 1) : nil
  }

  /// All open orders, in the order of their numbers.
  func openOrders() throws(ParameterError) -> [BookedOrder] {
    var places: [Int] = []
    for position in positions { places += position.openOrders }
    places.sort()
    var open: [BookedOrder] = []
    for place in places { open.append(try booked(place)) }
    return open
  }

  /// An open order as a session has it.
  func booked(_ place: Int) throws(ParameterError) -> BookedOrder {
    let order = orders[place]
    return BookedOrder(
      order: try PaperOrder(
        key: OrderKey(portfolio: id, order: order.number), side: order.side, terms: order.terms,
        remaining: order.remaining, filled: order.filled, arrival: order.number, arrivedAt: order.submittedAt,
        isTriggered: order.triggeredAt != nil,
        conditions: OrderConditions(isReduceOnly: order.isReduceOnly, exclusion: order.exclusion)),
      instrument: order.instrument, clientOrderID: order.clientOrderID, agent: order.agent)
  }

  /// The order that has this name.
  func place(ofName name: String) -> Int? {
    var place = names[Self.hash(name)]
    while let known = place {
      if isSame(orders[known].clientOrderID, name) { return known }
      place = orders[known].sameHash
    }
    return nil
  }

  /// FNV-1a.
  static func hash(_ name: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return hash
  }
}
