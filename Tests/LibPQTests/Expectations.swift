import TestSupport
import Testing

@testable import LibPQ

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Runs `body` with one connection to a database of its own.
func withConnection<T>(_ body: (Connection) async throws -> T) async throws -> T {
  try await TestDatabase.with { database in
    let connection = try await database.connect()
    let result = try await body(connection)
    await connection.close()
    return result
  }
}

/// The error `body` throws, which must be a ``PostgresError``.
func postgresError(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async throws -> PostgresError {
  do {
    try await body()
  } catch let error as PostgresError {
    return error
  }
  throw MissingError(sourceLocation: sourceLocation)
}

struct MissingError: Error {
  let sourceLocation: SourceLocation
}

extension Connection {
  /// Waits until `count` other sessions of this database are in a wait or state that matches `filter`.
  nonisolated(nonsending) func waitForActivity(_ filter: String, count: Int = 1) async throws {
    try await eventually {
      let sql = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND \(filter)
        """
      return try await query(sql).only()[0].int >= count
    }
  }
}

/// Memory of this process that is in use now; 0 where it cannot be told.
func residentMegabytes() -> Int {
  guard let file = fopen("/proc/self/statm", "r") else { return 0 }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 128)
  guard fgets(&line, 128, file) != nil else { return 0 }
  let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
    separator: " ")
  return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4096 / 1_000_000 : 0
}

/// The connection answers, and is in no transaction.
func expectUsable(_ connection: Connection, sourceLocation: SourceLocation = #_sourceLocation) async {
  let answer = try? await connection.query("SELECT 1").only()[0].int
  #expect(answer == 1, sourceLocation: sourceLocation)
  let status = await connection.transactionStatus
  #expect(status == .idle, sourceLocation: sourceLocation)
}
