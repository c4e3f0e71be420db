/// How values are written: with their unit, groups of three digits and a real minus sign.
package struct ValueFormat: Sendable, Equatable {
  private enum Kind: Sendable { case number, fraction, count }

  private let kind: Kind
  private let unit: String
  /// Decimals of a value that is written in full.
  private let digits: Int

  /// - Parameters:
  ///   - unit: what follows the number, such as `USD`; empty for none.
  ///   - digits: decimals of a value in full.
  package static func number(_ unit: String = "", digits: Int = 2) -> Self {
    Self(kind: .number, unit: unit, digits: digits)
  }

  /// Fractions that are written as percentages: 0.05 is 5 %.
  package static func percent(digits: Int = 2) -> Self { Self(kind: .fraction, unit: "%", digits: digits) }

  /// Whole numbers.
  package static func count(_ unit: String = "") -> Self { Self(kind: .count, unit: unit, digits: 0) }

  /// The value in full; a dash when it is not finite.
  package func text(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let number = Self.fixed(kind == .fraction ? value * 100 : value, digits: digits)
    return unit.isEmpty ? number : "\(number)\u{A0}\(unit)"
  }

  /// The value with its sign, as changes are written.
  package func signed(_ value: Double) -> String { value > 0 ? "+" + text(value) : text(value) }

  /// The value at a tick of an axis, as short as the distance of ticks allows.
  func tick(_ value: Double, step: Double, largest: Double) -> String {
    if kind == .fraction {
      return Self.fixed(value * 100, digits: Self.decimals(of: step * 100)) + "\u{A0}%"
    }
    let (size, letter) = Self.scale(of: largest)
    return Self.fixed(value / size, digits: Self.decimals(of: step / size)) + letter
  }

  /// What an axis of such values is headed by: its unit, unless each tick says it.
  var heading: String { kind == .fraction ? "" : unit }

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
  package static func fixed(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return "–" }
    var power = 1.0
    for _ in 0..<digits { power *= 10 }
    let scaled = (value.magnitude * power).rounded()
    guard scaled < 9e15 else { return "\(value)".replacingMinus }
    let units = UInt64(scaled)
    var whole = String(units / UInt64(power))
    var groups: [Substring] = []
    while whole.utf8.count > 3 {
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
