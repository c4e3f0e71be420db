import Glibc

/// A private PostgreSQL server in a folder: created on first use, reached through a Unix socket only.
///
///     let cluster = Cluster(home: ".bourse", settingsFile: "deploy/postgresql.conf", environment: ProcessInfo…)
///     let started = try await cluster.up { print($0) }
///
/// All of its operations may be called again and again, by several processes at once, and after a crash at any point.
package struct Cluster: Sendable {
  package struct Started: Sendable {
    package enum How: String, Sendable {
      case created, started
      case alreadyRunning = "already running"
    }
    package let how: How
    package let layout: ClusterLayout
    package let connection: ClusterConnection
    /// As the server says it, e.g. `15.20 (Debian 15.20-0+deb12u1)`; nil when the server was running already.
    package let serverVersion: String?
  }

  package enum Stopped: Sendable, Equatable {
    case stopped
    case notRunning(afterCrash: Bool)
    case noCluster
  }

  /// What the folders say without connecting.
  package struct Inspection: Sendable {
    package enum Server: String, Sendable { case running, starting, stopping, stopped, crashed }
    package let layout: ClusterLayout
    package let server: Server
    package let processID: Int32?
    package let connection: ClusterConnection
    /// The major version that made the data folder.
    package let dataMajor: Int?
    /// Bytes left for the data folder's file system.
    package let freeBytes: UInt64?
  }

  package let home: String
  let settingsFile: String
  let environment: [String: String]
  let patience: Patience
  let freeBytes: @Sendable (String) -> UInt64?

  /// How long the operations wait for others.
  struct Patience: Sendable {
    var lock: Duration = .seconds(300)
    /// A server that recovers from a crash replays its log first.
    var start: Duration = .seconds(300)
    var stop: Duration = .seconds(120)
    /// Server processes that lost their postmaster end by themselves at their next look at it.
    var leftovers: Duration = .seconds(10)
  }

  /// - Parameters:
  ///   - home: the folder of the cluster, relative to the working directory or absolute; need not exist.
  ///   - settingsFile: the shared server settings, `deploy/postgresql.conf` of the installation.
  ///   - environment: `BOURSE_PG_BINDIR` and `PATH` say where to look for the server.
  package init(home: String, settingsFile: String, environment: [String: String]) {
    self.init(home: home, settingsFile: settingsFile, environment: environment, patience: Patience()) {
      FileSystem.freeBytes($0)
    }
  }

  init(
    home: String, settingsFile: String, environment: [String: String], patience: Patience,
    freeBytes: @escaping @Sendable (String) -> UInt64?
  ) {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let workingDirectory = getcwd(&buffer, buffer.count).map { String(cString: $0) } ?? "/"
    self.home = FileSystem.canonical(home, from: workingDirectory)
    self.settingsFile = settingsFile
    self.environment = environment
    self.patience = patience
    self.freeBytes = freeBytes
  }

  /// Creates the cluster when there is none, starts it when it does not run, and makes sure of its database.
  ///
  /// - Parameters:
  ///   - listening: also over a network; refused while the server runs otherwise.
  ///   - notice: receives lines that a reader wants to see at once: waits, and choices made on their behalf.
  package func up(listening: Listening? = nil, notice: @Sendable (String) -> Void = { _ in }) async throws -> Started {
    try await reportingSystemCalls {
      let shared = try readSettings()
      try prepareHome()
      return try await locking(try await prepareLayout(notice: notice), notice: notice) { layout in
        let started = try await bringUp(layout, shared: shared, listening: listening, notice: notice)
        try await ensureDatabase(started)
        return started
      }
    }
  }

  /// Stops the server: open transactions are rolled back, everything committed is on disk.
  package func down(notice: @Sendable (String) -> Void = { _ in }) async throws -> Stopped {
    try await reportingSystemCalls {
      guard FileSystem.exists(home) else { return .noCluster }
      return try await locking(try await existingLayout(), notice: notice) { layout in try await stop(layout) }
    }
  }

  /// Stops the server and removes everything that `up` made: data, log, socket folder and, when nothing else is left in
  /// it, the home.
  package func delete(notice: @Sendable (String) -> Void = { _ in }) async throws -> Stopped {
    try await reportingSystemCalls {
      guard FileSystem.exists(home) else { return .noCluster }
      return try await locking(try await existingLayout(), notice: notice) { layout in
        let stopped = try await stop(layout)
        if stopped != .noCluster { try remove(layout) }
        return stopped
      }
    }
  }

  /// Says where things are and whether the server runs. Refused when there is no cluster in the home.
  package func inspect() async throws -> Inspection {
    try await reportingSystemCalls {
      guard FileSystem.exists("\(ClusterLayout.serverFolder(of: home))/data") else {
        throw ClusterError(
          .noCluster, "there is no cluster in \(home)",
          hint: "start one with `bourse up`, or name its folder with --home or BOURSE_HOME")
      }
      let layout = try await existingLayout()
      var server = Inspection.Server.stopped
      var processID: Int32?
      var connection = ClusterConnection(socketDirectory: layout.socketDirectory, port: ClusterLayout.port)
      switch ServerProcess.state(dataDirectory: layout.dataDirectory) {
      case .stopped(let pidFile): server = pidFile == .absent ? .stopped : .crashed
      case .running(let process):
        processID = process.processID
        connection = ClusterConnection(socketDirectory: process.socketDirectory, port: process.port)
        switch process.phase {
        case .starting: server = .starting
        case .ready: server = .running
        case .stopping: server = .stopping
        }
      }
      return Inspection(
        layout: layout, server: server, processID: processID, connection: connection,
        dataMajor: dataMajor(layout), freeBytes: freeBytes(layout.serverFolder))
    }
  }

  /// Holds the home, and the server's folder where that is another, which a copied home would share with its original.
  private func locking<T>(
    _ layout: @autoclosure () async throws -> ClusterLayout, notice: (String) -> Void,
    _ body: (ClusterLayout) async throws -> T
  ) async throws -> T {
    let homeLock = try await FolderLock(home, patience: patience.lock, notice: notice)
    defer { withExtendedLifetime(homeLock) {} }
    let layout = try await layout()
    guard layout.serverFolder != home, FileSystem.exists(layout.serverFolder) else { return try await body(layout) }
    let serverLock = try await FolderLock(layout.serverFolder, patience: patience.lock, notice: notice)
    defer { withExtendedLifetime(serverLock) {} }
    return try await body(layout)
  }

  private func stop(_ layout: ClusterLayout) async throws -> Stopped {
    guard FileSystem.exists(layout.dataDirectory) else { return .noCluster }
    switch ServerProcess.state(dataDirectory: layout.dataDirectory) {
    case .stopped(let pidFile): return .notRunning(afterCrash: pidFile != .absent)
    case .running(let process):
      // SIGINT is PostgreSQL's fast shutdown. A stopping server takes it as well.
      kill(process.processID, SIGINT)
      try await waitForEnd(of: process, in: layout)
      return .stopped
    }
  }

  private func remove(_ layout: ClusterLayout) throws {
    // The data goes first and as a whole, so that an interruption cannot leave a cluster that looks complete.
    let doomed = "\(layout.serverFolder)/initdb-deleted"
    try FileSystem.removeTree(doomed)
    try FileSystem.rename(layout.dataDirectory, to: doomed)
    let own = [ServerSettings.fileName, Listening.accessFile, Listening.folder].map { "\(layout.serverFolder)/\($0)" }
    for path in [doomed, layout.logDirectory, layout.socketDirectory] + own { try FileSystem.removeTree(path) }
    if layout.serverFolder != home {
      try FileSystem.removeTree(layout.serverFolder)
      unlink("\(home)/server")
    }
    rmdir(home)
  }

  func dataMajor(_ layout: ClusterLayout) -> Int? {
    guard let text = try? FileSystem.readText("\(layout.dataDirectory)/PG_VERSION") else { return nil }
    return Int(text.prefix(while: \.isNumber))
  }

  private func existingLayout() async throws -> ClusterLayout {
    let serverFolder = ClusterLayout.serverFolder(of: home)
    let user = try await ServerUser.choose(home: home, data: "\(serverFolder)/data")
    return ClusterLayout(home: home, serverFolder: serverFolder, user: user)
  }

  private func readSettings() throws -> String {
    do {
      return try FileSystem.readText(settingsFile)
    } catch {
      throw ClusterError(
        .noSettings, "cannot read the server settings: \(error)",
        hint: "set BOURSE_SHARE to the folder that holds deploy/ and sql/")
    }
  }

  /// System calls that fail where no better explanation was found keep their own words.
  private func reportingSystemCalls<T>(_ body: () async throws -> T) async throws -> T {
    do {
      return try await body()
    } catch let error as SystemCallError where error.number == ENOSPC {
      throw ClusterError(.diskFull, "the disk is full (\(error.path))", hint: "free some space and try again")
    } catch let error as SystemCallError {
      throw ClusterError(
        .systemCallFailed, "\(error)", hint: "check the folder's owner and mode, or choose another with --home")
    }
  }
}
