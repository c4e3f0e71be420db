import LibPQ
import TradingCore

/// Stores the rows of one file of market data, all of them or none.
///
/// Rows gather in a temporary table, outside any transaction, so that a long file holds back neither vacuum nor the readers
/// of the journal. ``store(_:)`` then moves them in one transaction.
package struct ImportStore {
  package enum Kind: String, Sendable { case bars, ticks }

  /// What goes into the database with the staged rows.
  package struct Request: Sendable {
    /// Name of the file.
    package var source: String
    /// Symbols in the order of the slots by which staged rows name them; nil for one of which no row is staged.
    package var symbols: [String?]
    /// Where unknown symbols are added, and known ones looked up if not nil.
    package var exchange: String?
    package var rowsRead: Int
    package var rowsRejected: Int
    /// Bars only: length as an interval; whether they are of whole days; whether times may occur twice.
    package var resolution: String?
    package var hasDays = false
    package var mayRepeat = false
    /// Bars only: who sold them.
    package var vendor: String?
    /// Ticks only: days since 2000-01-01 (UTC), and whether numbers of some ticks are still open.
    package var days: Set<Int32> = []
    package var isDisordered = false
    /// Ticks only: whether the file has all trades of its days.
    package var isComplete = false

    package init(source: String, symbols: [String?], exchange: String?, rowsRead: Int, rowsRejected: Int) {
      self.source = source
      self.symbols = symbols
      self.exchange = exchange
      self.rowsRead = rowsRead
      self.rowsRejected = rowsRejected
    }
  }

  package struct Outcome: Sendable {
    package var importID: Int32
    package var inserted = 0
    /// Rows that were stored before, or stand twice in the file.
    package var known = 0
    /// Known ones that differ from what is stored; the stored ones stay.
    package var differing = 0
    package var rejected = 0
    /// Those of them that are in market.rejected_ticks, as `import <importID>`; the others are in ops.import_rejects.
    package var refused = 0
  }

  /// What is known of the symbols of a market.
  package struct Listings: Sendable {
    /// Time zone of unknown symbols.
    package var defaultTimeZone: String
    package var timeZones: [String: String]
    /// Microseconds from local midnight to where the trading day begins, where that is not at midnight.
    package var dayStarts: [String: Int64]
    package var defaultDayStart: Int64
    /// The same of each exchange, by its code: what EXCHANGE:SYMBOL goes by.
    package var exchanges: [String: (timeZone: String, dayStart: Int64)]
    /// Symbols that trade on several exchanges, with their full names.
    package var ambiguous: [String: String]
  }

  package let connection: Connection
  let kind: Kind
  /// Rejects kept with one import; further ones are only counted.
  package static let rejectLimit = 100_000

  /// Prepares the session for one file; what an earlier one left is gone.
  package init(_ connection: Connection, _ kind: Kind) async throws {
    self.connection = connection
    self.kind = kind
    let columns =
      switch kind {
      case .bars:
        """
        slot int, ts timestamptz, day date, open float8, high float8, low float8, close float8, volume float8,
        adjusted_close float8, line bigint, content text
        """
      case .ticks:
        """
        ts timestamptz, price float8, size float8, seq bigint, received_at timestamptz, slot int, suspicious boolean,
        venue text, sale_condition text
        """
      }
    try await connection.script(
      """
      DROP TABLE IF EXISTS pg_temp.import_rows, pg_temp.import_rejects;
      CREATE TEMPORARY TABLE import_rows (\(columns));
      CREATE TEMPORARY TABLE import_rejects (line bigint, reason text, content text);
      """)
  }

  /// Columns of a staged row.
  package var columnCount: Int { kind == .bars ? 11 : 9 }

  /// - Parameter exchange: nil is all. Unknown is TR102.
  package func listings(exchange: String?) async throws -> Listings {
    let home = try await connection.query(
      "SELECT e.time_zone, (extract(epoch FROM e.day_starts) * 1000000)::bigint FROM market.exchanges AS e WHERE e.exchange_id = market.exchange_id(coalesce($1, 'US'))",
      [.text(exchange)])
    var listings = Listings(
      defaultTimeZone: try home.only()[0].string, timeZones: [:], dayStarts: [:],
      defaultDayStart: try home.only()[1].int64, exchanges: [:], ambiguous: [:])
    for row in try await connection.query(
      "SELECT e.code, e.time_zone, (extract(epoch FROM e.day_starts) * 1000000)::bigint FROM market.exchanges AS e")
    {
      listings.exchanges[try row[0].string] = (try row[1].string, try row[2].int64)
    }
    try await connection.forEachRow(
      """
      SELECT i.symbol, min(e.time_zone), count(*) > 1, string_agg(e.code || ':' || i.symbol, ', ' ORDER BY e.code),
             (extract(epoch FROM min(e.day_starts)) * 1000000)::bigint
        FROM market.instruments AS i JOIN market.exchanges AS e USING (exchange_id)
       WHERE $1::text IS NULL OR e.code = upper($1) GROUP BY i.symbol
      """, [.text(exchange)]
    ) { row in
      let symbol = try row[0].string
      listings.timeZones[symbol] = try row[1].string
      listings.dayStarts[symbol] = try row[4].int64
      if try row[2].bool { listings.ambiguous[symbol] = try row[3].string }
      return .next
    }
    return listings
  }

  /// Opens the COPY for staged rows. It holds the connection.
  package func copyRows() async throws -> CopyIn {
    try await connection.copyIn("COPY pg_temp.import_rows FROM STDIN WITH (FORMAT binary)")
  }

  /// Opens the COPY for rows that could not be used: line bigint, reason text, content text.
  package func copyRejects() async throws -> CopyIn {
    try await connection.copyIn("COPY pg_temp.import_rejects FROM STDIN WITH (FORMAT binary)")
  }

  /// Moves what is staged into the database.
  package func store(_ request: Request) async throws -> Outcome {
    if kind == .ticks { try await ensurePartitions(request.days) }
    let outcome = try await connection.transaction { _ in
      let ids = try await instruments(request)
      let instruments = Value.int4s(ids)
      var outcome = Outcome(importID: try await begin(request), rejected: request.rowsRejected)
      switch kind {
      case .bars: try await storeBars(request, instruments, &outcome)
      case .ticks: try await storeTicks(request, instruments, &outcome)
      }
      if request.isComplete { try await sayComplete(ids, request.days) }
      try await end(request, outcome)
      return outcome
    }
    try await finish(request, outcome)
    return outcome
  }

  /// Some of the file may be stored already, or it is not what it was a moment ago: nothing of it may stay.
  package struct NotNew: Error {
    package init() {}
  }

  /// Stores a file without staging it, in one transaction.
  /// - Parameter body: notes the import with ``begin(_:)`` and ``end(_:_:)``.
  /// - Returns: nil, and nothing has happened, when `body` throws ``NotNew`` or some of the file turns out to be stored.
  func storeDirectly(
    _ request: inout Request, _ body: (inout Request) async throws -> Outcome
  ) async throws -> Outcome? {
    do {
      let outcome = try await connection.transaction { _ in try await body(&request) }
      try await finish(request, outcome)
      return outcome
    } catch is NotNew {
      return nil
    } catch let error as PostgresError where error.sqlState == .uniqueViolation {
      return nil
    }
  }

  /// Notes the import, in the transaction that stores it.
  func begin(_ request: Request) async throws -> Int32 {
    try await connection.query(
      "INSERT INTO ops.imports (kind, source) VALUES ($1, $2) RETURNING import_id",
      [.text(kind.rawValue), .text(request.source)]
    ).only()[0].int32
  }

  /// Notes what became of it.
  func end(_ request: Request, _ outcome: Outcome) async throws {
    try await connection.query(
      """
      INSERT INTO ops.import_rejects (import_id, line, reason, content)
      SELECT $1, r.line, r.reason, r.content FROM pg_temp.import_rejects AS r ORDER BY r.line LIMIT $2
      """, [.int4(outcome.importID), .int(Self.rejectLimit)])
    try await connection.query(
      """
      UPDATE ops.imports AS i
         SET rows_read = $2, rows_inserted = $3, rows_rejected = $4, finished_at = clock_timestamp()
       WHERE i.import_id = $1
      """,
      [.int4(outcome.importID), .int(request.rowsRead), .int(outcome.inserted), .int(outcome.rejected)])
  }

  /// After the commit.
  func finish(_ request: Request, _ outcome: Outcome) async throws {
    try await connection.script("DROP TABLE pg_temp.import_rows, pg_temp.import_rejects")
    if outcome.inserted >= 10_000 { try await analyze(request.days) }
  }

  /// Tells the planner, and the index of block ranges, about many new rows. Who does not own the tables leaves that to autovacuum.
  private func analyze(_ days: Set<Int32>) async throws {
    let tables = try await connection.query(
      """
      SELECT string_agg(DISTINCT t.oid::regclass::text, ', ')
        FROM (SELECT 'bars' AS name WHERE cardinality($1::int[]) = 0
              UNION ALL SELECT 'ticks_default' WHERE cardinality($1) > 0
              UNION ALL SELECT 'ticks_' || to_char(date '2000-01-01' + d, 'YYYYMMDD') FROM unnest($1) AS d) AS n
        JOIN pg_class AS t ON t.relname = n.name AND t.relnamespace = 'market'::regnamespace
       WHERE pg_has_role(t.relowner, 'USAGE')
      """, [.int4s(Array(days))]
    ).only()[0].ifPresent?.string
    guard let tables else { return }
    try await connection.query("ANALYZE \(tables)")
    if kind == .bars { try await connection.query("SELECT brin_summarize_new_values('market.bars_times_idx')") }
  }

  /// Instruments in the order of the slots; unknown symbols are added.
  func instruments(_ request: Request) async throws -> [Int32?] {
    let rows = try await connection.query(
      "SELECT e.symbol, e.instrument_id FROM market.ensure_instruments($1, $2) AS e",
      [.texts(request.symbols.compactMap { $0 }), .text(request.exchange)])
    var found: [String: Int32] = [:]
    for row in rows { found[try row[0].string] = try row[1].int32 }
    return request.symbols.map { $0.flatMap { found[$0] } }
  }
}
