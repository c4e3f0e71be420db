/// What a portfolio is worth, and what of it an agent may spend.
extension TradingSession {
  /// Money and everything held at the latest prices: what is short is owed, a future is worth its gain.
  func equity(of portfolio: Int) throws(ArithmeticError) -> Money {
    var equity = portfolios[portfolio].account.cash
    for lane in lanes where !lane.held[portfolio].quantity.isZero {
      guard let last = lane.lastPrice else { continue }
      let holding = lane.held[portfolio]
      equity = try equity + Price(last).value(of: holding.quantity, multiplier: lane.instrument.multiplier)
      if lane.instrument.isFuture { equity = try equity - holding.cost }
    }
    return equity
  }

  /// What an agent that thinks in terms of the close may spend, so that the books, which reserve for a market order by the
  /// latest price plus a buffer, can cover it.
  func spendable(_ portfolio: Int, _ lane: Int, close: Double) throws(ArithmeticError) -> Money {
    let buffer = portfolios[portfolio].marketOrderBuffer
    var cash = try portfolios[portfolio].account.available.scaled(by: Ratio.one.raw, over: (Ratio.one + buffer).raw)
    if let last = lanes[lane].lastPrice, last > close {
      let (close, last) = (try Price(close), try Price(last))
      if close.isPositive { cash = try cash.scaled(by: close.raw, over: last.raw) }
    }
    return cash
  }
}
