/// Who was there first.
public enum Liquidity: SQLSpelling {
  /// The order rested in the book and was taken.
  case maker
  /// It took what rested.
  case taker

  public var sql: String {
    switch self {
    case .maker: "maker"
    case .taker: "taker"
    }
  }
}
