/// The length of a bar: whole seconds up to a day, whole days above.
package struct BarResolution: Sendable, Equatable, CustomStringConvertible {
  package let seconds: Int64

  package static let day = BarResolution(seconds: 86_400)

  private init(seconds: Int64) { self.seconds = seconds }

  /// Reads `30s`, `5m`, `1h`, `1d`, `1w`, or the same in words: `5 minutes`, `1 day`. Nil when it is none of these.
  package init?(_ text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let unit = text.dropFirst(digits.count).drop { $0 == " " }
    // M is the month of many vendors.
    guard let count = Int64(digits), count > 0, count <= 1_000, unit != "M" else { return nil }
    let length: Int64
    switch unit.lowercased() {
    case "s", "sec", "second", "seconds": length = 1
    case "m", "min", "minute", "minutes": length = 60
    case "h", "hour", "hours": length = 3_600
    case "d", "day", "days": length = 86_400
    case "w", "week", "weeks": length = 604_800
    default: return nil
    }
    seconds = count * length
    if seconds > 86_400 && seconds % 86_400 != 0 { return nil }
  }

  /// Whether bars start at local midnight rather than at an instant.
  package var isWholeDays: Bool { seconds >= 86_400 }

  /// As PostgreSQL writes intervals, with one unit.
  package var description: String {
    let units: [(Int64, String)] = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")]
    let (length, name) = units.first { seconds % $0.0 == 0 }!
    let count = seconds / length
    return "\(count) \(name)\(count == 1 ? "" : "s")"
  }

  /// Lengths that vendors sell, in seconds.
  private static let usual: Set<Int64> = [
    1, 5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1_200, 1_800, 2_700, 3_600, 7_200, 10_800, 14_400, 21_600, 28_800,
    43_200,
    86_400, 604_800,
  ]

  /// The length that bars have whose smallest distance is `step` microseconds; nil when that is no usual one.
  init?(step: Int64) {
    guard step % 1_000_000 == 0 else { return nil }
    let seconds = step / 1_000_000
    // Local days have 23 or 25 hours when clocks change.
    if (82_800...90_000).contains(seconds) {
      self = .day
    } else if Self.usual.contains(seconds) {
      self.seconds = seconds
    } else {
      return nil
    }
  }
}
