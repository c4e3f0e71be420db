public enum TimeInForce: SQLSpelling {
  /// Until the end of the trading day.
  case day
  /// Until cancelled.
  case goodTillCancelled
  /// Until a given time.
  case goodTillDate
  /// What can be filled at once, the rest cancelled.
  case immediateOrCancel
  /// All of it at once, or cancelled.
  case fillOrKill

  public var sql: String {
    switch self {
    case .day: "day"
    case .goodTillCancelled: "gtc"
    case .goodTillDate: "gtd"
    case .immediateOrCancel: "ioc"
    case .fillOrKill: "fok"
    }
  }

  /// Whether the first chance to fill is the only one.
  public var isImmediate: Bool { self == .immediateOrCancel || self == .fillOrKill }
}
