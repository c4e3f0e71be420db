import TradingCore

/// The event time of a live source up to which everything that happened has been read; without I/O.
///
/// It is the latest event time seen and, while the source has no ticks but is heard, the time that has passed since then.
/// No clock of the day comes in, but to refuse ticks of the future: how the source's clock differs from this machine's,
/// and how far behind the market the source is, does not matter. A source of delayed prices has a time that is late too.
///
/// A source that is down has no time: it may owe ticks. Nor has one whose link is new, until it has told nothing older
/// than ``backlogAge`` for ``settlesAfter``: it begins with what was missed, one symbol after the other.
package struct SourceClock: Sendable {
  static let settlesAfter = Duration.seconds(5)
  /// Microseconds.
  static let backlogAge: Int64 = 30_000_000

  /// The latest event time, and when it was read.
  private var known: (time: Timestamp, at: Duration)?
  private var heard = Duration.zero
  /// The link has been open since then without telling of the past; nil while it is down.
  private var quietSince: Duration?
  private var isSettled = false

  /// - Parameter last: event time of the last tick of an earlier run, and how long ago that was read.
  package init(last: (time: Timestamp, age: Duration)? = nil) {
    known = last.map { ($0.time, .zero - max(.zero, $0.age)) }
  }

  /// Nil while it is not known.
  package var time: Timestamp? { isSettled ? time(at: heard) : nil }

  private func time(at now: Duration) -> Timestamp? {
    guard let known else { return nil }
    return try? known.time.advanced(byMicroseconds: Int64(max(.zero, now - known.at) / .microseconds(1)))
  }

  /// - Parameter now: time since any beginning; it never runs back.
  package mutating func opened(at now: Duration) {
    quietSince = now
    isSettled = false
  }

  package mutating func closed() {
    quietSince = nil
    isSettled = false
  }

  package mutating func tick(_ time: Timestamp, received: Timestamp, at now: Duration) {
    let time = min(time, received)
    if !isSettled, let expected = self.time(at: now), expected.microseconds(since: time) > Self.backlogAge {
      if quietSince != nil { quietSince = now }
    } else {
      known = (max(known?.time ?? time, time), now)
    }
  }

  /// A message has been read, a heartbeat at least; its ticks come first.
  package mutating func message(at now: Duration) {
    guard let quietSince else { return }
    heard = now
    if now - quietSince >= Self.settlesAfter { isSettled = true }
  }
}
