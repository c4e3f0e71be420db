/// Volume-weighted average price of a session: Σ(price × volume) ÷ Σvolume since the session began; NaN while no volume
/// was traded.
///
/// Berkowitz, Logue, Noser (1988). Feed trades, or bars with their typical price. In price units.
public typealias VWAP = Indicator<VWAPKernel>

public struct VWAPKernel: PlainKernel {
  private var turnover = 0.0
  private var volume = 0.0

  public init() {}

  @inline(__always) public mutating func update(_ row: PriceVolume, _ memory: Memory) -> Double {
    turnover += row.price * row.volume
    volume += row.volume
    return volume > 0 ? turnover / volume : .nan
  }
}

extension VWAP {
  /// Forgets everything: the next update is the first of a new session.
  public mutating func startSession() { self = VWAP() }
}
