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
  /// What has filled.
  public internal(set) var filled: Quantity
  public let timeInForce: TimeInForce
  /// The order is dead from this time on.
  public let expiresAt: Timestamp?
  /// Orders fill in this order.
  public let arrival: Int64
  /// A limit order rests once the tape has shown a later price than this without filling it.
  public let arrivedAt: Timestamp
  /// The stop price has traded or was touched: a stop is now a market order, a stop-limit or limit-if-touched a limit order.
  public internal(set) var isTriggered: Bool
  public let conditions: OrderConditions

  /// Triggered inside the bar being matched, at a price its limit refused: what the bar does afterwards is not known.
  var waitsForNextEvent = false
  /// Dead within the event being matched.
  var isDone = false

  /// - Parameter arrivedAt: by default nothing rests, and all limit orders that fill at the tape's price are takers.
  /// - Throws: `badOrder` when nothing remains to fill, when an order without a stop price is said to be triggered, or
  ///   when conditions, terms and time in force do not go together.
  public init(
    key: OrderKey, side: Side, terms: OrderTerms, remaining: Quantity, filled: Quantity = .zero,
    timeInForce: TimeInForce = .goodTillCancelled, expiresAt: Timestamp? = nil, arrival: Int64,
    arrivedAt: Timestamp = .latest, isTriggered: Bool = false, conditions: OrderConditions = OrderConditions()
  ) throws(ParameterError) {
    guard remaining.isPositive, !filled.isNegative else { throw ParameterError(.badOrder, "nothing remains to fill") }
    if isTriggered && terms.stopPrice == nil { throw ParameterError(.badOrder, "triggered without a stop price") }
    if timeInForce.isAuction {
      guard conditions.activeAt != nil, terms.stopPrice == nil else {
        throw ParameterError(.badOrder, "an order for the open or the close without a time, or with a stop price")
      }
    } else if conditions.activeAt != nil {
      throw ParameterError(.badOrder, "only orders for the open or the close wait for a time")
    }
    if conditions.isPostOnly && (terms.type != .limit || timeInForce.isImmediate || timeInForce.isAuction) {
      throw ParameterError(.badOrder, "post-only without the chance to rest")
    }
    self.key = key
    self.side = side
    self.terms = terms
    self.remaining = remaining
    self.filled = filled
    self.timeInForce = timeInForce
    self.expiresAt = expiresAt
    self.arrival = arrival
    self.arrivedAt = arrivedAt
    self.isTriggered = isTriggered
    self.conditions = conditions
  }

  /// Arrival decides; the key makes the order total, so that a reloaded book matches as the one before.
  func comesBefore(_ other: PaperOrder) -> Bool {
    if arrival != other.arrival { return arrival < other.arrival }
    if key.portfolio != other.key.portfolio { return key.portfolio < other.key.portfolio }
    return key.order < other.key.order
  }

  /// Whether it was in the book, as a limit order, before a price came that the tape shows after `tapeTime`.
  func hasRested(before tapeTime: Timestamp) -> Bool { isTriggered || filled.isPositive || arrivedAt < tapeTime }

  /// What the order asks for right now.
  var demand: Demand {
    switch terms {
    case .market: .market
    case .limit(let limit): .limit(limit)
    case .stop(let stop), .trailingStop(let stop, _): isTriggered ? .market : .stop(stop)
    case .stopLimit(let stop, let limit): isTriggered ? .limit(limit) : .stop(stop)
    case .limitIfTouched(let touch, let limit): isTriggered ? .limit(limit) : .touch(touch, limit: limit)
    }
  }

  enum Demand {
    case market
    case limit(Price)
    /// Waits for this price to trade.
    case stop(Price)
    /// Waits for the price to come as far as this from the favourable side.
    case touch(Price, limit: Price)
  }
}

/// What an order asks for beside prices and time in force.
public struct OrderConditions: Sendable, Hashable {
  /// Never takes liquidity: a limit that would fill at once is rejected.
  public var isPostOnly: Bool
  /// Never opens or enlarges a position.
  public var isReduceOnly: Bool
  /// The opening or the close that an order for it waits for.
  public var activeAt: Timestamp?
  /// Other orders that exclude this one.
  public var exclusion: Exclusion?

  public init(
    isPostOnly: Bool = false, isReduceOnly: Bool = false, activeAt: Timestamp? = nil, exclusion: Exclusion? = nil
  ) {
    self.isPostOnly = isPostOnly
    self.isReduceOnly = isReduceOnly
    self.activeAt = activeAt
    self.exclusion = exclusion
  }

  /// One-cancels-other: orders of one leg add up, and what one leg fills the others give up.
  public struct Exclusion: Sendable, Hashable {
    /// Unique in the portfolio.
    public let group: Int64
    public let leg: Int16

    public init(group: Int64, leg: Int16) {
      self.group = group
      self.leg = leg
    }
  }
}

/// What the paper exchange did.
public enum PaperAction: Sendable, Hashable {
  case fill(PaperFill)
  /// A stop price has traded and the order lives on as a market or limit order; to be stored with it.
  case trigger(OrderKey, at: Timestamp)
  /// A trailing stop stands here now.
  case trail(OrderKey, stop: Price, at: Timestamp)
  case expire(OrderKey, at: Timestamp)
  /// A post-only order would have taken liquidity.
  case reject(OrderKey, at: Timestamp)
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
    /// Reduce-only without a position to reduce.
    case nothingToReduce
  }
}

public struct PaperFill: Sendable, Hashable {
  public let key: OrderKey
  public let side: Side
  public let quantity: Quantity
  public let price: Price
  /// What is left of the order, zero when it is done.
  public let remaining: Quantity
  /// What has filled of the order, with this.
  public let filled: Quantity
  public let liquidity: Liquidity
  /// Other orders of the book shrank or left because of it.
  public internal(set) var changesOthers = false
  public let at: Timestamp
}
