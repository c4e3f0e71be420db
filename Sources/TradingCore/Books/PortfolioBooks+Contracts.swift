/// What of a contract has been settled.
struct SettlementState: Sendable {
  /// The latest trading day that is settled; nil: none is.
  var day: Int64?
  /// Fills up to here were dealt before that.
  var afterFill = 0
}

/// Days of futures, and the ends of contracts.
extension PortfolioBooks {
  /// A trading day that is over, and for which an open position is still to be settled.
  private struct DayToSettle {
    let day: Int64
    /// The day whose price counts.
    let priceDay: Int64
    let isLast: Bool
  }

  /// A trading day of an exchange is over: settles the futures and ends the options that trade there. Positions without a
  /// price of their day stay open.
  mutating func settle(_ exchange: Int32, at time: Timestamp, _ market: BooksMarket) throws(ArithmeticError) {
    for kind in [InstrumentKind.future, .option] {
      var places: [Int] = []
      for place in positions.indices {
        let group = market.instruments[place].terms.feeGroup
        guard group.kind == kind, group.exchange == exchange else { continue }
        if !positions[place].quantity.isZero || !positions[place].openOrders.isEmpty { places.append(place) }
      }
      if places.isEmpty { continue }
      places.sort { market.instruments[$0].terms.id < market.instruments[$1].terms.id }
      _ = try markPeriods(at: time, market)
      try endExpiredOrders(places, at: time, market)
      for place in places where !positions[place].quantity.isZero {
        for due in daysToSettle(place, at: time, market) {
          guard let price = try settlementPrice(place, due, market) else { continue }
          if kind == .future {
            try settleFuture(place, due, price, at: time, market)
          } else {
            try expireOption(place, due, price, at: time, market)
          }
        }
      }
      try revalue(market)
    }
  }

  private mutating func endExpiredOrders(
    _ places: [Int], at time: Timestamp, _ market: BooksMarket
  ) throws(ArithmeticError) {
    for place in places {
      let calendar = market.calendar(of: place)
      guard let expiresOn = market.instruments[place].contract?.expiresOn,
        let closed = calendar.lastClosedDay(at: time), calendar.lastTradingDay(expiresOn) <= closed
      else { continue }
      for order in positions[place].openOrders {
        try close(order, .expired, "TR233", "the last day of the instrument is over", at: time)
      }
    }
  }

  /// In order: of a future each day, of an option its last.
  private func daysToSettle(_ place: Int, at time: Timestamp, _ market: BooksMarket) -> [DayToSettle] {
    let calendar = market.calendar(of: place)
    let instrument = market.instruments[place]
    guard let closed = calendar.lastClosedDay(at: time) else { return [] }
    let last = instrument.contract?.expiresOn.map { calendar.lastTradingDay($0) }
    let settled = positions[place].settlement.day
    if let last, instrument.isOption || settled ?? last - 1 >= last {
      let day = max(last, settled.map { $0 + 1 } ?? last)
      return day <= closed ? [DayToSettle(day: day, priceDay: last, isLast: true)] : []
    }
    // A day after which the position was traded is no day of its own any more: the next settlement pays for it as well.
    let dealtAt = latestFill(place, after: positions[place].settlement.afterFill)
    let dealtOn = dealtAt.map { calendar.day(at: $0) }
    guard let earliest = dealtOn.map({ max($0, settled.map { $0 + 1 } ?? $0) }) ?? settled.map({ $0 + 1 }) ?? last
    else {
      return []
    }
    let until = min(closed, last ?? closed)
    let from = max(min(earliest, last ?? earliest), until - 370)
    var days: [DayToSettle] = []
    for day in stride(from: from, through: until, by: 1) {
      let closesAt = calendar.hours(ofDay: day)?.closesAt
      let isFree = closesAt.map { closesAt in dealtAt.map { closesAt >= $0 } ?? true } ?? false
      if day == last || day > settled ?? day - 1 && isFree {
        days.append(DayToSettle(day: day, priceDay: day, isLast: day == last))
      }
    }
    return days
  }

