import Testing

@testable import LibPQ

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The maintenance database that tests may use, if there is one.
enum TestServer {
  static let conninfo = getenv("BOURSE_TEST_DATABASE_URL").map { String(cString: $0) }
  static let isAvailable = conninfo != nil
  static let reason: Comment = "BOURSE_TEST_DATABASE_URL is not set"

  static var options: ConnectionOptions {
    var options = ConnectionOptions(conninfo!, applicationName: "LibPQTests")
    options.connectTimeout = .seconds(20)
    return options
  }
}

/// A database of one test's own, dropped afterwards.
struct TestDatabase {
  let options: ConnectionOptions

  static func with<T>(_ body: (TestDatabase) async throws -> T) async throws -> T {
    let name = "libpq_\(getpid())_\(UInt32.random(in: 0...UInt32.max))"
    let maintenance = try await Connection.connect(TestServer.options, retry: .standard)
    try await maintenance.query("CREATE DATABASE \(name)")
    do {
      let result = try await body(TestDatabase(options: TestServer.options.database(name)))
      try await maintenance.query("DROP DATABASE \(name) WITH (FORCE)")
      await maintenance.close()
      return result
    } catch {
      try await maintenance.query("DROP DATABASE \(name) WITH (FORCE)")
      await maintenance.close()
      throw error
    }
  }

  func connect(_ change: (inout ConnectionOptions) -> Void = { _ in }) async throws -> Connection {
    var options = options
    change(&options)
    return try await Connection.connect(options, retry: .standard)
  }
}

/// Runs `body` with one connection to a database of its own.
func withConnection<T>(_ body: (Connection) async throws -> T) async throws -> T {
  try await TestDatabase.with { database in
    let connection = try await database.connect()
    let result = try await body(connection)
    await connection.close()
    return result
  }
}
