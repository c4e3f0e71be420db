import FoundationEssentials
import LibPQ
import TestSupport
import Testing

@testable import Migrator

extension TestServer {
  static func withDatabase(
    encoding: String = "UTF8", _ body: (ConnectionOptions) async throws -> Void
  ) async throws {
    try await TestDatabase.with(encoding: encoding) { try await body($0.options) }
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
  private let folder: TemporaryFolder
  var root: String { folder.path }

  init(_ files: [String: String] = [:]) throws {
    folder = try TemporaryFolder()
    try writeBytes("sql/bootstrap.sql", try contents("\(checkout)/sql/bootstrap.sql"))
    try write("procedures/manifest.sql", "-- the reading order\n")
    for (path, text) in files { try write(path, text) }
  }

  func write(_ path: String, _ text: String) throws { try folder.file(text, path) }

  func writeBytes(_ path: String, _ bytes: [UInt8]) throws { try folder.file(bytes, path) }

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
