extension FixedPoint {
  /// Reads a plain decimal: an optional sign, digits, an optional point and digits.
  ///
  /// - Throws: `malformed`; `inexact` when a digit after the eighth decimal is not zero; `overflow`.
  public init(_ text: String) throws(ArithmeticError) {
    try self.init(utf8: text.utf8)
  }

  /// Reads a plain decimal from its bytes.
  public init(utf8 text: some Sequence<UInt8>) throws(ArithmeticError) {
    var magnitude: Int128 = 0
    var isNegative = false
    var isFirst = true
    var hasDigits = false
    var decimals = -1  // -1: the point has not been seen

    for byte in text {
      defer { isFirst = false }
      switch byte {
      case UInt8(ascii: "-") where isFirst:
        isNegative = true
      case UInt8(ascii: "+") where isFirst:
        break
      case UInt8(ascii: ".") where decimals < 0:
        decimals = 0
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        hasDigits = true
        let digit = byte - UInt8(ascii: "0")
        if decimals == 8 {
          if digit != 0 { throw ArithmeticError(.inexact, "more than eight decimals") }
          continue
        }
        if decimals >= 0 { decimals += 1 }
        magnitude = magnitude * 10 + Int128(digit)
        if magnitude >= Int128(Self.rawBound) { throw .overflow("a decimal with eight decimals") }
      default:
        throw ArithmeticError(.malformed, "not a plain decimal number")
      }
    }
    guard hasDigits else { throw ArithmeticError(.malformed, "not a plain decimal number") }
    for _ in max(decimals, 0)..<8 { magnitude *= 10 }
    try self.init(wideRaw: isNegative ? -magnitude : magnitude)
  }

  /// The exact decimal without exponent and without needless zeros: `-0.5`, `12`, `0.00000001`.
  public var description: String {
    var rest = Int128(raw).magnitude
    var digits: [UInt8] = []
    digits.reserveCapacity(32)
    // From the right; trailing zeros of the fraction are dropped.
    for _ in 0..<8 {
      let digit = UInt8(rest % 10)
      rest /= 10
      if digit != 0 || !digits.isEmpty { digits.append(UInt8(ascii: "0") + digit) }
    }
    if !digits.isEmpty { digits.append(UInt8(ascii: ".")) }
    repeat {
      digits.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest != 0
    if raw < 0 { digits.append(UInt8(ascii: "-")) }
    digits.reverse()
    return String(decoding: digits, as: UTF8.self)
  }
}
