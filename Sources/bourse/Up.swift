import ArgumentParser
import Cluster

struct Up: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Create and start the private PostgreSQL server.",
    discussion: """
      The server lives in one folder, is reached through a Unix socket by its user and root only, and keeps every \
      commit durable. Started by root, it runs as an unprivileged user. Repeating the command does no harm. With --listen \
      it can be reached over a network too, until it is stopped: only with TLS, only by roles with a password (scram), and \
      never as its superuser; bourse doctor --security looks it over.
      """)

  @Option(
    help: ArgumentHelp(
      "Be reached at this address as well, or * for all: with TLS and scram alone. May be repeated.",
      valueName: "address"))
  var listen: [String] = []

  @Option(help: ArgumentHelp("Port to listen at.", valueName: "number"))
  var port: Int?

  @Option(help: ArgumentHelp("Certificate in PEM (default: one signed by itself).", valueName: "file"))
  var certificate: String?

  @Option(help: ArgumentHelp("The certificate's key in PEM.", valueName: "file"))
  var privateKey: String?

  @Option(
    help: ArgumentHelp(
      "Network whose clients may connect (default: all), e.g. 10.1.0.0/16. May be repeated.", valueName: "cidr"))
  var allow: [String] = []

  @OptionGroup var home: HomeOptions
  @OptionGroup var output: OutputOptions

  private struct Report: Encodable {
    let state, home, data, log, socketDirectory, serverUser, database, role, connection: String
    let port: Int
    let serverVersion: String?
  }

  func validate() throws {
    if (certificate == nil) != (privateKey == nil) {
      throw ValidationError("--certificate and --private-key belong together")
    }
    if listen.isEmpty, port != nil || certificate != nil || !allow.isEmpty {
      throw ValidationError("--port, --certificate and --allow are for a server that is to --listen")
    }
  }

  private func listening() throws -> Listening? {
    if listen.isEmpty { return nil }
    let files = certificate.flatMap { chain in privateKey.map { (chain: chain, key: $0) } }
    return try Listening(addresses: listen, port: port ?? ClusterLayout.port, clients: allow, certificate: files)
  }

  func run() async throws {
    let started = try await home.cluster().up(listening: try listening()) { Failure.write("bourse: \($0)") }
    let layout = started.layout
    if output.json {
      try output.printJSON(
        Report(
          state: started.how.rawValue, home: layout.home, data: layout.dataDirectory, log: layout.logFile,
          socketDirectory: started.connection.socketDirectory, serverUser: layout.user.name,
          database: ClusterConnection.database, role: ClusterConnection.role,
          connection: started.connection.connectionString, port: started.connection.port,
          serverVersion: started.serverVersion))
      return
    }
    switch started.how {
    case .alreadyRunning: print("The server in \(layout.home) is already running.")
    case .created: print("Created and started PostgreSQL \(started.serverVersion ?? "") in \(layout.home).")
    case .started: print("Started PostgreSQL \(started.serverVersion ?? "") in \(layout.home).")
    }
    let option = home.home.map { " --home \(ClusterConnection.shellQuoted($0))" } ?? ""
    print(
      """
      Next:
        bourse migrate\(option)                 install or update the schema
        eval "$(bourse env\(option))" && psql   look around
        bourse down\(option)                    stop the server
      """)
  }
}
