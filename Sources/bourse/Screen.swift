import FoundationEssentials
import Glibc

/// Where successive states are shown: over each other on a terminal, one after the other elsewhere.
struct Screen {
  /// Nobody reads it any more.
  struct Closed: Error {}

  /// Characters of a line, and lines; nil when standard output is no terminal.
  static var size: (columns: Int, rows: Int)? {
    guard isatty(STDOUT_FILENO) == 1 else { return nil }
    var window = winsize()
    _ = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window)
    // A terminal that does not know it.
    return (window.ws_col > 0 ? Int(window.ws_col) : 80, window.ws_row > 0 ? Int(window.ws_row) : 24)
  }

  private let isTerminal = Screen.size != nil

  func begin() throws {
    if isTerminal { try Self.write("\u{1B}[?25l\u{1B}[2J") }
  }

  /// - Parameter lines: no more than fit.
  func show(_ lines: [String]) throws {
    try Self.write(
      isTerminal
        ? "\u{1B}[H" + lines.joined(separator: "\u{1B}[K\r\n") + "\u{1B}[K\u{1B}[J"
        : lines.joined(separator: "\n") + "\n\n")
  }

  func end() {
    if isTerminal { try? Self.write("\u{1B}[?25h\r\n") }
  }

  /// - Throws: ``Closed``.
  static func write(_ text: String) throws {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0 && errno != EINTR && errno != EAGAIN { throw Closed() }
      rest = rest.dropFirst(max(0, count))
    }
  }
}
