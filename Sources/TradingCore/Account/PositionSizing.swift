/// How much to buy, `trading.size_quantity` in Swift to the last digit, or to sell short.
public enum PositionSizing: Sendable, Hashable {
  case fixedQuantity(Quantity)
  /// As much as this amount pays for, fees not counted.
  case fixedValue(Money)
  /// So much that a fall by the stop distance loses this percentage of the equity (Ralph Vince's fixed fraction).
  case fixedFractional(riskPercent: Ratio)
  /// So much that a fall by a multiple of the average true range loses this percentage of the equity (the turtles' unit).
  case volatility(riskPercent: Ratio, atrMultiple: Ratio)
  /// So much that a fall by some standard deviations of the last closes loses this percentage of the equity.
  case deviation(riskPercent: Ratio, deviations: Ratio, period: Int)
  /// The value of `fraction` of Kelly's `win rate − (1 − win rate) ÷ payoff` of the equity, and no more than `capPercent` of
  /// it; nothing when that is negative. The payoff is the average win over the average loss. (Kelly 1956; Thorp 2006.)
  case kelly(winRate: Ratio, payoff: Ratio, fraction: Ratio, capPercent: Ratio)

  /// What the market says when a position is sized; what a method does not use may stay zero.
  public struct Figures: Sendable {
    public var price: Price
    /// How far from the price, on the losing side, the protective stop will be.
    public var stopDistance: Price
    public var averageTrueRange: Price
    /// The standard deviation of the last closes, in price units.
    public var deviation: Price

    public init(
      price: Price, stopDistance: Price = .zero, averageTrueRange: Price = .zero, deviation: Price = .zero
    ) {
      self.price = price
      self.stopDistance = stopDistance
      self.averageTrueRange = averageTrueRange
      self.deviation = deviation
    }
  }

  /// The quantity to open: rounded down to the lot, and no more than the account's cash pays for with fees. What is sold
  /// short is bounded like a purchase, and more tightly where its initial margin is above its value. Price and distances
  /// are rounded up to the tick first. Zero when not even one lot fits, or when there is nothing to compute with.
  public func quantity(
    _ figures: Figures, side: Side = .buy, account: AccountView, terms: TradingTerms
  ) throws(ArithmeticError) -> Quantity {
    let price = try figures.price.rounded(toTick: terms.tickSize, .up)
    guard price.isPositive, account.cash.isPositive else { return .zero }
    var account = account
    if side == .sell, terms.initialMargin > .one {
      account.cash = try account.cash.scaled(by: Ratio.one.raw, over: terms.initialMargin.raw)
    }
    let lotsWanted: Int128
    switch self {
    case .fixedQuantity(let quantity):
      lotsWanted = Int128(quantity.raw) / Int128(terms.lot.raw)
    case .fixedValue(let value):
      lotsWanted = Self.lots(value, of: price, terms)
    case .fixedFractional(let riskPercent):
      lotsWanted = try Self.lots(account.equity, riskPercent, figures.stopDistance, .one, terms)
    case .volatility(let riskPercent, let atrMultiple):
      lotsWanted = try Self.lots(account.equity, riskPercent, figures.averageTrueRange, atrMultiple, terms)
    case .deviation(let riskPercent, let deviations, _):
      lotsWanted = try Self.lots(account.equity, riskPercent, figures.deviation, deviations, terms)
    case .kelly(let winRate, let payoff, let fraction, let capPercent):
      let percent = try Self.kellyPercent(winRate, payoff).scaled(by: fraction.raw, over: fixedPointScale)
      lotsWanted = Self.lots(try account.equity.percent(min(percent, capPercent)), of: price, terms)
    }
    let lots = min(lotsWanted, Self.lots(account.cash, of: price, terms))
    guard lots > 0 else { return .zero }
    return Self.largestAffordable(lots, side, at: price, account, terms)
  }

  /// `100 × (win rate − (1 − win rate) ÷ payoff)`, without what is behind eight decimals; zero when it is negative.
  private static func kellyPercent(_ winRate: Ratio, _ payoff: Ratio) throws(ArithmeticError) -> Ratio {
    let scale = Int128(fixedPointScale)
    let (won, lost) = (Int128(winRate.raw) * Int128(payoff.raw), (scale - Int128(winRate.raw)) * scale)
    guard payoff.isPositive, won > lost else { return .zero }
    return try Ratio(wideRaw: (won - lost) * 100 / Int128(payoff.raw))
  }

  /// Whole lots of which a fall by `distance` times `multiple` costs `riskPercent` of the equity.
  private static func lots(
    _ equity: Money, _ riskPercent: Ratio, _ distance: Price, _ multiple: Ratio, _ terms: TradingTerms
  ) throws(ArithmeticError) -> Int128 {
    let fall = try distance.scaled(by: multiple.raw, over: fixedPointScale).rounded(toTick: terms.tickSize, .up)
    return fall.isPositive ? lots(try equity.percent(riskPercent), of: fall, terms) : 0
  }

  /// Whole lots that `amount` holds at `price` each unit, fees not counted.
  private static func lots(_ amount: Money, of price: Price, _ terms: TradingTerms) -> Int128 {
    // amount ÷ (price × multiplier × lot), with 1e-24 in the divisor against 1e-8 above it.
    guard amount.isPositive else { return 0 }
    let perUnit = Int128(price.raw) * Int128(terms.multiplier.raw)
    // What is beyond 128 bits is beyond any quantity.
    guard let units = try? multiplyDivideFloor(amount.raw, 10_000_000_000_000_000, by: perUnit) else { return .max }
    return units / Int128(terms.lot.raw)
  }

  /// The most lots, up to `limit`, whose price and fees are within the cash. Fees never fall with the quantity, so that
  /// halving finds it.
  private static func largestAffordable(
    _ limit: Int128, _ side: Side, at price: Price, _ account: AccountView, _ terms: TradingTerms
  ) -> Quantity {
    func affordable(_ lots: Int128) -> Quantity? {
      // Beyond the range of money is beyond any cash.
      guard let quantity = try? Quantity(wideRaw: lots * Int128(terms.lot.raw)),
        let cost = try? terms.cost(of: quantity, side: side, at: price, fees: account.fees)
      else { return nil }
      return cost <= account.cash ? quantity : nil
    }
    let bound = Int128(Quantity.rawBound - 1) / Int128(terms.lot.raw)
    var tooMany = min(limit, bound) + 1
    if let all = affordable(tooMany - 1) { return all }
    var lots: Int128 = 0
    var best = Quantity.zero
    while tooMany - lots > 1 {
      let middle = lots + (tooMany - lots) / 2
      if let quantity = affordable(middle) {
        lots = middle
        best = quantity
      } else {
        tooMany = middle
      }
    }
    return best
  }
}
