/// A split: `denominator` old units become `numerator` new ones (2:1 doubles the quantity and halves the price).
public struct StockSplit: Sendable, Hashable {
  public let numerator: Int64
  public let denominator: Int64

  /// - Throws: `outOfRange` unless both terms are between 1 and a million.
  public init(numerator: Int64, denominator: Int64) throws(ParameterError) {
    guard (1...1_000_000).contains(numerator), (1...1_000_000).contains(denominator) else {
      throw ParameterError(.outOfRange, "a split of \(numerator) for \(denominator)")
    }
    self.numerator = numerator
    self.denominator = denominator
  }

  /// New price ÷ old price.
  public var priceRatio: Double { Double(denominator) / Double(numerator) }

  /// The quantity after the split, rounded once to eight decimals.
  public func quantity(_ quantity: Quantity) throws(ArithmeticError) -> Quantity {
    try quantity.scaled(by: numerator, over: denominator)
  }

  /// An order's quantity after the split: only whole lots can trade, so the rest is cut off.
  public func quantity(_ quantity: Quantity, lot: Quantity) throws(ArithmeticError) -> Quantity {
    let lots = Int128(quantity.raw) * Int128(numerator) / (Int128(denominator) * Int128(lot.raw))
    return try Quantity(wideRaw: lots * Int128(lot.raw))
  }

  /// An order's price after the split: the nearest tick, at least one.
  public func price(_ price: Price, tickSize: Price) throws(ArithmeticError) -> Price {
    let ticks = try divideRounded(
      Int128(price.raw) * Int128(denominator), by: Int128(numerator) * Int128(tickSize.raw))
    return try Price(wideRaw: max(ticks, 1) * Int128(tickSize.raw))
  }

  /// An order's terms after the split.
  public func terms(_ terms: OrderTerms, tickSize: Price) throws(ArithmeticError) -> OrderTerms {
    switch terms {
    case .market: .market
    case .limit(let limit): .limit(try price(limit, tickSize: tickSize))
    case .stop(let stop): .stop(try price(stop, tickSize: tickSize))
    case .stopLimit(let stop, let limit):
      .stopLimit(stop: try price(stop, tickSize: tickSize), limit: try price(limit, tickSize: tickSize))
    }
  }
}
