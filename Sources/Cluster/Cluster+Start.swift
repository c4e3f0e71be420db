import Glibc

extension Cluster {
  func bringUp(
    _ layout: ClusterLayout, shared: String, listening: Listening?, notice: (String) -> Void
  ) async throws -> Started {
    let isNew = try isMissing(layout)
    if !isNew, let connection = try await runningServer(layout, notice: notice) {
      try refuseOtherListening(layout, listening)
      return Started(how: .alreadyRunning, layout: layout, connection: connection, serverVersion: nil)
    }
    let binaries = try await ServerBinaries.find(dataMajor: isNew ? nil : dataMajor(layout), environment: environment)
    if isNew {
      notice("creating a cluster in \(layout.serverFolder)")
      try await createData(layout, binaries: binaries)
    }
    try await start(layout, binaries: binaries, shared: shared, listening: listening, notice: notice)
    return Started(
      how: isNew ? .created : .started, layout: layout,
      connection: ClusterConnection(
        socketDirectory: layout.socketDirectory, port: listening?.port ?? ClusterLayout.port),
      serverVersion: binaries.version)
  }

  /// True when there is no data yet; refused when there is something else in its place.
  private func isMissing(_ layout: ClusterLayout) throws -> Bool {
    guard FileSystem.exists(layout.dataDirectory) else { return true }
    if dataMajor(layout) != nil { return false }
    if rmdir(layout.dataDirectory) == 0 { return true }
    throw ClusterError(
      .notADataFolder, "\(layout.dataDirectory) is not a PostgreSQL data folder (it has no PG_VERSION)",
      hint: "move it away, or choose another home with --home")
  }

  private func runningServer(_ layout: ClusterLayout, notice: (String) -> Void) async throws -> ClusterConnection? {
    let clock = ContinuousClock()
    let deadline = clock.now + patience.start
    var isAnnounced = false
    while case .running(let process) = ServerProcess.state(dataDirectory: layout.dataDirectory) {
      if process.phase == .ready {
        let connection = ClusterConnection(socketDirectory: process.socketDirectory, port: process.port)
        guard FileSystem.exists("\(process.socketDirectory)/.s.PGSQL.\(process.port)") else {
          throw ClusterError(
            .socketGone,
            "the server runs (process \(process.processID)), but its socket in \(process.socketDirectory) is gone",
            hint: "restart it: bourse down, then bourse up")
        }
        return connection
      }
      if clock.now >= deadline {
        throw ClusterError(
          .startFailed, "the server (process \(process.processID)) is still \(process.phase.rawValue)",
          hint: "see the log \(layout.logFile) and try again later", logTail: logTail(layout))
      }
      if !isAnnounced { notice("the server is \(process.phase.rawValue): waiting") }
      isAnnounced = true
      try await Task.sleep(for: .milliseconds(50))
    }
    return nil
  }

  /// What a running server was started with is in its settings.
  private func refuseOtherListening(_ layout: ClusterLayout, _ listening: Listening?) throws {
    guard let listening else { return }
    let settings = (try? FileSystem.readText("\(layout.serverFolder)/\(ServerSettings.fileName)")) ?? ""
    guard
      !settings.contains(listening.settings(in: layout.serverFolder))
        || !settings.contains("port = \(listening.port)\n")
    else { return }
    throw ClusterError(
      .alreadyRunning, "the server in \(layout.home) runs already, and does not listen as asked for",
      hint: "stop it with bourse down, and start it again with --listen")
  }

  private func start(
    _ layout: ClusterLayout, binaries: ServerBinaries, shared: String, listening: Listening?,
    notice: (String) -> Void
  ) async throws {
    try await waitForLeftovers(layout, notice: notice)
    try requireSpace(Self.bytesToStart, for: "the server", in: layout)
    try await preparePrivateFolder(layout.logDirectory, user: layout.user)
    try await preparePrivateFolder(layout.socketDirectory, user: layout.user)
    try removeStaleFiles(layout, notice: notice)
    try await listening?.prepare(layout, self, notice: notice)
    let preloads = await preloads(binaries)
    try FileSystem.replaceFile(
      ServerSettings.fileName, in: layout.serverFolder,
      with: ServerSettings.render(
        shared: shared, socketDirectory: layout.socketDirectory, port: listening?.port ?? ClusterLayout.port,
        preloads: preloads, listening: listening, serverFolder: layout.serverFolder),
      mode: 0o644)
    let result = try await Command.run(
      binaries.path("pg_ctl"),
      [
        "start", "--silent", "--wait", "--timeout", "\(patience.start.components.seconds)",
        "--pgdata", "data", "--log", "log/server.log",
      ], as: layout.user, in: layout.serverFolder)
    guard result.succeeded else { throw startFailure(layout, output: result.output) }
  }

