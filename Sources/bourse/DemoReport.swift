import EngineStore
import FoundationEssentials
import LibPQ
import Runner

/// What the demo prints at its end.
struct DemoReport {
  private let connection: Connection
  private let figures: RunnerReport
  private let backtest: DemoResult.Backtest

  init(_ connection: Connection, _ figures: RunnerReport, _ backtest: DemoResult.Backtest) {
    self.connection = connection
    self.figures = figures
    self.backtest = backtest
  }

  func print(_ output: OutputOptions, share: String, home: DatabaseOptions) async throws {
    let result = try await EngineStore(connection).demoResult(
      events: figures.events, transactions: figures.batches,
      seconds: (figures.duration / .milliseconds(1)).rounded() / 1_000, backtest: backtest)
    if output.json { return try output.printJSON(result) }

    Swift.print(
      """
      Replayed \(grouped(result.events)) bars in \(String(rounding: result.seconds)) s (\(grouped(Int(Double(result.events) / max(result.seconds, 0.001))))/s), \
      \(counted(result.transactions, "transaction")): \(counted(result.orders, "order")), \(counted(result.fills, "fill")) in portfolio main.

      portfolio  strategy         orders   fills   trades     won         equity   return   drawdown
      \(result.portfolios.map(line).joined(separator: "\n"))

      main       orders   fills     quantity        realised      unrealised         fees            total
      """)
    for position in result.positions {
      Swift.print(
        pad(position.symbol, -9), pad("\(position.orders)", 8), pad("\(position.fills)", 7), pad(position.quantity, 12),
        pad(position.realised, 15), pad(position.unrealised, 15), pad(position.fees, 12), pad(position.total, 16))
    }
    let next = try String(contentsOfFile: "\(share)/fixtures/demo_next.txt", encoding: .utf8)
      .split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
    let option = home.home.home.map { " --home \($0)" } ?? ""
    let connect =
      home.chosenServer == nil
      ? "eval \"$(.build/release/bourse env\(option))\"" : "psql \"$BOURSE_DATABASE_URL\"   -- or as you connect"
    Swift.print(
      """

      portfolio main: equity \(result.equity) USD (\(result.totalReturn) % in 13 years, worst drawdown \(result.maxDrawdown) %), \
      cash \(result.cash), positions \(result.positionsValue), fees \(result.fees)
      \(counted(result.invariantViolations, "invariant violation"))
      fingerprint: \(result.fingerprint)

      \(line(backtest))
      \(counted(backtest.differingFills, "fill")) of \(backtest.fills) differ from those of portfolio main
      report: \(backtest.report)

      The server is up. Look around:
        \(connect)
      \(next)
        .build/release/bourse dashboards\(option) --html dashboards.html   # the same dashboards, without a Grafana
      """)
  }

  private func line(_ row: DemoResult.Portfolio) -> String {
    pad(row.portfolio, -11) + pad(row.strategy, -15) + pad("\(row.orders)", 8) + pad("\(row.fills)", 8)
      + pad("\(row.trades)", 9) + pad(row.winRate.map { "\($0) %" } ?? "", 8) + pad(row.equity, 15)
      + pad("\(row.totalReturn) %", 9) + pad("\(row.maxDrawdown) %", 11)
  }

  private func line(_ run: DemoResult.Backtest) -> String {
    let place = run.obstacle.map { "by the program, because \($0)" } ?? "in the server, by research.run_backtest"
    return """
      The same strategy as a backtest on the terms of main, with books in memory, \(place):

      backtest   strategy         orders   fills   trades     won         equity   return   drawdown      time
      \(pad("run \(run.run)", -11))\(pad(run.strategy, -15))\(pad("\(run.orders)", 8))\(pad("\(run.fills)", 8))\
      \(pad("\(run.trades)", 9))\(pad(run.winRate.map { "\($0) %" } ?? "", 8))\(pad(run.equity, 15))\
      \(pad("\(run.totalReturn) %", 9))\(pad("\(run.maxDrawdown) %", 11))\(pad("\(String(rounding: run.seconds)) s", 10))
      """
  }

  private func pad(_ text: String, _ width: Int) -> String {
    let blanks = String(repeating: " ", count: max(0, abs(width) - text.count))
    return width < 0 ? text + blanks : blanks + text
  }
}
