import Glibc

/// One installation of the PostgreSQL server on this machine.
package struct ServerBinaries: Sendable {
  package let directory: String
  package let major: Int
  /// As the server says it, e.g. `15.20 (Debian 15.20-0+deb12u1)`.
  package let version: String

  static let oldestSupportedMajor = 15

  func path(_ program: String) -> String { "\(directory)/\(program)" }

  /// The installation to use: for an existing data folder the one of its major version, otherwise the first of
  /// `$BOURSE_PG_BINDIR`, `pg_config --bindir`, the newest under `/usr/lib/postgresql`, and `PATH`.
  static func find(dataMajor: Int?, environment: [String: String]) async throws -> ServerBinaries {
    let found: [ServerBinaries]
    if let chosen = environment["BOURSE_PG_BINDIR"], !chosen.isEmpty {
      guard let binaries = try await inspect(chosen) else {
        throw ClusterError(
          .noServerBinaries, "BOURSE_PG_BINDIR is \(chosen), but there are no server programs in it",
          hint: "set it to the folder that holds initdb and postgres, or unset it")
      }
      found = [binaries]
    } else {
      found = try await search(environment: environment)
    }
    let supported = found.filter { $0.major >= oldestSupportedMajor }
    guard let dataMajor else {
      if let first = supported.first { return first }
      throw missing(found: found)
    }
    if let match = supported.first(where: { $0.major == dataMajor }) { return match }
    guard let other = supported.first else { throw missing(found: found) }
    throw ClusterError(
      .otherMajorVersion,
      "the data folder was made by PostgreSQL \(dataMajor), but the server here is \(other.version)",
      hint: dataMajor >= oldestSupportedMajor
        ? "install postgresql-\(dataMajor), or set BOURSE_PG_BINDIR to its programs, or move the folder away and start anew"
        : "bourse needs PostgreSQL \(oldestSupportedMajor) or newer: upgrade the data with pg_upgrade, or move the folder away"
    )
  }

  private static func missing(found: [ServerBinaries]) -> ClusterError {
    let newest = found.map(\.major).max().map { "only PostgreSQL \($0) was found" } ?? "no PostgreSQL server was found"
    return ClusterError(
      .noServerBinaries, "\(newest), and bourse needs \(oldestSupportedMajor) or newer",
      hint: "install it (apt-get install postgresql), or set BOURSE_PG_BINDIR to the folder of initdb and postgres")
  }

  private static func search(environment: [String: String]) async throws -> [ServerBinaries] {
    let path = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map(String.init)
    var directories: [String] = []
    for directory in path where access("\(directory)/pg_config", X_OK) == 0 {
      if let result = try? await Command.run("\(directory)/pg_config", ["--bindir"]), result.succeeded {
        directories += result.lines.prefix(1)
      }
      break
    }
    directories += FileSystem.list("/usr/lib/postgresql").compactMap { Int($0) }.sorted(by: >)
      .map { "/usr/lib/postgresql/\($0)/bin" }
    directories += path
    var seen: Set<String> = []
    var found: [ServerBinaries] = []
    for directory in directories where seen.insert(directory).inserted {
      if let binaries = try await inspect(directory) { found.append(binaries) }
    }
    return found
  }

  private static func inspect(_ directory: String) async throws -> ServerBinaries? {
    guard ["initdb", "postgres", "pg_ctl"].allSatisfy({ access("\(directory)/\($0)", X_OK) == 0 }) else { return nil }
    // A link in PATH (say /usr/local/bin/postgres) leaves its companions behind, so go where the program really is.
    let real = FileSystem.parent(of: FileSystem.canonical("\(directory)/postgres", from: "/"))
    guard let result = try? await Command.run("\(real)/postgres", ["--version"]), result.succeeded,
      let version = result.lines.first?.split(separator: ")", maxSplits: 1).last.map({ $0.drop(while: { $0 == " " }) }),
      let major = Int(version.prefix(while: \.isNumber))
    else { return nil }
    return ServerBinaries(directory: real, major: major, version: String(version))
  }
}
