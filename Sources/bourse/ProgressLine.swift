import Glibc
import Runner
import Synchronization
import TradingCore

/// One line on a terminal's standard error that is written over, at most ten times a second.
final class ProgressLine: Sendable {
  private let last = Mutex(ContinuousClock.now)

  /// Nil when standard error is no terminal.
  static func onTerminal() -> ProgressLine? { isatty(STDERR_FILENO) == 1 ? ProgressLine() : nil }

  func show(_ report: RunnerReport) { show(events: report.events, at: report.at) }

  func show(events: Int, at time: Timestamp?) { show("\(counted(events, "event")), \(time?.description ?? "")") }

  func show(_ text: @autoclosure () -> String) {
    let isDue = last.withLock { last in
      let now = ContinuousClock.now
      guard now - last > .milliseconds(100) else { return false }
      last = now
      return true
    }
    if isDue { write("\r\u{1B}[K" + text()) }
  }

  func clear() { write("\r\u{1B}[K") }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }
}
