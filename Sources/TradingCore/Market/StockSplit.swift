/// A split: `denominator` old units become `numerator` new ones (2:1 doubles the quantity and halves the price).
///
/// Rounds as the books do, so that an order has the same terms in memory and in its table.
public struct StockSplit: Sendable, Hashable {
  public let numerator: Ratio
  public let denominator: Ratio

  /// - Throws: `outOfRange` unless both terms are positive.
  public init(numerator: Ratio, denominator: Ratio) throws(ParameterError) {
    guard numerator.isPositive, denominator.isPositive else {
      throw ParameterError(.outOfRange, "a split of \(numerator) for \(denominator)")
    }
    self.numerator = numerator
    self.denominator = denominator
  }

  /// - Throws: `outOfRange` unless both terms are positive and can be a `Ratio`.
  public init(numerator: Int, denominator: Int) throws(ParameterError) {
    guard let new = try? Ratio(numerator), let old = try? Ratio(denominator) else {
      throw ParameterError(.outOfRange, "a split of \(numerator) for \(denominator)")
    }
    try self.init(numerator: new, denominator: old)
  }

  /// New price ÷ old price.
  public var priceRatio: Double { denominator.double / numerator.double }

  /// The quantity after the split, rounded to eight decimals.
  public func quantity(_ quantity: Quantity) throws(ArithmeticError) -> Quantity {
    try quantity.scaled(by: numerator.raw, over: denominator.raw)
  }

  /// A price distance after the split, rounded to eight decimals.
  public func distance(_ distance: Price) throws(ArithmeticError) -> Price {
    try distance.scaled(by: denominator.raw, over: numerator.raw)
  }

  /// An order's price after the split, on the tick grid: down for a buy, up for a sell, and at least one tick.
  public func price(_ price: Price, _ side: Side, tickSize: Price) throws(ArithmeticError) -> Price {
    let value = Int128(price.raw) * Int128(denominator.raw)
    let step = Int128(numerator.raw) * Int128(tickSize.raw)
    var ticks = value / step
    if side == .sell && value % step > 0 { ticks += 1 }
    return try Price(wideRaw: multiplyDivide(max(ticks, 1), Int128(tickSize.raw), by: 1))
  }

  /// An order's terms after the split.
  public func terms(_ terms: OrderTerms, _ side: Side, tickSize: Price) throws(ArithmeticError) -> OrderTerms {
    switch terms {
    case .market: .market
    case .limit(let limit): .limit(try price(limit, side, tickSize: tickSize))
    case .stop(let stop): .stop(try price(stop, side, tickSize: tickSize))
    case .stopLimit(let stop, let limit):
      .stopLimit(
        stop: try price(stop, side, tickSize: tickSize), limit: try price(limit, side, tickSize: tickSize))
    case .trailingStop(let stop, let trail):
      .trailingStop(
        stop: try price(stop, side, tickSize: tickSize), trail: try trail.applying(self, tickSize: tickSize))
    case .limitIfTouched(let touch, let limit):
      .limitIfTouched(
        touch: try price(touch, side, tickSize: tickSize), limit: try price(limit, side, tickSize: tickSize))
    }
  }
}
