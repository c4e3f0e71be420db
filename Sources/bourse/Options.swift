import ArgumentParser
import Cluster
import FoundationEssentials
import LibPQ
import Migrator

/// Which cluster a command works on.
struct HomeOptions: ParsableArguments {
  @Option(
    name: .customLong("home"),
    help: ArgumentHelp(
      "Folder of the private cluster (default: $BOURSE_HOME, else .bourse).", valueName: "dir"))
  var home: String?

  func cluster() throws -> Cluster {
    let environment = ProcessInfo.processInfo.environment
    let share = try ShareDirectory.locate(
      containing: "deploy/postgresql.conf", explicit: nil, environment: environment)
    let home = [home, environment["BOURSE_HOME"]].compactMap { $0 }.first { !$0.isEmpty } ?? ".bourse"
    return Cluster(home: home, settingsFile: "\(share)/deploy/postgresql.conf", environment: environment)
  }
}

/// Which database a command connects to: an existing server's when it is named, else the private cluster's.
struct DatabaseOptions: ParsableArguments {
  @OptionGroup var home: HomeOptions

  @Option(
    help: ArgumentHelp(
      "Use this server instead of the private cluster: a libpq URI or connection string (default: $BOURSE_DATABASE_URL).",
      valueName: "url"))
  var databaseURL: String?

  /// The server named by option or environment, nil for the private cluster.
  var chosenServer: String? {
    [databaseURL, ProcessInfo.processInfo.environment["BOURSE_DATABASE_URL"]].compactMap { $0 }.first { !$0.isEmpty }
  }

  /// A libpq connection string. The private cluster has to be running.
  func connectionString() async throws -> String {
    if let chosenServer { return chosenServer }
    let found = try await home.cluster().inspect()
    guard found.server == .running else {
      throw UserError("the server in \(found.layout.home) is \(found.server.rawValue); start it with `bourse up`")
    }
    return found.connection.connectionString
  }

  /// Runs `body` on a connection of its own.
  /// - Parameter command: as the server shows it, such as `status`.
  nonisolated(nonsending) func withConnection<Result>(
    of command: String, _ body: nonisolated(nonsending) (Connection) async throws -> Result
  ) async throws -> Result {
    try await Connection.with(
      ConnectionOptions(try await connectionString(), applicationName: "bourse \(command)"), body)
  }
}

struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON object instead of text.")
  var json = false

  func printJSON(_ value: some Encodable) throws { try Self.printJSON(value) }

  static func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  /// One object without line breaks.
  static func jsonLine(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
