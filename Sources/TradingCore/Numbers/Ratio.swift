/// A pure number, `numeric(18,8)`: a contract multiplier, a percentage, a share of something.
public struct Ratio: FixedPoint {
  public let raw: Int64

  public static let rawBound: Int64 = 1_000_000_000_000_000_000
  public static let zero = Ratio(unchecked: 0)
  public static let one = Ratio(unchecked: fixedPointScale)

  init(unchecked raw: Int64) { self.raw = raw }

  public init(raw: Int64) throws(ArithmeticError) {
    guard raw > -Self.rawBound, raw < Self.rawBound else { throw .overflow("a ratio") }
    self.raw = raw
  }

  public static prefix func - (ratio: Ratio) -> Ratio { Ratio(unchecked: -ratio.raw) }
}
