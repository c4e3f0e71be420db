/// An amount in some currency, `numeric(28,8)`: below 1e20 in size.
public struct Money: FixedPoint {
  public let raw: Int128

  public static let rawBound: Int128 = 10_000_000_000_000_000_000_000_000_000
  public static let zero = Money(unchecked: 0)

  init(unchecked raw: Int128) { self.raw = raw }

  public init(raw: Int128) throws(ArithmeticError) {
    guard raw > -Self.rawBound, raw < Self.rawBound else { throw .overflow("an amount of money") }
    self.raw = raw
  }

  public static prefix func - (money: Money) -> Money { Money(unchecked: -money.raw) }

  /// The part of this amount that belongs to `part` of `whole` units: `round(self × part ÷ whole, 8)`.
  /// Releases the cost of the units sold from the cost of a position.
  ///
  /// - Throws: `divisionByZero` when `whole` is zero, `overflow`.
  public func share(of part: Quantity, in whole: Quantity) throws(ArithmeticError) -> Money {
    try Money(raw: multiplyDivide(raw, Int128(part.raw), by: Int128(whole.raw)))
  }

  /// The part of it that `part` is of `whole`.
  public func share(byValue part: Money, in whole: Money) throws(ArithmeticError) -> Money {
    try Money(raw: multiplyDivide(raw, Int128(part.raw), by: Int128(whole.raw)))
  }

  /// `self × ratio`, rounded once.
  public func times(_ ratio: Ratio) throws(ArithmeticError) -> Money {
    try Money(raw: multiplyDivide(raw, Int128(ratio.raw), by: Int128(fixedPointScale)))
  }

  /// `self × percent ÷ 100`, rounded once.
  public func percent(_ percent: Ratio) throws(ArithmeticError) -> Money {
    try Money(raw: multiplyDivide(raw, Int128(percent.raw), by: Int128(fixedPointScale) * 100))
  }

  /// The nearest amount with this many decimals, 0 to 8; from the middle away from zero.
  public func rounded(toDecimals decimals: Int) throws(ArithmeticError) -> Money {
    var unit: Int128 = 1
    for _ in min(max(decimals, 0), 8)..<8 { unit *= 10 }
    return unit == 1 ? self : try Money(raw: divideRounded(raw, by: unit) * unit)
  }

  /// The average price of `quantity` units that cost this amount: `round(self ÷ (quantity × multiplier), 8)`.
  ///
  /// - Throws: `divisionByZero`, `overflow`.
  public func price(per quantity: Quantity, multiplier: Ratio = .one) throws(ArithmeticError) -> Price {
    let scale = Int128(fixedPointScale)
    let units = Int128(quantity.raw) * Int128(multiplier.raw)
    return try Price(wideRaw: multiplyDivide(raw, scale * scale, by: units))
  }
}
