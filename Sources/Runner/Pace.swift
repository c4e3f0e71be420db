import ServiceLifecycle
import TradingCore

/// Lets event time run at a multiple of clock time, from the first event on.
final class Pace {
  /// Events read at once, so that they come out close to their times.
  static let batchSize = 16

  /// As good as never, and no clock overflows.
  private static let longestSeconds = 1e9

  private let factor: Double
  private var start: (clock: ContinuousClock.Instant, event: Timestamp)?

  init(factor: Double) { self.factor = factor }

  /// Waits until `time` has come; false when the service shuts down before.
  func wait(for time: Timestamp) async throws -> Bool {
    guard let start else {
      start = (.now, time)
      return true
    }
    let seconds = Double(time.microseconds(since: start.event)) / 1_000_000 / factor
    let due = start.clock + .seconds(min(seconds, Self.longestSeconds))
    while due > .now {
      if Task.isShuttingDownGracefully { return false }
      try await Task.sleep(for: min(due - .now, .milliseconds(200)))
    }
    return !Task.isShuttingDownGracefully
  }
}
