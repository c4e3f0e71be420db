import LibPQ
import TradingCore

/// Why a backtest that was begun has no result.
package struct BacktestFailure: Error, CustomStringConvertible {
  package let error: BacktestError

  package var description: String { "\(error.description) (\(error.code)): \(error.detail) \(error.hint)" }
}

/// What a backtest is to do.
package struct BacktestRequest: Sendable {
  /// NAME or NAME@VERSION.
  package let strategy: String
  package let symbols: [String]
  package let from: String
  package let until: String
  package let capital: String
  /// A JSON object.
  package let settings: String
  /// What the strategy's check says, as JSON.
  package let report: String

  package init(
    strategy: String, symbols: [String], from: String, until: String, capital: String, settings: String, report: String
  ) {
    self.strategy = strategy
    self.symbols = symbols
    self.from = from
    self.until = until
    self.capital = capital
    self.settings = settings
    self.report = report
  }
}

/// Runs strategies over stored events with books in memory, and stores what comes of it: `research.run_backtest` by a program.
package struct BacktestStore: Sendable {
  private let connection: Connection

  package init(_ connection: Connection) { self.connection = connection }

  /// Everything in one transaction: what is read is of one moment.
  ///
  /// - Parameter progress: is told of the events until now and the time that they have come to.
  /// - Returns: the run's number.
  /// - Throws: TR101, TR103, TR211, TR501, TR502, TR530; ``BacktestFailure``.
  package func run(
    _ request: BacktestRequest, progress: @Sendable (_ events: Int, _ time: Timestamp) -> Void
  ) async throws -> Int64 {
    try await connection.transaction(isolation: .repeatableRead) { _ in
      let start = ContinuousClock.now
      let specification = try await specification(for: request)
      let result = try await result(of: specification, progress: progress)
      return try await connection.query(
        "SELECT research.record_backtest($1, $2, $3 * interval '1 second')",
        [.jsonb(specification), .jsonb(result), .float8((ContinuousClock.now - start) / .seconds(1))]
      ).only()[0].int64
    }
  }

  /// The same by the server, which needs the extension `bourse`.
  ///
  /// - Throws: the same, and TR526.
  package func runInServer(_ request: BacktestRequest) async throws -> Int64 {
    try await connection.query(
      "SELECT research.run_backtest($1, $2, $3::text::timestamptz, $4::text::timestamptz, $5::text::numeric, $6)",
      [
        .text(request.strategy), .texts(request.symbols), .text(request.from), .text(request.until),
        .text(request.capital), .jsonb(request.settings),
      ]
    ).only()[0].int64
  }

  /// Puts the extension `bourse` into the database where the server has it.
  ///
  /// - Returns: whether ``runInServer(_:)`` works.
  package func installExtension() async throws -> Bool {
    let isThere = try await connection.query(
      "SELECT EXISTS (SELECT FROM pg_catalog.pg_available_extensions AS e WHERE e.name = 'bourse')"
    ).only()[0].bool
    guard isThere else { return false }
    try await connection.script("CREATE EXTENSION IF NOT EXISTS bourse")
    return try await connection.query("SELECT pg_catalog.to_regprocedure('ta.run_backtest(text)') IS NOT NULL")
      .only()[0].bool
  }

  package func specification(for request: BacktestRequest) async throws -> String {
    try await connection.query(
      """
      SELECT research.backtest_specification($1, $2, $3::text::timestamptz, $4::text::timestamptz, $5::text::numeric, $6, $7)
      """,
      [
        .text(request.strategy), .texts(request.symbols), .text(request.from), .text(request.until),
        .text(request.capital), .jsonb(request.settings), .jsonb(request.report),
      ]
    ).only()[0].string
  }

  /// What comes of a specification, as JSON.
  package func result(
    of specification: String, progress: @Sendable (_ events: Int, _ time: Timestamp) -> Void
  ) async throws -> String {
    do {
      var backtest = try Backtest(specification: specification)
      var events = 0
      try await BacktestEvents(connection).forEachChunk(of: specification, backtest.feed) { chunk in
        try chunk.feed(&backtest)
        guard let time = chunk.lastTime else { return }
        events += chunk.count
        progress(events, time)
      }
      return try backtest.finish()
    } catch let error as BacktestError {
      throw BacktestFailure(error: error)
    }
  }

  // MARK: Results

  /// A run as people look at it.
  package func summary(of run: Int64) async throws -> (columns: [(name: String, value: String?)], symbols: String) {
    let row = try await connection.query(
      "SELECT to_jsonb(b)::text, array_to_string(b.symbols, ', ') FROM research.backtests AS b WHERE b.run_id = $1",
      [.int8(run)]
    ).only()
    let figures = try await connection.query(
      "SELECT e.key, e.value #>> '{}' FROM jsonb_each($1) AS e", [.jsonb(try row[0].string)])
    return (
      try figures.map { (try $0[0].string, try $0[1].ifPresent?.string) }, try row[1].string
    )
  }

  /// The same as one JSON object.
  package func json(of run: Int64) async throws -> String {
    try await connection.query(
      "SELECT jsonb_pretty(to_jsonb(b)) FROM research.backtests AS b WHERE b.run_id = $1", [.int8(run)]
    ).only()[0].string
  }
}
