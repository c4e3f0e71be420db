/// How a runner fares, for those who watch over it.
package struct RunnerVitals: Sendable {
  package enum State: String, Sendable {
    case starting, running
    case waiting = "waiting for another runner"
    case disconnected = "the database is away"
  }

  package internal(set) var state = State.starting
  /// When its loop last came round.
  package internal(set) var lastTurn = ContinuousClock.now
}
