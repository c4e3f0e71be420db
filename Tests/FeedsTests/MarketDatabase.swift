import LibPQ
import TestSupport

/// Runs `body` with a database of its own that has the schema.
func withDatabase<T>(_ body: (MarketDatabase) async throws -> T) async throws -> T {
  try await TestDatabase.withSchema { try await body(MarketDatabase(options: $0, connection: $1)) }
}

struct MarketDatabase {
  let options: ConnectionOptions
  let connection: Connection

  /// The first column of a query's rows, NULL as nothing.
  func texts(_ sql: String) async throws -> [String] {
    try await connection.query(sql).map { try $0[0].ifPresent?.string ?? "" }
  }

  func int(_ sql: String) async throws -> Int { try await connection.query(sql).only()[0].int }

  /// All market data, as text.
  func fingerprint() async throws -> [String] {
    try await texts(
      """
      SELECT * FROM (SELECT (to_jsonb(t) - 'stored_at')::text FROM market.ticks AS t UNION ALL SELECT b::text FROM market.bars AS b
                     UNION ALL SELECT i::text FROM market.instruments AS i) AS x (t) ORDER BY 1
      """)
  }
}
