import LibPQ

/// What a report shows of a backtest. Amounts are observations here; the exact ones are in the tables. Days are counted since
/// 1970-01-01, and moments are seconds since then on the clock of the instrument's exchange.
package struct BacktestReport: Sendable {
  /// A row of `research.summary`.
  package struct Figure: Sendable {
    package let topic, name: String
    /// With its unit; nil where there is nothing to divide by.
    package let value: String?
    package let explanation: String
  }

  package struct Day: Sendable {
    package let day: Int
    package let equity, drawdown: Double
    /// The capital, had it been in the benchmark; NaN without one.
    package let benchmark: Double
  }

  package struct Candle: Sendable {
    package let time, open, high, low, close: Double
  }

  package struct Trade: Sendable {
    package let number: Int
    package let symbol: String
    package let isLong: Bool
    package let quantity: String
    package let openedAt, entryPrice: Double
    /// Nil: open at the end.
    package let closedAt: Double?
    /// NaN: what ended it has no price.
    package let exitPrice: Double
    package let profit, fees, change: Double
    package let bars: Int
    package let exitReason: String?
    /// Prices as they were traded, whatever was split later: where marks belong.
    package let markedEntry, markedExit: Double
  }

  package struct Instrument: Sendable {
    package let id: Int32
    package let symbol, currency: String
    /// How far before midnight the exchange's day begins, in seconds.
    package let dayStarts: Double
  }

  package let run: Int64
  package let strategy, type: String
  package let version: Int32
  /// The rules in plain words.
  package let explanation: String?
  package let symbols: [String]
  package let currency: String
  /// ISO 8601 in UTC.
  package let from, until, createdAt: String
  package let createdBy, engine: String
  /// Exact.
  package let capital: String
  package let benchmark: String?
  /// Name and JSON of each.
  package let settings: [(name: String, value: String)]
  /// The call that repeats it.
  package let statement: String
  package let figures: [Figure]
  package let days: [Day]
  package let months: [(year: Int, month: Int, value: Double)]
  package let years: [Int: Double]
  package let trades: [Trade]
  package let instruments: [Instrument]
  /// Length of the strategy's candles in seconds; 0: each tick is one.
  package let timeframe: Double

  /// The figure of this name as `research.summary` writes it.
  package func figure(_ name: String) -> String? { figures.first { $0.name == name }?.value }
}

