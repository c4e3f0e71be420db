/// A length of time as Grafana writes it, such as 30s or 7d.
package struct Interval: Sendable, Equatable {
  package let text: String
  package let seconds: Double

  /// From a second to a year; from which length on each is taken, as Grafana rounds what fits a panel.
  private static let ladder: [(beyond: Double, text: String)] = [
    (0, "1s"), (1.5, "2s"), (3.5, "5s"), (7.5, "10s"), (12.5, "15s"), (17.5, "20s"), (25, "30s"), (45, "1m"),
    (90, "2m"),
    (210, "5m"), (450, "10m"), (750, "15m"), (1_050, "20m"), (1_500, "30m"), (2_700, "1h"), (5_400, "2h"),
    (9_000, "3h"),
    (16_200, "6h"), (32_400, "12h"), (86_400, "1d"), (604_800, "7d"), (1_814_400, "30d"), (3_628_800, "365d"),
  ]

  /// The interval for about so many points of a span.
  package init(span seconds: Double, points: Double) {
    let length = seconds / max(points, 1)
    text = Self.ladder.last { length >= $0.beyond }?.text ?? "1s"
    self.seconds = Self.seconds(of: text) ?? 1
  }

  /// - Returns: nil for what is no such length.
  package static func seconds(of text: String) -> Double? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let count = Double(digits), count > 0 else { return nil }
    let unit: Double? =
      switch text.dropFirst(digits.count) {
      case "ms": 0.001
      case "s": 1
      case "m": 60
      case "h": 3_600
      case "d": 86_400
      case "w": 604_800
      case "M": 2_592_000
      case "y": 31_536_000
      default: nil
      }
    return unit.map { count * $0 }
  }
}
