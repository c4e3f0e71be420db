/// The distance at which a trailing stop follows the best price.
public struct Trail: Sendable, Hashable {
  private enum Distance: Sendable, Hashable {
    case amount(Price)
    case percent(Ratio)
  }

  private let distance: Distance

  /// - Throws: `outOfRange` unless the amount is positive.
  public init(amount: Price) throws(ParameterError) {
    guard amount.isPositive else { throw ParameterError(.outOfRange, "a trail of \(amount)") }
    distance = .amount(amount)
  }

  /// - Throws: `outOfRange` unless 0 < percent < 100.
  public init(percent: Ratio) throws(ParameterError) {
    guard percent.isPositive, percent.raw < Self.whole else {
      throw ParameterError(.outOfRange, "a trail of \(percent) percent")
    }
    distance = .percent(percent)
  }

  public var amount: Price? { if case .amount(let amount) = distance { amount } else { nil } }
  public var percent: Ratio? { if case .percent(let percent) = distance { percent } else { nil } }

  private static let whole = 100 * fixedPointScale

  /// Where the stop of an order of this side belongs when `best` is the best price: below it for a sell, above it for a
  /// buy, and then to the tick away from the market. Nil when no such price is positive and in range.
  public func stop(behind best: Price, _ side: Side, tickSize: Price) -> Price? {
    let numerator: Int128
    let denominator: Int128
    switch distance {
    case .amount(let amount):
      numerator = Int128(best.raw) + Int128(side == .sell ? -amount.raw : amount.raw)
      denominator = 1
    case .percent(let percent):
      numerator = Int128(best.raw) * Int128(side == .sell ? Self.whole - percent.raw : Self.whole + percent.raw)
      denominator = Int128(Self.whole)
    }
    guard numerator > 0 else { return nil }
    let step = denominator * Int128(tickSize.raw)
    let ticks = side == .sell ? numerator / step : (numerator + step - 1) / step
    guard let stop = try? Price(wideRaw: ticks * Int128(tickSize.raw)), stop.isPositive else { return nil }
    return stop
  }

  /// The best price that belongs to `stop`, rounded towards the market: no price before it moves the stop.
  func best(of stop: Price, _ side: Side) -> Price {
    let best: Int128
    switch (distance, side) {
    case (.amount(let amount), .sell): best = Int128(stop.raw) + Int128(amount.raw)
    case (.amount(let amount), .buy): best = Int128(stop.raw) - Int128(amount.raw)
    case (.percent(let percent), .sell):
      best = Int128(stop.raw) * Int128(Self.whole) / Int128(Self.whole - percent.raw)
    case (.percent(let percent), .buy):
      let whole = Int128(Self.whole + percent.raw)
      best = (Int128(stop.raw) * Int128(Self.whole) + whole - 1) / whole
    }
    return Price(unchecked: Int64(clamping: best))
  }

  /// The same after a split: a percentage stays, an amount is divided, up to the tick.
  func applying(_ split: StockSplit, tickSize: Price) throws(ArithmeticError) -> Trail {
    guard case .amount(let amount) = distance else { return self }
    return Trail(distance: .amount(try split.price(amount, .sell, tickSize: tickSize)))
  }

  private init(distance: Distance) { self.distance = distance }
}