/// Reads reports of backtests.
package struct BacktestReportStore: Sendable {
  /// What can be had as CSV.
  package enum Part: String, CaseIterable, Sendable {
    case trades, orders, fills, equity, statistics
  }

  private let connection: Connection

  package init(_ connection: Connection) { self.connection = connection }

  /// - Throws: TR533.
  package func report(of run: Int64) async throws -> BacktestReport {
    let figures = try await connection.query(
      "SELECT s.topic, s.name, s.value, s.explanation FROM research.summary($1) AS s", [.int8(run)]
    ).map { row in
      BacktestReport.Figure(
        topic: try row[0].string, name: try row[1].string, value: try row[2].ifPresent?.string,
        explanation: try row[3].ifPresent?.string ?? "")
    }
    let head = try await connection.query(Self.head, [.int8(run)]).only()
    let settings = try await connection.query(
      """
      SELECT e.key, e.value::text FROM research.backtests AS b CROSS JOIN jsonb_each(b.settings) AS e
       WHERE b.run_id = $1 ORDER BY e.key
      """, [.int8(run)]
    ).map { (name: try $0[0].string, value: try $0[1].string) }
    let returns = try await connection.query(Self.returns, [.int8(run)])
    var months: [(year: Int, month: Int, value: Double)] = []
    var years: [Int: Double] = [:]
    for row in returns {
      let value = try row[3].ifPresent?.double ?? .nan
      if try row[0].string == "year" {
        years[try row[1].int] = value
      } else {
        months.append((try row[1].int, try row[2].int, value))
      }
    }
    return BacktestReport(
      run: run, strategy: try head[0].string, type: try head[1].string, version: try head[2].int32,
      explanation: try head[3].ifPresent?.string,
      symbols: try await texts("SELECT unnest(b.symbols) FROM research.backtests AS b WHERE b.run_id = $1", run),
      currency: try head[4].string, from: try head[5].string, until: try head[6].string, createdAt: try head[7].string,
      createdBy: try head[8].string, engine: try head[9].string, capital: try head[10].string,
      benchmark: try head[11].ifPresent?.string, settings: settings, statement: try head[12].string, figures: figures,
      days: try await days(of: run), months: months, years: years, trades: try await trades(of: run),
      instruments: try await instruments(of: run), timeframe: try head[13].double)
  }

  /// Candles of an instrument over the run: the finest of whose length there are any and not too many to be read.
  /// - Throws: TR104.
  package func candles(of instrument: BacktestReport.Instrument, in report: BacktestReport) async throws
    -> [BacktestReport.Candle]
  {
    let lengths: [Double] = [60, 300, 900, 3_600, 14_400, 86_400]
    for length in lengths where length >= report.timeframe || length == 86_400 {
      let rows = try await connection.query(
        Self.candles, [.int8(report.run), .int4(instrument.id), .float8(length), .int8(20_000)])
      if rows.isEmpty { continue }
      return try rows.map { row in
        BacktestReport.Candle(
          time: try row[0].double, open: try row[1].double, high: try row[2].double, low: try row[3].double,
          close: try row[4].double)
      }
    }
    return []
  }

  /// All of a run as one JSON object.
  /// - Throws: TR533.
  package func json(of run: Int64) async throws -> String {
    try await connection.query(
      """
      SELECT jsonb_pretty(jsonb_build_object(
               'run', (SELECT to_jsonb(b) FROM research.backtests AS b WHERE b.run_id = $1),
               'summary', (SELECT jsonb_agg(to_jsonb(s)) FROM research.summary($1) AS s),
               'equity', (SELECT coalesce(jsonb_agg(to_jsonb(e) - 'run_id' ORDER BY e.day), '[]')
                            FROM research.backtest_equity AS e WHERE e.run_id = $1),
               'trades', (SELECT coalesce(jsonb_agg(to_jsonb(t) - 'run_id' ORDER BY t.trade_no), '[]')
                            FROM research.backtest_trades AS t WHERE t.run_id = $1),
               'orders', (SELECT coalesce(jsonb_agg(to_jsonb(o) - 'run_id' ORDER BY o.order_id), '[]')
                            FROM research.backtest_orders AS o WHERE o.run_id = $1),
               'fills', (SELECT coalesce(jsonb_agg(to_jsonb(f) - 'run_id' ORDER BY f.fill_id), '[]')
                           FROM research.backtest_fills AS f WHERE f.run_id = $1)))
      """, [.int8(run)]
    ).only()[0].string
  }

  /// Hands out a part of a run as lines of CSV, the first of them names.
  /// - Throws: TR533.
  package func csv(_ part: Part, of run: Int64, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void)
    async throws
  {
    try await connection.query("SELECT FROM research.summary($1) LIMIT 1", [.int8(run)])
    let table =
      switch part {
      case .trades: "t.* FROM research.backtest_trades AS t WHERE t.run_id = \(run) ORDER BY t.trade_no"
      case .orders: "t.* FROM research.backtest_orders AS t WHERE t.run_id = \(run) ORDER BY t.order_id"
      case .fills: "t.* FROM research.backtest_fills AS t WHERE t.run_id = \(run) ORDER BY t.fill_id"
      case .equity: "t.* FROM research.backtest_equity AS t WHERE t.run_id = \(run) ORDER BY t.day"
      case .statistics: "t.* FROM research.summary(\(run)) AS t"
      }
    // COPY takes no parameters: only the number of the run stands in its text.
    _ = try await connection.copyOut("COPY (SELECT \(table)) TO STDOUT WITH (FORMAT csv, HEADER)", body)
  }

  // MARK: Parts

  private func texts(_ sql: String, _ run: Int64) async throws -> [String] {
    try await connection.query(sql, [.int8(run)]).map { try $0[0].string }
  }

  private func days(of run: Int64) async throws -> [BacktestReport.Day] {
    try await connection.query(Self.days, [.int8(run)]).map { row in
      BacktestReport.Day(
        day: try row[0].int, equity: try row[1].double, drawdown: try row[2].double,
        benchmark: try row[3].ifPresent?.double ?? .nan)
    }
  }

  private func trades(of run: Int64) async throws -> [BacktestReport.Trade] {
    try await connection.query(Self.trades, [.int8(run)]).map { row in
      BacktestReport.Trade(
        number: try row[0].int, symbol: try row[1].string, isLong: try row[2].bool, quantity: try row[3].string,
        openedAt: try row[4].double, entryPrice: try row[5].double, closedAt: try row[6].ifPresent?.double,
        exitPrice: try row[7].ifPresent?.double ?? .nan, profit: try row[8].double, fees: try row[9].double,
        change: try row[10].ifPresent?.double ?? .nan, bars: try row[11].int, exitReason: try row[12].ifPresent?.string,
        markedEntry: try row[13].double, markedExit: try row[14].ifPresent?.double ?? .nan)
    }
  }

  private func instruments(of run: Int64) async throws -> [BacktestReport.Instrument] {
    try await connection.query(
      """
      SELECT i.instrument_id, l.symbol, i.currency, extract(epoch FROM e.day_starts)
        FROM research.backtests AS b
        CROSS JOIN unnest(b.instrument_ids) WITH ORDINALITY AS n (instrument_id, place)
        JOIN market.instruments AS i USING (instrument_id)
        JOIN market.exchanges AS e USING (exchange_id)
        JOIN market.listings AS l USING (instrument_id)
       WHERE b.run_id = $1 ORDER BY n.place
      """, [.int8(run)]
    ).map { row in
      BacktestReport.Instrument(
        id: try row[0].int32, symbol: try row[1].string, currency: try row[2].string, dayStarts: try row[3].double)
    }
  }
}
