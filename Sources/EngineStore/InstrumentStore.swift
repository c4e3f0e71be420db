import LibPQ

/// Stores the rows of an instrument master inside the caller's transaction.
package struct InstrumentStore {
  /// Rows that one call takes.
  package static let batchSize = 10_000

  package enum Outcome: String, Sendable { case added, changed, known, rejected }

  private let connection: Connection
  /// The file's row in ops.imports.
  package let importID: Int32

  package init(_ connection: Connection, source: String) async throws {
    self.connection = connection
    importID = try await connection.query(
      "INSERT INTO ops.imports (kind, source) VALUES ('instruments', $1) RETURNING import_id", [.text(source)]
    ).only()[0].int32
  }

  /// - Parameters:
  ///   - json: array of objects as `market.put_instruments` reads them.
  ///   - exchange: that of all; nil is what each object says.
  ///   - broker: whose aliases they carry.
  /// - Returns: what became of each, in order.
  package func put(
    _ json: String, exchange: String?, broker: String?
  ) async throws -> [(outcome: Outcome, reason: String?)] {
    try await connection.query(
      "SELECT p.outcome, p.reason FROM market.put_instruments($1, $2, $3) AS p ORDER BY p.ordinal",
      [.jsonb(json), .text(exchange), .text(broker)]
    ).map { row in
      guard let outcome = Outcome(rawValue: try row[0].string) else {
        throw StoreError("market.put_instruments said \(try row[0].string)")
      }
      return (outcome, try row[1].ifPresent?.string)
    }
  }

  /// Keeps rows that could not be used, with their lines and reasons.
  package func reject(_ rows: [(line: Int, reason: String, content: String)]) async throws {
    if rows.isEmpty { return }
    try await connection.query(
      """
      INSERT INTO ops.import_rejects (import_id, line, reason, content)
      SELECT $1, r.line, r.reason, r.content FROM unnest($2::bigint[], $3::text[], $4::text[]) AS r (line, reason, content)
      """,
      [
        .int4(importID), .int8s(rows.map { Int64($0.line) }), .texts(rows.map(\.reason)), .texts(rows.map(\.content)),
      ])
  }

  package func finish(rows: Int, inserted: Int, rejected: Int) async throws {
    try await connection.query(
      """
      UPDATE ops.imports AS i
         SET rows_read = $2, rows_inserted = $3, rows_rejected = $4, finished_at = clock_timestamp()
       WHERE i.import_id = $1
      """, [.int4(importID), .int(rows), .int(inserted), .int(rejected)])
    // Who does not own the table leaves that to autovacuum.
    let isOwner = try await connection.query(
      "SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class AS c WHERE c.oid = 'market.instruments'::regclass"
    ).only()[0].bool
    if isOwner, inserted >= 10_000 { try await connection.query("ANALYZE market.instruments") }
  }
}
