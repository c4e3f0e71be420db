/// The index of a time-weighted return, which began at 1: 28 decimals, as `ledger.return_index` rounds it.
public struct ReturnIndex: Sendable, Hashable, Comparable {
  /// In units of 1e-28.
  let raw: Int128

  static let unit: Int128 = 10_000_000_000_000_000_000_000_000_000
  static let one = ReturnIndex(raw: unit)
  /// What is left to who lost everything, so that what comes later can be measured.
  static let least = ReturnIndex(raw: unit / 1_000_000_000_000)

  init(raw: Int128) { self.raw = raw }

  public static func < (left: ReturnIndex, right: ReturnIndex) -> Bool { left.raw < right.raw }

  /// The index at an equity, when this is that at `base`. It never goes below zero, and stays where there is no capital.
  func moved(from base: Money, to equity: Money) throws(ArithmeticError) -> ReturnIndex {
    base.isPositive
      ? ReturnIndex(raw: try multiplyDivide(raw, max(equity, .zero).raw, by: base.raw)) : self
  }

  /// This index ÷ `other`, in units of 1e-28; nil when that is zero.
  func ratio(to other: ReturnIndex) throws(ArithmeticError) -> ReturnIndex? {
    other.raw == 0 ? nil : ReturnIndex(raw: try multiplyDivide(raw, Self.unit, by: other.raw))
  }

  /// The nearest `Double`.
  public var double: Double { Double(raw) / 1e28 }
}
