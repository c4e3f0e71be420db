/// A new order, as it is decided about.
struct OrderTicket {
  let order: SessionOrder
  /// The place of its instrument.
  let place: Int
  let number: Int64
  let terms: OrderTerms
  let exclusion: OrderConditions.Exclusion?
  let replaces: Int64?
  let isReduceOnly: Bool
  let at: Timestamp

  var side: Side { order.request.side }
  var quantity: Quantity { order.request.quantity }
}

/// What becomes of a new order: `internal.order_decision`.
struct OrderDecision {
  /// Of the rule that refuses it.
  var code: String?
  var reason: String?
  /// What of it opens a position.
  let opening: Quantity
  /// At what price that is reserved.
  let reservePrice: Price?
  /// What it reserves.
  var need = Money.zero
  /// What its position keeps open for it.
  var kept = Quantity.zero
  var ruling: RiskRuling?
}

extension PortfolioBooks {
  /// What makes no sense in a new order, whatever the market and the books; nil: nothing.
  func fault(of ticket: OrderTicket, _ instrument: BooksInstrument) -> BooksError? {
    let (quantity, lot) = (ticket.quantity, instrument.terms.lot)
    let held = positions[ticket.place].quantity
    let closesAll = quantity == (ticket.side == .sell ? held : -held)
    let leavesAll = ticket.replaces.flatMap { place(ofOrder: $0) }.map { orders[$0].remaining == quantity } ?? false
    if ticket.at < terms.openedAt {
      return BooksError("TR249", "an order of \(ticket.at), before the portfolio was opened")
    }
    guard quantity.isPositive, quantity.raw % lot.raw == 0 || closesAll || leavesAll else {
      return BooksError("TR201", "invalid quantity \(quantity): \(instrument.terms.symbol) trades in lots of \(lot)")
    }
    if ticket.terms.trail != nil { return BooksError("TR202", "the prices do not fit a trailing_stop order") }
    for price in [ticket.terms.limitPrice, ticket.terms.stopPrice] {
      guard let price else { continue }
      if !price.isPositive { return BooksError("TR118", "a price is not above zero: \(price)") }
      if price.raw % instrument.terms.tickSize.raw != 0 {
        return BooksError("TR202", "a price is off the tick grid: \(price) of \(instrument.terms.symbol)")
      }
    }
    return nil
  }

  /// What becomes of a new order. Nothing is written.
  func decide(_ ticket: OrderTicket, _ market: BooksMarket) throws(ArithmeticError) -> OrderDecision {
    let instrument = market.instruments[ticket.place]
    let position = positions[ticket.place]
    let last = try market.last(ticket.place)
    let groupOpen = groupOpen(ticket.exclusion, at: ticket.place)
    var capacity =
      ticket.side == .sell
      ? try position.quantity - position.openSells : try -position.quantity - position.openBuys
    if let exclusion = ticket.exclusion {
      // What the position keeps for other legs serves this one too; what it keeps for its own does not.
      capacity = try capacity + groupOpen - legOpen(exclusion, at: ticket.place)
    }
    let opening = max(try ticket.quantity - max(capacity, .zero), .zero)
    let named = ticket.terms.limitPrice ?? ticket.terms.stopPrice
    let reference = named.map { LastPrice($0) } ?? last
    var reservePrice: Price?
    if opening.isPositive, let reference {
      // What a market buy may lose on the way is reserved too.
      let isBound = ticket.terms.limitPrice != nil || ticket.side == .sell
      reservePrice = isBound ? reference.rounded : try reference.raised(by: terms.marketOrderBuffer)
    }
    let multiplier = instrument.terms.multiplier
    let fees = try feesToCome(
      at: ticket.place, submittedAt: ticket.at, side: ticket.side, quantity: ticket.quantity,
      value: reservePrice.map { price throws(ArithmeticError) in
        try price.value(of: ticket.quantity, multiplier: multiplier)
      })
    var decision = OrderDecision(opening: opening, reservePrice: reservePrice)
    decision.code =
      isOver(instrument, ticket.place, at: ticket.at, market)
      ? "TR107"
      : reference == nil && opening.isPositive
        ? "TR105"
        : fees == nil ? "TR240" : ticket.isReduceOnly && opening.isPositive ? "TR220" : nil
    // What only closes is judged by its limit price alone.
    if decision.code == nil, opening.isPositive || ticket.terms.limitPrice != nil, hasRules(market), let reference {
      let ruling = try judge(ticket, opening: opening, reference: reference, last: last, market)
      decision.code = ruling.code
      decision.reason = ruling.reason
      decision.ruling = ruling
    }
    if opening.isPositive, decision.code == nil, let reservePrice, let fees {
      let value = try reservePrice.value(of: opening, multiplier: multiplier)
      decision.need = try instrument.openingMoney(ticket.side, opening, value) + fees
      decision.code = fundsCode(ticket.side, instrument, need: decision.need)
    }
    if let code = decision.code {
      if decision.reason == nil {
        decision.reason = reason(code, ticket, instrument, opening, capacity, decision.need, market)
      }
      decision.need = .zero
    } else {
      decision.kept = try kept(by: ticket, groupOpen)
    }
    return decision
  }