  /// When an instrument was last dealt after a fill.
  private func latestFill(_ place: Int, after number: Int) -> Timestamp? {
    var latest: Timestamp?
    for fill in fills.dropFirst(number) {
      guard let order = self.place(ofOrder: fill.order), orders[order].place == place else { continue }
      latest = max(latest ?? fill.at, fill.at)
    }
    return latest
  }

  /// The last price of the trading day: of a future's day its own, at the end that of what it is on. Never one of another day.
  private func settlementPrice(
    _ place: Int, _ due: DayToSettle, _ market: BooksMarket
  ) throws(ArithmeticError) -> Price? {
    let instrument = market.instruments[place]
    var source = place
    if due.isLast, let underlying = instrument.contract?.underlying {
      guard let known = market.place(of: underlying) else { return nil }
      source = known
    }
    let calendar = market.calendar(of: source)
    guard let hours = calendar.hours(ofDay: due.priceDay), let quote = market.quotes[source] else { return nil }
    let end = min(hours.closesAt.microseconds + 1, calendar.start(ofDay: due.priceDay + 1).microseconds)
    guard quote.at >= calendar.start(ofDay: due.priceDay), quote.at.microseconds < end else { return nil }
    return try market.last(source)?.rounded
  }

  // MARK: Futures

  /// Pays the gain of a future since the last settlement or takes its loss, restates cost and lots at the settlement price,
  /// and brings its margin to the initial rate as far as cash goes; on its last day it closes.
  private mutating func settleFuture(
    _ place: Int, _ due: DayToSettle, _ price: Price, at time: Timestamp, _ market: BooksMarket
  ) throws(ArithmeticError) {
    let instrument = market.instruments[place]
    let quantity = positions[place].quantity
    let value = try price.value(of: quantity, multiplier: instrument.terms.multiplier)
    let gain = try value - positions[place].cost
    if gain.isNegative {
      let day = CivilDate(day: due.day).text
      try raiseCash(
        -gain, "its money was needed to settle \(instrument.terms.symbol) on \(day)", from: place, at: time, market)
    }
    let firstIn: Money
    if due.isLast {
      let size = value.isNegative ? -value : value
      firstIn = try positions[place].lots.close(
        quantity.magnitude, size, fill: 0, of: instrument.terms.id, at: time, into: &closures
      ).profit
      positions[place].quantity = .zero
      positions[place].cost = .zero
    } else {
      firstIn = try resetLots(place, price, value, instrument)
      positions[place].cost = value
    }
    try positions[place].realised += gain
    try positions[place].realisedFirstIn += firstIn
    try self.value(place, at: market.last(place), market)
    try cash += gain
    try moveMargin(place, value, instrument, isLast: due.isLast)
    positions[place].settlement = SettlementState(day: due.day, afterFill: fills.count)
    payments.append(PaymentRecord(kind: .settlement, instrument: instrument.terms.id, amount: gain, at: time))
  }

  /// Collateral follows the price, as far as there is cash for it.
  private mutating func moveMargin(
    _ place: Int, _ value: Money, _ instrument: BooksInstrument, isLast: Bool
  ) throws(ArithmeticError) {
    var target = Money.zero
    if !isLast {
      let size = value.isNegative ? -value : value
      target = min(try size.times(instrument.terms.initialMargin), try positions[place].margin + available)
    }
    let change = try target - positions[place].margin
    positions[place].margin = target
    try margin += change
    try cash -= change
  }

