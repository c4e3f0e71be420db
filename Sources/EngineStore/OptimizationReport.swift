import LibPQ

/// What a report shows of an optimization. Days are counted since 1970-01-01.
package struct OptimizationReport: Sendable {
  /// A row of `research.verdict`.
  package struct Judgement: Sendable {
    package let topic: String
    /// NaN: it has none.
    package let value: Double
    /// `good`, `doubtful`, `poor`; nil: none.
    package let judgement: String?
    package let finding: String
  }

  package struct Day: Sendable {
    package let day, window: Int
    package let equity: Double
  }

  /// What resamples were worth at the end of a day: 5 %, 50 % and 95 % of them are below.
  package struct Band: Sendable {
    package let day: Int
    package let low, middle, high: Double
  }

  /// Figures are NaN where there are none.
  package struct Window: Sendable {
    package let number: Int
    package let from, until, testFrom, testUntil: String?
    package let params: String?
    package let objective, cagr, testCAGR, testSharpe, testDrawdown: Double
    package let testTrades: Int?
  }

  package struct Trial: Sendable {
    package let number, window: Int
    package let params: String
    package let objective, totalReturn, sharpe, drawdown: Double
    package let trades: Int?
  }

  /// A cell of `research.parameter_grid`.
  package struct Cell: Sendable {
    package let column, row: Int
    package let columnValue: String
    package let rowValue: String?
    package let mean: Double
    package let isChosen: Bool
  }

  package let optimization: Int64
  package let strategy: String
  package let version: Int32
  package let symbols: [String]
  package let currency, from, until, createdAt, owner, capital, method, objective: String
  package let walkForward: String?
  /// Trials that have run.
  package let trials: Int
  /// The call that repeats it.
  package let statement: String
  package let settings: [(name: String, value: String)]
  package let verdict: [Judgement]
  package let totalReturn, cagr, sharpe, maxDrawdown: Double
  package let days: [Day]
  package let bands: [Band]
  package let windows: [Window]
  package let effects: [(name: String, share: Double)]
  package let axes: (rows: String, columns: String)
  package let cells: [Cell]
  package let logits: [Double]
  package let best: [Trial]
}

