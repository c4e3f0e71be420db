/// `numerator ÷ denominator`, rounded half away from zero.
func divideRounded(_ numerator: Int128, by denominator: Int128) throws(ArithmeticError) -> Int128 {
  try multiplyDivide(numerator, 1, by: denominator)
}

/// `left × right ÷ denominator`, rounded once, half away from zero. The product is held in 256 bits.
func multiplyDivide(
  _ left: Int128, _ right: Int128, by denominator: Int128
) throws(ArithmeticError) -> Int128 {
  if denominator == 0 { throw .divisionByZero }
  let isNegative = (left < 0) != (right < 0) && left != 0 && right != 0
  let magnitude = try multiplyDivide(left.magnitude, right.magnitude, by: denominator.magnitude)
  return try signed(magnitude, isNegative: isNegative != (denominator < 0))
}

/// `first × second × third ÷ denominator`, rounded once, half away from zero. `first × second` must fit in 128 bits,
/// which two raw 64-bit numbers always do.
func multiplyDivide(
  _ first: Int128, _ second: Int128, _ third: Int128, by denominator: Int128
) throws(ArithmeticError) -> Int128 {
  let (product, overflow) = first.multipliedReportingOverflow(by: second)
  if overflow { throw .overflow("a 128-bit product") }
  return try multiplyDivide(product, third, by: denominator)
}

private func multiplyDivide(
  _ left: UInt128, _ right: UInt128, by denominator: UInt128
) throws(ArithmeticError) -> UInt128 {
  let (product, overflow) = left.multipliedReportingOverflow(by: right)
  let quotient: UInt128
  let remainder: UInt128
  if overflow {
    let wide = left.multipliedFullWidth(by: right)
    if wide.high >= denominator { throw .overflow("a 128-bit quotient") }
    (quotient, remainder) = denominator.dividingFullWidth(wide)
  } else {
    (quotient, remainder) = product.quotientAndRemainder(dividingBy: denominator)
  }
  // remainder ≥ denominator − remainder is 2 × remainder ≥ denominator without the overflow.
  guard remainder >= denominator - remainder else { return quotient }
  let (rounded, carry) = quotient.addingReportingOverflow(1)
  if carry { throw .overflow("a 128-bit quotient") }
  return rounded
}

private func signed(_ magnitude: UInt128, isNegative: Bool) throws(ArithmeticError) -> Int128 {
  guard let value = Int128(exactly: magnitude) else { throw .overflow("a 128-bit quotient") }
  return isNegative ? -value : value
}

/// `left × right ÷ denominator` without its fraction, for operands that are not negative and a positive denominator.
/// The product is held in 256 bits. A quotient beyond 128 bits is an overflow.
func multiplyDivideFloor(
  _ left: Int128, _ right: Int128, by denominator: Int128
) throws(ArithmeticError) -> Int128 {
  if denominator <= 0 { throw .divisionByZero }
  let wide = left.magnitude.multipliedFullWidth(by: right.magnitude)
  if wide.high >= denominator.magnitude { throw .overflow("a 128-bit quotient") }
  return try signed(denominator.magnitude.dividingFullWidth(wide).quotient, isNegative: false)
}
