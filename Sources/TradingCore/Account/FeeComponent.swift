/// A part of a fee. The order of the cases is that of the SQL enum and of the lines of a fee.
public enum FeeComponent: SQLSpelling {
  case brokerage
  /// India's securities transaction tax.
  case securitiesTransactionTax
  /// The exchange's transaction charge.
  case exchange
  /// The turnover charge of India's regulator.
  case sebi
  /// India's tax on services.
  case gst
  case stampDuty
  /// Section 31 of the United States' Securities Exchange Act.
  case secFee
  /// FINRA's trading activity fee.
  case tradingActivityFee
  case other

  public var sql: String {
    switch self {
    case .brokerage: "brokerage"
    case .securitiesTransactionTax: "stt"
    case .exchange: "exchange"
    case .sebi: "sebi"
    case .gst: "gst"
    case .stampDuty: "stamp_duty"
    case .secFee: "sec_fee"
    case .tradingActivityFee: "taf"
    case .other: "other"
    }
  }

  /// Its place among the lines of a fee, from zero.
  public var index: Int {
    switch self {
    case .brokerage: 0
    case .securitiesTransactionTax: 1
    case .exchange: 2
    case .sebi: 3
    case .gst: 4
    case .stampDuty: 5
    case .secFee: 6
    case .tradingActivityFee: 7
    case .other: 8
    }
  }
}
