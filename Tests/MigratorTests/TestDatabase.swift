import FoundationEssentials
import LibPQ
import Testing

@testable import Migrator

/// The server that tests may use, from `BOURSE_TEST_DATABASE_URL`.
enum TestServer {
  static let conninfo = ProcessInfo.processInfo.environment["BOURSE_TEST_DATABASE_URL"]
  static let isAvailable = conninfo != nil
  static let reason: Comment = "BOURSE_TEST_DATABASE_URL names no server; `make test` starts one"

  /// Runs `body` with a database of its own, which is dropped afterwards.
  static func withDatabase(
    encoding: String = "UTF8", _ body: (ConnectionOptions) async throws -> Void
  ) async throws {
    let maintenance = ConnectionOptions(try #require(conninfo))
    let name = "migrator_\(UInt64.random(in: 0 ... .max))"
    try await run(
      "CREATE DATABASE \(name) TEMPLATE template0 ENCODING '\(encoding)' LOCALE 'C'", on: maintenance)
    var failure: (any Error)?
    do { try await body(maintenance.database(name)) } catch { failure = error }
    try await run("DROP DATABASE \(name) WITH (FORCE)", on: maintenance)
    if let failure { throw failure }
  }

  @discardableResult
  static func run(_ sql: String, on options: ConnectionOptions) async throws -> [Rows] {
    let connection = try await Connection.connect(options)
    do {
      let rows = try await connection.script(sql)
      await connection.close()
      return rows
    } catch {
      await connection.close()
      throw error
    }
  }

  /// Expects the first column of all rows to be `values`.
  static func expect(
    _ sql: String, gives values: [String], on options: ConnectionOptions,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let found = try await column(sql, on: options)
    #expect(found == values, "\(sql)", sourceLocation: sourceLocation)
  }

  /// The first column of all rows, as text.
  static func column(_ sql: String, on options: ConnectionOptions) async throws -> [String] {
    try await run(sql, on: options).last!.map { try $0[0].string }
  }
}

/// A tree of SQL files in a temporary folder, removed at the end.
final class TestTree {
  let root: String

  init(_ files: [String: String] = [:]) throws {
    root = FileManager.default.temporaryDirectory.path + "/bourse-tree-\(UInt64.random(in: 0 ... .max))"
    let checkout = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
    let bootstrap = FileManager.default.contents(atPath: "\(checkout)/sql/bootstrap.sql")
    try write("sql/bootstrap.sql", String(decoding: try #require(bootstrap), as: UTF8.self))
    try write("procedures/manifest.sql", "-- the reading order\n")
    for (path, text) in files { try write(path, text) }
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func write(_ path: String, _ text: String) throws { try writeBytes(path, Array(text.utf8)) }

  func writeBytes(_ path: String, _ bytes: [UInt8]) throws {
    let file = URL(filePath: "\(root)/\(path)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: "\(root)/\(path)") }

  /// Writes a file of `procedures/` and lists all of them in the manifest, in the order given.
  func procedures(_ files: KeyValuePairs<String, String>) throws {
    try? remove("procedures")
    for (path, text) in files { try write("procedures/\(path)", text) }
    try write("procedures/manifest.sql", files.map { "\\ir \($0.key)\n" }.joined())
  }

  func load() throws -> SQLTree { try SQLTree(root: root) }

  @discardableResult
  func migrate(_ database: ConnectionOptions, force: Bool = false) async throws -> Migrator.Report {
    try await Migrator(tree: try load(), database: database).migrate(force: force)
  }

  /// Migrates and expects to be refused.
  func failure(_ database: ConnectionOptions, sourceLocation: SourceLocation = #_sourceLocation) async throws
    -> MigrationError
  {
    try #require(
      await #expect(throws: MigrationError.self, sourceLocation: sourceLocation) { try await migrate(database) },
      sourceLocation: sourceLocation)
  }
}
