public enum Side: SQLSpelling {
  case buy
  case sell

  public var sql: String {
    switch self {
    case .buy: "buy"
    case .sell: "sell"
    }
  }

  public var opposite: Side { self == .buy ? .sell : .buy }
}
