import EngineStore
import LibPQ

/// What the agents of a measurement run.
struct BenchStrategy {
  var type = "custom"
  /// Length of its candles; 0: each tick is one.
  var timeframe = "1 minute"
  let parameters: String

  static let trend = BenchStrategy(
    type: "trend", parameters: #"{"fast": 20, "slow": 50, "atr": 14, "atr_multiple": 3, "risk_percent": 1}"#)
}

extension EngineStore {
  /// A paper portfolio and an agent for each symbol.
  nonisolated(nonsending) func setUpBench(symbols: [String], _ strategy: BenchStrategy = .trend) async throws {
    _ = try await listings(of: symbols, exchange: nil)
    try await connection.execute(
      """
      SELECT trading.create_portfolio(name => 'bench', capital => 1000000, fee_schedule => 'us_equity', slippage_bps => 1, at => '2000-01-01 00:00Z')
      """)
    let strategies = StrategyStore(connection)
    _ = try await strategies.create(
      "bench", type: strategy.type, timeframe: strategy.timeframe, parameters: strategy.parameters, description: nil)
    _ = try await strategies.checkAll()
    for symbol in symbols {
      try await connection.execute(
        "SELECT strategy.create_agent($1, 'bench', 'bench', ARRAY[$1], at => '2000-01-01 00:00Z')", [.text(symbol)])
      try await connection.execute(
        "SELECT strategy.start_agent('bench', $1, at => '2000-01-01 00:00Z')", [.text(symbol)])
    }
  }

  /// A table for the yardstick of orders: rows that are stored one by one.
  nonisolated(nonsending) func makeBareRows() async throws {
    try await connection.script("CREATE TABLE public.bare_row (id bigint, at timestamptz)")
  }

  nonisolated(nonsending) func storeBareRow(_ id: Int) async throws {
    try await connection.execute("INSERT INTO public.bare_row VALUES ($1, now())", [.int8(Int64(id))])
  }

  /// Waits until a service follows the live ticks of some instrument.
  nonisolated(nonsending) func waitForFollower() async throws {
    while try await connection.query("SELECT count(*) FROM ops.feed_cursors WHERE starts_with(feed, 'live/')").only()[0]
      .int == 0
    { try await Task.sleep(for: .milliseconds(5)) }
  }

  nonisolated(nonsending) func fillCount() async throws -> Int {
    try await connection.query("SELECT count(*) FROM trading.fills").only()[0].int
  }

  nonisolated(nonsending) func orderCount() async throws -> Int {
    try await connection.query("SELECT count(*) FROM trading.orders").only()[0].int
  }
}
