/// The orders of an agent: what they should be, and how they get there.
extension AgentRuntime {
  /// The whole lots of what is owned.
  var sellable: Quantity {
    get throws(ArithmeticError) { try current?.owned.roundedDown(toLot: plan.terms.lot) ?? .zero }
  }

  var isEntering: Bool { orders.contains { $0.role.isEntry } }

  func index(of clientOrderID: String) -> Int? { orders.firstIndex { isSame($0.clientOrderID, clientOrderID) } }

  private func index(of role: OrderRole) -> Int? { orders.firstIndex { $0.role == role } }

  /// Moves the orders towards what they should be, as far as can be done before the next answer.
  mutating func settle(_ actions: inout [AgentAction]) throws(ArithmeticError) {
    guard let trade = current else { return }
    let sellable = try sellable
    // What stops the position out, or takes the profit, stops its growth too.
    if trade.isStoppedOut || trade.targets.contains(where: { $0.filled.isPositive }) {
      cancel(&actions) { $0.role.isEntry }
    }
    if sellable.isZero {
      cancel(&actions) { !$0.role.isEntry }
      if !isEntering { current?.end() }
    }
    if current?.exitReason != nil {
      cancel(&actions) { $0.role != .exit }
      if let exit = index(of: .exit) {
        if orders[exit].remaining > sellable { cancel(&actions) { $0.role == .exit } }
      } else if sellable.isPositive && orders.isEmpty && !holdsBack {
        exitsInBar += 1
        submit(.exit, name(.exit, attempt: exitsInBar), .market, sellable, nil, &actions)
      }
    } else if sellable.isPositive, index(of: .exit) == nil {
      try placeStop(trade, sellable, &actions)
      try placeTargets(trade, sellable, &actions)
    }
  }

  private mutating func placeStop(
    _ trade: AgentTrade, _ sellable: Quantity, _ actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    let price = try trade.stopPrice(tickSize: plan.terms.tickSize)
    guard let index = index(of: .stop) else {
      if let price, !holdsBack {
        stopsInBar += 1
        let clientOrderID = name(.stop, attempt: stopsInBar)
        submit(.stop, clientOrderID, .stop(price), sellable, trade.targets.isEmpty ? nil : 2, &actions)
      }
      return
    }
    let stop = orders[index]
    guard stop.isSettled else { return }
    if stop.hasFilled {
      // It is at work: only what would be too much of it goes.
      if stop.remaining > sellable { cancel(&actions) { $0.role == .stop } }
    } else if stop.remaining != sellable || stop.price != price {
      guard let price else { return cancel(&actions) { $0.role == .stop } }
      if holdsBack { return }
      stopsInBar += 1
      replace(index, by: name(.stop, attempt: stopsInBar), .stop(price), sellable, &actions)
    }
  }

  private mutating func placeTargets(
    _ trade: AgentTrade, _ sellable: Quantity, _ actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    if trade.targets.isEmpty || trade.isStoppedOut || holdsBackTargets { return }
    let wanted = try trade.targetQuantities(of: sellable, lot: plan.terms.lot)
    // What shrinks comes first, so that there is room for what grows.
    for index in orders.indices where orders[index].isSettled {
      guard let target = orders[index].target else { continue }
      if target >= wanted.count || wanted[target].isZero {
        cancel(&actions) { $0.target == target }
      } else if orders[index].remaining > wanted[target] {
        try move(index, target, trade, wanted[target], &actions)
      }
    }
    for target in wanted.indices where wanted[target].isPositive {
      let place = orders.firstIndex { $0.target == target }
      var room = sellable
      for order in orders where order.role == .target && order.target != target { try room -= order.remaining }
      let quantity = min(wanted[target], room)
      guard quantity.isPositive else { continue }
      if let place {
        guard orders[place].isSettled, orders[place].remaining <= quantity else { continue }
        try move(place, target, trade, quantity, &actions)
      } else if let price = try trade.targetPrice(target, tickSize: plan.terms.tickSize) {
        let clientOrderID = nameTarget(target)
        submit(.target, clientOrderID, .limit(price), quantity, 1, &actions)
      }
    }
  }

  /// Has a target replaced, unless it is where and as large as it should be.
  private mutating func move(
    _ index: Int, _ target: Int, _ trade: AgentTrade, _ quantity: Quantity, _ actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    guard let price = try trade.targetPrice(target, tickSize: plan.terms.tickSize),
      orders[index].remaining != quantity || orders[index].price != price
    else { return }
    replace(index, by: nameTarget(target), .limit(price), quantity, &actions)
  }

  /// A stop or target has filled this much: the orders that exclude it give up as much, the last ones first, and all when
  /// nothing is left of its leg. The books do so too, and report it afterwards.
  mutating func giveUp(after role: OrderRole, _ quantity: Quantity, isDone: Bool) {
    guard let current, !current.targets.isEmpty else { return }
    let isLegDone = isDone && !orders.contains { $0.role == role && $0.remaining.isPositive }
    let other: OrderRole = role == .stop ? .target : .stop
    var rest = quantity.raw
    for index in orders.indices.reversed() where orders[index].role == other {
      let open = orders[index].remaining.raw
      let taken = isLegDone ? open : min(rest, open)
      rest -= taken
      orders[index].remaining = Quantity(unchecked: open - taken)
      if open == taken, orders[index].isSettled { orders[index].change = .end }
    }
  }

