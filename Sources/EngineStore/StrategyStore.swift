import LibPQ
import TradingCore

/// A version of a strategy as it is stored.
package struct StoredStrategy: Sendable {
  package let name: String
  package let type: String
  package let version: Int32
  /// As PostgreSQL writes it; `00:00:00`: each tick is a candle.
  package let timeframeText: String
  package let timeframe: CandleLength
  /// JSON, as it was given.
  package fileprivate(set) var parameters: String
  /// `unchecked`, `checked` or `refused`.
  package let status: String
  /// Why it was refused.
  package let error: String?
  package let description: String?
}

/// An interval in PostgreSQL's three parts.
package struct CandleLength: Sendable, Equatable {
  package let months: Int32
  package let days: Int32
  package let microseconds: Int64

  package init(months: Int32, days: Int32, microseconds: Int64) {
    self.months = months
    self.days = days
    self.microseconds = microseconds
  }
}

/// A candle of a preview, as `strategy.preview_candles` hands it out.
package struct PreviewCandle: Sendable {
  package let candle: ClosedCandle
  /// One for each model that the strategy reads; NaN where there is none.
  package let predictions: [Double]
}

/// Strategies and what their previews look at.
package struct StrategyStore: Sendable {
  let connection: Connection

  package init(_ connection: Connection) { self.connection = connection }

  /// The latest version of each strategy, by name.
  package func all() async throws -> [StoredStrategy] {
    try await connection.query(
      Self.columns + """
         WHERE v.version = (SELECT max(l.version) FROM strategy.strategy_versions AS l
                             WHERE l.strategy_id = v.strategy_id)
         ORDER BY 1
        """
    ).map(StoredStrategy.init)
  }

  /// A version, or the latest one.
  /// - Returns: nil when there is none.
  package func version(of name: String, _ version: Int32?) async throws -> StoredStrategy? {
    try await connection.query(
      Self.columns
        + " WHERE $1 IN (\(Self.label), s.name) AND v.version = coalesce($2, v.version)"
        + " ORDER BY \(Self.label) = $1 DESC, v.version DESC LIMIT 1",
      [.text(name), .int4(version)]
    ).first.map(StoredStrategy.init)
  }

  /// A version with values of one's own for its named parameters, a JSON object.
  /// - Throws: TR101, TR103, TR502, TR510.
  package func with(params: String, _ strategy: StoredStrategy) async throws -> StoredStrategy {
    var changed = strategy
    changed.parameters = try await connection.query(
      "SELECT strategy.parameters_with($1, $2)", [.text("\(strategy.name)@\(strategy.version)"), .jsonb(params)]
    ).only()[0].string
    return changed
  }

  /// One's own by its name, also the house's unless one has one of the same name; of others owner/name.
  private static let label = """
    CASE WHEN s.owner = ops.actor() THEN '' WHEN s.owner IS NOT NULL THEN s.owner || '/'
         WHEN EXISTS (SELECT FROM strategy.strategies AS n WHERE n.owner = ops.actor() AND n.name = s.name) THEN '/'
         ELSE '' END || s.name
    """

  private static let columns = """
    SELECT \(label), s.type, v.version, v.timeframe,
           (extract(year FROM v.timeframe) * 12 + extract(month FROM v.timeframe))::int,
           extract(day FROM v.timeframe)::int,
           (extract(hour FROM v.timeframe) * 3600000000 + extract(minute FROM v.timeframe) * 60000000
            + extract(microseconds FROM v.timeframe))::bigint,
           v.parameters, v.status, v.error, s.description
      FROM strategy.strategies AS s JOIN strategy.strategy_versions AS v USING (strategy_id)
    """

  /// Creates a strategy, or a new version of it.
  /// - Parameter timeframe: an interval as PostgreSQL reads it.
  /// - Returns: the version's number.
  /// - Throws: TR502, TR510.
  package func create(
    _ name: String, type: String, timeframe: String, parameters: String, description: String?
  ) async throws -> Int32 {
    try await connection.query(
      """
      SELECT c.version FROM strategy.create_strategy($1, $2::strategy.strategy_type, $3::text::interval, $4, $5) AS c
      """, [.text(name), .text(type), .text(timeframe), .jsonb(parameters), .text(description)]
    ).only()[0].int32
  }

  /// Parses all versions that nobody has parsed yet, by name and version, and records what came of it.
  /// - Throws: TR249.
  package func checkAll() async throws -> [(strategy: StoredStrategy, refusal: RuleError?)] {
    let waiting = try await connection.query(
      Self.columns + " WHERE v.status = 'unchecked' ORDER BY 1, v.version"
    ).map(StoredStrategy.init)
    var results: [(strategy: StoredStrategy, refusal: RuleError?)] = []
    for strategy in waiting {
      do {
        _ = try await checked(strategy)
        results.append((strategy, nil))
      } catch let error as RuleError {
        results.append((strategy, error))
      }
    }
    return results
  }

  /// Parses a version, and records what came of it when nobody has yet.
  /// - Throws: `RuleError` when it is refused; TR249, TR501.
  package func checked(_ strategy: StoredStrategy) async throws -> StrategyReport {
    let report: StrategyReport
    do throws(RuleError) {
      report = try strategy.report()
    } catch {
      if strategy.status == "unchecked" { try await record(strategy, "refused", error: error.description, nil) }
      throw error
    }
    if strategy.status == "unchecked" { try await record(strategy, "checked", error: nil, report) }
    return report
  }

  private func record(
    _ strategy: StoredStrategy, _ status: String, error: String?, _ report: StrategyReport?
  ) async throws {
    try await connection.query(
      "SELECT FROM strategy.record_check($1, $2, $3::strategy.check_status, $4, $5, $6, $7)",
      [
        .text(strategy.name), .int4(strategy.version), .text(status), .text(error), .text(report?.explanation),
        .jsonb(report?.normalized), .texts(report?.models ?? []),
      ])
  }

  /// Hands out what a preview looks at, in order, without gathering it first.
  /// - Parameters:
  ///   - timeframe: as PostgreSQL writes it.
  ///   - report: the report of the strategy's check as JSON.
  /// - Throws: TR101, TR103, TR104, and what `body` throws.
  package func forEachCandle(
    of symbol: String, timeframe: String, report: String, from: Timestamp, until: Timestamp,
    _ body: (PreviewCandle) throws -> Void
  ) async throws {
    try await connection.forEachRow(
      """
      SELECT c.series, c.bucket, c.closes_at, c.open, c.high, c.low, c.close, c.volume, c.minutes, c.weekday,
             nullif(c.opens_at, '-infinity'), nullif(c.ends_at, '-infinity'), array_to_string(c.predictions, ' ')
        FROM strategy.preview_candles($1, $2::text::interval, $3, $4, $5, now()) AS c
      """,
      [
        .text(symbol), .text(timeframe), .jsonb(report), .timestamptz(from.microseconds),
        .timestamptz(until.microseconds),
      ], format: .binary
    ) { row in
      try body(PreviewCandle(row))
      return .next
    }
  }
}

