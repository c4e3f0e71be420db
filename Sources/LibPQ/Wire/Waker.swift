import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Lets any thread interrupt the connection's thread while that one sleeps in `poll`.
///
/// A request is a flag plus one byte in a pipe: the flag says what is wanted, the byte ends the sleep. Flags are set
/// before the byte is written and read after the pipe was emptied, so none is lost.
final class Waker: Sendable {
  let readEnd: Int32
  private let writeEnd: Int32
  private let cancelledOperation = Atomic<UInt64>(0)
  private let wakeRequested = Atomic<Bool>(false)
  private let waitsIdly = Atomic<Bool>(false)

  init() throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw PostgresError(.library, "no file descriptors left for a connection (errno \(errno))")
    }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    readEnd = ends[0]
    writeEnd = ends[1]
  }

  deinit {
    _ = close(readEnd)
    _ = close(writeEnd)
  }

  /// Asks that operation `id` be cancelled; without effect once it is over.
  func cancel(operation id: UInt64) {
    cancelledOperation.store(id, ordering: .sequentiallyConsistent)
    poke()
  }

  func isCancelled(operation id: UInt64) -> Bool {
    cancelledOperation.load(ordering: .sequentiallyConsistent) == id
  }

  /// Ends the present or the next wait for a notification.
  func wake() {
    wakeRequested.store(true, ordering: .sequentiallyConsistent)
    poke()
  }

  func takeWake() -> Bool { wakeRequested.exchange(false, ordering: .sequentiallyConsistent) }

  /// Between these two the connection's thread sleeps without a query and gives way when others need it.
  func beginIdleWait() { waitsIdly.store(true, ordering: .sequentiallyConsistent) }
  func endIdleWait() { waitsIdly.store(false, ordering: .sequentiallyConsistent) }

  /// Ends an idle wait, because somebody else wants the connection or its thread.
  func pokeIfIdle() {
    if waitsIdly.load(ordering: .sequentiallyConsistent) { poke() }
  }

  private func poke() {
    var byte: UInt8 = 1
    // A full pipe is as good as a written byte: the sleeper wakes either way.
    _ = write(writeEnd, &byte, 1)
  }

  func drain() {
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
      while read(readEnd, buffer.baseAddress!, buffer.count) == buffer.count {}
    }
  }
}
