import TradingCore

/// What came of a session's requests in one transaction.
package struct SessionTally: Sendable {
  package internal(set) var signals = 0
  package internal(set) var accepted: [OrderKey] = []
  /// Rejected orders by code.
  package internal(set) var rejected: [String: Int] = [:]
  /// The order of each fill.
  package internal(set) var filled: [OrderKey] = []
  package internal(set) var refusedFills = 0
  package internal(set) var ended: [OrderKey] = []
  /// What happened, in this order; empty unless somebody wants to know.
  package internal(set) var steps: [OrderStep] = []
  /// Time that was spent waiting for answers.
  package internal(set) var waited = Duration.zero

  package init() {}

  package var isEmpty: Bool {
    signals == 0 && accepted.isEmpty && rejected.isEmpty && filled.isEmpty && refusedFills == 0 && ended.isEmpty
  }

  mutating func note(_ requests: [SessionRequest]) {
    for case .signal in requests { signals += 1 }
  }

  mutating func note(_ answers: [SessionAnswer]) {
    for answer in answers {
      switch answer {
      case .accepted(let order): accepted.append(order.order.key)
      case .replaced(let old, let order):
        ended.append(old)
        accepted.append(order.order.key)
      case .filled(let fill, _): filled.append(fill.key)
      case .refused: refusedFills += 1
      case .ended(let key, _): ended.append(key)
      default: break
      }
    }
  }
}
