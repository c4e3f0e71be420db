/// What identifies an order: order numbers are unique within a portfolio.
public struct OrderKey: Sendable, Hashable {
  public let portfolio: Int32
  public let order: Int64

  public init(portfolio: Int32, order: Int64) {
    self.portfolio = portfolio
    self.order = order
  }
}

/// An order as the paper exchange sees it.
public struct PaperOrder: Sendable, Hashable {
  public let key: OrderKey
  public let side: Side
  public internal(set) var terms: OrderTerms
  /// What is left to fill.
  public internal(set) var remaining: Quantity
  public let timeInForce: TimeInForce
  /// The order is dead from this time on.
  public let expiresAt: Timestamp?
  /// Orders fill in this order.
  public let arrival: Int64
  /// The stop price has traded: a stop is now a market order, a stop-limit a limit order.
  public internal(set) var isTriggered: Bool

  /// Triggered inside the bar being matched, at a price its limit refused: what the bar does afterwards is not known.
  var waitsForNextEvent = false

  /// - Throws: `badOrder` when nothing remains to fill, or when an order without a stop price is said to be triggered.
  public init(
    key: OrderKey, side: Side, terms: OrderTerms, remaining: Quantity, timeInForce: TimeInForce = .goodTillCancelled,
    expiresAt: Timestamp? = nil, arrival: Int64, isTriggered: Bool = false
  ) throws(ParameterError) {
    guard remaining.isPositive else { throw ParameterError(.badOrder, "nothing remains to fill") }
    if isTriggered && terms.stopPrice == nil { throw ParameterError(.badOrder, "triggered without a stop price") }
    self.key = key
    self.side = side
    self.terms = terms
    self.remaining = remaining
    self.timeInForce = timeInForce
    self.expiresAt = expiresAt
    self.arrival = arrival
    self.isTriggered = isTriggered
  }

  /// Arrival decides; the key makes the order total, so that a reloaded book matches as the one before.
  func comesBefore(_ other: PaperOrder) -> Bool {
    if arrival != other.arrival { return arrival < other.arrival }
    if key.portfolio != other.key.portfolio { return key.portfolio < other.key.portfolio }
    return key.order < other.key.order
  }

  /// What the order asks for right now.
  var demand: Demand {
    switch terms {
    case .market: .market
    case .limit(let limit): .limit(limit)
    case .stop(let stop): isTriggered ? .market : .stop(stop)
    case .stopLimit(let stop, let limit): isTriggered ? .limit(limit) : .stop(stop)
    }
  }

  enum Demand {
    case market
    case limit(Price)
    /// Waits for this price to trade.
    case stop(Price)
  }
}

/// What the paper exchange did.
public enum PaperAction: Sendable, Hashable {
  case fill(PaperFill)
  /// A stop price has traded and the order lives on as a market or limit order; to be stored with it.
  case trigger(OrderKey, at: Timestamp)
  case expire(OrderKey, at: Timestamp)
  case cancel(OrderKey, reason: CancelReason, at: Timestamp)

  public enum CancelReason: Sendable, Hashable {
    /// The part of an immediate-or-cancel order that could not fill at once.
    case immediateOrCancel
    /// A fill-or-kill order that could not fill as a whole at once.
    case fillOrKill
    /// Slippage moved the price to zero or out of range.
    case noPrice
    /// A split left nothing of it.
    case nothingLeft
  }
}

public struct PaperFill: Sendable, Hashable {
  public let key: OrderKey
  public let side: Side
  public let quantity: Quantity
  public let price: Price
  /// What is left of the order, zero when it is done.
  public let remaining: Quantity
  public let at: Timestamp
}
