/// What orders are charged, and what they set aside for it.
extension PortfolioBooks {
  /// The most that the fees of an order may still grow when all of it has filled: by the terms of the day on which it was
  /// submitted, or of each component the dearest that are known for the year after.
  ///
  /// - Parameters:
  ///   - value: of all of it; nil: nothing is set aside.
  ///   - filled: what of it has filled, for `filledValue`, and was paid for with `paid`.
  /// - Returns: nil without terms for the day.
  func feesToCome(
    at place: Int, submittedAt: Timestamp, side: Side, quantity: Quantity, value: Money?, maker: Money = .zero,
    filled: Quantity = .zero, filledValue: Money = .zero, paid: Money = .zero
  ) throws(ArithmeticError) -> Money? {
    guard let history = fees[place], let first = history.place(at: submittedAt) else { return nil }
    guard let value else { return .zero }
    let whole = try history[first].fees(
      side: side, product: .delivery, quantity: quantity, value: value, makerValue: maker)
    var most = max(try whole.sum() - paid, .zero)
    let last = history.place(at: submittedAt.nextYear) ?? first
    if last == first { return most }
    var parts: [Money] = []
    for place in first...last {
      let whole = try history[place].fees(
        side: side, product: .delivery, quantity: quantity, value: value, makerValue: maker)
      let before = try history[place].fees(
        side: side, product: .delivery, quantity: filled, value: filledValue, makerValue: maker)
      for line in whole.indices {
        let growth = line < before.count ? try whole[line] - before[line] : whole[line]
        if line < parts.count { parts[line] = max(parts[line], growth) } else { parts.append(growth) }
      }
    }
    most = max(most, try parts.sum())
    return most
  }

  /// What an order must set aside when so much of it has filled and was paid: what opening the rest takes, and the fees
  /// that are to come.
  func requiredReservation(
    _ order: OrderRecord, filled: Quantity, _ filledValue: Money, maker: Money, paid: Money,
    _ instrument: BooksInstrument
  ) throws(ArithmeticError) -> Money {
    let open = try order.quantity - filled
    let opening = min(order.opening, open)
    guard !opening.isZero, let price = order.reservePrice else { return .zero }
    let multiplier = instrument.terms.multiplier
    let fees = try feesToCome(
      at: order.place, submittedAt: order.submittedAt, side: order.side, quantity: order.quantity,
      value: try filledValue + price.value(of: open, multiplier: multiplier), maker: maker, filled: filled,
      filledValue: filledValue, paid: paid)
    return try instrument.openingMoney(order.side, opening, price.value(of: opening, multiplier: multiplier))
      + (fees ?? .zero)
  }

  /// The fee of a fill by component: the order pays for all of it that has filled with this fill, the fill the difference
  /// to what the order has paid. Each part of it is charged by the terms of its own trading day.
  ///
  /// - Returns: nil without terms for the day.
  func fillFees(
    _ order: OrderRecord, at time: Timestamp, quantity: Quantity, value: Money, maker: Money
  ) throws(ArithmeticError) -> [Money]? {
    guard let history = fees[order.place], let now = history.place(at: max(time, order.submittedAt)) else { return nil }
    var lines = try history[now].fees(
      side: order.side, product: .delivery, quantity: quantity, value: value, makerValue: maker)
    if order.filled.isPositive, let then = history.place(at: order.submittedAt), then != now {
      let before = try history[now].fees(
        side: order.side, product: .delivery, quantity: order.filled, value: order.filledValue,
        makerValue: order.makerValue)
      for line in before.indices { try lines[line] -= before[line] }
      try lines.add(dueFees(order, history))
    }
    for line in lines.indices {
      let paid = line < order.feeLines.count ? order.feeLines[line] : .zero
      lines[line] = max(try lines[line] - paid, .zero)
    }
    return lines
  }

  /// What an order owes by component for all that has filled of it, each day by its own terms: the difference that the fills
  /// of those terms make to what filled before.
  private func dueFees(_ order: OrderRecord, _ history: FeeHistory) throws(ArithmeticError) -> [Money] {
    var own: [Int] = []
    var next = order.lastFill
    while let place = next {
      own.append(place)
      next = fills[place].previous
    }
    var due: [Money] = []
    var (quantity, value, maker) = (Quantity.zero, Money.zero, Money.zero)
    for place in own.reversed() {
      let fill = fills[place]
      guard let terms = history.place(at: max(fill.at, order.submittedAt)) else { continue }
      let before = try history[terms].fees(
        side: order.side, product: .delivery, quantity: quantity, value: value, makerValue: maker)
      try quantity += fill.quantity
      try value += fill.value
      if fill.liquidity == .maker { try maker += fill.value }
      var after = try history[terms].fees(
        side: order.side, product: .delivery, quantity: quantity, value: value, makerValue: maker)
      for line in before.indices { try after[line] -= before[line] }
      try due.add(after)
    }
    return due
  }
}

extension [Money] {
  func sum() throws(ArithmeticError) -> Money {
    var sum = Money.zero
    for money in self { try sum += money }
    return sum
  }

  /// Adds element by element; the shorter one counts as zero beyond its end.
  mutating func add(_ others: [Money]) throws(ArithmeticError) {
    for place in others.indices {
      if place < count { try self[place] += others[place] } else { append(others[place]) }
    }
  }
}

extension Timestamp {
  /// The same time of the same date a year later, in UTC.
  var nextYear: Timestamp {
    let time = microseconds.modulo(Self.microsecondsPerDay)
    let date = CivilDate(day: (microseconds - time) / Self.microsecondsPerDay).nextYear
    return .clamping(date.dayNumber * Self.microsecondsPerDay + time)
  }
}
