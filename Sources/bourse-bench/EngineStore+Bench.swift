import EngineStore
import LibPQ

extension EngineStore {
  /// A paper portfolio and, for each symbol, an agent on one-minute candles.
  nonisolated(nonsending) func setUpBench(symbols: [String]) async throws {
    _ = try await listings(of: symbols, exchange: nil)
    try await connection.execute(
      """
      SELECT trading.create_portfolio(name => 'bench', capital => 1000000, fee_schedule => 'us_equity', slippage_bps => 1, at => '2000-01-01 00:00Z')
      """)
    try await connection.execute(
      """
      SELECT strategy.create_strategy('bench', 'trend', '1 minute',
        '{"fast": 20, "slow": 50, "atr": 14, "atr_multiple": 3, "risk_percent": 1}', at => '2000-01-01 00:00Z')
      """)
    try await connection.execute("SELECT strategy.record_check('bench', 1, 'checked')", [])
    for symbol in symbols {
      try await connection.execute(
        "SELECT strategy.create_agent($1, 'bench', 'bench', ARRAY[$1], at => '2000-01-01 00:00Z')", [.text(symbol)])
      try await connection.execute(
        "SELECT strategy.start_agent('bench', $1, at => '2000-01-01 00:00Z')", [.text(symbol)])
    }
  }

  nonisolated(nonsending) func orderCount() async throws -> Int {
    try await connection.query("SELECT count(*) FROM trading.orders").only()[0].int
  }
}
