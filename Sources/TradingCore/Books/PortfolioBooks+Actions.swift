/// What issuers do to what is held and ordered: splits and dividends.
extension PortfolioBooks {
  /// Applies a split to what was held and ordered before it.
  ///
  /// - Returns: the places of open orders that have new terms.
  mutating func apply(
    _ split: SessionSplit, _ action: BooksAction, at place: Int, _ market: BooksMarket
  ) throws(ArithmeticError) -> [Int] {
    let due = split.effectiveAt
    let before = positions[place].quantity
    var held = before
    if let later = try dealt(since: due, at: place) {
      held = try held - later.quantity
      // A profit that was taken since, at half the shares' cost, cannot be put right.
      if !held.isZero, later.hasClosed { return [] }
    }
    // The cost stays: twice the shares at half the price.
    let heldAfter = try split.split.held(held)
    positions[place].quantity = try before - held + heldAfter
    try value(place, at: market.last(place), market)
    positions[place].lots.replaceAll(
      by: try splitLots(split, of: positions[place].quantity, positions[place].lots.all))
    let isPaid = try payFraction(of: heldAfter, action, at: place, due, market)

    var restated: [Int] = []
    for order in positions[place].openOrders where orders[order].submittedAt < due {
      try restate(order, by: split, action, at: due, market)
      if orders[order].isOpen { restated.append(order) }
    }
    if isPaid, terms.accountType == .cash { try boundSells(at: place, due, market) }
    return restated
  }

  /// What was dealt of an instrument from a time on; nil: nothing was.
  private func dealt(
    since time: Timestamp, at place: Int
  ) throws(ArithmeticError) -> (quantity: Quantity, hasClosed: Bool)? {
    var (quantity, hasClosed, isAny) = (Quantity.zero, false, false)
    for fill in fills.reversed() {
      if fill.at < time { break }
      guard let order = self.place(ofOrder: fill.order), orders[order].place == place else { continue }
      isAny = true
      quantity = try fill.side == .buy ? quantity + fill.quantity : quantity - fill.quantity
      if fill.closed.isPositive { hasClosed = true }
    }
    return isAny ? (quantity, hasClosed) : nil
  }

  /// Lots after a split, together `quantity`. The sums are rounded, not each lot by itself: so they add up to the position,
  /// and none changes its sign. One that comes to nothing leaves its cost to its neighbour.
  private func splitLots(
    _ split: SessionSplit, of quantity: Quantity, _ lots: ArraySlice<Lots.Lot>
  ) throws(ArithmeticError) -> [Lots.Lot] {
    var total = quantity
    for lot in lots where lot.openedAt >= split.effectiveAt { try total -= lot.quantity }
    let last = lots.lastIndex { $0.openedAt < split.effectiveAt }
    var (before, after) = (Quantity.zero, Quantity.zero)
    var (cost, settled) = (Money.zero, Money.zero)
    var result: [Lots.Lot] = []
    var lastKept: Int?
    for index in lots.indices {
      var lot = lots[index]
      if lot.openedAt >= split.effectiveAt {
        result.append(lot)
        continue
      }
      try before += lot.quantity
      let upTo = index == last ? total : try split.split.quantity(before)
      if upTo == after {
        try cost += lot.cost
        try settled += lot.settled
      } else {
        lot.quantity = try upTo - after
        try lot.cost += cost
        try lot.settled += settled
        (cost, settled) = (.zero, .zero)
        lastKept = result.count
        result.append(lot)
      }
      after = upTo
    }
    if !cost.isZero, let lastKept {
      try result[lastKept].cost += cost
      try result[lastKept].settled += settled
    }
    return result
  }

  /// Pays in cash what a split left of a holding beyond whole shares, or where parts of a share are dealt beyond whole lots,
  /// at the last price. Without any price the fraction stays.
  ///
  /// - Returns: whether a long position received it.
  private mutating func payFraction(
    of held: Quantity, _ action: BooksAction, at place: Int, _ time: Timestamp, _ market: BooksMarket
  ) throws(ArithmeticError) -> Bool {
    let instrument = market.instruments[place]
    let fraction = held.raw % min(instrument.terms.lot.raw, fixedPointScale)
    guard fraction != 0, !instrument.isFuture, !instrument.isOption, let price = try market.last(place)?.rounded,
      !price.isZero
    else { return false }
    let quantity = try Quantity(raw: fraction).magnitude
    let value = try price.value(of: quantity, multiplier: instrument.terms.multiplier)
    let move = try PositionMove(fraction > 0 ? .sell : .buy, quantity, value, of: positions[place], instrument)
    if move.cash.isNegative {
      let reason = "its money was needed for a fraction of \(instrument.terms.symbol)"
      try raiseCash(-move.cash, reason, from: nil, at: time, market)
    }
    let profit = try positions[place].lots.close(
      move.closed, move.closedValue, fill: Int64(-action.id), of: action.instrument, at: time, into: &closures)
    cash = try cash + move.cash
    try margin += move.marginChange
    try hold(move, at: place, firstIn: profit.profit, fee: .zero, market)
    payments.append(
      PaymentRecord(kind: .cashInLieu, instrument: action.instrument, amount: fraction > 0 ? value : -value, at: time))
    try revalue(market)
    return fraction > 0
  }

