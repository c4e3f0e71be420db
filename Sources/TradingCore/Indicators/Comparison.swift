// Not the standard library's: one comparison, for values that are never NaN.
@inline(__always) func larger(_ a: Double, _ b: Double) -> Double { a > b ? a : b }
@inline(__always) func smaller(_ a: Double, _ b: Double) -> Double { a < b ? a : b }

/// max(x, 0), exactly, in a form that no compiler turns into a branch: the sign of price steps cannot be predicted.
@inline(__always) func positive(_ x: Double) -> Double { (abs(x) + x) * 0.5 }

/// `a` if it is larger than `b`, otherwise 0, for values that are not negative: their bits are ordered as they are. In a
/// form that no compiler turns into a branch, as above.
@inline(__always) func ifLarger(_ a: Double, _ b: Double) -> Double {
  let difference = Int64(bitPattern: b.bitPattern) &- Int64(bitPattern: a.bitPattern)
  return Double(bitPattern: a.bitPattern & UInt64(bitPattern: difference >> 63))
}

/// Whether a − b is no more than rounding: |a − b| ≤ 10⁻¹⁴·(|a| + |b|). TA-Lib's rule (0.7 and newer) for what counts as
/// no difference; it decides what an indicator says in flat stretches.
@inline(__always) func isZeroDifference(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-14 * (abs(a) + abs(b)) }
