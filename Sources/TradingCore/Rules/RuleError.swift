/// Why a rule or a strategy is refused. At most a few hundred characters, none of which steers a terminal.
public struct RuleError: Error, Sendable, CustomStringConvertible {
  /// Where in the parameters: `entry`, `exits[1].distance`, `entry.and[0]`; empty for a text on its own.
  public let path: String
  /// Of the text, from 1; 0 when what is wrong is not a place in a text.
  public let line: Int
  /// In characters, from 1; 0 as for `line`.
  public let column: Int
  /// `expected a condition, found hammer(), a number`
  public let problem: String
  /// What to write instead; empty when that goes without saying.
  public let hint: String

  init(_ place: RulePlace = RulePlace(), problem: String, hint: String = "") {
    path = Self.readable(place.path, 200)
    line = place.line
    column = place.column
    self.problem = Self.readable(problem, 300)
    self.hint = Self.readable(hint, 200)
  }

  init(_ place: RulePlace = RulePlace(), expected: String, found: String, hint: String = "") {
    self.init(place, problem: "expected \(expected), found \(found)", hint: hint)
  }

  /// `entry, line 1, column 5`; empty for a strategy as a whole.
  public var position: String {
    guard line > 0 else { return path }
    return path + (path.utf8.isEmpty ? "" : ", ") + "line \(line), column \(column)"
  }

  /// `entry, line 1, column 5: expected a condition, found hammer(), a number; write hammer() > 0`
  public var description: String {
    (position.utf8.isEmpty ? "" : position + ": ") + problem + (hint.utf8.isEmpty ? "" : "; " + hint)
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

/// Where something stands.
struct RulePlace: Sendable {
  var path = ""
  /// From 1; 0 outside of a text.
  var line = 0
  var column = 0

  /// The member `key` of what stands here.
  func member(_ key: String) -> Self { Self(path: path.utf8.isEmpty ? key : path + "." + key) }
  func element(_ index: Int) -> Self { Self(path: path + "[\(index)]") }
}
