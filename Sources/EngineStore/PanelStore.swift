import LibPQ

/// What a query of a panel returned.
package struct PanelTable: Sendable, Equatable {
  package enum Kind: Sendable { case number, time, truth, text }

  package enum Value: Sendable, Equatable {
    case null
    case number(Double)
    /// Seconds since 1970.
    case time(Double)
    case truth(Bool)
    case text(String)

    /// NaN when it is no number.
    package var number: Double { if case .number(let value) = self { value } else { .nan } }
  }

  package struct Column: Sendable, Equatable {
    package let name: String
    package let kind: Kind

    package init(_ name: String, _ kind: Kind) {
      self.name = name
      self.kind = kind
    }
  }

  package let columns: [Column]
  package let rows: [[Value]]

  /// - Parameter rows: a value for each column.
  package init(_ columns: [Column], _ rows: [[Value]]) {
    self.columns = columns
    self.rows = rows
  }
}

/// Runs the queries of dashboards: they only read, all see the same moment, and none runs for ever.
package struct PanelStore: Sendable {
  private let connection: Connection

  /// A panel has no use for more rows.
  package static let mostRows = 100_000

  private init(_ connection: Connection) { self.connection = connection }

  /// - Parameter timeoutSeconds: the longest time for a statement.
  package nonisolated(nonsending) static func with<Result>(
    _ connection: Connection, timeoutSeconds: Int, _ body: nonisolated(nonsending) (PanelStore) async throws -> Result
  ) async throws -> Result {
    try await connection.transaction(isolation: .repeatableRead, readOnly: true) { connection in
      try await connection.script(
        """
        SET LOCAL statement_timeout = '\(timeoutSeconds)s'; SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD';
        SET LOCAL standard_conforming_strings = on;
        """)
      return try await body(PanelStore(connection))
    }
  }

  /// The answer of one query; without rows it has no columns either. An error of it spoils no other.
  package nonisolated(nonsending) func table(_ sql: String) async throws -> PanelTable {
    var columns: [PanelTable.Column] = []
    var rows: [[PanelTable.Value]] = []
    try await connection.savepoint { connection in
      let count = try await connection.forEachRow(sql) { row in
        if rows.isEmpty {
          columns = row.columns.map { PanelTable.Column($0.name, Self.kind(of: $0.type)) }
        }
        rows.append(try columns.indices.map { try Self.value(try row[$0], columns[$0].kind) })
        return rows.count > Self.mostRows ? .stop : .next
      }
      if count > Self.mostRows {
        throw StoreError("the query has more than \(Self.mostRows) rows; take a shorter time")
      }
    }
    return PanelTable(columns, rows)
  }

  /// The values of a variable: the first column of a query, as text.
  package nonisolated(nonsending) func values(_ sql: String) async throws -> [String] {
    try await connection.savepoint { connection in
      try await connection.query(sql).compactMap { try $0[0].ifPresent?.string }
    }
  }

  /// When this transaction began, and in which database.
  package nonisolated(nonsending) func place() async throws -> (now: Double, database: String) {
    let row = try await connection.query("SELECT extract(epoch FROM now()), current_database()").only()
    return (try row[0].double, try row[1].string)
  }

  /// The first and the last event time of what there is: of the portfolios that the login sees, and without any of backtests,
  /// of prices; nil where there is nothing at all.
  package nonisolated(nonsending) func span() async throws -> (from: Double, until: Double)? {
    let row = try await connection.query(
      """
      WITH spans (place, since, until) AS (
        SELECT 1, min(f.at), max(l.at)
          FROM trading.portfolios AS p
         CROSS JOIN LATERAL (SELECT s.at FROM trading.portfolio_snapshots AS s
                              WHERE s.portfolio_id = p.portfolio_id ORDER BY s.at LIMIT 1) AS f
         CROSS JOIN LATERAL (SELECT s.at FROM trading.portfolio_snapshots AS s
                              WHERE s.portfolio_id = p.portfolio_id ORDER BY s.at DESC LIMIT 1) AS l
         UNION ALL
        SELECT 2, min(b.from_time), max(b.until_time) FROM research.backtests AS b
         UNION ALL
        SELECT 3, max(c.last_at) - interval '30 days', max(c.last_at) FROM reporting.candle_freshness AS c)
      SELECT extract(epoch FROM s.since), extract(epoch FROM s.until)
        FROM spans AS s WHERE isfinite(s.since) AND isfinite(s.until) ORDER BY s.place LIMIT 1
      """)
    guard let row = row.first else { return nil }
    return (try row[0].double, try row[1].double)
  }

  private static func kind(of type: TypeOID) -> PanelTable.Kind {
    switch type {
    case .int2, .int4, .int8, .oid, .float4, .float8, .numeric: .number
    case .timestamptz, .timestamp: .time
    case .bool: .truth
    default: .text
    }
  }

  private static func value(_ cell: Cell, _ kind: PanelTable.Kind) throws -> PanelTable.Value {
    guard let cell = cell.ifPresent else { return .null }
    switch kind {
    case .number: return .number(Double(try cell.string) ?? .nan)
    case .time:
      switch try cell.timestamp {
      case .max: return .time(.infinity)
      case .min: return .time(-.infinity)
      // Microseconds since 2000.
      case let time: return .time(Double(time) / 1e6 + 946_684_800)
      }
    case .truth: return .truth(try cell.bool)
    case .text: return .text(try cell.string)
    }
  }
}
