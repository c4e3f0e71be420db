/// How one instrument trades.
public struct TradingTerms: Sendable, Hashable {
  /// The smallest step of a price.
  public let tickSize: Price
  /// The smallest step of a quantity.
  public let lot: Quantity
  /// Units of the underlying in one unit of quantity: 1 for shares.
  public let multiplier: Ratio
  /// Collateral of a short sale as a share of its value.
  public let initialMargin: Ratio

  /// - Throws: `outOfRange` when tick size, lot or multiplier is not positive, or the margin negative.
  public init(
    tickSize: Price, lot: Quantity, multiplier: Ratio = .one, initialMargin: Ratio = .one
  ) throws(ParameterError) {
    guard tickSize.isPositive, lot.isPositive, multiplier.isPositive, !initialMargin.isNegative else {
      throw ParameterError(.outOfRange, "tick size, lot and multiplier must be positive")
    }
    self.tickSize = tickSize
    self.lot = lot
    self.multiplier = multiplier
    self.initialMargin = initialMargin
  }

  /// Value and fees of `quantity` in one order.
  public func cost(
    of quantity: Quantity, side: Side = .buy, at price: Price, fees: FeeSchedule
  ) throws(ArithmeticError) -> Money {
    let notional = try price.value(of: quantity, multiplier: multiplier)
    return try notional + fees.fee(side: side, cumulativeQuantity: quantity, cumulativeNotional: notional)
  }
}

/// What a portfolio has, as far as one agent needs to know.
public struct AccountView: Sendable, Hashable {
  /// Cash and positions at market value.
  public var equity: Money
  /// Cash that no open order has reserved.
  public var cash: Money
  /// Held of the agent's instrument, negative when short.
  public var position: Quantity
  /// What an order of now pays.
  public var fees: FeeSchedule

  public init(equity: Money, cash: Money, position: Quantity, fees: FeeSchedule = .free) {
    self.equity = equity
    self.cash = cash
    self.position = position
    self.fees = fees
  }
}
