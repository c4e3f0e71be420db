/// A decimal number with exactly eight decimals, held as an integer count of 1e-8.
///
/// The types that conform differ in range and meaning, not in arithmetic, so that a price cannot be added to a
/// quantity. All rounding is half away from zero, as PostgreSQL's `round(numeric, int)` does, and every result is
/// checked against the bound of the `numeric` column that stores it.
public protocol FixedPoint: Sendable, Hashable, Comparable, CustomStringConvertible {
  associatedtype Raw: FixedWidthInteger & SignedInteger & Sendable

  /// The number in units of 1e-8.
  var raw: Raw { get }

  /// The exclusive bound of `abs(raw)`.
  static var rawBound: Raw { get }

  static var zero: Self { get }

  /// - Throws: `overflow` when `raw` lies outside the type's range.
  init(raw: Raw) throws(ArithmeticError)
}

/// Units of 1e-8 in one.
let fixedPointScale: Int64 = 100_000_000

extension FixedPoint {
  public static func < (left: Self, right: Self) -> Bool { left.raw < right.raw }

  public static func + (left: Self, right: Self) throws(ArithmeticError) -> Self {
    // Bounded operands: the sum of two fits the raw type, so only the bound can be exceeded.
    try Self(raw: left.raw + right.raw)
  }

  public static func - (left: Self, right: Self) throws(ArithmeticError) -> Self {
    try Self(raw: left.raw - right.raw)
  }

  public static func += (left: inout Self, right: Self) throws(ArithmeticError) { left = try left + right }

  public static func -= (left: inout Self, right: Self) throws(ArithmeticError) { left = try left - right }

  public var isZero: Bool { raw == 0 }

  public var isPositive: Bool { raw > 0 }

  public var isNegative: Bool { raw < 0 }

  /// A whole number.
  public init(_ whole: Int) throws(ArithmeticError) {
    let (raw, overflow) = Int128(whole).multipliedReportingOverflow(by: Int128(fixedPointScale))
    if overflow { throw .overflow("fixed point") }
    try self.init(wideRaw: raw)
  }

  /// A raw value computed in 128 bits.
  init(wideRaw: Int128) throws(ArithmeticError) {
    guard let raw = Raw(exactly: wideRaw) else { throw .overflow("fixed point") }
    try self.init(raw: raw)
  }

  /// `self × numerator ÷ denominator`, rounded once.
  public func scaled(by numerator: Int64, over denominator: Int64) throws(ArithmeticError) -> Self {
    try Self(wideRaw: multiplyDivide(Int128(raw), Int128(numerator), by: Int128(denominator)))
  }
}