/// Reads reports of optimizations.
package struct OptimizationReportStore: Sendable {
  /// What can be had as CSV.
  package enum Part: String, CaseIterable, Sendable {
    case trials, windows, equity, verdict
  }

  private let connection: Connection

  package init(_ connection: Connection) { self.connection = connection }

  /// - Throws: TR543, TR553.
  package func report(of id: Int64) async throws -> OptimizationReport {
    let verdict = try await connection.query(
      "SELECT v.topic, v.value, v.judgement, v.finding FROM research.verdict($1) AS v", [.int8(id)]
    ).map { row in
      OptimizationReport.Judgement(
        topic: try row[0].string, value: try row[1].ifPresent?.double ?? .nan, judgement: try row[2].ifPresent?.string,
        finding: try row[3].string)
    }
    let head = try await connection.query(Self.head, [.int8(id)]).only()
    let settings = try await connection.query(
      """
      SELECT e.key, e.value::text FROM research.optimizations AS o CROSS JOIN jsonb_each(o.settings) AS e
       WHERE o.optimization_id = $1 ORDER BY e.key
      """, [.int8(id)]
    ).map { (name: try $0[0].string, value: try $0[1].string) }
    let figures = try await connection.query(Self.figures, [.int8(id)]).only()
    let cells = try await connection.query(Self.cells, [.int8(id)])
    return OptimizationReport(
      optimization: id, strategy: try head[0].string, version: try head[1].int32,
      symbols: try await connection.query(
        "SELECT unnest(o.symbols) FROM research.optimizations AS o WHERE o.optimization_id = $1", [.int8(id)]
      ).map { try $0[0].string },
      currency: try head[2].string, from: try head[3].string, until: try head[4].string, createdAt: try head[5].string,
      owner: try head[6].string, capital: try head[7].string, method: try head[8].string,
      objective: try head[9].string, walkForward: try head[10].ifPresent?.string, trials: try head[11].int,
      statement: try head[12].string, settings: settings, verdict: verdict,
      totalReturn: try Self.number(figures[0]), cagr: try Self.number(figures[1]), sharpe: try Self.number(figures[2]),
      maxDrawdown: try Self.number(figures[3]),
      days: try await connection.query(Self.days, [.int8(id)]).map { row in
        OptimizationReport.Day(day: try row[0].int, window: try row[1].int, equity: try row[2].double)
      },
      bands: try await connection.query(Self.bands, [.int8(id)]).map { row in
        OptimizationReport.Band(
          day: try row[0].int, low: try row[1].double, middle: try row[2].double, high: try row[3].double)
      },
      windows: try await windows(of: id),
      effects: try await connection.query(Self.effects, [.int8(id)]).map {
        (name: try $0[0].string, share: try Self.number($0[1]))
      },
      axes: (rows: try cells.first?[1].ifPresent?.string ?? "", columns: try cells.first?[0].string ?? ""),
      cells: try cells.map { row in
        OptimizationReport.Cell(
          column: try row[2].int, row: try row[3].ifPresent?.int ?? 1, columnValue: try row[4].string,
          rowValue: try row[5].ifPresent?.string, mean: try row[6].double, isChosen: try row[7].bool)
      },
      logits: try await connection.query(Self.logits, [.int8(id)]).map { try $0[0].double },
      best: try await trials(of: id))
  }

  private static func number(_ cell: Cell) throws -> Double { try cell.ifPresent?.double ?? .nan }

  private func windows(of id: Int64) async throws -> [OptimizationReport.Window] {
    try await connection.query(Self.windows, [.int8(id)]).map { row in
      OptimizationReport.Window(
        number: try row[0].int, from: try row[1].ifPresent?.string, until: try row[2].ifPresent?.string,
        testFrom: try row[3].ifPresent?.string, testUntil: try row[4].ifPresent?.string,
        params: try row[5].ifPresent?.string, objective: try Self.number(row[6]), cagr: try Self.number(row[7]),
        testCAGR: try Self.number(row[8]), testSharpe: try Self.number(row[9]), testDrawdown: try Self.number(row[10]),
        testTrades: try row[11].ifPresent?.int)
    }
  }

  private func trials(of id: Int64) async throws -> [OptimizationReport.Trial] {
    try await connection.query(Self.best, [.int8(id)]).map { row in
      OptimizationReport.Trial(
        number: try row[0].int, window: try row[1].int, params: try row[2].string, objective: try Self.number(row[3]),
        totalReturn: try Self.number(row[4]), sharpe: try Self.number(row[5]), drawdown: try Self.number(row[6]),
        trades: try row[7].ifPresent?.int)
    }
  }

  /// All of an optimization as one JSON object.
  /// - Throws: TR543, TR553.
  package func json(of id: Int64) async throws -> String {
    try await connection.query(
      """
      SELECT jsonb_pretty(jsonb_build_object(
               'verdict', (SELECT jsonb_agg(to_jsonb(v)) FROM research.verdict($1) AS v),
               'optimization', (SELECT to_jsonb(o) FROM research.optimizations AS o WHERE o.optimization_id = $1),
               'windows', (SELECT jsonb_agg(to_jsonb(w) - 'optimization_id' ORDER BY w.window_no)
                             FROM research.optimization_windows AS w WHERE w.optimization_id = $1),
               'equity', (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.day) FROM research.optimization_record($1) AS r),
               'grid', (SELECT coalesce(jsonb_agg(to_jsonb(g)), '[]') FROM research.parameter_grid($1) AS g),
               'trials', (SELECT jsonb_agg(to_jsonb(t) - '{optimization_id,days,returns}'::text[] ORDER BY t.trial)
                            FROM research.trials AS t WHERE t.optimization_id = $1)))
      """, [.int8(id)]
    ).only()[0].string
  }

  /// Hands out a part of an optimization as lines of CSV, the first of them names.
  /// - Throws: TR543, TR553.
  package func csv(_ part: Part, of id: Int64, _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void)
    async throws
  {
    try await connection.query("SELECT FROM research.optimization_record($1) LIMIT 1", [.int8(id)])
    let table =
      switch part {
      case .trials: "t.* FROM research.trials AS t WHERE t.optimization_id = \(id) ORDER BY t.trial"
      case .windows: "t.* FROM research.optimization_windows AS t WHERE t.optimization_id = \(id) ORDER BY t.window_no"
      case .equity: "t.* FROM research.optimization_record(\(id)) AS t ORDER BY t.day"
      case .verdict: "t.* FROM research.verdict(\(id)) AS t"
      }
    // COPY takes no parameters: only the number stands in its text.
    _ = try await connection.copyOut("COPY (SELECT \(table)) TO STDOUT WITH (FORMAT csv, HEADER)", body)
  }
}
