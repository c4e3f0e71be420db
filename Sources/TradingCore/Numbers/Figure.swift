/// An exact decimal of any scale, in which rules measure: the database's `numeric` rounds nowhere but in quotients.
///
/// Where `numeric` keeps a quotient to at least 16 digits, this keeps 24 decimals.
struct Figure: Sendable, Hashable {
  /// Not divisible by ten, or zero.
  let digits: Int128
  /// The value is `digits` ÷ 10^`scale`.
  let scale: Int

  static let zero = Figure(digits: 0, scale: 0)
  static let one = Figure(digits: 1, scale: 0)
  private static let quotientDecimals = 24
  /// Powers of ten below this exponent fit in 128 bits.
  private static let powers = 38

  init(digits: Int128, scale: Int) {
    var (digits, scale) = (digits, scale)
    if digits == 0 { scale = 0 }
    while digits != 0, digits % 10 == 0 {
      digits /= 10
      scale -= 1
    }
    self.digits = digits
    self.scale = scale
  }

  init(_ number: some FixedPoint) { self.init(digits: Int128(number.raw), scale: 8) }

  init(_ whole: Int) { self.init(digits: Int128(whole), scale: 0) }

  /// What PostgreSQL's cast of this `float8` to `numeric` gives: 15 significant digits, from the middle to the even one.
  ///
  /// - Throws: `overflow` outside 1e-8 to 1e15, where prices are.
  init(price value: Double) throws(ArithmeticError) {
    guard value >= 1e-8, value < 1e15 else { throw .overflow("a price") }
    let significand = UInt128(value.significandBitPattern | 1 << 52)
    // value = significand × 2^-shift
    let shift = 1075 - Int(value.exponentBitPattern)
    var decimals = 0
    var power: UInt128 = 1
    while decimals < 22, (significand * power) >> UInt128(shift) < 100_000_000_000_000 {
      decimals += 1
      power *= 10
    }
    let product = significand * power
    var rounded = product >> UInt128(shift)
    let rest = product - rounded << UInt128(shift)
    let half: UInt128 = 1 << UInt128(shift - 1)
    if rest > half || rest == half && rounded & 1 == 1 { rounded += 1 }
    self.init(digits: Int128(rounded), scale: decimals)
  }

  var isPositive: Bool { digits > 0 }
  var magnitude: Figure { Figure(trimmed: digits < 0 ? -digits : digits, scale) }

  private init(trimmed digits: Int128, _ scale: Int) {
    self.digits = digits
    self.scale = scale
  }

  static func * (left: Figure, right: Figure) throws(ArithmeticError) -> Figure {
    let (product, overflow) = left.digits.multipliedReportingOverflow(by: right.digits)
    if overflow { throw .overflow("a figure") }
    return Figure(digits: product, scale: left.scale + right.scale)
  }

  static func + (left: Figure, right: Figure) throws(ArithmeticError) -> Figure {
    let scale = max(left.scale, right.scale)
    let (sum, overflow) = try left.digits(at: scale).addingReportingOverflow(right.digits(at: scale))
    if overflow { throw .overflow("a figure") }
    return Figure(digits: sum, scale: scale)
  }

  static prefix func - (figure: Figure) -> Figure { Figure(trimmed: -figure.digits, figure.scale) }

  static func - (left: Figure, right: Figure) throws(ArithmeticError) -> Figure { try left + -right }

  /// - Throws: `divisionByZero`, `overflow`.
  static func / (left: Figure, right: Figure) throws(ArithmeticError) -> Figure {
    if right.digits == 0 { throw .divisionByZero }
    // left.digits × 10^exponent ÷ right.digits, at so many decimals
    let exponent = quotientDecimals - left.scale + right.scale
    if exponent < 0 {
      let (divisor, overflow) = right.digits.multipliedReportingOverflow(by: try power(-exponent))
      if overflow { throw .overflow("a figure") }
      return Figure(digits: try divideRounded(left.digits, by: divisor), scale: quotientDecimals)
    }
    let first = min(exponent, powers - 1)
    let (wide, overflow) = left.digits.multipliedReportingOverflow(by: try power(exponent - first))
    if overflow { throw .overflow("a figure") }
    return Figure(digits: try multiplyDivide(wide, try power(first), by: right.digits), scale: quotientDecimals)
  }

  static func <= (left: Figure, right: Figure) throws(ArithmeticError) -> Bool { try (left - right).digits <= 0 }
  static func < (left: Figure, right: Figure) throws(ArithmeticError) -> Bool { try (left - right).digits < 0 }

  /// In units of 1e-8, half away from zero.
  func rounded() throws(ArithmeticError) -> Int128 {
    if scale <= 8 { return try digits(at: 8) }
    return scale - 8 < Self.powers ? try divideRounded(digits, by: try Self.power(scale - 8)) : 0
  }

  private func digits(at scale: Int) throws(ArithmeticError) -> Int128 {
    let (digits, overflow) = self.digits.multipliedReportingOverflow(by: try Self.power(scale - self.scale))
    if overflow { throw .overflow("a figure") }
    return digits
  }

  private static func power(_ exponent: Int) throws(ArithmeticError) -> Int128 {
    guard exponent >= 0, exponent <= powers else { throw .overflow("a figure") }
    var power: Int128 = 1
    for _ in 0..<exponent { power *= 10 }
    return power
  }
}
