/// What an order is for.
public enum OrderRole: SQLSpelling {
  /// Opens or adds to the position.
  case entry
  /// Closes the position at the market.
  case exit
  /// Protects the position.
  case stop

  public var sql: String {
    switch self {
    case .entry: "entry"
    case .exit: "exit"
    case .stop: "stop"
    }
  }

  public var side: Side { self == .entry ? .buy : .sell }

  /// The role that begins the client order identifier of an ``OrderRequest``.
  public init?(ofClientOrderID clientOrderID: String) {
    for role in Self.allCases where clientOrderID.utf8.starts(with: (role.sql + "-").utf8) {
      self = role
      return
    }
    return nil
  }
}

/// An order that an agent wants.
public struct OrderRequest: Sendable, Hashable {
  /// Unique among the agent's orders and the same in every replay: `entry-2013-10-07T14:30:00Z`, named after the last
  /// bar; further orders of that role in the same bar end in `-2`, `-3`…
  public let clientOrderID: String
  public let role: OrderRole
  public let terms: OrderTerms
  public let quantity: Quantity

  public var side: Side { role.side }

  public static func == (left: OrderRequest, right: OrderRequest) -> Bool {
    isSame(left.clientOrderID, right.clientOrderID) && left.role == right.role && left.terms == right.terms
      && left.quantity == right.quantity
  }

  public func hash(into hasher: inout Hasher) {
    for byte in clientOrderID.utf8 { hasher.combine(byte) }
    hasher.combine(quantity)
  }
}

/// An open order of an agent.
public struct AgentOrder: Sendable {
  public let clientOrderID: String
  public let role: OrderRole
  /// What is left to fill.
  public internal(set) var remaining: Quantity
  /// The price of a stop.
  public internal(set) var stopPrice: Price?
  /// A cancel has been asked for and the order is still there.
  public internal(set) var isCancelling: Bool

  public init(
    clientOrderID: String, role: OrderRole, remaining: Quantity, stopPrice: Price? = nil, isCancelling: Bool = false
  ) {
    self.clientOrderID = clientOrderID
    self.role = role
    self.remaining = remaining
    self.stopPrice = stopPrice
    self.isCancelling = isCancelling
  }
}

/// What an agent does about an event.
public enum AgentAction: Sendable {
  case signal(Signal)
  case submit(OrderRequest)
  case cancel(clientOrderID: String)
}
