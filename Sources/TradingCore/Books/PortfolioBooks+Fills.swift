/// Executions.
extension PortfolioBooks {
  enum FillOutcome {
    /// Whether it changed other orders.
    case booked(changesOthers: Bool)
    /// Whether its order still rests.
    case refused(isOpen: Bool)
    case fault(BooksError)
  }

  /// Books an execution: order, cash, position and lots, and what it means for other orders.
  mutating func book(_ fill: PaperFill, _ market: BooksMarket) throws(ArithmeticError) -> FillOutcome {
    guard let place = place(ofOrder: fill.key.order) else {
      return .fault(BooksError("TR205", "there is no order \(fill.key.order) of the portfolio"))
    }
    if fill.at > markedUntil { _ = try markPeriods(at: fill.at, market) }
    let order = orders[place]
    if isContradicted(fill, order, market) { return .refused(isOpen: order.isOpen) }
    let instrument = market.instruments[order.place]
    let value = try fill.price.value(of: fill.quantity, multiplier: instrument.terms.multiplier)
    let filled = try order.filled + fill.quantity
    let filledValue = try order.filledValue + value
    let maker = fill.liquidity == .maker ? try order.makerValue + value : order.makerValue
    guard let lines = try fillFees(order, at: fill.at, quantity: filled, value: filledValue, maker: maker) else {
      return .refused(isOpen: true)
    }
    let fee = try lines.sum()
    let move = try PositionMove(order.side, fill.quantity, value, of: positions[order.place], instrument)
    var need = Money.zero
    if !order.reserved.isZero, filled < order.quantity {
      need = min(
        order.reserved,
        try requiredReservation(
          order, filled: filled, filledValue, maker: maker, paid: order.fees + fee, instrument))
    }
    let free = try available + order.reserved - need
    let change = try move.cash - fee
    if (try free + change).isNegative {
      // An order that cannot be paid would fail again at every tick.
      let reason = "\(free.description) \(instrument.currency) are available, the fill costs \((-change).description)"
      try close(place, .cancelled, "TR401", reason, at: fill.at)
      return .refused(isOpen: false)
    }

    let isLinked = order.exclusion != nil || move.closed.isPositive && hasReducingOrders(order.place)
    try freeOpen(min(fill.quantity, order.remaining), of: place)
    reserved = try reserved - order.reserved + need
    cash = try cash + change
    try margin += move.marginChange
    var profit = (profit: Money.zero, settled: Money.zero)
    let number = Int64(fills.count + 1)
    if move.closed.isPositive {
      profit = try positions[order.place].lots.close(
        move.closed, move.closedValue, fill: number, of: order.instrument, at: fill.at, into: &closures)
    }
    if !move.opened.isZero {
      positions[order.place].lots.open(
        Lots.Lot(fill: number, openedAt: fill.at, quantity: move.opened, cost: move.openedCost))
    }
    try hold(move, at: order.place, firstIn: profit.profit, fee: fee, market)
    fills.append(
      FillRecord(
        number: number, order: order.number, instrument: order.instrument, side: order.side, quantity: fill.quantity,
        price: fill.price, value: value, fee: fee, liquidity: fill.liquidity, closed: move.closed,
        realised: move.realised, realisedFirstIn: profit.profit, at: fill.at, settled: profit.settled,
        previous: order.lastFill))
    try advance(place, filled, filledValue, maker, lines, fee, need, at: fill.at, instrument)
    if move.closed.isPositive, !market.protections.isEmpty { try protect(afterFill: fills.count - 1, place, market) }
    return .booked(changesOthers: isLinked ? try followFill(place, fill.quantity, at: fill.at, market) : false)
  }

  /// What its order cannot take: it is closed, or less is open or held, or the limit is another.
  private func isContradicted(_ fill: PaperFill, _ order: OrderRecord, _ market: BooksMarket) -> Bool {
    if !order.isOpen || fill.quantity > order.remaining { return true }
    let held = positions[order.place].quantity
    if order.isReduceOnly, fill.quantity > max(order.side == .sell ? held : -held, .zero) { return true }
    if let limit = order.terms.limitPrice, !order.side.accepts(fill.price, limit: limit) { return true }
    let lot = market.instruments[order.place].terms.lot.raw
    if fill.quantity.raw % lot != 0, order.quantity.raw % lot == 0, fill.quantity != order.remaining { return true }
    return fill.at.microseconds < order.submittedAt.microseconds - 60_000_000
  }

