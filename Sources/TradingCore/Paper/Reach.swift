/// The prices and times that would do something to a book, so that most ticks are answered without looking at an order.
struct Reach: Sendable {
  private(set) var earliestExpiry: Timestamp?
  /// The earliest close that an order waits for.
  private(set) var earliestClose: Timestamp?
  /// The earliest opening that an order waits for.
  private var earliestOpening = Timestamp.latest
  /// A price at or above it fills a sell limit, or triggers a buy stop, or moves a sell stop.
  private var above = Price(unchecked: .max)
  /// A price at or below it fills a buy limit, or triggers a sell stop, or moves a buy stop.
  private var below = Price(unchecked: .min)
  /// Some order has to be looked at whatever the price.
  private var isImmediate = false

  init() {}

  init(_ orders: [PaperOrder]) {
    for order in orders { include(order) }
  }

  mutating func include(_ order: PaperOrder) {
    if let expiresAt = order.expiresAt { earliestExpiry = min(earliestExpiry ?? expiresAt, expiresAt) }
    if order.timeInForce.isAuction, let activeAt = order.conditions.activeAt {
      if order.timeInForce == .atOpen {
        earliestOpening = min(earliestOpening, activeAt)
      } else {
        earliestClose = min(earliestClose ?? activeAt, activeAt)
      }
      return
    }
    switch (order.demand, order.side) {
    case (.market, _):
      isImmediate = true
    case (.limit(let price), .sell), (.stop(let price), .buy), (.touch(let price, _), .sell):
      above = min(above, price)
    case (.limit(let price), .buy), (.stop(let price), .sell), (.touch(let price, _), .buy):
      below = max(below, price)
    }
    if order.timeInForce.isImmediate, case .limit = order.demand { isImmediate = true }
    if let trail = order.terms.trail, case .stop(let stop) = order.demand {
      let best = trail.best(of: stop, order.side)
      if order.side == .sell { above = min(above, best) } else { below = max(below, best) }
    }
  }

  func isTouched(by price: Price, at time: Timestamp) -> Bool {
    isImmediate || price >= above || price <= below || time >= earliestOpening
  }

  func isTouched(byRangeFrom low: Price, to high: Price) -> Bool { high >= above || low <= below }
}

/// One number for each portfolio that has one, else zero.
struct PerPortfolio: Sendable {
  private var entries: [(portfolio: Int32, value: Int64)] = []

  subscript(portfolio: Int32) -> Int64 {
    get { entries.first { $0.portfolio == portfolio }?.value ?? 0 }
    set {
      if let index = entries.firstIndex(where: { $0.portfolio == portfolio }) {
        entries[index].value = newValue
      } else {
        entries.append((portfolio, newValue))
      }
    }
  }

  mutating func forEach(_ body: (inout Int64) throws(ArithmeticError) -> Void) throws(ArithmeticError) {
    for index in entries.indices { try body(&entries[index].value) }
  }
}
