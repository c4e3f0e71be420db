// TA-Lib's two ways of taking a number for zero. They decide what an indicator says in flat stretches.

/// |x| < 10⁻¹⁴
@inline(__always) func isZero(_ x: Double) -> Bool { abs(x) < 1e-14 }

/// Whether a − b is no more than rounding: |a − b| ≤ 10⁻¹⁴·(|a| + |b|).
@inline(__always) func isZeroDifference(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-14 * (abs(a) + abs(b)) }
