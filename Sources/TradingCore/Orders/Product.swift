/// How long a position is meant to be kept.
public enum Product: SQLSpelling {
  case delivery
  /// Squared off when the session ends.
  case intraday
  /// A margin position kept overnight.
  case carryForward

  public var sql: String {
    switch self {
    case .delivery: "delivery"
    case .intraday: "intraday"
    case .carryForward: "carry_forward"
    }
  }
}
