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
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    write(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends ``description``.
  func write(to bytes: inout [UInt8]) {
    if raw < 0 { bytes.append(UInt8(ascii: "-")) }
    let scale = UInt64(fixedPointScale)
    let fraction: UInt64
    if let magnitude = UInt64(exactly: raw.magnitude) {
      bytes.append(number: magnitude / scale)
      fraction = magnitude % scale
    } else {
      let parts = UInt128(raw.magnitude).quotientAndRemainder(dividingBy: UInt128(scale))
      bytes.append(number: parts.quotient)
      fraction = UInt64(parts.remainder)
    }
    if fraction == 0 { return }
    let point = bytes.count
    // A one in front of it keeps its zeros.
    bytes.append(number: scale + fraction)
    bytes[point] = UInt8(ascii: ".")
    while bytes[bytes.count - 1] == UInt8(ascii: "0") { bytes.removeLast() }
  }
}

extension [UInt8] {
  /// Appends the digits of a number.
  mutating func append<Number: FixedWidthInteger & UnsignedInteger>(number: Number) {
    var digits = 1
    var bound: Number = 10
    while number >= bound {
      digits += 1
      let (next, isTooLarge) = bound.multipliedReportingOverflow(by: 10)
      if isTooLarge { break }
      bound = next
    }
    for _ in 0..<digits { append(UInt8(ascii: "0")) }
    // From the right.
    var rest = number
    var place = count
    repeat {
      place -= 1
      self[place] += UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest != 0
  }
}
