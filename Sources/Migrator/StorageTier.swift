import LibPQ

/// How a database keeps its ticks.
package enum StorageTier: String, Sendable {
  /// Daily partitions of PostgreSQL.
  case plain
  /// A hypertable of TimescaleDB.
  case timescaledb

  init(_ connection: Connection) async throws {
    let kind = try await connection.query(
      """
      SELECT c.relkind::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
       WHERE n.nspname = 'market' AND c.relname = 'ticks'
      """
    ).first?[0].string
    self = kind == "r" ? .timescaledb : .plain
  }
}
