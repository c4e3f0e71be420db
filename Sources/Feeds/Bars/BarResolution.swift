/// The length of a bar: whole seconds up to a day, whole days above, or whole months.
package struct BarResolution: Sendable, Equatable, CustomStringConvertible {
  /// Months count as 30 days here, as they do in PostgreSQL's comparisons.
  package let seconds: Int64
  package let months: Int64

  package static let day = BarResolution(seconds: 86_400)

  private init(seconds: Int64) {
    self.seconds = seconds
    months = 0
  }

  private init(months: Int64) {
    self.months = months
    seconds = months * 2_592_000
  }

  /// Reads `30s`, `5m`, `1h`, `1d`, `1w`, `1mo`, or the same in words: `5 minutes`, `1 day`. Nil when it is none of these.
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
    case "mo", "month", "months":
      guard count <= 120 else { return nil }
      self.init(months: count)
      return
    default: return nil
    }
    if count * length > 86_400 && count * length % 86_400 != 0 { return nil }
    self.init(seconds: count * length)
  }

  /// Whether bars start at local midnight rather than at an instant.
  package var isWholeDays: Bool { seconds >= 86_400 }

  /// As PostgreSQL writes intervals, with one unit.
  package var description: String {
    if months > 0 { return "\(months) month\(months == 1 ? "" : "s")" }
    let units: [(Int64, String)] = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")]
    let (length, name) = units.first { seconds % $0.0 == 0 }!
    let count = seconds / length
    return "\(count) \(name)\(count == 1 ? "" : "s")"
  }

  /// Lengths that vendors sell, in seconds.
  private static let usual: Set<Int64> = [
    1, 5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1_200, 1_800, 2_700, 3_600, 7_200, 10_800, 14_400, 21_600, 28_800,
    43_200,
  ]

  /// The smallest distance in days that bars of whole days of this length may have: weeks and months may begin with their first
  /// trading day.
  var smallestDays: Int64 { months > 0 ? months * 25 : seconds >= 604_800 ? seconds / 86_400 - 2 : seconds / 86_400 }

  /// The length that bars have whose smallest distance is `step` microseconds; nil when that is no usual one.
  /// - Parameters:
  ///   - isSingle: whether there is only one distance.
  ///   - ofDates: whether times of day are unknown. Then a step over a weekend or a holiday is one of day bars.
  init?(step: Int64, isSingle: Bool, ofDates: Bool) {
    guard step % 1_000_000 == 0 else { return nil }
    let seconds = step / 1_000_000
    let days = (seconds + 43_200) / 86_400
    // Local days have 23 or 25 hours when clocks change.
    let isWhole = abs(seconds - days * 86_400) <= 3_600
    if isWhole, days == 1 || ofDates && (2...4).contains(days) {
      self = .day
    } else if isWhole, isSingle || !ofDates ? days == 7 : (5...9).contains(days) {
      self.init(seconds: 604_800)
    } else if isWhole, isSingle ? (28...31).contains(days) : (26...35).contains(days) {
      self.init(months: 1)
    } else if isWhole, !isSingle, (85...95).contains(days) {
      self.init(months: 3)
    } else if Self.usual.contains(seconds) {
      self.init(seconds: seconds)
    } else {
      return nil
    }
  }
}
