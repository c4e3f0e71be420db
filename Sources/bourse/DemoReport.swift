import EngineStore
import LibPQ
import Runner

/// What the demo prints at its end.
struct DemoReport {
  private let connection: Connection
  private let figures: RunnerReport

  init(_ connection: Connection, _ figures: RunnerReport) {
    self.connection = connection
    self.figures = figures
  }

  private struct Result: Encodable {
    struct Position: Encodable {
      let symbol, quantity, realised, unrealised, fees, total: String
      let orders, fills: Int
    }
    let events, transactions, orders, fills, invariantViolations: Int
    let seconds: Double
    let equity, cash, positionsValue, totalReturn, maxDrawdown, fees, fingerprint: String
    let positions: [Position]
  }

  func print(_ output: OutputOptions, share: String, home: DatabaseOptions) async throws {
    let stats = try await connection.query(
      """
      SELECT round(s.equity, 2), round(s.cash, 2), round(s.positions_value, 2), round(100 * s.total_return, 2), round(100 * s.max_drawdown, 2), round(s.fees, 2), s.orders, s.fills,
             (SELECT count(*) FROM ops.check_invariants()), ops.fingerprint('main')
        FROM trading.get_portfolio_stats('main') AS s
      """
    ).only()
    let positions = try await connection.query(
      """
      SELECT p.symbol, trim_scale(p.quantity), round(p.realised_pnl, 2), round(p.unrealised_pnl, 2), round(p.fees, 2), round(p.total_pnl, 2),
             (SELECT count(*) FROM trading.orders AS o JOIN market.instruments AS i USING (instrument_id) WHERE i.symbol = p.symbol),
             (SELECT count(*) FROM trading.fills AS f JOIN market.instruments AS i USING (instrument_id) WHERE i.symbol = p.symbol)
        FROM trading.position_pnl AS p WHERE p.portfolio = 'main' ORDER BY p.symbol
      """
    ).map { row in
      Result.Position(
        symbol: try row[0].string, quantity: try row[1].string, realised: try row[2].string,
        unrealised: try row[3].string, fees: try row[4].string, total: try row[5].string, orders: try row[6].int,
        fills: try row[7].int)
    }
    let result = Result(
      events: figures.events, transactions: figures.batches, orders: try stats[6].int, fills: try stats[7].int,
      invariantViolations: try stats[8].int, seconds: (figures.duration / .milliseconds(1)).rounded() / 1_000,
      equity: try stats[0].string, cash: try stats[1].string, positionsValue: try stats[2].string,
      totalReturn: try stats[3].string, maxDrawdown: try stats[4].string, fees: try stats[5].string,
      fingerprint: try stats[9].string, positions: positions)
    if output.json { return try output.printJSON(result) }

    Swift.print(
      """
      Replayed \(grouped(result.events)) bars in \(String(rounding: result.seconds)) s (\(grouped(Int(Double(result.events) / max(result.seconds, 0.001))))/s), \
      \(result.transactions) transactions: \(result.orders) orders, \(result.fills) fills.

      symbol   orders   fills     quantity        realised      unrealised         fees            total
      """)
    for position in positions {
      Swift.print(
        pad(position.symbol, -6), pad("\(position.orders)", 8), pad("\(position.fills)", 7), pad(position.quantity, 12),
        pad(position.realised, 15), pad(position.unrealised, 15), pad(position.fees, 12), pad(position.total, 16))
    }
    let option = home.home.home.map { " --home \($0)" } ?? ""
    let connect = home.chosenServer == nil ? "eval \"$(.build/release/bourse env\(option))\"" : "psql \"$BOURSE_DATABASE_URL\"   -- or as you connect"
    Swift.print(
      """

      portfolio main: equity \(result.equity) USD (\(result.totalReturn) % in 13 years, worst drawdown \(result.maxDrawdown) %), \
      cash \(result.cash), positions \(result.positionsValue), fees \(result.fees)
      \(result.invariantViolations) invariant violations
      fingerprint: \(result.fingerprint)

      The server is up. Look around:
        \(connect)
        psql -c "SELECT * FROM trading.portfolio_summary"
        psql -c "SELECT symbol, quantity, average_price, last_price, total_pnl FROM trading.position_pnl"
        psql -c "SELECT day, equity, pnl FROM trading.daily_pnl ORDER BY pnl LIMIT 5"
        psql -c "SELECT at, symbol, side, to_status, fill_quantity, fill_price FROM trading.order_history WHERE symbol = 'AAPL' ORDER BY order_id, version LIMIT 10"
        psql -c "SELECT * FROM trading.submit_order(portfolio => 'main', symbol => 'IBM', side => 'buy', quantity => 10, at => '2013-03-01 21:00Z')" -x
      """)
  }

  private func pad(_ text: String, _ width: Int) -> String {
    let blanks = String(repeating: " ", count: max(0, abs(width) - text.count))
    return width < 0 ? text + blanks : blanks + text
  }
}
