import ArgumentParser
import Cluster

struct Up: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Create and start the private PostgreSQL server.",
    discussion: """
      The server lives in one folder, is reached through a Unix socket by its user and root only, and keeps every \
      commit durable. Started by root, it runs as an unprivileged user. Repeating the command does no harm.
      """)

  @OptionGroup var home: HomeOptions
  @OptionGroup var output: OutputOptions

  private struct Report: Encodable {
    let state, home, data, log, socketDirectory, serverUser, database, role, connection: String
    let port: Int
    let serverVersion: String?
  }

  func run() async throws {
    let started = try await home.cluster().up { Failure.write("bourse: \($0)") }
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
