import CLibPQ

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A point in time on the monotonic clock, in nanoseconds.
struct Deadline {
  let nanoseconds: Int64

  static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  init(after duration: Duration) {
    // A hundred years are as good as for ever, and keep the sum in range.
    let (seconds, attoseconds) = min(duration, .seconds(3_000_000_000)).components
    nanoseconds = Self.now() + max(seconds, -1) * 1_000_000_000 + attoseconds / 1_000_000_000
  }

  /// Whole milliseconds left, rounded up; 0 when over.
  var millisecondsLeft: Int32 {
    let left = nanoseconds - Self.now()
    if left <= 0 { return 0 }
    return Int32(clamping: left / 1_000_000 + (left % 1_000_000 == 0 ? 0 : 1))
  }
}

/// Sleeps until a socket is ready, somebody pokes the waker, or the time is over.
struct Waiter {
  let waker: Waker

  enum Outcome {
    case ready(Interest)
    /// The waker was poked and is emptied; its flags say why.
    case poked
    case timedOut
  }

  func wait(socket: Int32, for interest: Interest, until deadline: Deadline?) throws -> Outcome {
    var events: Int16 = 0
    if interest.contains(.read) { events |= Int16(POLLIN) }
    if interest.contains(.write) { events |= Int16(POLLOUT) }
    var descriptors = (
      pollfd(fd: socket, events: events, revents: 0),
      pollfd(fd: waker.readEnd, events: Int16(POLLIN), revents: 0)
    )
    let count = withUnsafeMutableBytes(of: &descriptors) {
      poll($0.baseAddress!.assumingMemoryBound(to: pollfd.self), 2, deadline?.millisecondsLeft ?? -1)
    }
    if count < 0 {
      // A signal: as if poked, so that the caller looks at its flags and comes back.
      if errno == EINTR { return .poked }
      throw PostgresError(.library, "poll failed (errno \(errno))")
    }
    if count == 0 { return .timedOut }
    if descriptors.1.revents != 0 {
      waker.drain()
      if descriptors.0.revents == 0 { return .poked }
    }
    var ready: Interest = []
    let failed = descriptors.0.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0
    if failed || descriptors.0.revents & Int16(POLLIN) != 0 { ready.insert(.read) }
    if failed || descriptors.0.revents & Int16(POLLOUT) != 0 { ready.insert(.write) }
    return .ready(ready.intersection(interest))
  }
}
