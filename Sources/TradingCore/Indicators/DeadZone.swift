/// Whether a − b is no more than rounding: |a − b| ≤ 10⁻¹⁴·(|a| + |b|). TA-Lib's rule (0.7 and newer) for what counts as
/// no difference; it decides what an indicator says in flat stretches.
@inline(__always) func isZeroDifference(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-14 * (abs(a) + abs(b)) }
