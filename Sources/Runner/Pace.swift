import ServiceLifecycle
import TradingCore

/// Lets event time run at a multiple of clock time, from the first event on.
final class Pace {
  /// Events read at once, so that they come out close to their times.
  static let batchSize = 16

  private let factor: Double
  private var start: (clock: ContinuousClock.Instant, event: Timestamp)?

  init(factor: Double) { self.factor = factor }

  /// Waits until `time` has come; false when the service shuts down before.
  func wait(for time: Timestamp) async throws -> Bool {
    guard let start else {
      start = (.now, time)
      return true
    }
    let due = start.clock + .microseconds(Int64(Double(time.microseconds(since: start.event)) / factor))
    while due > .now {
      if Task.isShuttingDownGracefully { return false }
      try await Task.sleep(for: min(due - .now, .milliseconds(200)))
    }
    return !Task.isShuttingDownGracefully
  }
}
