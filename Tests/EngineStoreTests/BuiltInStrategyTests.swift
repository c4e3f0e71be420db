import LibPQ
import TestSupport
import Testing
import TradingCore

/// The strategies of `sql/reference`.
@Suite(.needsServer, .commonTimeLimit) struct BuiltInStrategyTests {
  @Test func theStrategiesThatAreThereFromTheStartCanRun() async throws {
    try await TestDatabase.withSchema { _, connection in
      let rows = try await connection.query(
        "SELECT u.strategy, u.type, u.parameters FROM strategy.unchecked_versions AS u ORDER BY u.strategy_id")
      #expect(rows.count == 8)
      for row in rows {
        let name = try row[0].string
        let type = try #require(StrategyType(sql: try row[1].string))
        do {
          let definition = try StrategyDefinition(type: type, json: try row[2].string)
          let again = try StrategyDefinition(type: type, json: definition.normalizedJSON)
          #expect(again.normalizedJSON == definition.normalizedJSON, "\(name)")
        } catch {
          Issue.record("\(name): \(error)")
        }
      }
    }
  }
}
