/// How values are written: with their unit, groups of three digits and a real minus sign.
package struct ValueFormat: Sendable, Equatable {
  private enum Kind: Sendable { case number, fraction, count, duration, bytes }

  private let kind: Kind
  private let unit: String
  /// Decimals of a value that is written in full.
  private let digits: Int
  private var isGrouped = true

  /// - Parameters:
  ///   - unit: what follows the number, such as `USD`; empty for none.
  ///   - digits: decimals of a value in full.
  ///   - isGrouped: thousands are set apart, as in amounts; numbers that name something are written without.
  package static func number(_ unit: String = "", digits: Int = 2, isGrouped: Bool = true) -> Self {
    Self(kind: .number, unit: unit, digits: digits, isGrouped: isGrouped)
  }

  /// Fractions that are written as percentages: 0.05 is 5 %.
  package static func percent(digits: Int = 2) -> Self { Self(kind: .fraction, unit: "%", digits: digits) }

  /// Whole numbers.
  package static func count(_ unit: String = "") -> Self { Self(kind: .count, unit: unit, digits: 0) }

  /// Seconds, written in the unit that suits each: 90 is 1.5 min.
  package static let duration = Self(kind: .duration, unit: "s", digits: 1)

  /// Bytes, written as KiB and so on.
  package static let bytes = Self(kind: .bytes, unit: "B", digits: 1)

  /// As many decimals as the values need: none for whole numbers, two for others, more where all are small.
  package static func digits(for values: some Sequence<Double>) -> Int {
    var largest = 0.0
    var areWhole = true
    for value in values where value.magnitude < ValueScale.limit {
      largest = max(largest, value.magnitude)
      if value != value.rounded() { areWhole = false }
    }
    if areWhole { return 0 }
    var digits = 2
    while digits < 8, largest < 1 {
      largest *= 10
      digits += 1
    }
    return digits
  }

  /// The value in full; a dash when it is not finite.
  package func text(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    if let steps = Self.steps(of: kind) {
      let step =
        steps.last { value.magnitude >= $0.size } ?? (value == 0 ? steps.first { $0.size == 1 } : nil) ?? steps[0]
      let scaled = value / step.size
      let digits = min(scaled == scaled.rounded() ? 0 : digits, Self.digits(for: [scaled]))
      return Self.fixed(scaled, digits: digits) + "\u{A0}" + step.name
    }
    let number = Self.fixed(kind == .fraction ? value * 100 : value, digits: digits, isGrouped: isGrouped)
    return unit.isEmpty ? number : "\(number)\u{A0}\(unit)"
  }

  /// The value with its sign, as changes are written.
  package func signed(_ value: Double) -> String { value > 0 ? "+" + text(value) : text(value) }

  /// The value at a tick of an axis, as short as the distance of ticks allows.
  func tick(_ value: Double, step: Double, largest: Double) -> String {
    if value == 0, kind != .fraction { return "0" }
    if kind == .fraction {
      return Self.fixed(value * 100, digits: Self.decimals(of: step * 100)) + "\u{A0}%"
    }
    if let steps = Self.steps(of: kind) {
      let unit = steps.last { largest >= $0.size } ?? steps[0]
      return Self.fixed(value / unit.size, digits: Self.decimals(of: step / unit.size)) + "\u{A0}" + unit.name
    }
    let (size, letter) = Self.scale(of: largest)
    return Self.fixed(value / size, digits: Self.decimals(of: step / size)) + letter
  }

  /// What an axis of such values is headed by: its unit, unless each tick says it.
  var heading: String { kind == .fraction || Self.steps(of: kind) != nil ? "" : unit }

  /// The units that values of a kind are written in, from the smallest on; nil where there is but one.
  private static func steps(of kind: Kind) -> [(size: Double, name: String)]? {
    switch kind {
    case .number, .fraction, .count: nil
    case .duration:
      [
        (1e-3, "ms"), (1, "s"), (60, "min"), (3_600, "h"), (86_400, "days"), (31_557_600, "years"),
      ]
    case .bytes: [(1, "B"), (1_024, "KiB"), (1_048_576, "MiB"), (1_073_741_824, "GiB"), (1_099_511_627_776, "TiB")]
    }
  }

  private static func scale(of largest: Double) -> (size: Double, letter: String) {
    switch largest {
    case 1e12...: (1e12, "\u{A0}tn")
    case 1e9...: (1e9, "\u{A0}bn")
    case 1e6...: (1e6, "\u{A0}M")
    case 1e4...: (1e3, "\u{A0}k")
    default: (1, "")
    }
  }

  /// Decimals that tell multiples of `step` apart.
  private static func decimals(of step: Double) -> Int {
    var (step, digits) = (step.magnitude, 0)
    while digits < 8, step > 0, (step - step.rounded()).magnitude > 1e-6 * step {
      step *= 10
      digits += 1
    }
    return digits
  }

  /// The number with so many decimals, half away from zero, and its thousands in groups.
  package static func fixed(_ value: Double, digits: Int, isGrouped: Bool = true) -> String {
    guard value.isFinite else { return "–" }
    var power = 1.0
    for _ in 0..<digits { power *= 10 }
    let scaled = (value.magnitude * power).rounded()
    guard scaled < 9e15 else { return "\(value)".replacingMinus }
    let units = UInt64(scaled)
    var whole = String(units / UInt64(power))
    var groups: [Substring] = []
    while isGrouped, whole.utf8.count > 3 {
      groups.append(whole.suffix(3))
      whole = String(whole.dropLast(3))
    }
    groups.append(whole[...])
    var text = groups.reversed().joined(separator: ",")
    if digits > 0 {
      let rest = String(units % UInt64(power))
      text += "." + String(repeating: "0", count: digits - rest.utf8.count) + rest
    }
    return value < 0 && units > 0 ? "\u{2212}" + text : text
  }
}

extension String {
  fileprivate var replacingMinus: String { String(map { $0 == "-" ? "\u{2212}" : $0 }) }

  /// A place in a picture, to a tenth of its units.
  init(pixel value: Double) {
    let tenths = Int((Swift.min(Swift.max(value, -1e9), 1e9) * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    let rest = tenths.magnitude % 10
    self.init(rest == 0 ? "\(sign)\(tenths.magnitude / 10)" : "\(sign)\(tenths.magnitude / 10).\(rest)")
  }
}
