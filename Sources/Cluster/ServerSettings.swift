/// The settings file of the private cluster: the shared settings of deploy/ followed by what depends on this machine.
enum ServerSettings {
  static let fileName = "server.conf"

  /// Replaces initdb's postgresql.conf, so that the settings have one home and `ALTER SYSTEM` still has the last word.
  static let stub = """
    # bourse: the settings are in ../\(fileName), which each `bourse up` that starts the server writes anew.
    # For your own use ALTER SYSTEM SET; it wins over everything here.
    include '../\(fileName)'

    """

  static func render(
    shared: String, socketDirectory: String, port: Int, preloads: [String], listening: Listening? = nil,
    serverFolder: String? = nil
  ) -> String {
    var text = """
      # Written by `bourse up` at each start of the server; for your own settings use ALTER SYSTEM SET.

      \(shared)
      # This machine.
      unix_socket_directories = \(quoted("\"" + doubled("\"", in: socketDirectory) + "\""))
      port = \(port)

      """
    if let listening, let serverFolder { text += listening.settings(in: serverFolder) }
    if !preloads.isEmpty { text += "shared_preload_libraries = \(quoted(preloads.joined(separator: ",")))\n" }
    if preloads.contains("timescaledb") {
      text += """
        timescaledb.telemetry_level = off       # nothing leaves this machine
        timescaledb.max_background_workers = 4  # its jobs, beside the server's own workers
        max_worker_processes = 12

        """
    }
    return text
  }

  /// The server reads backslashes in its settings as escapes and doubled quotes as one.
  static func quoted(_ value: String) -> String {
    "'" + doubled("'", in: doubled("\\", in: value)) + "'"
  }

  private static func doubled(_ mark: Character, in text: String) -> String {
    String(text.flatMap { $0 == mark ? [mark, mark] : [$0] })
  }
}
