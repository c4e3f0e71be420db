/// Nothing that opens or enlarges a position: set by a limit, for an agent or the whole portfolio. A row of `risk.halts`.
struct RiskState: Sendable {
  let number: Int
  /// Nil: the portfolio.
  let agent: Int32?
  let isHalted: Bool
  var reason: String
  let since: Timestamp
  /// Nil: a person ends it, and in a run there is none.
  var expiresAt: Timestamp?
  var isOver = false
}

/// A pause of opening orders that a rule set. A row of `risk.locks`.
struct RiskLock: Sendable {
  /// Nil: orders of all instruments wait.
  let instrument: Int32?
  /// Nil: everybody's.
  let agent: Int32?
  let code: String
  /// The protection, or for a drawdown the limit.
  let cause: Int32
  var reason: String
  /// Nil: a person releases it, and in a run there is none.
  var expiresAt: Timestamp?
}

/// What the rules say of an order.
struct RiskRuling {
  struct Verdict {
    let code: String
    let scope: RiskScope?
    let limit: RiskLimit?
    let figure: Money?
    let reason: String
  }

  /// Of the first that refuses it.
  var code: String?
  var reason: String?
  /// Only the broken ones.
  var verdicts: [Verdict] = []
  /// The index, where it is a new peak.
  var peak: ReturnIndex?
}

extension Timestamp {
  /// As PostgreSQL writes a `timestamp`: `2013-10-07 14:30:00`.
  var words: String {
    let text = description.utf8
    return String(
      decoding: text.dropLast().map { $0 == UInt8(ascii: "T") ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
  }
}
