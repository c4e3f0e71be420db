import EngineStore
import FoundationEssentials
import LibPQ

/// The demo's last step: the strategy of its first portfolio once more, as a backtest on that portfolio's terms, with a report.
struct DemoBacktest {
  private let connection: Connection
  private let store: BacktestStore

  init(_ connection: Connection) {
    self.connection = connection
    store = BacktestStore(connection)
  }

  /// - Parameter path: of the report.
  func run(reportTo path: String) async throws -> DemoResult.Backtest {
    let strategy = "ema-crossover"
    let stored = try await StrategyStore(connection).named(strategy)
    let request = BacktestRequest(
      strategy: strategy, symbols: ["AAPL", "FB", "GOOG", "IBM", "MSFT"], from: "2000-01-03", until: "2013-03-02",
      capital: "1000000", settings: #"{"portfolio": "main"}"#, report: try stored.report().json)
    var obstacle: String?
    var run: Int64?
    var start = ContinuousClock.now
    do {
      if try await store.installExtension() {
        start = .now
        run = try await store.runInServer(request)
      } else {
        obstacle = "its server has no extension bourse"
      }
    } catch let error as PostgresError {
      obstacle = "the extension bourse cannot be used: \(Failure.text(of: error))"
    }
    if run == nil { start = .now }
    let number = if let run { run } else { try await store.run(request) { _, _ in } }
    let seconds = ((ContinuousClock.now - start) / .milliseconds(1)).rounded() / 1_000
    let reports = BacktestReportStore(connection)
    try await BacktestPage.write(try await reports.report(of: number), reports, to: path)
    return try await EngineStore(connection).demoBacktest(
      number, obstacle: obstacle, seconds: seconds, report: path)
  }
}
