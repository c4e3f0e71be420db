/// The life of a link to a live source, without I/O: it is told what happens and when, and says what to do.
///
/// A link that is open but silent counts as down: the source has to send something, a heartbeat at least, within
/// ``Policy/staleAfter``. Attempts are spaced by an exponential back-off with jitter, so that many clients do not return in
/// step; only a link that has delivered for ``Policy/steadyAfter`` resets it, lest one that opens and drops at once be
/// tried without pause.
package struct LinkMachine: Sendable {
  package struct Policy: Sendable, Equatable {
    /// Pause before the second attempt; it doubles with each one, up to `longestDelay`.
    package var firstDelay: Duration = .milliseconds(250)
    package var longestDelay: Duration = .seconds(30)
    package var connectTimeout: Duration = .seconds(10)
    /// Silence after which a ping is sent, and after which the link counts as down.
    package var pingAfter: Duration = .seconds(5)
    package var staleAfter: Duration = .seconds(15)
    package var steadyAfter: Duration = .seconds(30)
    /// A source that wants to be left alone for longer is asked again after this.
    package var longestPause: Duration = .seconds(3_600)

    package init() {}
  }

  package enum Event: Sendable, Equatable {
    case start
    case opened
    /// Anything from the source itself that can be understood; answers to pings are none, since a proxy may give them for a dead source.
    case message
    /// - pause: how long the source wants to be left alone.
    case failed(String, pause: Duration = .zero)
    /// Time has passed.
    case time
    case stop
  }

  package enum Action: Sendable, Equatable {
    case connect
    /// Subscribe, and ask for what was missed.
    case subscribe
    case ping
    /// Close what is open, or break off what is opening. Nothing is expected of it afterwards.
    case disconnect(String)
  }

  package enum State: Sendable, Equatable {
    case idle
    case connecting(since: Duration)
    case up(since: Duration, lastMessage: Duration, hasPinged: Bool)
    case waiting(until: Duration)
    case stopped
  }

  package let policy: Policy
  package private(set) var state = State.idle
  /// Attempts in a row that did not lead to a steady link.
  package private(set) var failures = 0
  private var random: RandomStream

  /// - Parameter seed: of the jitter.
  package init(policy: Policy = Policy(), seed: UInt64) {
    self.policy = policy
    random = RandomStream(seed: seed)
  }

  package var isUp: Bool {
    if case .up = state { return true }
    return false
  }

  /// - Parameter now: time since any beginning; it never runs back.
  package mutating func handle(_ event: Event, at now: Duration) -> [Action] {
    switch (state, event) {
    case (.stopped, _): return []
    case (.idle, .stop), (.waiting, .stop):
      state = .stopped
      return []
    case (_, .stop):
      state = .stopped
      return [.disconnect("stopped")]
    case (.idle, .start):
      state = .connecting(since: now)
      return [.connect]
    case (.connecting, .opened):
      state = .up(since: now, lastMessage: now, hasPinged: false)
      return [.subscribe]
    case (.connecting, .failed(_, let pause)), (.up, .failed(_, let pause)):
      wait(from: now, atLeast: pause)
      return []
    case (.connecting(let since), .time) where now - since >= policy.connectTimeout:
      wait(from: now)
      return [.disconnect("no answer within \(policy.connectTimeout)")]
    case (.up(let since, _, _), .message):
      if now - since >= policy.steadyAfter { failures = 0 }
      state = .up(since: since, lastMessage: now, hasPinged: false)
      return []
    case (.up(let since, let last, let hasPinged), .time):
      if now - last >= policy.staleAfter {
        wait(from: now)
        return [.disconnect("silent for \(policy.staleAfter)")]
      }
      if now - last >= policy.pingAfter, !hasPinged {
        state = .up(since: since, lastMessage: last, hasPinged: true)
        return [.ping]
      }
      return []
    case (.waiting(let until), .time) where now >= until:
      state = .connecting(since: now)
      return [.connect]
    default:
      // What an earlier connection still reports.
      return []
    }
  }

  private mutating func wait(from now: Duration, atLeast pause: Duration = .zero) {
    failures += 1
    // 2²⁰ times the first delay is above any longest one that makes sense.
    let full = min(policy.longestDelay, policy.firstDelay * (1 << min(failures - 1, 20)))
    state = .waiting(until: now + min(policy.longestPause, pause) + full * (0.5 + 0.5 * random.uniform()))
  }
}