  /// Restates the lots of a future at a settlement price, together `cost`. Each is rounded by itself; the largest takes the
  /// difference.
  ///
  /// - Returns: the profit that this realises first in first out.
  private mutating func resetLots(
    _ place: Int, _ price: Price, _ cost: Money, _ instrument: BooksInstrument
  ) throws(ArithmeticError) -> Money {
    var lots = Array(positions[place].lots.all)
    var (before, sum) = (Money.zero, Money.zero)
    var largest = 0
    for index in lots.indices {
      let value = try price.value(of: lots[index].quantity, multiplier: instrument.terms.multiplier)
      try before += lots[index].cost
      try sum += value
      lots[index].settled = try lots[index].settled + value - lots[index].cost
      lots[index].cost = value
      if lots[index].quantity.magnitude > lots[largest].quantity.magnitude { largest = index }
    }
    if largest < lots.count {
      let difference = try cost - sum
      try lots[largest].cost += difference
      try lots[largest].settled += difference
    }
    positions[place].lots.replaceAll(by: lots)
    return try cost - before
  }

  // MARK: Options

  /// Ends an option at what it is worth by the price of what it is on.
  private mutating func expireOption(
    _ place: Int, _ due: DayToSettle, _ price: Price, at time: Timestamp, _ market: BooksMarket
  ) throws(ArithmeticError) {
    let instrument = market.instruments[place]
    guard let strike = instrument.contract?.strike, let right = instrument.contract?.right else { return }
    let position = positions[place]
    let worth = max(right == .call ? try price - strike : try strike - price, .zero)
    let value = try worth.value(of: position.quantity.magnitude, multiplier: instrument.terms.multiplier)
    let isShort = position.quantity.isNegative
    let gain = try (isShort ? -value : value) - position.cost
    if isShort, value > position.margin {
      let day = CivilDate(day: due.day).text
      try raiseCash(
        value - position.margin, "its money was needed to settle \(instrument.terms.symbol) on \(day)", from: nil,
        at: time, market)
    }
    let firstIn = try positions[place].lots.close(
      position.quantity.magnitude, value, fill: 0, of: instrument.terms.id, at: time, into: &closures
    ).profit
    positions[place].quantity = .zero
    positions[place].cost = .zero
    positions[place].margin = .zero
    try positions[place].realised += gain
    try positions[place].realisedFirstIn += firstIn
    try self.value(place, at: nil, market)
    try margin -= position.margin
    cash = try isShort ? cash + position.margin - value : cash + value
    payments.append(
      PaymentRecord(kind: .settlement, instrument: instrument.terms.id, amount: isShort ? -value : value, at: time))
    if !isShort, value.isPositive {
      let settlementValue = try price.value(of: position.quantity, multiplier: instrument.terms.multiplier)
      try chargeExercise(place, due, position.quantity, value, settlementValue, at: time, market)
    }
    positions[place].settlement = SettlementState(day: due.day, afterFill: fills.count)
  }

  /// Charges the holder of options that are exercised by the terms of the day: on their intrinsic value, and on the value of
  /// what they are on.
  private mutating func chargeExercise(
    _ place: Int, _ due: DayToSettle, _ quantity: Quantity, _ value: Money, _ settlementValue: Money,
    at time: Timestamp,
    _ market: BooksMarket
  ) throws(ArithmeticError) {
    let terms = market.instruments[place].terms
    let begin = market.calendar(of: place).start(ofDay: due.day)
    var fees = Money.zero
    let plans = self.terms.exerciseFees
    for (plan, value) in [(plans.onIntrinsicValue, value), (plans.onSettlementValue, settlementValue)] {
      guard let schedule = plan.schedule(of: terms.feeGroup, at: begin) else { continue }
      try fees += schedule.fee(side: .sell, cumulativeQuantity: quantity, cumulativeNotional: value)
    }
    if fees.isZero { return }
    // A tax on the whole value may be more than what the option pays.
    let day = CivilDate(day: due.day).text
    try raiseCash(
      fees, "its money was needed for the charges on \(terms.symbol), exercised on \(day)", from: nil, at: time, market)
    try cash -= fees
    try positions[place].fees += fees
    payments.append(PaymentRecord(kind: .exercise, instrument: terms.id, amount: -fees, at: time))
  }
}
