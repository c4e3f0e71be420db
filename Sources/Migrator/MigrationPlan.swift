/// The migrations of a tree held against those that a database has.
package struct MigrationPlan: Sendable {
  package struct Applied: Sendable, Equatable {
    package let number: Int
    package let name: String
    package let checksum: String
    package let appliedAt: String
  }

  package struct Pending: Sendable {
    package let number: Int
    package let name: String
    let file: SQLFile
    let checksum: String
  }

  package enum Code: String, Sendable {
    case upToDate = "up to date"
    case outdated, missing
    /// Roles, grants and what functions are refused to PUBLIC may have been left behind.
    case restored = "restored from a dump"
  }

  package let applied: [Applied]
  package let pending: [Pending]
  package let code: Code
  package let tier: StorageTier
  let codeChecksum: String

  package var isUpToDate: Bool { pending.isEmpty && code == .upToDate }

  /// Refuses a database whose history is not the beginning of the tree's.
  init(
    tree: SQLTree, tier: StorageTier = .plain, checksums: [String], codeChecksum: String, applied: [Applied],
    installedCode: InstalledCode?
  ) throws(MigrationError) {
    for (index, record) in applied.enumerated() {
      guard record.number == index + 1 else {
        throw MigrationError(
          .missing, "the database has migration \(record.name), but not number \(index + 1) before it",
          hint: "its records were changed by hand: restore the rows of ops.migrations")
      }
      guard index < tree.migrations.count else {
        throw MigrationError(
          .newerSchema,
          "the database has migration \(record.name), and this program knows \(tree.migrations.count) migrations only",
          hint: "use a newer bourse, or another database")
      }
      let migration = tree.migrations[index]
      guard migration.name == record.name else {
        throw MigrationError(
          .renamed, "migration \(record.number) was applied as \(record.name), and is \(migration.name) now",
          hint: "give the file its old name, and put the new one behind the last")
      }
      guard checksums[index] == record.checksum else {
        throw MigrationError(
          .edited,
          "\(migration.file.path) was changed after it was applied on \(record.appliedAt) "
            + "(applied \(record.checksum), now \(checksums[index]))",
          hint: "restore the file and put the change into a new migration; "
            + "a database that can be lost may be dropped and made anew instead")
      }
    }
    self.applied = applied
    self.tier = tier
    self.codeChecksum = codeChecksum
    pending = zip(tree.migrations, checksums).dropFirst(applied.count).map {
      Pending(number: $0.number, name: $0.name, file: $0.file, checksum: $1)
    }
    code =
      if let installedCode {
        installedCode.checksum != codeChecksum ? .outdated : installedCode.isOfThisDatabase ? .upToDate : .restored
      } else { .missing }
  }
}

extension MigrationPlan {
  /// The files that installing would run, in order.
  package func filesToRun(of tree: SQLTree) -> [String] {
    if isUpToDate { return [] }
    var files: [SQLFile] = []
    if applied.isEmpty { files.append(tree.bootstrap) }
    files += [tree.roles].compactMap { $0 } + pending.map(\.file) + tree.reference + tree.procedures(for: tier)
    files += [tree.grants].compactMap { $0 }
    return files.map(\.path)
  }
}
