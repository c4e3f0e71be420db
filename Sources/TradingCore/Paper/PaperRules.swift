/// What a portfolio's orders lose to the market beside a share of the price, and how long they are under way.
public struct PaperFriction: Sendable, Hashable {
  /// Steps of the price by which market and stop orders fill worse than the tape.
  public let slippageTicks: Int32
  /// Hundredths of a percent that a market or stop order loses which takes as much as its tick or bar traded; one that
  /// takes a share of it loses this times the square of the share, as in Zipline's `VolumeShareSlippage`. Where the tape
  /// does not say how much traded, an order takes all of it.
  public let impactBasisPoints: Ratio
  /// Microseconds from an order's arrival until events can fill it.
  public let latency: Int64

  /// - Throws: `outOfRange`.
  public init(
    slippageTicks: Int32 = 0, impactBasisPoints: Ratio = .zero, latency: Int64 = 0
  ) throws(ParameterError) {
    guard slippageTicks >= 0, slippageTicks <= 10_000 else {
      throw ParameterError(.outOfRange, "slippage of \(slippageTicks) ticks")
    }
    guard !impactBasisPoints.isNegative, impactBasisPoints.raw <= PaperRules.wholeInBasisPoints else {
      throw ParameterError(.outOfRange, "an impact of \(impactBasisPoints) basis points")
    }
    guard latency >= 0, latency <= Timestamp.microsecondsPerDay else {
      throw ParameterError(.outOfRange, "a latency of \(latency) microseconds")
    }
    self.slippageTicks = slippageTicks
    self.impactBasisPoints = impactBasisPoints
    self.latency = latency
  }

  private init() {
    slippageTicks = 0
    impactBasisPoints = .zero
    latency = 0
  }

  public static let none = PaperFriction()
}

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
  public let friction: PaperFriction

  /// - Throws: `outOfRange`; slippage is at most 10,000 basis points, which leaves nothing of a sale.
  public init(
    tickSize: Price, lot: Quantity, slippageBasisPoints: Ratio = .zero, participation: Ratio? = nil,
    friction: PaperFriction = .none
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
    self.friction = friction
  }

  fileprivate static let wholeInBasisPoints: Int64 = 10_000 * fixedPointScale

  /// `price` moved against the trader and then rounded to the tick, against the trader again. Without slippage the
  /// price of the tape stands as it is. Nil when no positive price is left.
  ///
  /// - Parameters:
  ///   - quantity: what fills.
  ///   - volume: what traded at the event; NaN: nobody knows.
  func slipped(_ price: Price, _ side: Side, taking quantity: Quantity, of volume: Double) -> Price? {
    if slippageBasisPoints.isZero, friction.slippageTicks == 0, friction.impactBasisPoints.isZero { return price }
    let whole = Int128(Self.wholeInBasisPoints)
    let slippage = min(Int128(slippageBasisPoints.raw) + impact(taking: quantity, of: volume), whole)
    let step = whole * Int128(tickSize.raw)
    let ticks: Int128
    switch side {
    case .buy: ticks = (Int128(price.raw) * (whole + slippage) + step - 1) / step + Int128(friction.slippageTicks)
    case .sell: ticks = Int128(price.raw) * (whole - slippage) / step - Int128(friction.slippageTicks)
    }
    guard let slipped = try? Price(wideRaw: ticks * Int128(tickSize.raw)), slipped.isPositive else { return nil }
    return slipped
  }

  /// In raw basis points.
  private func impact(taking quantity: Quantity, of volume: Double) -> Int128 {
    if friction.impactBasisPoints.isZero || quantity.isZero { return 0 }
    let one = Int128(fixedPointScale)
    var share = one
    if volume > 0 {
      // More than a quantity can express: the share is nothing.
      guard let total = try? Quantity(volume) else { return 0 }
      if total.isPositive { share = min(one, Int128(quantity.raw) * one / Int128(total.raw)) }
    }
    return Int128(friction.impactBasisPoints.raw) * (share * share / one) / one
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
