/// What an instrument that is held short costs from a trading day on.
public struct BorrowRate: Sendable {
  /// Days since 2000-01-01.
  public let validFrom: Int64
  /// Of a year of 360 days; zero: nothing is charged.
  public let percent: Ratio

  public init(validFrom: Int64, percent: Ratio) {
    self.validFrom = validFrom
    self.percent = percent
  }

  /// What borrowing something of a market value costs for some days: value × percent × days ÷ 36,000.
  func cost(of value: Money, days: Int64) throws(ArithmeticError) -> Money {
    try Money(
      wideRaw: multiplyDivide(
        Int128(value.raw), Int128(percent.raw) * Int128(days), by: 36_000 * Int128(fixedPointScale)))
  }
}

extension BooksInstrument {
  /// What it costs on a day to hold it short; nil: nothing.
  func borrowRate(onDay day: Int64) -> BorrowRate? {
    let begun = borrowRates.prefixCount { $0.validFrom <= day }
    guard begun > 0, borrowRates[begun - 1].percent.isPositive else { return nil }
    return borrowRates[begun - 1]
  }
}

extension PortfolioBooks {
  /// A trading day of an exchange is over: charges for what is held short there, until the next trading day. Nothing that
  /// happens later is known yet, so what is known last is of the close.
  mutating func chargeBorrow(_ exchange: Int32, at time: Timestamp, _ market: BooksMarket) throws(ArithmeticError) {
    guard let calendar = market.calendar(ofExchange: exchange), let day = calendar.lastClosedDay(at: time) else {
      return
    }
    var places: [Int] = []
    for place in positions.indices
    where positions[place].quantity.isNegative && market.instruments[place].terms.feeGroup.exchange == exchange {
      places.append(place)
    }
    places.sort { market.instruments[$0].terms.id < market.instruments[$1].terms.id }
    for place in places {
      let terms = market.instruments[place].terms
      guard let rate = market.instruments[place].borrowRate(onDay: day),
        let price = try market.last(place)?.rounded, price.isPositive
      else { continue }
      let value = try price.value(of: positions[place].quantity.magnitude, multiplier: terms.multiplier)
      let amount = try rate.cost(of: value, days: calendar.daysToNext(after: day))
      if amount.isZero { continue }
      _ = try markPeriods(at: time, market)
      let words = CivilDate(day: day).text
      try raiseCash(
        amount, "its money was needed for the borrow of \(terms.symbol) on \(words)", from: place, at: time, market)
      cash = try cash - amount
      payments.append(PaymentRecord(kind: .borrow, instrument: terms.id, amount: -amount, at: time))
      try revalue(market)
    }
  }
}
