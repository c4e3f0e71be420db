/// An order as the books have it: a row of `trading.orders`.
public struct OrderRecord: Sendable {
  /// From 1 in its portfolio.
  public let number: Int64
  public let clientOrderID: String
  public let agent: Int32
  public let instrument: Int32
  public let side: Side
  public internal(set) var terms: OrderTerms
  public internal(set) var quantity: Quantity
  public let isReduceOnly: Bool
  /// Orders that exclude each other, and which of them do not.
  public let exclusion: OrderConditions.Exclusion?
  /// The order that it took the place of.
  public let replaces: Int64?
  public internal(set) var status: OrderStatus
  /// Why it was refused, cancelled or made smaller.
  public internal(set) var code: String?
  public internal(set) var reason: String?
  public let submittedAt: Timestamp
  public internal(set) var updatedAt: Timestamp
  public internal(set) var triggeredAt: Timestamp?
  public internal(set) var closedAt: Timestamp?
  public internal(set) var filled = Quantity.zero
  public internal(set) var filledValue = Money.zero
  /// The part of it that rested in the book.
  public internal(set) var makerValue = Money.zero
  public internal(set) var averagePrice: Price?
  /// By component.
  public internal(set) var feeLines: [Money] = []
  public internal(set) var fees = Money.zero
  /// Cash that is set aside for it.
  public internal(set) var reserved: Money
  /// At what price; nil: nothing was to open.
  var reservePrice: Price?
  var opening: Quantity
  /// Where the instrument is.
  let place: Int
  /// Its agent left by it where a stop could not rest.
  let isStop: Bool
  /// Place of its latest fill.
  var lastFill: Int?
  /// The place of an earlier order whose name has the same hash.
  var sameHash: Int?

  public var isOpen: Bool { closedAt == nil }
  var open: Quantity { Quantity(unchecked: isOpen ? quantity.raw - filled.raw : 0) }
  var remaining: Quantity { Quantity(unchecked: quantity.raw - filled.raw) }
}

/// An execution: a row of `trading.fills`.
public struct FillRecord: Sendable {
  /// From 1 in its portfolio.
  public let number: Int64
  public let order: Int64
  public let instrument: Int32
  public let side: Side
  public let quantity: Quantity
  public let price: Price
  public let value: Money
  public let fee: Money
  public let liquidity: Liquidity
  /// What of it closed a position.
  public let closed: Quantity
  /// Profit of that at average cost, before fees.
  public let realised: Money
  /// The same first in first out.
  public let realisedFirstIn: Money
  public let at: Timestamp
  /// What daily settlements had paid for the lots that it closed.
  let settled: Money
  /// Of the same order.
  let previous: Int?
}

/// How much of which lot a fill closed: a row of `trading.lot_closures`.
public struct ClosureRecord: Sendable {
  /// The fill that closed; 0: a settlement; negative: the action that left a fraction of a share.
  public let fill: Int64
  /// The fill that opened.
  public let lot: Int64
  public let instrument: Int32
  /// Negative: of a short position.
  public let quantity: Quantity
  public let cost: Money
  public let value: Money
  public let openedAt: Timestamp
  public let closedAt: Timestamp
  /// What daily settlements had paid for it.
  public let settled: Money
}

/// What a portfolio was worth: a row of `trading.portfolio_snapshots`.
public struct SnapshotRecord: Sendable {
  public let at: Timestamp
  public let cash: Money
  public let margin: Money
  public let positionsValue: Money
  public let equity: Money
  public let netDeposits: Money
  public let index: ReturnIndex
  /// Share by which the index is below its peak, zero or negative.
  public let drawdown: Ratio
  /// Begin of its interval, of which the last snapshot counts.
  let bucket: Int64
}

/// A rule that an order broke: a row of `risk.breaches`.
public struct BreachRecord: Sendable {
  public let order: Int64
  public let code: String
  /// Nil: a pause.
  public let scope: String?
  public let limit: Int32?
  public let metric: RiskMetric?
  /// What was measured; nil: it cannot be, or there is nothing to measure.
  public let figure: Money?
  public let bound: Money?
  public let action: RiskAction
  public let reason: String
  public let at: Timestamp
}

/// Money that came or went without an order.
public struct PaymentRecord: Sendable {
  public enum Kind: Sendable {
    case dividend
    /// For what was held short over the end of a day.
    case borrow
    /// For the fraction of a share that a split left.
    case cashInLieu
    /// Of a future's day or of a contract's end.
    case settlement
    /// What the exercise of an option is charged.
    case exercise
    /// What the broker advanced where cash would not do; it counts as capital that came in.
    case advance
  }

  public let kind: Kind
  public let instrument: Int32?
  /// Negative: paid.
  public let amount: Money
  public let at: Timestamp
}

/// An agent that could not go on.
public struct FailureRecord: Sendable {
  public let agent: Int32
  public let reason: String
  public let at: Timestamp
}
