import ArgumentParser
import EngineStore
import LibPQ
import UnixSignals

struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the server, runners, feeds, portfolios, agents, orders and alerts, and what stands in the way.",
    discussion: """
      A runner counts as alive while its session holds its portfolios, whatever the table says. A portfolio is blocked when a \
      transaction of another session has kept it locked for more than 2 seconds: the runner goes on with the others. Fills that \
      were booked although they contradict their order are shown for seven days, unless they were taken back \
      (trading.contradictory_fills has all). What other sessions do is shown to who has pg_read_all_stats. With --watch a \
      terminal is drawn over and shows as much as it has room for; elsewhere one state follows the other, with --json each on a \
      line. Violations of invariants are not counted then: the alert invariant_violation tells of them.
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "Show it again and again, until Ctrl-C.")
  var watch = false

  @Option(help: ArgumentHelp("With --watch: seconds between two states.", valueName: "seconds"))
  var every = 2.0

  @Option(help: ArgumentHelp("Rows of each part; --json has all.", valueName: "rows"))
  var limit = 20

  func validate() throws {
    guard (0.1...3_600).contains(every) else { throw ValidationError("--every takes 0.1 to 3,600 seconds") }
    guard (1...100_000).contains(limit) else { throw ValidationError("--limit takes 1 to 100,000 rows") }
  }

  func run() async throws {
    let connection = try await database.connectionString()
    var options = ConnectionOptions(connection, applicationName: "bourse status")
    options.settings["default_transaction_read_only"] = "on"
    // Somebody may have locked a table: that is to be said, not waited for.
    options.settings["lock_timeout"] = "2000"
    if watch { return try await watch(options) }
    let status = try await Connection.with(options) {
      try await EngineStore($0).status(limit: output.json ? nil : limit)
    }
    if output.json { return try output.printJSON(status) }
    for line in StatusText(status: status, address: options.description).lines(
      limit: limit, width: Screen.size?.columns)
    {
      print(line)
    }
  }

  // MARK: Again and again

  private func watch(_ options: ConnectionOptions) async throws {
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { for await _ in signals { break } }
      group.addTask { try await draw(options) }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  /// Until it is cancelled, or nobody reads it any more.
  private func draw(_ options: ConnectionOptions) async throws {
    let screen = Screen()
    defer { screen.end() }
    var connection: Connection?
    var hasShown = false
    do {
      if !output.json { try screen.begin() }
      while true {
        do {
          let present = if let connection { connection } else { try await Connection.connect(options) }
          connection = present
          try await show(present, options, on: screen)
          hasShown = true
        } catch let error as PostgresError where hasShown && Self.mayPass(error) {
          await connection?.close()
          connection = nil
          let text = "\(Failure.text(of: error)); trying again"
          if output.json {
            try Screen.write(try OutputOptions.jsonLine(["error": text]) + "\n")
          } else {
            try screen.show(Screen.size.map { text.wrapped(to: $0.columns) } ?? [text])
          }
        }
        try await Task.sleep(for: .seconds(every))
      }
    } catch is Screen.Closed {
      await connection?.close()
    } catch is CancellationError {
      await connection?.close()
    }
  }

  private func show(_ connection: Connection, _ options: ConnectionOptions, on screen: Screen) async throws {
    let store = EngineStore(connection)
    if output.json {
      return try Screen.write(try OutputOptions.jsonLine(try await store.status(checksInvariants: false)) + "\n")
    }
    let size = Screen.size
    let most = size.map { min(limit, $0.rows) } ?? limit
    let status = try await store.status(limit: most, checksInvariants: false)
    let text = StatusText(status: status, address: options.description)
    let heading = "bourse status, \(status.at), every \(String(rounding: every, digits: 1)) s"
    guard let size else { return try screen.show([heading] + text.lines(limit: limit)) }
    // As many rows of each part as there is room for.
    var lines: [String] = []
    for limit in stride(from: most, through: 1, by: -1) {
      lines = [heading.cut(to: size.columns)] + text.lines(limit: limit, width: size.columns)
      if lines.count <= size.rows { break }
    }
    if lines.count > size.rows {
      lines.removeSubrange(max(0, size.rows - 1)...)
      lines.append("… make the terminal higher, or see bourse status without --watch".cut(to: size.columns))
    }
    try screen.show(lines)
  }

  private static func mayPass(_ error: PostgresError) -> Bool {
    error.isConnectionLoss || error.mayPassByWaiting || error.isTransient || error.sqlState == .lockNotAvailable
  }
}
