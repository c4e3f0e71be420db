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
  /// At the first price of the session that opens, or not at all.
  case atOpen
  /// At the last price of the session that closes, or not at all.
  case atClose

  public var sql: String {
    switch self {
    case .day: "day"
    case .goodTillCancelled: "gtc"
    case .goodTillDate: "gtd"
    case .immediateOrCancel: "ioc"
    case .fillOrKill: "fok"
    case .atOpen: "at_open"
    case .atClose: "at_close"
    }
  }

  /// Whether the first chance to fill is the only one, from the moment of arrival on.
  public var isImmediate: Bool { self == .immediateOrCancel || self == .fillOrKill }

  /// Whether the order sleeps until the opening or closing price of a session, which is its only chance.
  public var isAuction: Bool { self == .atOpen || self == .atClose }
}
