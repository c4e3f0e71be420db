import FoundationEssentials

/// What is to be installed, read from a folder and checked for order and completeness:
///
///     sql/bootstrap.sql         the migrator's own records
///     sql/roles.sql             roles of the server
///     sql/migrations/NNNN_*.sql state: run once, in the order of their numbers
///     sql/reference/*.sql       reference rows, in the order of their names
///     procedures/manifest.sql   code: the files to run, one `\ir path` a line; between `\if :timescaledb` and `\endif`
///                               those that only a database whose ticks are a hypertable gets
///     sql/grants.sql            rights
///     sql/timescaledb/*.sql     how ticks become a hypertable, see ``TimescaleConversion``
package struct SQLTree: Sendable {
  package let root: String
  package let bootstrap: SQLFile
  package let roles: SQLFile?
  package let migrations: [Migration]
  package let reference: [SQLFile]
  package let procedures: [Procedures]
  package let grants: SQLFile?
  /// By name without folder and suffix.
  let timescaledb: [String: SQLFile]

  /// A file of the manifest.
  package struct Procedures: Sendable, Equatable {
    package let file: SQLFile
    /// Only for databases with the storage of TimescaleDB, where it often replaces an earlier file's function.
    package let needsTimescale: Bool
  }

  package init(root: String) throws(MigrationError) {
    self.root = root
    bootstrap = try SQLFile("sql/bootstrap.sql", in: root)
    roles = try Self.optional("sql/roles.sql", in: root)
    migrations = try Self.readMigrations(in: root)
    reference = try Self.sqlNames("sql/reference", in: root).map { name throws(MigrationError) in
      try SQLFile("sql/reference/\(name)", in: root)
    }
    procedures = try Self.readProcedures(in: root)
    grants = try Self.optional("sql/grants.sql", in: root)
    var timescaledb: [String: SQLFile] = [:]
    for name in Self.sqlNames("sql/timescaledb", in: root) {
      timescaledb[String(name.dropLast(4))] = try SQLFile("sql/timescaledb/\(name)", in: root)
    }
    self.timescaledb = timescaledb
  }

  /// What of the manifest a database gets. With TimescaleDB, a file in a folder `timescaledb` takes the place of the file
  /// whose path is the same without that folder.
  package func procedures(for tier: StorageTier) -> [SQLFile] {
    if tier == .plain { return procedures.filter { !$0.needsTimescale }.map(\.file) }
    let replaced = Set(procedures.filter(\.needsTimescale).map { $0.file.path.replacing("/timescaledb/", with: "/") })
    return procedures.map(\.file).filter { !replaced.contains($0.path) }
  }

  /// All that the second step runs, with names and lengths, so that different trees have different texts. The migrations
  /// are part of it: code that stands on a new schema is installed anew.
  var codeText: String {
    let files = [roles].compactMap { $0 } + reference + procedures.map(\.file) + [grants].compactMap { $0 }
    return migrations.map { "\($0.name)\n" }.joined()
      + files.map { "\($0.path) \($0.text.utf8.count)\n\($0.text)" }.joined()
  }

  private static func optional(_ path: String, in root: String) throws(MigrationError) -> SQLFile? {
    FileManager.default.fileExists(atPath: "\(root)/\(path)") ? try SQLFile(path, in: root) : nil
  }

  private static func sqlNames(_ folder: String, in root: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
    return names.filter { $0.hasSuffix(".sql") }.sorted()
  }

  private static func readMigrations(in root: String) throws(MigrationError) -> [Migration] {
    var migrations: [Migration] = []
    for name in sqlNames("sql/migrations", in: root) {
      let parts = name.dropLast(4).split(separator: "_", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0].count == 4, let number = Int(parts[0]), number > 0, !parts[1].isEmpty else {
        throw MigrationError(
          .badTree, "sql/migrations/\(name) is not named like 0001_verb_object.sql", hint: "rename it")
      }
      let expected = migrations.count + 1
      guard number == expected else {
        throw MigrationError(
          .badTree,
          number < expected
            ? "two migrations have the number \(parts[0]): \(migrations[number - 1].name) and \(name)"
            : "sql/migrations has a gap: \(name) comes where number \(expected) is due",
          hint: "number the migrations 1, 2, 3, … and restore a missing file")
      }
      migrations.append(Migration(number: number, name: name, file: try SQLFile("sql/migrations/\(name)", in: root)))
    }
    return migrations
  }

  private static func readProcedures(in root: String) throws(MigrationError) -> [Procedures] {
    let manifest = try SQLFile("procedures/manifest.sql", in: root)
    var files: [Procedures] = []
    var seen: Set<String> = []
    var needsTimescale = false
    for (index, line) in manifest.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = line.trimming { $0.isWhitespace }
      if line.isEmpty || line.hasPrefix("--") { continue }
      let place = "procedures/manifest.sql:\(index + 1)"
      if line == #"\if :timescaledb"# && !needsTimescale || line == #"\endif"# && needsTimescale {
        needsTimescale.toggle()
        continue
      }
      guard line.hasPrefix(#"\ir "#) else {
        throw MigrationError(.badTree, "\(place): not a comment and not \\ir <file>", hint: "put the SQL into a file")
      }
      let name = line.dropFirst(4).trimming { $0.isWhitespace }
      guard !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else {
        throw MigrationError(.badTree, "\(place): \(name) leads out of procedures/", hint: "name a file below it")
      }
      guard seen.insert(name).inserted else {
        throw MigrationError(.badTree, "\(place): \(name) is listed twice", hint: "remove one of the lines")
      }
      files.append(Procedures(file: try SQLFile("procedures/\(name)", in: root), needsTimescale: needsTimescale))
    }
    if needsTimescale {
      throw MigrationError(.badTree, #"procedures/manifest.sql: an \if without its \endif"#, hint: "add the line")
    }
    for name in procedureFiles(in: root) where !seen.contains(name) {
      throw MigrationError(
        .badTree, "procedures/\(name) is not in procedures/manifest.sql", hint: "list it there, or remove the file")
    }
    return files
  }

  private static func procedureFiles(in root: String) -> [String] {
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: "\(root)/procedures")) ?? []
    return names.filter { $0.hasSuffix(".sql") && $0 != "manifest.sql" }.sorted()
  }
}

extension StringProtocol {
  fileprivate func trimming(_ isTrimmed: (Character) -> Bool) -> String {
    var rest = Substring(self).drop(while: isTrimmed)
    while let last = rest.last, isTrimmed(last) { rest.removeLast() }
    return String(rest)
  }
}
