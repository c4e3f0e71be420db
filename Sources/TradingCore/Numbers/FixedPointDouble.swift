extension FixedPoint {
  /// The nearest number with eight decimals; a tie of the exact binary value goes away from zero.
  ///
  /// - Throws: `notFinite` for NaN and the infinities, `overflow`.
  public init(_ value: Double) throws(ArithmeticError) {
    guard value.isFinite else { throw ArithmeticError(.notFinite, "not a finite number") }
    // value = significand × 2^exponent with a significand of at most 53 bits; times 1e8 that is at most 80 bits.
    let isNormal = value.isNormal
    let significand = value.significandBitPattern | (isNormal ? 1 << 52 : 0)
    let exponent = (isNormal ? Int(value.exponentBitPattern) : 1) - 1075
    let product = Int128(significand) * Int128(fixedPointScale)

    let magnitude: Int128
    if product == 0 || exponent < -81 {
      magnitude = 0  // below half of 1e-8
    } else if exponent < 0 {
      magnitude = (product + (1 << Int128(-exponent - 1))) >> Int128(-exponent)
    } else {
      if exponent > 40 { throw .overflow("a decimal with eight decimals") }  // above 2^93 × 1e8 at least
      magnitude = product << Int128(exponent)
    }
    try self.init(wideRaw: value < 0 ? -magnitude : magnitude)
  }

  /// The nearest `Double`, correctly rounded: what PostgreSQL's cast of the same `numeric` to `float8` gives.
  public var double: Double {
    let magnitude = Int128(raw).magnitude
    let value: Double
    if magnitude <= 1 << 53 {
      // Both operands are exact, so the one division rounds once.
      value = Double(UInt64(magnitude)) / 1e8
    } else {
      // At least 55 bits of quotient, the lowest of them sticky, so that the conversion rounds once.
      let width = 128 - magnitude.leadingZeroBitCount
      let shift = max(0, 82 - width)
      let (quotient, remainder) = (magnitude << UInt128(shift)).quotientAndRemainder(dividingBy: 100_000_000)
      var bits = remainder == 0 ? quotient : quotient | 1
      var dropped = 0
      while bits >> 63 != 0 {
        bits = (bits >> 1) | (bits & 1)
        dropped += 1
      }
      value = Double(sign: .plus, exponent: dropped - shift, significand: Double(UInt64(bits)))
    }
    return raw < 0 ? -value : value
  }
}
