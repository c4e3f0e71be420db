extension Field {
  /// The number that is nearest to the decimal written here, as `strtod` gives it; nil when it is none or not finite.
  /// `-12.50`, `.5`, `1e-3` are numbers; `NaN`, `inf`, `0x10` and thousands separators are not.
  @inline(__always)
  var double: Double? {
    var index = 0
    var mantissa: UInt64 = 0
    var digits = 0
    var decimals = 0
    let isNegative = count > 0 && start[0] == 0x2D
    if isNegative || (count > 0 && start[0] == 0x2B) { index = 1 }
    while index < count {
      let digit = start[index] &- 0x30
      guard digit < 10 else { break }
      mantissa = mantissa &* 10 &+ UInt64(digit)
      digits += 1
      index += 1
    }
    if index < count, start[index] == 0x2E {
      index += 1
      while index < count {
        let digit = start[index] &- 0x30
        guard digit < 10 else { break }
        mantissa = mantissa &* 10 &+ UInt64(digit)
        digits += 1
        decimals += 1
        index += 1
      }
    }
    // W. D. Clinger, "How to read floating point numbers accurately" (1990): integer and power of ten are exact, so the
    // quotient is rounded once. 19 digits do not overflow the mantissa.
    if index == count, digits > 0, digits <= 19, mantissa < 1 << 53, decimals <= 22 {
      let value = Double(mantissa) / powersOfTen[decimals]
      return isNegative ? -value : value
    }
    return slowDouble(endOfDigits: index, digits: digits)
  }

  /// Like ``double``, and with the marks of thousands and decimals of a file: `1,234.5` where a comma does not separate decimals,
  /// `1.234,5` where it does. Marks of thousands stand at every third digit, or the text is no number.
  func number(decimalComma: Bool) -> Double? {
    if let value = double { return value }
    let (group, point): (Character, Character) = decimalComma ? (".", ",") : (",", ".")
    let text = string
    let parts = text.split(separator: point, omittingEmptySubsequences: false)
    let isNegative = text.first == "-"
    let groups = (parts.first ?? "").drop { $0 == "-" }.split(separator: group, omittingEmptySubsequences: false)
    guard count <= 40, parts.count <= 2, let first = groups.first,
      groups.count == 1 || (1...3).contains(first.count) && groups.dropFirst().allSatisfy({ $0.count == 3 }),
      groups.count > 1 || decimalComma && parts.count == 2,
      (groups + parts.dropFirst()).allSatisfy({ $0.utf8.allSatisfy { $0 &- 0x30 < 10 } }),
      groups.contains(where: { !$0.isEmpty }),
      let value = Double(groups.joined() + "." + (parts.count == 2 ? parts[1] : "0"))
    else { return nil }
    return isNegative ? -value : value
  }

  /// Units traded: a number, perhaps in thousands, millions or billions (`1.2M`); 0 where a vendor writes that it knows none.
  func volume(decimalComma: Bool) -> Double? {
    if let value = number(decimalComma: decimalComma) { return value }
    switch count <= 4 ? string.lowercased() : "" {
    case "-", "--", "n/a", "na", "null", "nan", "none": return 0
    default: break
    }
    guard count > 1 else { return nil }
    let scale: Double
    switch self[count - 1] | 0x20 {
    case UInt8(ascii: "k"): scale = 1e3
    case UInt8(ascii: "m"): scale = 1e6
    case UInt8(ascii: "b"): scale = 1e9
    default: return nil
    }
    let value = Field(start: start, count: count - 1).number(decimalComma: decimalComma).map { $0 * scale }
    // Vendors round to some digits; a fraction of a unit is the arithmetic's.
    return value.map { $0.rounded() }
  }

  private func slowDouble(endOfDigits: Int, digits: Int) -> Double? {
    guard digits > 0 else { return nil }
    var index = endOfDigits
    if index < count {
      guard start[index] | 0x20 == 0x65 else { return nil }
      index += 1
      if index < count, start[index] == 0x2B || start[index] == 0x2D { index += 1 }
      guard index < count, (index..<count).allSatisfy({ start[$0] &- 0x30 < 10 }) else { return nil }
    }
    guard let value = Double(string), value.isFinite else { return nil }
    return value
  }
}

/// 10⁰ to 10²², all exact.
private let powersOfTen: InlineArray<23, Double> = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]