extension StoredStrategy {
  /// What its rules mean.
  package func report() throws(RuleError) -> StrategyReport {
    try StrategyReport(
      type: type,
      timeframe: RuleLength.timeframe(
        months: timeframe.months, days: timeframe.days, microseconds: timeframe.microseconds),
      parameters: parameters)
  }

  fileprivate init(_ row: Row) throws {
    self.init(
      name: try row[0].string, type: try row[1].string, version: try row[2].int32, timeframeText: try row[3].string,
      timeframe: CandleLength(
        months: try row[4].int32, days: try row[5].int32, microseconds: try row[6].int64),
      parameters: try row[7].string, status: try row[8].string, error: try row[9].ifPresent?.string,
      description: try row[10].ifPresent?.string)
  }
}

extension PreviewCandle {
  fileprivate init(_ row: Row) throws {
    let opensAt = try row[10].ifPresent?.time
    let endsAt = try row[11].ifPresent?.time
    self.init(
      candle: ClosedCandle(
        Candle(
          bucket: try row[1].time, open: try row[3].double, high: try row[4].double, low: try row[5].double,
          close: try row[6].double, volume: try row[7].double),
        ofSeries: try row[0].int, closedAt: try row[2].time,
        clock: ClockView(
          minuteOfDay: try row[8].double, weekday: try row[9].int,
          session: opensAt.flatMap { opensAt in endsAt.map { (opensAt, $0) } })),
      predictions: try (row[12].ifPresent?.string ?? "").split(separator: " ").map { Double($0) ?? .nan })
  }
}
