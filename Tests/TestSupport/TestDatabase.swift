import LibPQ
import Migrator

/// A database of one test's own, dropped afterwards.
package struct TestDatabase: Sendable {
  package let options: ConnectionOptions

  /// A server has a limited number of connections.
  private static let turns = Turns(8)

  package func connect(_ change: (inout ConnectionOptions) -> Void = { _ in }) async throws -> Connection {
    var options = options
    change(&options)
    return try await Connection.connect(options, retry: .standard)
  }

  /// Runs `body` with an empty database.
  package static func with<T>(
    encoding: String = "UTF8", _ body: (TestDatabase) async throws -> T
  ) async throws -> T {
    try await made("TEMPLATE template0 ENCODING '\(encoding)' LOCALE 'C'", body)
  }

  /// Runs `body` with a database that has the schema, in which `script` has run, and a connection to it.
  package static func withSchema<T>(
    _ script: String = "", _ body: (ConnectionOptions, Connection) async throws -> T
  ) async throws -> T {
    try await made("TEMPLATE \(TestServer.template ?? "template0")") { database in
      if TestServer.template == nil {
        let migrator = Migrator(tree: try SQLTree(root: checkout), database: database.options)
        _ = try await migrator.migrate { _ in }
        if TestServer.isTimescale { _ = try await migrator.adoptTimescale() }
      }
      let connection = try await database.connect()
      let outcome = await Result.of {
        try await connection.script(script)
        return try await body(database.options, connection)
      }
      await connection.close()
      return try outcome.get()
    }
  }

  private static func made<T>(_ how: String, _ body: (TestDatabase) async throws -> T) async throws -> T {
    await turns.take()
    let outcome = await Result.of {
      let name = "bourse_test_\(UInt64.random(in: 0 ... .max))"
      let options = try TestServer.options()
      let maintenance = try await Connection.connect(options, retry: .standard)
      // A copy of the files costs a fraction of one that is written to the log page by page.
      try await maintenance.query("CREATE DATABASE \(name) STRATEGY file_copy \(how)")
      let outcome = await Result.of { try await body(TestDatabase(options: options.database(name))) }
      try await maintenance.query("DROP DATABASE \(name) WITH (FORCE)")
      await maintenance.close()
      return try outcome.get()
    }
    await turns.giveBack()
    return try outcome.get()
  }
}

extension Result where Failure == any Error {
  package static func of(_ body: () async throws -> Success) async -> Result {
    do {
      return .success(try await body())
    } catch {
      return .failure(error)
    }
  }
}
