/// What an order is for.
public enum OrderRole: SQLSpelling {
  /// Opens or adds to the position.
  case entry
  /// Opens the position of a leg, whose size another agent's entry gives.
  case leg
  /// Closes the position at the market.
  case exit
  /// Protects the position.
  case stop
  /// Takes a part of the profit.
  case target

  public var sql: String {
    switch self {
    case .entry: "entry"
    case .leg: "leg"
    case .exit: "exit"
    case .stop: "stop"
    case .target: "target"
    }
  }

  public var isEntry: Bool { self == .entry || self == .leg }

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
  /// bar, of a target with its number (`target-1-2013-10-07T14:30:00Z`); further ones in the same bar end in `-2`, `-3`…
  public let clientOrderID: String
  public let role: OrderRole
  public let side: Side
  public let terms: OrderTerms
  public let quantity: Quantity
  /// Set in an order that excludes others of the agent in the instrument: those with another number give up what this one
  /// fills. 1 the targets, 2 the stop. It joins the group that such orders of its side are in, or begins one; nil in one that
  /// takes the place of another, whose group it keeps.
  public internal(set) var ocoLeg: Int16?

  /// Whether it must never open or enlarge a position.
  public var isReduceOnly: Bool { !role.isEntry }

  public static func == (left: OrderRequest, right: OrderRequest) -> Bool {
    isSame(left.clientOrderID, right.clientOrderID) && left.role == right.role && left.side == right.side
      && left.terms == right.terms && left.quantity == right.quantity && left.ocoLeg == right.ocoLeg
  }

  public func hash(into hasher: inout Hasher) {
    for byte in clientOrderID.utf8 { hasher.combine(byte) }
    hasher.combine(quantity)
  }
}

/// What an agent does about an event.
public enum AgentAction: Sendable {
  /// Comes before the order that it leads to.
  case signal(Signal)
  case submit(OrderRequest)
  /// The order gives way to another one in one step, or stays as it is.
  case replace(clientOrderID: String, by: OrderRequest)
  case cancel(clientOrderID: String)
  /// A leg of the strategy, by its position, is entered with so many units; negative: sold short. Its lot is not considered.
  case enterLeg(Int, Quantity)
}
