/// On-balance volume: the running total of volumes, added when the price rose and subtracted when it fell.
///
/// Granville (1963), as TA-Lib's OBV: starts at the first volume. From the first update on. In volume units.
public typealias OnBalanceVolume = Indicator<OnBalanceVolumeKernel>

public struct OnBalanceVolumeKernel: PlainKernel {
  private var total = 0.0
  private var previous = -Double.infinity

  public init() {}

  @inline(__always) public mutating func update(_ row: PriceVolume, _ memory: Memory) -> Double {
    // The first price is above −∞, so that the total starts at the first volume.
    let step = row.price - previous
    // The volume with the sign of the step, which cannot be predicted: bits, not a branch.
    let signed = Double(bitPattern: row.volume.bitPattern ^ (step.bitPattern & (1 << 63)))
    total += step == 0 ? 0 : signed
    previous = row.price
    return total
  }
}
