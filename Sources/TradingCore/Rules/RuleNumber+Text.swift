extension RuleNumber {
  /// Reads digits, an optional point and digits, and an optional exponent, behind an optional minus: what JSON calls a number.
  /// Nil when it is none, or has more digits or decimals than a ``RuleNumber`` can.
  init?(_ text: some Collection<UInt8>) {
    var rest = text[...]
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative { rest = rest.dropFirst() }

    var digits: Int64 = 0
    var exponent = 0
    var hasPoint = false
    var isEmpty = true
    while let byte = rest.first, isDigit(byte) || byte == UInt8(ascii: ".") && !hasPoint && !isEmpty {
      rest = rest.dropFirst()
      if byte == UInt8(ascii: ".") {
        hasPoint = true
        isEmpty = true
        continue
      }
      isEmpty = false
      let digit = Int64(byte - UInt8(ascii: "0"))
      if digits < Self.bound / 10 {
        digits = digits * 10 + digit
        if hasPoint { exponent -= 1 }
      } else {
        // What follows fifteen digits may only be zeros.
        guard digit == 0 else { return nil }
        if !hasPoint { exponent += 1 }
      }
    }
    guard !isEmpty else { return nil }
    if let byte = rest.first {
      guard byte | 0x20 == UInt8(ascii: "e"), let written = Self.exponent(rest.dropFirst()) else { return nil }
      exponent += written
    }

    while digits != 0, digits % 10 == 0 {
      digits /= 10
      exponent += 1
    }
    if digits == 0 { exponent = 0 }
    guard exponent >= -15, exponent < 15 else { return nil }
    while exponent > 0 {
      digits *= 10
      exponent -= 1
      guard digits < Self.bound else { return nil }
    }
    self.init(digits: isNegative ? -digits : digits, decimals: -exponent)
  }

  /// Digits are below this in size.
  private static let bound: Int64 = 1_000_000_000_000_000

  /// What stands behind the `e`.
  private static func exponent(_ text: some Collection<UInt8>) -> Int? {
    var rest = text[...]
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    guard !rest.isEmpty else { return nil }
    var exponent = 0
    for byte in rest {
      guard isDigit(byte) else { return nil }
      // No text is so long that a larger one could be made up for.
      exponent = min(exponent * 10 + Int(byte - UInt8(ascii: "0")), 1_000_000)
    }
    return isNegative ? -exponent : exponent
  }

  /// The shortest decimal: `-0.5`, `12`.
  public var text: String {
    var rest = digits.magnitude
    var bytes: [UInt8] = []
    for position in 0... {
      if position == decimals, position > 0 { bytes.append(UInt8(ascii: ".")) }
      bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
      if rest == 0, position >= decimals { break }
    }
    if digits < 0 { bytes.append(UInt8(ascii: "-")) }
    bytes.reverse()
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The whole number, if it is one.
  public var whole: Int? { decimals == 0 ? Int(digits) : nil }
}
