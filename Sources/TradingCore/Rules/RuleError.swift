/// Why a rule or a strategy is refused. At most a few hundred characters, none of them a control character.
public struct RuleError: Error, Sendable, CustomStringConvertible {
  /// Where in the parameters: `entry`, `exits[1].distance`, `entry.and[0]`; empty for a text on its own.
  public let path: String
  /// Of the text, from 1; 0 when what is wrong is not a place in a text.
  public let line: Int
  /// In characters, from 1; 0 as for `line`.
  public let column: Int
  public let expected: String
  public let found: String
  /// What to write instead; empty when that goes without saying.
  public let hint: String

  init(path: String = "", line: Int = 0, column: Int = 0, expected: String, found: String, hint: String = "") {
    self.path = Self.readable(path, 200)
    self.line = line
    self.column = column
    self.expected = Self.readable(expected, 160)
    self.found = Self.readable(found, 160)
    self.hint = Self.readable(hint, 160)
  }

  /// `entry, line 1, column 5: expected a condition, found hammer(), a number; write hammer() > 0`
  public var description: String {
    var text = path
    if line > 0 { text += (text.utf8.isEmpty ? "" : ", ") + "line \(line), column \(column)" }
    if !text.utf8.isEmpty { text += ": " }
    text += "expected \(expected), found \(found)"
    if !hint.utf8.isEmpty { text += "; \(hint)" }
    return text
  }

  /// One line that shows as it is: characters that steer a terminal or the direction of writing become `?`; cut at about so
  /// many bytes.
  static func readable(_ text: String, _ limit: Int) -> String {
    var readable = ""
    var length = 0
    for scalar in text.unicodeScalars {
      if length >= limit {
        readable += "…"
        break
      }
      switch scalar.value {
      case 0..<0x20, 0x7F...0x9F, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF:
        readable += "?"
        length += 1
      default:
        readable.unicodeScalars.append(scalar)
        length += scalar.value < 0x80 ? 1 : 4
      }
    }
    return readable
  }
}
