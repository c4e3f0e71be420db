/// What an instrument is; the spelling is that of `market.instrument_kind`.
public enum InstrumentKind: SQLSpelling {
  case equity, etf, index, future, option, crypto, fx

  public var sql: String {
    switch self {
    case .equity: "equity"
    case .etf: "etf"
    case .index: "index"
    case .future: "future"
    case .option: "option"
    case .crypto: "crypto"
    case .fx: "fx"
    }
  }
}
