import Synchronization
import TradingCore

/// The programs of strategies' versions, each compiled once.
final class ProgramCache: Sendable {
  struct Key: Hashable {
    let type: String
    let timeframe: Int64
    let months: Int32
    /// The version's parameters with the agent's own values.
    let parameters: String
  }

  private let programs = Mutex<[Key: Result<StrategyProgram, any Error>]>([:])

  /// - Parameter timeframe: nil: every tick is a candle.
  /// - Throws: ``SessionLoader/Unfit``, `RuleError`.
  func program(_ key: Key, timeframe: RuleLength?) throws -> StrategyProgram {
    if let known = programs.withLock({ $0[key] }) { return try known.get() }
    let made = Result {
      guard let type = StrategyType(sql: key.type) else {
        throw SessionLoader.Unfit(
          description: "its strategy is of type \(key.type), which this version does not know")
      }
      return try StrategyProgram(StrategyDefinition(type: type, json: key.parameters), timeframe: timeframe)
    }
    programs.withLock { $0[key] = made }
    return try made.get()
  }
}