  /// Restates an open order in the shares after a split. What is open is rounded down to whole lots, unless it closes all
  /// that is held; of which nothing is left ends.
  private mutating func restate(
    _ place: Int, by split: SessionSplit, _ action: BooksAction, at time: Timestamp, _ market: BooksMarket
  ) throws(ArithmeticError) {
    let order = orders[place]
    let instrument = market.instruments[order.place]
    let (ratio, tick) = (split.split, instrument.terms.tickSize)
    var open = try ratio.truncated(order.remaining)
    let held = positions[order.place].quantity
    if open != (order.side == .sell ? held : -held) { open = try open.roundedDown(toLot: instrument.terms.lot) }
    if open.isZero {
      let word = if case .bonus = action.kind { "bonus" } else { "split" }
      return try close(place, .cancelled, "TR201", "less than a lot of it is left after the \(word)", at: time)
    }
    let filled = order.filled.isZero ? Quantity.zero : try ratio.held(order.filled)
    let keptBefore = groupOrOwnOpen(place)
    orders[place].filled = filled
    orders[place].quantity = try filled + open
    try positions[order.place].keepOpen(try groupOrOwnOpen(place) - keptBefore, order.side)
    orders[place].terms = try ratio.terms(order.terms, order.side, tickSize: tick)
    if let price = order.reservePrice {
      let restated = try price.scaled(by: ratio.denominator.raw, over: ratio.numerator.raw)
      orders[place].reservePrice = orders[place].terms.limitPrice ?? restated
    }
    orders[place].opening = min(try ratio.truncated(order.opening), open)
    try lowerReservation(of: place, instrument)
    orders[place].averagePrice =
      filled.isZero ? nil : try order.filledValue.price(per: filled, multiplier: instrument.terms.multiplier)
    orders[place].updatedAt = max(time, order.updatedAt)
  }

  /// What the position keeps open for an order, or for the group that it is in.
  private func groupOrOwnOpen(_ place: Int) -> Quantity {
    orders[place].exclusion == nil ? orders[place].open : groupOpen(orders[place].exclusion, at: orders[place].place)
  }

  /// Takes as much from the open sells of a cash account, latest first, as they want to sell more than is held.
  private mutating func boundSells(at place: Int, _ time: Timestamp, _ market: BooksMarket) throws(ArithmeticError) {
    for order in positions[place].openOrders.reversed() where orders[order].isOpen && orders[order].side == .sell {
      let excess = try positions[place].openSells - max(positions[place].quantity, .zero)
      guard excess.isPositive else { return }
      try resize(
        order, to: try orders[order].remaining - excess, "TR402",
        "\(excess.description) more were to be sold than are held", at: time, market)
    }
  }

  // MARK: Money

  /// Pays a dividend to who held the instrument before its ex-date, and charges who was short.
  mutating func payDividend(
    _ action: BooksAction, at place: Int, _ time: Timestamp, _ market: BooksMarket
  ) throws(ArithmeticError) -> Money {
    guard case .dividend(let perUnit) = action.kind else { return .zero }
    var held = positions[place].quantity
    if let later = try dealt(since: action.effectiveAt, at: place) { held = try held - later.quantity }
    if held.isZero { return .zero }
    let amount = try Money(raw: (Figure(held) * Figure(perUnit)).rounded())
    if amount.isZero { return .zero }
    _ = try markPeriods(at: time, market)
    if amount.isNegative {
      // Who has sold short owes the dividend to the lender.
      let symbol = market.instruments[place].terms.symbol
      let day = CivilDate(day: action.exDay).text
      try raiseCash(
        -amount, "its money was needed for the dividend of \(symbol) on \(day)", from: place, at: time, market)
    }
    try cash += amount
    payments.append(PaymentRecord(kind: .dividend, instrument: action.instrument, amount: amount, at: time))
    try revalue(market)
    return amount
  }

  /// Makes this much cash available for what must be paid: out of free cash, then the margin of the position, then the money
  /// of open orders, latest first; what is still missing is advanced as capital.
  ///
  /// - Returns: what was advanced.
  @discardableResult
  mutating func raiseCash(
    _ amount: Money, _ reason: String, from place: Int?, at time: Timestamp, _ market: BooksMarket
  ) throws(ArithmeticError) -> Money {
    var missing = try amount - available
    if !missing.isPositive { return .zero }
    if let place {
      let part = min(positions[place].margin, missing)
      if part.isPositive {
        try positions[place].margin -= part
        try margin -= part
        try cash += part
        try missing -= part
      }
    }
    while missing.isPositive {
      var latest: Int?
      for position in positions {
        for order in position.openOrders where orders[order].reserved.isPositive {
          latest = max(latest ?? order, order)
        }
      }
      guard let latest else { break }
      try close(latest, .cancelled, "TR234", reason, at: time)
      missing = try amount - available
    }
    if !missing.isPositive { return .zero }
    try cash += missing
    try bookFlow(missing, market)
    payments.append(PaymentRecord(kind: .advance, instrument: nil, amount: missing, at: time))
    return missing
  }
}

extension StockSplit {
  /// What is held after it: never nothing, so that its cost is always that of something.
  func held(_ quantity: Quantity) throws(ArithmeticError) -> Quantity {
    let after = try self.quantity(quantity)
    return after.isZero && !quantity.isZero ? Quantity(unchecked: quantity.raw.signum()) : after
  }

  /// A quantity after it, without what is behind eight decimals.
  func truncated(_ quantity: Quantity) throws(ArithmeticError) -> Quantity {
    try Quantity(
      wideRaw: multiplyDivideFloor(Int128(quantity.raw), Int128(numerator.raw), by: Int128(denominator.raw)))
  }
}