  /// After the postmaster was killed its children go on until they notice. A new server beside them would damage the data.
  private func waitForLeftovers(_ layout: ClusterLayout, notice: (String) -> Void) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + patience.leftovers
    while true {
      let leftovers = ServerProcess.all(in: layout.dataDirectory)
      if leftovers.isEmpty { return }
      if clock.now >= deadline {
        let list = leftovers.map(String.init).joined(separator: " ")
        throw ClusterError(
          .leftoverProcesses, "processes of a crashed server still work in \(layout.dataDirectory): \(list)",
          hint: "end them (kill \(list)) and try again")
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Clears away what a crash left and a starting server would stumble over. No server of this folder is alive here.
  private func removeStaleFiles(_ layout: ClusterLayout, notice: (String) -> Void) throws {
    if case .stopped(let pidFile) = ServerProcess.state(dataDirectory: layout.dataDirectory), pidFile != .absent {
      notice("the server did not stop cleanly: recovering from its log")
      if pidFile == .misleading { unlink("\(layout.dataDirectory)/postmaster.pid") }
    }
    for name in FileSystem.list(layout.socketDirectory) where name.hasPrefix(".s.PGSQL.") {
      unlink("\(layout.socketDirectory)/\(name)")
    }
    if let size = FileSystem.size(layout.logFile), size > 16 << 20 {
      try FileSystem.rename(layout.logFile, to: layout.logFile + ".1")
    }
  }

  /// TimescaleDB works only when the server loads it at its start, so an installed one is loaded.
  private func preloads(_ binaries: ServerBinaries) async -> [String] {
    let named = try? await Command.run(binaries.path("pg_config"), ["--pkglibdir"])
    let folders = [named?.lines.first, "\(FileSystem.parent(of: binaries.directory))/lib"].compactMap { $0 }
    return folders.contains { FileSystem.exists("\($0)/timescaledb.so") } ? ["timescaledb"] : []
  }

  private func startFailure(_ layout: ClusterLayout, output: String) -> ClusterError {
    let tail = logTail(layout)
    if tail.contains(where: { $0.contains("No space left on device") }) {
      return ClusterError(
        .diskFull, "the server could not start: no space left on the disk of \(layout.serverFolder)",
        hint: "free some space and try again", logTail: tail)
    }
    if case .running(let process) = ServerProcess.state(dataDirectory: layout.dataDirectory) {
      return ClusterError(
        .startFailed,
        "the server (process \(process.processID)) is still \(process.phase.rawValue) after "
          + "\(patience.start.components.seconds) seconds",
        hint: "see the log \(layout.logFile) and repeat bourse up, which waits on", logTail: tail)
    }
    let cause =
      tail.last { $0.contains("FATAL:") || $0.contains("PANIC:") }
      ?? output.split(separator: "\n").last.map(String.init) ?? "no message"
    let text = cause.components(after: "FATAL:") ?? cause.components(after: "PANIC:") ?? cause
    return ClusterError(
      .startFailed, "the server did not start: \(text)", hint: "see the log \(layout.logFile)", logTail: tail)
  }

  func logTail(_ layout: ClusterLayout, count: Int = 15) -> [String] {
    guard let text = try? FileSystem.readText(layout.logFile) else { return [] }
    return text.split(separator: "\n").suffix(count).map(String.init)
  }

  func waitForEnd(of process: ServerProcess, in layout: ClusterLayout) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + patience.stop
    while case .running(let current) = ServerProcess.state(dataDirectory: layout.dataDirectory),
      current.processID == process.processID
    {
      if clock.now >= deadline {
        throw ClusterError(
          .stopTimedOut, "the server (process \(process.processID)) is still writing its data to disk",
          hint: "see the log \(layout.logFile) and repeat bourse down, which waits on", logTail: logTail(layout))
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// The database may be missing after a crash between creation and here, or because somebody dropped it.
  func ensureDatabase(_ started: Started) async throws {
    let name = ClusterConnection.database
    let major = dataMajor(started.layout)
    let found: ServerBinaries?
    do {
      found = try await ServerBinaries.find(dataMajor: major, environment: environment)
    } catch  where started.how == .alreadyRunning {
      // The server outlives the removal of its package; nothing is to be started, so nothing is missing.
      found = nil
    }
    guard let binaries = found else { return }
    let result = try await Command.run(
      binaries.path("psql"),
      ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1", "--file", "-"],
      as: started.layout.user,
      environment: [
        "PGHOST": started.connection.socketDirectory, "PGPORT": "\(started.connection.port)", "PGDATABASE": "postgres",
        "PGUSER": ClusterConnection.role, "PGCONNECT_TIMEOUT": "30",
      ],
      input: """
        SELECT 'CREATE DATABASE \(name)' WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = '\(name)') \\gexec
        """)
    guard result.succeeded else {
      throw ClusterError(
        .startFailed, "the server runs, but the database \(name) could not be created: \(result.lines.last ?? "")",
        hint: "see the log \(started.layout.logFile)", logTail: logTail(started.layout))
    }
  }
}

extension String {
  fileprivate func components(after mark: String) -> String? {
    guard let range = self.firstRange(of: mark) else { return nil }
    return String(self[range.upperBound...].drop(while: { $0 == " " }))
  }
}
