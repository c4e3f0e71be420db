/// The price of one unit of an instrument, `numeric(18,8)`: below 1e10 in size. May be negative (spreads, some futures).
public struct Price: FixedPoint {
  public let raw: Int64

  public static let rawBound: Int64 = 1_000_000_000_000_000_000
  public static let zero = Price(unchecked: 0)

  init(unchecked raw: Int64) { self.raw = raw }

  public init(raw: Int64) throws(ArithmeticError) {
    guard raw > -Self.rawBound, raw < Self.rawBound else { throw .overflow("a price") }
    self.raw = raw
  }

  public static prefix func - (price: Price) -> Price { Price(unchecked: -price.raw) }

  /// The value of `quantity` units, each standing for `multiplier` of the underlying, rounded once to eight decimals.
  public func value(of quantity: Quantity, multiplier: Ratio = .one) throws(ArithmeticError) -> Money {
    let scale = Int128(fixedPointScale)
    if multiplier == .one {
      return try Money(raw: divideRounded(Int128(raw) * Int128(quantity.raw), by: scale))
    }
    return try Money(
      raw: multiplyDivide(Int128(raw), Int128(quantity.raw), Int128(multiplier.raw), by: scale * scale))
  }

  public enum Rounding: Sendable {
    /// To the closer tick; from the middle away from zero.
    case nearest
    /// Towards plus infinity.
    case up
    /// Towards minus infinity.
    case down
  }

  /// The multiple of `tickSize` that `rounding` chooses.
  ///
  /// - Throws: `badIncrement` when the tick size is not positive, `overflow`.
  public func rounded(toTick tickSize: Price, _ rounding: Rounding = .nearest) throws(ArithmeticError) -> Price {
    guard tickSize.raw > 0 else { throw ArithmeticError(.badIncrement, "the tick size must be positive") }
    let rest = raw % tickSize.raw
    var ticks = raw / tickSize.raw
    switch rounding {
    case .nearest:
      if rest.magnitude >= tickSize.raw.magnitude - rest.magnitude { ticks += raw < 0 ? -1 : 1 }
    case .up:
      if rest > 0 { ticks += 1 }
    case .down:
      if rest < 0 { ticks -= 1 }
    }
    // |ticks × tickSize| < |raw| + tickSize < 2e18, inside Int64.
    return try Price(raw: ticks * tickSize.raw)
  }
}
