import Glibc
import Logging
import Synchronization
import TradingCore

/// Writes each event on one line, whatever its text holds, and without what looks like a secret (``redacted(_:)``). Bytes that
/// were no UTF-8 have become U+FFFD before they come here.
struct LineLogHandler: LogHandler {
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  private let label: String
  private let format: LogFormat
  private let now: @Sendable () -> Timestamp
  private let write: @Sendable (String) -> Void

  /// - Parameter write: takes a line with its end.
  init(
    label: String, format: LogFormat, now: @escaping @Sendable () -> Timestamp = LineLogHandler.clock,
    write: @escaping @Sendable (String) -> Void
  ) {
    self.label = label
    self.format = format
    self.now = now
    self.write = write
  }

  subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var all = metadataProvider?.get() ?? [:]
    all.merge(metadata) { $1 }
    if let error = event.error { all["error"] = "\(error)" }
    all.merge(event.metadata ?? [:]) { $1 }
    let time = Self.text(of: now())
    switch format {
    case .text:
      var line = "\(time) \(event.level) \(Self.escaped(label)): \(Self.escaped(redacted(event.message.description)))"
      for (key, value) in all.sorted(by: { $0.key < $1.key }) {
        line += " \(Self.escaped(key))=\(Self.text(of: value, named: key))"
      }
      write(line + "\n")
    case .json:
      write(
        "{\"time\":\"\(time)\",\"level\":\"\(event.level)\",\"label\":\(Self.quoted(label)),\"message\":"
          + "\(Self.quoted(redacted(event.message.description))),\"metadata\":\(Self.json(of: .dictionary(all), named: ""))}\n"
      )
    }
  }

  // MARK: Values

  /// A value that would not end where it ends is quoted.
  private static func text(of value: Logger.MetadataValue, named name: String) -> String {
    let text: String
    switch value {
    case .dictionary, .array: return json(of: value, named: name)
    case .string(let string): text = redacted(string, named: name)
    case .stringConvertible(let value): text = redacted(value.description, named: name)
    }
    let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 != 0x20 && $0 != UInt8(ascii: "\"") }
    return isPlain ? escaped(text) : quoted(text)
  }

  private static func json(of value: Logger.MetadataValue, named name: String) -> String {
    switch value {
    case .string(let text): quoted(redacted(text, named: name))
    case .stringConvertible(let value): quoted(redacted(value.description, named: name))
    case .array(let values): "[" + values.map { json(of: $0, named: name) }.joined(separator: ",") + "]"
    case .dictionary(let values):
      "{"
        + values.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(json(of: $0.value, named: $0.key))" }
        .joined(separator: ",") + "}"
    }
  }

  // MARK: Characters

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      default: append(scalar, to: &quoted)
      }
    }
    return quoted + "\""
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars { append(scalar, to: &escaped) }
    return escaped
  }

  /// What would end the line, or control who reads it, is written as JSON has it.
  private static func append(_ scalar: Unicode.Scalar, to text: inout String) {
    switch scalar.value {
    case 0x0A: text += "\\n"
    case 0x0D: text += "\\r"
    case 0x09: text += "\\t"
    case let value where isControl(scalar):
      let digits = String(value, radix: 16)
      text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: text.unicodeScalars.append(scalar)
    }
  }

  // MARK: The clock, and where lines go

  /// RFC 3339 with all six digits, so that lines sort.
  private static func text(of time: Timestamp) -> String {
    let text = time.description.dropLast()
    guard let dot = text.lastIndex(of: ".") else { return text + ".000000Z" }
    return text + String(repeating: "0", count: 7 - text.distance(from: dot, to: text.endIndex)) + "Z"
  }

  static let clock: @Sendable () -> Timestamp = {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return .clamping((Int64(now.tv_sec) - 946_684_800) * 1_000_000 + Int64(now.tv_nsec) / 1_000)
  }

  /// One line at a time, whoever writes.
  private static let turn = Mutex(())

  static let standardError: @Sendable (String) -> Void = { line in
    var rest = Array(line.utf8)[...]
    turn.withLock { _ in
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
        // Nobody reads it: that is no reason not to trade.
        if count < 0 && errno != EINTR { return }
        rest = rest.dropFirst(max(0, count))
      }
    }
  }
}
