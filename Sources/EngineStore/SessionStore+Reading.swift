import LibPQ
import TradingCore

extension SessionStore {
  /// A statement and how to read its result; nil when it has no answer.
  struct Step {
    let request: Request
    var read: ((Rows) throws -> Reading)?
  }

  struct Reading {
    var answers: [SessionAnswer] = []
    /// Codes of what was rejected.
    var codes: [String] = []
    /// What is told of it, when somebody wants to know.
    var steps: [OrderStep] = []
    /// Portfolios in which it changed open orders beside those that it names.
    var changed: [(portfolio: Int32, at: Timestamp)] = []
  }
}
