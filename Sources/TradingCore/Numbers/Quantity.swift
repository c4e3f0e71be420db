/// A number of units (shares, contracts, coins), `numeric(18,8)`: below 1e10 in size. Negative in a short position.
public struct Quantity: FixedPoint {
  public let raw: Int64

  public static let rawBound: Int64 = 1_000_000_000_000_000_000
  public static let zero = Quantity(unchecked: 0)

  init(unchecked raw: Int64) { self.raw = raw }

  public init(raw: Int64) throws(ArithmeticError) {
    guard raw > -Self.rawBound, raw < Self.rawBound else { throw .overflow("a quantity") }
    self.raw = raw
  }

  public static prefix func - (quantity: Quantity) -> Quantity { Quantity(unchecked: -quantity.raw) }

  public var magnitude: Quantity { raw < 0 ? -self : self }

  /// The largest multiple of `lot` that is not larger in size.
  ///
  /// - Throws: `badIncrement` when the lot is not positive.
  public func roundedDown(toLot lot: Quantity) throws(ArithmeticError) -> Quantity {
    guard lot.raw > 0 else { throw ArithmeticError(.badIncrement, "the lot must be positive") }
    return Quantity(unchecked: raw - raw % lot.raw)
  }
}
