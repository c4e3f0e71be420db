/// New orders, and how orders end.
extension PortfolioBooks {
  enum Submission {
    /// It is open now, at this place; or it was submitted before.
    case accepted(Int)
    case rejected
    case fault(BooksError)
  }

  /// Decides about an order and writes what becomes of it.
  mutating func submit(_ order: SessionOrder, at place: Int, _ market: BooksMarket) throws(ArithmeticError)
    -> Submission
  {
    if let known = self.place(ofName: order.clientOrderID) {
      return orders[known].isOpen ? .accepted(known) : .rejected
    }
    let number = Int64(orders.count + 1)
    let ticket = OrderTicket(
      order: order, place: place, number: number, terms: order.request.terms,
      exclusion: order.request.ocoLeg.map {
        OrderConditions.Exclusion(group: exitGroup(order, place) ?? number, leg: $0)
      },
      replaces: nil, isReduceOnly: order.request.isReduceOnly, at: order.at)
    return try carryOut(ticket, market)
  }

  /// Lets an order take the place of another one, which stays as it was when the new one is refused.
  mutating func replace(
    _ number: Int64, by order: SessionOrder, _ market: BooksMarket
  ) throws(ArithmeticError) -> Submission {
    guard let old = place(ofOrder: number) else {
      return .fault(BooksError("TR205", "there is no order \(number) of the portfolio"))
    }
    if let known = place(ofName: order.clientOrderID) {
      if orders[known].replaces == number { return orders[known].isOpen ? .accepted(known) : .rejected }
      return .fault(BooksError("TR204", "client_order_id \"\(order.clientOrderID)\" is in use"))
    }
    if !orders[old].isOpen { return .rejected }
    let before = (order: orders[old], position: positions[orders[old].place], reserved: reserved)
    let at = max(order.at, orders[old].updatedAt)
    try close(old, .replaced, nil, "replaced by \(order.clientOrderID)", at: at)
    let ticket = OrderTicket(
      order: order, place: before.order.place, number: Int64(orders.count + 1),
      terms: before.order.terms.replaced(by: order.request.terms), exclusion: before.order.exclusion, replaces: number,
      isReduceOnly: before.order.isReduceOnly, at: at)
    if let fault = fault(of: ticket, market.instruments[ticket.place]) { return .fault(fault) }
    let decision = try decide(ticket, market)
    if let fault = fault(of: decision, market.instruments[ticket.place]) { return .fault(fault) }
    if decision.code != nil {
      orders[old] = before.order
      positions[before.order.place] = before.position
      reserved = before.reserved
      return .rejected
    }
    return try write(ticket, decision, market)
  }

  private mutating func carryOut(_ ticket: OrderTicket, _ market: BooksMarket) throws(ArithmeticError) -> Submission {
    if let fault = fault(of: ticket, market.instruments[ticket.place]) { return .fault(fault) }
    let decision = try decide(ticket, market)
    if let fault = fault(of: decision, market.instruments[ticket.place]) { return .fault(fault) }
    return try write(ticket, decision, market)
  }

  /// Writes a new order: its row, what it reserves, what its position keeps, and what the rules say.
  private mutating func write(
    _ ticket: OrderTicket, _ decision: OrderDecision, _ market: BooksMarket
  ) throws(ArithmeticError) -> Submission {
    let order = ticket.order
    let isAccepted = decision.code == nil
    if let ruling = decision.ruling { try keep(ruling, of: ticket, market) }
    let hash = Self.hash(order.clientOrderID)
    var row = OrderRecord(
      number: ticket.number, clientOrderID: order.clientOrderID, agent: order.agent, instrument: order.instrument,
      side: ticket.side, terms: ticket.terms, quantity: ticket.quantity, isReduceOnly: ticket.isReduceOnly,
      exclusion: ticket.exclusion, replaces: ticket.replaces, status: isAccepted ? .working : .rejected,
      code: decision.code, reason: decision.reason, submittedAt: ticket.at, updatedAt: ticket.at,
      reserved: decision.need, reservePrice: decision.reservePrice, opening: decision.opening, place: ticket.place,
      isStop: takeStopName(order.clientOrderID))
    row.sameHash = names[hash]
    let place = orders.count
    if !isAccepted { row.closedAt = ticket.at }
    orders.append(row)
    names[hash] = place
    if !isAccepted { return .rejected }
    try reserved += decision.need
    try positions[ticket.place].keepOpen(decision.kept, ticket.side)
    positions[ticket.place].openOrders.append(place)
    return .accepted(place)
  }