  private func hasReducingOrders(_ place: Int) -> Bool {
    for other in positions[place].openOrders where orders[other].isReduceOnly { return true }
    return false
  }

  /// The position after a move.
  mutating func hold(
    _ move: PositionMove, at place: Int, firstIn: Money, fee: Money, _ market: BooksMarket
  ) throws(ArithmeticError) {
    positions[place].quantity = move.held
    try positions[place].cost += move.costChange
    try positions[place].margin += move.marginChange
    try positions[place].realised += move.realised
    try positions[place].realisedFirstIn += firstIn
    try positions[place].fees += fee
    try value(place, at: market.last(place), market)
  }

  /// Values a position anew.
  mutating func value(_ place: Int, at last: LastPrice?, _ market: BooksMarket) throws(ArithmeticError) {
    let value = try positions[place].value(at: last, market.instruments[place].terms)
    positionsValue = try positionsValue - positions[place].marketValue + value
    positions[place].marketValue = value
  }

  /// The order after a fill.
  private mutating func advance(
    _ place: Int, _ filled: Quantity, _ filledValue: Money, _ maker: Money, _ lines: [Money], _ fee: Money,
    _ need: Money, at time: Timestamp, _ instrument: BooksInstrument
  ) throws(ArithmeticError) {
    orders[place].filled = filled
    orders[place].filledValue = filledValue
    orders[place].makerValue = maker
    try orders[place].feeLines.add(lines)
    try orders[place].fees += fee
    orders[place].reserved = need
    orders[place].lastFill = fills.count - 1
    orders[place].averagePrice = try filledValue.price(per: filled, multiplier: instrument.terms.multiplier)
    orders[place].updatedAt = max(time, orders[place].updatedAt)
    orders[place].status = .partiallyFilled
    if filled >= orders[place].quantity {
      orders[place].status = .filled
      orders[place].closedAt = orders[place].updatedAt
      positions[orders[place].place].openOrders.removeAll { $0 == place }
    }
  }

  // MARK: Other orders

  /// What a fill means for the orders that depend on its order: the other legs of its group shrink, orders that may only
  /// reduce keep within the position.
  ///
  /// - Returns: whether one changed.
  private mutating func followFill(
    _ place: Int, _ quantity: Quantity, at time: Timestamp, _ market: BooksMarket
  ) throws(ArithmeticError) -> Bool {
    let order = orders[place]
    var hasChanged = false
    if let own = order.exclusion {
      let isDone = order.status == .filled && legOpen(own, at: order.place).isZero
      let reason = "order \(order.number) of its group has filled \(order.filled.description)"
      var leg: Int16?
      var rest = Quantity.zero
      for other in membersOfOtherLegs(own, at: order.place) {
        if orders[other].exclusion?.leg != leg {
          leg = orders[other].exclusion?.leg
          rest = quantity
        }
        let open = orders[other].remaining
        if isDone || rest.isPositive {
          try resize(other, to: isDone ? .zero : try open - rest, "TR222", reason, at: time, market)
          rest = max(try rest - open, .zero)
          hasChanged = true
        }
      }
    }
    let held = positions[order.place].quantity
    for other in positions[order.place].openOrders {
      let most = max(orders[other].side == .sell ? held : -held, .zero)
      guard orders[other].isOpen, orders[other].isReduceOnly, orders[other].remaining > most else { continue }
      let symbol = market.instruments[order.place].terms.symbol
      try resize(other, to: most, "TR220", "\(held.description) \(symbol) are held", at: time, market)
      hasChanged = true
    }
    return hasChanged
  }

  /// Leg by leg, the last order of each first.
  private func membersOfOtherLegs(_ own: OrderConditions.Exclusion, at place: Int) -> [Int] {
    var members: [Int] = []
    for other in positions[place].openOrders {
      if let leg = orders[other].exclusion, leg.group == own.group, leg.leg != own.leg { members.append(other) }
    }
    return members.sorted {
      (orders[$0].exclusion?.leg ?? 0, -$0) < (orders[$1].exclusion?.leg ?? 0, -$1)
    }
  }
}
