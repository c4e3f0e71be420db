import Feeds
import Glibc

/// One line on the terminal that says how far an import has come; silent when standard error is no terminal.
final class ProgressBar {
  private let isShown: Bool
  private var lastShown: ContinuousClock.Instant?
  private var isOnScreen = false

  init(isShown: Bool) { self.isShown = isShown && isatty(STDERR_FILENO) == 1 }

  func show(_ file: String, _ progress: FileImport.Progress) {
    guard isShown else { return }
    let now = ContinuousClock.now
    if progress.phase == .reading, let lastShown, now - lastShown < .milliseconds(100) { return }
    lastShown = now
    write("\r\u{1B}[K" + Self.line(file, progress))
    isOnScreen = true
  }

  func clear() {
    guard isOnScreen else { return }
    write("\r\u{1B}[K")
    isOnScreen = false
    lastShown = nil
  }

  /// At most 79 columns, for the narrowest usual terminal.
  static func line(_ file: String, _ progress: FileImport.Progress) -> String {
    let name = String(file.split(separator: "/").last ?? Substring(file))
    let shown = name.count > 24 ? "…" + name.suffix(23) : name
    let rows = counted(progress.rows, "row")
    guard progress.phase == .reading else { return "\(shown)  \(rows), storing …" }
    guard let size = progress.size, size > 0 else { return "\(shown)  \(rows)" }
    let share = min(1, Double(progress.bytes) / Double(size))
    let filled = Int(share * 20)
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 20 - filled)
    return "\(shown)  [\(bar)] \(Int(share * 100)) %  \(rows)"
  }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }
}

/// 1234567 as 1,234,567.
func grouped(_ number: Int) -> String {
  var text = ""
  for (index, digit) in String(number.magnitude).reversed().enumerated() {
    if index > 0 && index % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return (number < 0 ? "-" : "") + String(text.reversed())
}

/// A number with its noun: 1 row, 1,234 rows, 2 entries.
func counted(_ number: Int, _ noun: String) -> String {
  guard number != 1 else { return "1 \(noun)" }
  return grouped(number) + " " + (noun.hasSuffix("y") && !noun.hasSuffix("ay") ? noun.dropLast() + "ies" : noun + "s")
}
