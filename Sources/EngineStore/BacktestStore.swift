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
  /// Events that go in at once.
  private static let chunk = 4_096

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
      switch backtest.feed {
      case .bars: try await feedBars(specification, to: &backtest, progress)
      case .ticks:
        try await feedPast(specification, to: &backtest)
        try await feedTicks(specification, to: &backtest, progress)
      }
      return try backtest.finish()
    } catch let error as BacktestError {
      throw BacktestFailure(error: error)
    }
  }

  // MARK: Events

  /// Columns of candles that wait to go in together.
  private struct Candles {
    var instruments: [Int32] = []
    var series: [Int32] = []
    var begins: [Int64] = []
    var closes: [Int64] = []
    var prices: (open: [Double], high: [Double], low: [Double], close: [Double]) = ([], [], [], [])
    var volumes: [Double] = []

    /// - Parameter first: the column behind instrument and series.
    mutating func add(_ row: Row, from first: Int) throws {
      instruments.append(try row[0].int32)
      begins.append(try row[first].time.microseconds)
      closes.append(try row[first + 1].time.microseconds)
      prices.open.append(try row[first + 2].double)
      prices.high.append(try row[first + 3].double)
      prices.low.append(try row[first + 4].double)
      prices.close.append(try row[first + 5].double)
      volumes.append(try row[first + 6].double)
    }
  }

  /// All rows of the cursor that a function opens.
  private func forEachRow(of function: String, _ specification: String, _ body: (Row) throws -> Void) async throws {
    let cursor = try await connection.query("SELECT \(function)($1)::text", [.jsonb(specification)]).only()[0].string
    let fetch = "FETCH \(Self.chunk) FROM \(quotedIdentifier(cursor))"
    var count = Self.chunk
    while count == Self.chunk {
      count = try await connection.forEachRow(fetch, format: .binary) { row in
        try body(row)
        return .next
      }
    }
    _ = try await connection.query("CLOSE \(quotedIdentifier(cursor))")
  }

  private func feedBars(
    _ specification: String, to backtest: inout Backtest, _ progress: @Sendable (Int, Timestamp) -> Void
  ) async throws {
    var waiting = Candles()
    var events = 0
    try await forEachRow(of: "research.backtest_bars", specification) { row in
      try waiting.add(row, from: 1)
      if waiting.instruments.count == Self.chunk {
        try Self.add(bars: waiting, to: &backtest)
        events += Self.chunk
        progress(events, Timestamp.clamping(waiting.begins.last ?? 0))
        waiting = Candles()
      }
    }
    try Self.add(bars: waiting, to: &backtest)
  }

  private static func add(bars: Candles, to backtest: inout Backtest) throws {
    try backtest.addBars(
      instruments: bars.instruments.span, opensAt: bars.begins.span, closesAt: bars.closes.span,
      open: bars.prices.open.span, high: bars.prices.high.span, low: bars.prices.low.span,
      close: bars.prices.close.span, volume: bars.volumes.span)
  }

  private func feedPast(_ specification: String, to backtest: inout Backtest) async throws {
    var past = Candles()
    try await forEachRow(of: "research.backtest_past", specification) { row in
      past.series.append(try row[1].int32)
      try past.add(row, from: 2)
    }
    try backtest.addPast(
      instruments: past.instruments.span, series: past.series.span, buckets: past.begins.span,
      closesAt: past.closes.span, open: past.prices.open.span, high: past.prices.high.span, low: past.prices.low.span,
      close: past.prices.close.span, volume: past.volumes.span)
  }

  private func feedTicks(
    _ specification: String, to backtest: inout Backtest, _ progress: @Sendable (Int, Timestamp) -> Void
  ) async throws {
    var (instruments, times, prices, sizes): ([Int32], [Int64], [Double], [Double]) = ([], [], [], [])
    var events = 0
    func flush(_ backtest: inout Backtest) throws {
      try backtest.addTicks(
        instruments: instruments.span, times: times.span, prices: prices.span, sizes: sizes.span)
      events += instruments.count
      if let time = times.last { progress(events, Timestamp.clamping(time)) }
      (instruments, times, prices, sizes) = ([], [], [], [])
    }
    try await forEachRow(of: "research.backtest_ticks", specification) { row in
      instruments.append(try row[0].int32)
      times.append(try row[1].time.microseconds)
      prices.append(try row[2].double)
      sizes.append(try row[3].ifPresent?.double ?? .nan)
      if instruments.count == Self.chunk { try flush(&backtest) }
    }
    try flush(&backtest)
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
