@testable import TradingCore

/// Books of one portfolio with the instruments 1 (a share) and 2 (another), asked request by request.
struct BooksDesk {
  var books: MemoryBooks
  private(set) var now = try! Timestamp("2024-01-08T15:00:00Z")
  private var names = 0

  init(
    capital: String = "10000", _ type: BooksPortfolio.AccountType = .cash, fees: FeePlan = .free,
    limits: [RiskLimit] = [], protections: [LossProtection] = [], actions: [BooksAction] = []
  ) throws {
    books = try MemoryBooks(
      Self.terms(capital: capital, type, fees: fees, limits: limits, protections: protections, actions: actions))
    price(100)
  }

  static func terms(
    capital: String = "10000", _ type: BooksPortfolio.AccountType = .cash, fees: FeePlan = .free,
    limits: [RiskLimit] = [], protections: [LossProtection] = [], actions: [BooksAction] = []
  ) throws -> BooksTerms {
    BooksTerms(
      portfolios: [
        BooksPortfolio(
          id: 1, owner: "tester", currency: "USD", accountType: type, capital: try Money(capital),
          openedAt: try Timestamp("2024-01-08T00:00:00Z"), fees: fees, marketOrderBuffer: try Ratio("0.05"))
      ],
      instruments: try [1, 2].map { try instrument($0) }, agents: [BooksAgent(id: 7, strategy: 3)],
      calendars: [ExchangeCalendar(exchange: 0)], actions: actions, limits: limits, protections: protections)
  }

  static func instrument(
    _ id: Int32, kind: InstrumentKind = .equity, currency: String = "USD", contract: BooksContract? = nil,
    exchange: Int32 = 0
  ) throws -> BooksInstrument {
    BooksInstrument(
      SessionInstrument(
        id: id, symbol: "S\(id)", tickSize: try Price("0.01"), lot: try Quantity("1"), multiplier: .one,
        initialMargin: try Ratio("0.5"), kind: kind, exchange: exchange, last: nil),
      currency: currency, contract: contract)
  }

  var portfolio: PortfolioBooks { books.portfolios[0] }
  var position: BooksPosition { portfolio.position(0) }

  mutating func wait(hours: Int64) throws { now = try now.advanced(byMicroseconds: hours * 3_600_000_000) }

  mutating func price(_ price: Double) { books.market.observe(1, price, at: now) }

  mutating func ask(_ request: SessionRequest) throws -> [SessionAnswer] {
    var answers: [SessionAnswer] = []
    try books.answer([request], into: &answers)
    return answers
  }

  func order(
    _ side: Side, _ quantity: String, _ terms: OrderTerms = .market, role: OrderRole = .entry, leg: Int16? = nil,
    name: String
  ) throws -> SessionOrder {
    SessionOrder(
      portfolio: 1, agent: 7, instrument: 1, clientOrderID: name,
      request: OrderRequest(
        clientOrderID: name, role: role, side: side, terms: terms, quantity: try Quantity(quantity), ocoLeg: leg),
      at: now)
  }

  /// The order as the books have it then.
  @discardableResult
  mutating func submit(
    _ side: Side, _ quantity: String, _ terms: OrderTerms = .market, role: OrderRole = .entry, leg: Int16? = nil
  ) throws -> OrderRecord {
    names += 1
    _ = try ask(.submit(try order(side, quantity, terms, role: role, leg: leg, name: "\(role)-\(names)")))
    return portfolio.orders[portfolio.orders.count - 1]
  }

  /// Fills an order, by default all that is left of it.
  @discardableResult
  mutating func fill(_ number: Int64, _ quantity: String? = nil, at price: String) throws -> OrderRecord {
    let order = portfolio.orders[Int(number - 1)]
    let filled = try quantity.map { try Quantity($0) } ?? order.remaining
    now = try now.advanced(byMicroseconds: 1)
    _ = try ask(
      .fill(
        PaperFill(
          key: OrderKey(portfolio: 1, order: number), side: order.side, quantity: filled, price: try Price(price),
          remaining: try order.remaining - filled, filled: try order.filled + filled, liquidity: .taker, at: now)))
    return portfolio.orders[Int(number - 1)]
  }
}