  private func fundsCode(_ side: Side, _ instrument: BooksInstrument, need: Money) -> String? {
    if terms.accountType == .cash, instrument.isFuture { return "TR225" }
    if side == .sell, !instrument.isFuture {
      if terms.accountType == .cash { return "TR402" }
      if !instrument.isShortable { return "TR226" }
    }
    return need <= available ? nil : "TR401"
  }

  /// What a run cannot judge: for an instrument of which it has seen no price the database takes one that is stored.
  func fault(of decision: OrderDecision, _ instrument: BooksInstrument) -> BooksError? {
    guard let code = decision.code, isSame(code, "TR105") else { return nil }
    return BooksError(
      "TR531", "\(instrument.terms.symbol) is to be dealt at the market, and the run has not seen a price of it yet")
  }

  /// What the position keeps open for a new order: for a group what its largest leg grows by.
  private func kept(by ticket: OrderTicket, _ groupOpen: Quantity) throws(ArithmeticError) -> Quantity {
    guard let exclusion = ticket.exclusion else { return ticket.quantity }
    let leg = try legOpen(exclusion, at: ticket.place) + ticket.quantity
    return try max(leg, groupOpen) - groupOpen
  }

  /// Whether nothing trades any more.
  private func isOver(_ instrument: BooksInstrument, _ place: Int, at time: Timestamp, _ market: BooksMarket) -> Bool {
    if !instrument.isActive { return true }
    guard let expiresOn = instrument.contract?.expiresOn else { return false }
    return time >= market.calendar(of: place).start(ofDay: expiresOn + 1)
  }

  /// Why an order is refused, in the words of the database.
  private func reason(
    _ code: String, _ ticket: OrderTicket, _ instrument: BooksInstrument, _ opening: Quantity, _ capacity: Quantity,
    _ need: Money, _ market: BooksMarket
  ) -> String? {
    let symbol = instrument.terms.symbol
    let position = positions[ticket.place]
    if isSame(code, "TR107") { return "\(symbol) takes no new orders" }
    if isSame(code, "TR240") { return noFeeTerms(instrument, ticket.place, at: ticket.at, market) }
    if isSame(code, "TR220") {
      let most = max(capacity, .zero).description
      return "\(most) \(symbol) can be closed, the order is of \(ticket.quantity.description) and may only reduce"
    }
    if isSame(code, "TR402") {
      let (held, sells) = (position.quantity.description, position.openSells.description)
      return
        "\(held) \(symbol) are held, \(sells) of them promised to open sells, \(ticket.quantity.description) are to be sold"
    }
    if isSame(code, "TR225") { return "\(symbol) is dealt on margin, the portfolio has a cash account" }
    if isSame(code, "TR226") {
      return "\(symbol) cannot be sold short; \(opening.description) more than can be closed"
    }
    return "\(available.description) \(instrument.currency) are available, \(need.description) are needed"
  }

  func noFeeTerms(_ instrument: BooksInstrument, _ place: Int, at time: Timestamp, _ market: BooksMarket) -> String {
    let day = market.calendar(of: place).day(at: time)
    let (kind, symbol) = (instrument.terms.feeGroup.kind.sql, instrument.terms.symbol)
    return
      "the fee schedule \"\(terms.feeSchedule)\" has no terms for \(symbol) (\(kind)) on \(CivilDate(day: day).text)"
  }

  // MARK: Groups

  /// What the largest leg of a group has open.
  func groupOpen(_ exclusion: OrderConditions.Exclusion?, at place: Int, without order: Int? = nil) -> Quantity {
    guard let exclusion else { return .zero }
    var most: Int64 = 0
    for first in positions[place].openOrders {
      guard let leg = orders[first].exclusion, leg.group == exclusion.group else { continue }
      most = max(most, legOpen(leg, at: place, without: order).raw)
    }
    return Quantity(unchecked: most)
  }

  /// What the orders of a leg have open together.
  func legOpen(_ leg: OrderConditions.Exclusion, at place: Int, without order: Int? = nil) -> Quantity {
    var sum: Int64 = 0
    for other in positions[place].openOrders where other != order && orders[other].exclusion == leg {
      sum &+= orders[other].remaining.raw
    }
    return Quantity(unchecked: sum)
  }

  /// The group that open orders of an agent on one side of an instrument are in; nil when there is none.
  func exitGroup(_ order: SessionOrder, _ place: Int) -> Int64? {
    var latest: Int64?
    for other in positions[place].openOrders where orders[other].agent == order.agent {
      if orders[other].side == order.request.side, let group = orders[other].exclusion?.group {
        latest = max(latest ?? group, group)
      }
    }
    return latest
  }
}