  // MARK: Ends

  mutating func end(_ number: Int64, _ ending: OrderEnding, at time: Timestamp) throws(ArithmeticError) {
    guard let place = place(ofOrder: number) else { return }
    try close(place, ending.status, ending.code, ending.reason, at: time)
  }

  /// Moves an open order into a final status; one that is closed already stays as it is. Its money and quantity are free.
  mutating func close(
    _ place: Int, _ status: OrderStatus, _ code: String?, _ reason: String, at time: Timestamp
  ) throws(ArithmeticError) {
    guard orders[place].isOpen else { return }
    let order = orders[place]
    try freeOpen(order.remaining, of: place)
    try reserved -= order.reserved
    positions[order.place].openOrders.removeAll { $0 == place }
    orders[place].reserved = .zero
    orders[place].status = status
    orders[place].code = code
    orders[place].reason = reason
    orders[place].updatedAt = max(time, order.updatedAt)
    orders[place].closedAt = orders[place].updatedAt
  }

  /// The position keeps less open for an open order that gives up this much; of a group, what its largest leg shrinks by.
  mutating func freeOpen(_ quantity: Quantity, of place: Int) throws(ArithmeticError) {
    let order = orders[place]
    var freed = quantity
    if let exclusion = order.exclusion {
      let before = groupOpen(exclusion, at: order.place)
      let others = groupOpen(exclusion, at: order.place, without: place)
      let leg = try legOpen(exclusion, at: order.place) - quantity
      freed = try before - max(others, leg)
    }
    try positions[order.place].keepOpen(-freed, order.side)
  }

  /// Leaves this much of an order open, with the reason, and frees the money that it needs no more.
  mutating func resize(
    _ place: Int, to open: Quantity, _ code: String, _ reason: String, at time: Timestamp, _ market: BooksMarket
  ) throws(ArithmeticError) {
    guard open.isPositive else { return try close(place, .cancelled, code, reason, at: time) }
    try freeOpen(orders[place].remaining - open, of: place)
    orders[place].quantity = try orders[place].filled + open
    orders[place].opening = min(orders[place].opening, open)
    try lowerReservation(of: place, market.instruments[orders[place].place])
    orders[place].code = code
    orders[place].reason = reason
    orders[place].updatedAt = max(time, orders[place].updatedAt)
  }

  /// Lets an order reserve what it needs now, where that is less.
  mutating func lowerReservation(of place: Int, _ instrument: BooksInstrument) throws(ArithmeticError) {
    let order = orders[place]
    if order.reserved.isZero { return }
    let need = min(
      order.reserved,
      try requiredReservation(
        order, filled: order.filled, order.filledValue, maker: order.makerValue, paid: order.fees,
        instrument))
    reserved = try reserved - order.reserved + need
    orders[place].reserved = need
  }

  // MARK: Stops

  mutating func trigger(_ number: Int64, at time: Timestamp) {
    guard let place = place(ofOrder: number), orders[place].isOpen, orders[place].triggeredAt == nil,
      orders[place].terms.stopPrice != nil
    else { return }
    orders[place].triggeredAt = time
    orders[place].updatedAt = max(time, orders[place].updatedAt)
  }

  /// Keeps the name of an order by which an agent leaves where its stop could not rest.
  mutating func note(_ signal: SessionSignal) {
    if signal.signal.reason == .stop, let name = signal.clientOrderID { stopNames.append(name) }
  }

  private mutating func takeStopName(_ name: String) -> Bool {
    guard let place = stopNames.firstIndex(where: { isSame($0, name) }) else { return false }
    stopNames.remove(at: place)
    return true
  }
}

extension OrderTerms {
  /// Terms of the same type with the prices of `other`, where it has them.
  func replaced(by other: OrderTerms) -> OrderTerms {
    switch self {
    case .market: .market
    case .limit(let limit): .limit(other.limitPrice ?? limit)
    case .stop(let stop): .stop(other.stopPrice ?? stop)
    case .stopLimit(let stop, let limit):
      .stopLimit(stop: other.stopPrice ?? stop, limit: other.limitPrice ?? limit)
    case .trailingStop(let stop, let trail): .trailingStop(stop: other.stopPrice ?? stop, trail: trail)
    case .limitIfTouched(let touch, let limit):
      .limitIfTouched(touch: other.stopPrice ?? touch, limit: other.limitPrice ?? limit)
    }
  }
}
