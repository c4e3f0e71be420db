import Glibc

/// What `postmaster.pid` in a data folder says, and whether the server that wrote it is alive.
struct ServerProcess: Sendable {
  enum Phase: String, Sendable { case starting, ready, stopping }

  let processID: pid_t
  /// Seconds since 1970 when the server was started.
  let startedAt: Int
  let port: Int
  let socketDirectory: String
  let phase: Phase

  enum PidFile: Sendable {
    case absent
    /// Left by a crash; a starting server sees that for itself and replaces the file.
    case stale
    /// Left by a crash, and a starting server would refuse it: it cannot be read, or another process has the number by now.
    case misleading
  }

  enum State: Sendable {
    case running(ServerProcess)
    case stopped(PidFile)
  }

  /// The server's number alone proves nothing after a crash: another process may have it by now. A server always
  /// stands in its data folder, so the process counts only when its working directory is that folder.
  static func state(dataDirectory: String) -> State {
    guard let text = try? FileSystem.readText("\(dataDirectory)/postmaster.pid") else {
      return .stopped(.absent)
    }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.trimmingSuffix(while: { $0 == " " }) }
    func line(_ number: Int) -> String { lines.count >= number ? String(lines[number - 1]) : "" }
    guard let processID = pid_t(line(1)), processID > 0 else { return .stopped(.misleading) }
    guard isServerProcess(processID, dataDirectory: dataDirectory) else {
      return .stopped(kill(processID, 0) == 0 || errno == EPERM ? .misleading : .stale)
    }
    let phase: Phase =
      switch line(8) {
      case "ready", "standby": .ready
      case "stopping": .stopping
      default: .starting
      }
    return .running(
      ServerProcess(
        processID: processID, startedAt: Int(line(3)) ?? 0, port: Int(line(4)) ?? 0, socketDirectory: line(5),
        phase: phase))
  }

  /// Server processes that work in the data folder, with or without a pid file.
  static func all(in dataDirectory: String) -> [pid_t] {
    FileSystem.list("/proc").compactMap { pid_t($0) }.filter { isServerProcess($0, dataDirectory: dataDirectory) }
      .sorted()
  }

  private static func isServerProcess(_ processID: pid_t, dataDirectory: String) -> Bool {
    guard let folder = FileSystem.identity(dataDirectory) else { return false }
    if let standsIn = FileSystem.identity("/proc/\(processID)/cwd/.") {
      guard standsIn == folder, let program = FileSystem.linkTarget("/proc/\(processID)/exe") else { return false }
      return FileSystem.lastComponent(of: program).hasPrefix("postgres")
    }
    // Where the system hides it, a server of the same user is taken for this one rather than overlooked.
    guard errno == EACCES || errno == EPERM else { return false }
    let name = try? FileSystem.readText("/proc/\(processID)/comm")
    return name?.hasPrefix("postgres") == true
      && FileSystem.status("/proc/\(processID)")?.owner == FileSystem.status(dataDirectory)?.owner
  }
}

extension Substring {
  fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> Substring {
    var rest = self
    while let last = rest.last, predicate(last) { rest.removeLast() }
    return rest
  }
}
