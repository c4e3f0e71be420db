import Glibc

/// Keeps two commands from changing one cluster at the same time. The lock is on the folder itself, so nothing is left
/// behind, and the system releases it when the process ends in whatever way.
struct FolderLock: ~Copyable {
  private let descriptor: Int32

  /// - Parameter patience: how long to wait for another command to finish.
  init(_ folder: String, patience: Duration, notice: (String) -> Void) async throws {
    descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemCallError(call: "open", path: folder, number: errno) }
    let clock = ContinuousClock()
    let deadline = clock.now + patience
    var isAnnounced = false
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let number = errno
      guard number == EWOULDBLOCK || number == EINTR else {
        close(descriptor)
        throw SystemCallError(call: "lock", path: folder, number: number)
      }
      if clock.now >= deadline {
        close(descriptor)
        throw ClusterError(
          .busy, "another bourse command has been working on \(folder) for \(patience.components.seconds) seconds",
          hint: "wait for it, or end it and try again")
      }
      if !isAnnounced { notice("waiting for another bourse command on \(folder)") }
      isAnnounced = true
      try? await Task.sleep(for: .milliseconds(50))
    }
  }

  deinit { close(descriptor) }
}
