/// Why the private cluster could not do what was asked: one line that says what happened and one that says what to do.
package struct ClusterError: Error, Sendable, CustomStringConvertible {
  package enum Code: String, Sendable {
    // Refusals: nothing was started or changed.
    case badHome, homeNotWritable, notYours, unsafeDirectory, busy
    case noServerBinaries, otherMajorVersion, notADataFolder, noServerUser, noSettings, noProcessTable
    case diskFull, leftoverProcesses, noCluster, socketGone
    case badListening, noCertificate, alreadyRunning
    // Failures: the server or a system call did not do what it should.
    case initFailed, startFailed, stopTimedOut, systemCallFailed
  }

  package let code: Code
  /// What happened, one line, without a full stop.
  package let message: String
  /// The next step for the reader, one line.
  package let hint: String
  /// The last lines of the server's log, when it wrote any.
  package let logTail: [String]

  init(_ code: Code, _ message: String, hint: String, logTail: [String] = []) {
    self.code = code
    self.message = message
    self.hint = hint
    self.logTail = logTail
  }

  package var description: String { "\(message); \(hint)" }

  /// True when the request itself was turned down, false when the system failed while carrying it out.
  package var isRefusal: Bool {
    switch code {
    case .initFailed, .startFailed, .stopTimedOut, .systemCallFailed: false
    default: true
    }
  }
}
