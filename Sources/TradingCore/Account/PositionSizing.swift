/// How much to buy.
public enum PositionSizing: Sendable, Hashable {
  case fixedQuantity(Quantity)
  /// As much as this amount pays for, fees not counted.
  case fixedValue(Money)
  /// So much that a fall by the stop distance loses this percentage of the equity (Ralph Vince's fixed fraction).
  case fixedFractional(riskPercent: Ratio)

  /// The quantity to buy at `price`: rounded down to the lot, and no more than `cash` pays for with fees. Zero when not
  /// even one lot fits, or when price or stop distance leave nothing to compute with.
  ///
  /// - Parameter stopDistance: how far below the price the protective stop will be; only used by `fixedFractional`.
  public func quantity(
    price: Price, stopDistance: Price, equity: Money, cash: Money, terms: TradingTerms
  ) throws(ArithmeticError) -> Quantity {
    guard price.isPositive, cash.isPositive else { return .zero }
    let lotsWanted: Int128
    switch self {
    case .fixedQuantity(let quantity):
      lotsWanted = Int128(quantity.raw) / Int128(terms.lot.raw)
    case .fixedValue(let value):
      lotsWanted = try Self.lots(value, of: price, terms)
    case .fixedFractional(let riskPercent):
      guard stopDistance.isPositive else { return .zero }
      lotsWanted = try Self.lots(equity.percent(riskPercent), of: stopDistance, terms)
    }
    let lots = min(lotsWanted, try Self.lots(cash, of: price, terms))
    guard lots > 0 else { return .zero }
    return try Self.largestAffordable(lots, at: price, cash: cash, terms: terms)
  }

  /// Whole lots that `amount` holds at `price` each unit, fees not counted.
  private static func lots(_ amount: Money, of price: Price, _ terms: TradingTerms) throws(ArithmeticError) -> Int128 {
    // amount ÷ (price × multiplier × lot), with 1e-24 in the divisor against 1e-8 above it.
    guard amount.isPositive else { return 0 }
    let perUnit = Int128(price.raw) * Int128(terms.multiplier.raw)
    let units = try multiplyDivideFloor(amount.raw, 10_000_000_000_000_000, by: perUnit)
    return units / Int128(terms.lot.raw)
  }

  /// The most lots, up to `limit`, whose price and fees are within `cash`. Fees never fall with the quantity, so that
  /// halving finds it.
  private static func largestAffordable(
    _ limit: Int128, at price: Price, cash: Money, terms: TradingTerms
  ) throws(ArithmeticError) -> Quantity {
    func affordable(_ lots: Int128) -> Quantity? {
      // Beyond the range of money is beyond any cash.
      guard let quantity = try? Quantity(wideRaw: lots * Int128(terms.lot.raw)),
        let cost = try? terms.cost(of: quantity, at: price)
      else { return nil }
      return cost <= cash ? quantity : nil
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
