import FoundationEssentials
import LibPQ
import TestSupport
import Testing

@testable import EngineStore

@Suite(.needsServer, .commonTimeLimit)
struct MetricQueryTests {
  /// `BOURSE_WRITE=1 swift test --filter MetricQueryTests` writes it.
  @Test func theExportersFileHasTheSameQueries() throws {
    let path = "\(checkout)/deploy/prometheus/queries.yml"
    if ProcessInfo.processInfo.environment["BOURSE_WRITE"] != nil {
      try MetricQuery.exporterFile.write(toFile: path, atomically: true, encoding: .utf8)
    }
    #expect(String(decoding: try contents(path), as: UTF8.self) == MetricQuery.exporterFile)
  }

  @Test func eachGivesItsLabelsAndFigures() async throws {
    try await TestDatabase.withSchema(
      """
      SELECT market.ensure_instruments('{IBM}');
      SELECT trading.create_portfolio(name => 'main', capital => 1000, at => '2024-01-02 15:00Z');
      SELECT market.upsert_quotes(ARRAY(SELECT instrument_id FROM market.instruments), '{2024-01-02 15:00Z}', '{10}', '{1}');
      SELECT trading.submit_order(portfolio => 'main', symbol => 'IBM', side => 'buy', quantity => 5, at => '2024-01-02 15:00Z');
      SELECT risk.set_limit(metric => 'open_orders', bound => 4, scope => 'portfolio', target => 'main');
      """
    ) { _, connection in
      let store = EngineStore(connection)
      var values: [String: Double] = [:]
      for query in MetricQuery.all {
        for row in try await store.figures(of: query) {
          #expect(row.labels.count == query.labels.count)
          for (figure, value) in zip(query.figures, row.values) {
            if let value { values[([query.name, figure.name] + row.labels).joined(separator: " ")] = value }
          }
        }
      }
      let owner = try await connection.query("SELECT ops.actor()").only()[0].string
      #expect(values["bourse_portfolio equity \(owner) main USD"] == 1_000)
      #expect(values["bourse_portfolio orders_total \(owner) main USD"] == 1)
      #expect(values["bourse_portfolio open_orders \(owner) main USD"] == 1)
      #expect(values["bourse_portfolio fills_total \(owner) main USD"] == nil)
      #expect(values["bourse_portfolios blocked"] == 0)
      #expect(values.contains { $0.key.hasPrefix("bourse_limit use_ratio \(owner) main ") && $0.value == 0.25 })
      #expect(values["bourse_database health connections sessions"] ?? 0 >= 1)
    }
  }
}
