import FoundationEssentials
import LibPQ
import Migrator
import Testing

/// Databases with the schema, on the server that `BOURSE_TEST_DATABASE_URL` names.
enum TestDatabase {
  private static let conninfo = ProcessInfo.processInfo.environment["BOURSE_TEST_DATABASE_URL"]
  static let isAvailable = conninfo != nil
  /// Whether ticks are kept in TimescaleDB; `Tests/timescaledb/run.sh` says so.
  static let isTimescale = ProcessInfo.processInfo.environment["BOURSE_TEST_TIER"] == "timescaledb"
  static let reason: Comment = "BOURSE_TEST_DATABASE_URL names no server; `make test` starts one"

  /// Runs `body` with a database of its own, in which `script` has run, and which is dropped afterwards.
  static func with(
    _ script: String = "SELECT", _ body: (ConnectionOptions, Connection) async throws -> Void
  ) async throws {
    let maintenance = ConnectionOptions(try #require(conninfo))
    let name = "runner_\(UInt64.random(in: 0 ... .max))"
    let control = try await Connection.connect(maintenance)
    try await control.script("CREATE DATABASE \(name) TEMPLATE template0")
    var failure: (any Error)?
    do {
      let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
      let options = maintenance.database(name)
      let migrator = Migrator(tree: try SQLTree(root: root), database: options)
      _ = try await migrator.migrate { _ in }
      if isTimescale { _ = try await migrator.adoptTimescale() }
      let connection = try await Connection.connect(options)
      do {
        try await connection.script(script)
        try await body(options, connection)
      } catch { failure = error }
      await connection.close()
    } catch { failure = error }
    try await control.script("DROP DATABASE \(name) WITH (FORCE)")
    await control.close()
    if let failure { throw failure }
  }
}
