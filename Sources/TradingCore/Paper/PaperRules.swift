/// How the paper exchange of one instrument fills.
public struct PaperRules: Sendable, Hashable {
  /// The smallest step of a price.
  public let tickSize: Price
  /// The smallest step of a quantity.
  public let lot: Quantity
  /// Hundredths of a percent by which market and stop orders fill worse than the tape.
  public let slippageBasisPoints: Ratio
  /// The share of a tick's or bar's volume that one portfolio can have, 0 < share ≤ 1. Nil: orders fill whole.
  public let participation: Ratio?

  /// - Throws: `outOfRange`; slippage is at most 10,000 basis points, which leaves nothing of a sale.
  public init(
    tickSize: Price, lot: Quantity, slippageBasisPoints: Ratio = .zero, participation: Ratio? = nil
  ) throws(ParameterError) {
    guard tickSize.isPositive, lot.isPositive else {
      throw ParameterError(.outOfRange, "tick size and lot must be positive")
    }
    guard !slippageBasisPoints.isNegative, slippageBasisPoints.raw <= Self.wholeInBasisPoints else {
      throw ParameterError(.outOfRange, "slippage of \(slippageBasisPoints) basis points")
    }
    if let participation, !participation.isPositive || participation > .one {
      throw ParameterError(.outOfRange, "participation of \(participation)")
    }
    self.tickSize = tickSize
    self.lot = lot
    self.slippageBasisPoints = slippageBasisPoints
    self.participation = participation
  }

  private static let wholeInBasisPoints: Int64 = 10_000 * fixedPointScale

  /// `price` moved against the trader and then rounded to the tick, against the trader again. Without slippage the
  /// price of the tape stands as it is. Nil when no positive price is left.
  func slipped(_ price: Price, _ side: Side) -> Price? {
    if slippageBasisPoints.isZero { return price }
    let whole = Int128(Self.wholeInBasisPoints)
    let slippage = Int128(slippageBasisPoints.raw)
    let step = whole * Int128(tickSize.raw)
    let ticks: Int128
    switch side {
    case .buy: ticks = (Int128(price.raw) * (whole + slippage) + step - 1) / step
    case .sell: ticks = Int128(price.raw) * (whole - slippage) / step
    }
    guard let slipped = try? Price(wideRaw: ticks * Int128(tickSize.raw)), slipped.isPositive else { return nil }
    return slipped
  }

  /// What one portfolio can have of `volume`, in whole lots; nil: any quantity.
  func allowance(of volume: Double) -> Quantity? {
    guard let participation else { return nil }
    guard volume > 0 else { return .zero }
    // More than a quantity can express is more than an order can ask for.
    guard let total = try? Quantity(volume) else { return nil }
    let share = Int128(total.raw) * Int128(participation.raw) / Int128(fixedPointScale)
    return Quantity(unchecked: Int64(share - share % Int128(lot.raw)))
  }
}
