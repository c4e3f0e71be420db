public enum OrderEnding: Sendable {
  case cancelled, expired
  /// An immediate order that could not fill at once, or one for which no price or quantity is left.
  case unfillable
  /// Reduce-only, and there is nothing to reduce.
  case nothingToReduce
  /// Post-only, and it would have taken liquidity: refused.
  case wouldTake

  /// What it makes of the order.
  public var status: OrderStatus {
    switch self {
    case .cancelled, .unfillable, .nothingToReduce: .cancelled
    case .expired: .expired
    case .wouldTake: .rejected
    }
  }

  /// The error code.
  public var code: String {
    switch self {
    case .cancelled: "TR216"
    case .expired: "TR217"
    case .unfillable: "TR218"
    case .nothingToReduce: "TR220"
    case .wouldTake: "TR221"
    }
  }

  public var reason: String {
    switch self {
    case .cancelled: "cancelled by its agent"
    case .expired: "its time in force ran out"
    case .unfillable: "could not fill at once"
    case .nothingToReduce: "there was no position to reduce"
    case .wouldTake: "it would have filled at once, and is post-only"
    }
  }
}