  /// What the books should have ended and have not reported by now may rest still, if the news came late.
  mutating func cancelUnreported(_ actions: inout [AgentAction]) {
    for index in orders.indices {
      guard case .end = orders[index].change else { continue }
      orders[index].change = .cancel
      actions.append(.cancel(clientOrderID: orders[index].clientOrderID))
    }
  }

  mutating func holdBack(_ role: OrderRole) {
    switch role {
    case .exit, .stop: holdsBack = true
    case .target: holdsBackTargets = true
    case .entry, .leg: break
    }
  }

  // MARK: Actions

  func name(_ role: OrderRole, attempt: Int) -> String { Self.name(role.sql, lastBar, attempt) }

  private mutating func nameTarget(_ target: Int) -> String {
    while targetsInBar.count <= target { targetsInBar.append(0) }
    targetsInBar[target] += 1
    return Self.name("\(OrderRole.target.sql)-\(target + 1)", lastBar, targetsInBar[target])
  }

  private static func name(_ prefix: String, _ bar: Timestamp?, _ attempt: Int) -> String {
    let name = "\(prefix)-\((bar ?? .earliest).description)"
    return attempt > 1 ? "\(name)-\(attempt)" : name
  }

  mutating func submit(
    _ role: OrderRole, _ clientOrderID: String, _ terms: OrderTerms, _ quantity: Quantity,
    _ ocoLeg: Int16?, _ actions: inout [AgentAction]
  ) {
    orders.append(
      AgentOrder(
        role, clientOrderID: clientOrderID, remaining: quantity, price: terms.stopPrice ?? terms.limitPrice))
    actions.append(.submit(request(role, clientOrderID, terms, quantity, ocoLeg)))
  }

  private mutating func replace(
    _ index: Int, by clientOrderID: String, _ terms: OrderTerms, _ quantity: Quantity, _ actions: inout [AgentAction]
  ) {
    guard let price = terms.stopPrice ?? terms.limitPrice else { return }
    orders[index].change = .replacement(clientOrderID: clientOrderID, price: price)
    actions.append(
      .replace(
        clientOrderID: orders[index].clientOrderID,
        by: request(orders[index].role, clientOrderID, terms, quantity, nil)))
  }

  private func request(
    _ role: OrderRole, _ clientOrderID: String, _ terms: OrderTerms, _ quantity: Quantity, _ ocoLeg: Int16?
  ) -> OrderRequest {
    let side = current?.side ?? .buy
    return OrderRequest(
      clientOrderID: clientOrderID, role: role, side: role.isEntry ? side : side.opposite, terms: terms,
      quantity: quantity, ocoLeg: ocoLeg)
  }

  /// Asks once for the cancel of such orders. One that is being replaced is cancelled once that is known.
  private mutating func cancel(_ actions: inout [AgentAction], _ isMeant: (AgentOrder) -> Bool) {
    for index in orders.indices where isMeant(orders[index]) && orders[index].isSettled {
      orders[index].change = .cancel
      actions.append(.cancel(clientOrderID: orders[index].clientOrderID))
    }
  }
}

extension AgentPlan {
  /// How much to enter.
  func quantity(
    _ side: Side, _ intent: StrategyIntent, stopDistance: Price, _ account: AccountView
  ) throws(ArithmeticError) -> Quantity {
    guard let price = AgentTrade.usable(intent.price) else { return .zero }
    let figures = PositionSizing.Figures(
      price: price, stopDistance: stopDistance, averageTrueRange: AgentTrade.usable(intent.averageTrueRange) ?? .zero,
      deviation: AgentTrade.usable(intent.deviation) ?? .zero)
    var account = account
    if let capitalPerTrade { account.cash = min(account.cash, capitalPerTrade) }
    return try sizing.quantity(figures, side: side, account: account, terms: terms)
  }
}

extension AgentRuntime {
  /// The account with the part of its cash that the instrument itself may take when the legs are paid from it too, and a
  /// hundredth kept for their fees; nil when a price or ratio of a leg is not known.
  func shared(
    _ account: AccountView, _ intent: StrategyIntent, _ legPrices: [Double]
  ) throws(ArithmeticError) -> AccountView? {
    if intent.legRatios.isEmpty { return account }
    guard legPrices.count >= intent.legRatios.count else { return nil }
    var whole = intent.price
    for (ratio, price) in zip(intent.legRatios, legPrices) { whole += abs(ratio) * price }
    guard whole > 0, let part = try? Ratio(0.99 * intent.price / whole), part.isPositive else { return nil }
    var account = account
    account.cash = try account.cash.times(part)
    return account
  }

  /// What the legs of an entry are to be; nil when one cannot be.
  static func legs(of quantity: Quantity, _ side: Side, _ ratios: [Double]) -> [Quantity]? {
    var legs: [Quantity] = []
    for ratio in ratios {
      guard let leg = try? Quantity((side == .buy ? 1 : -1) * ratio * quantity.double), !leg.isZero else { return nil }
      legs.append(leg)
    }
    return legs
  }
}
