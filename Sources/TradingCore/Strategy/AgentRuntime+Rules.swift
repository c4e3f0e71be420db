/// When an agent enters and leaves, and what fills make of its position.
extension AgentRuntime {
  /// Does what an intent says.
  mutating func follow(
    _ intent: StrategyIntent, _ time: Timestamp, _ account: AccountView, _ entryRefusal: Signal.Refusal?,
    _ legPrices: [Double], _ actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    switch intent.action {
    case nil: break
    case .exit(let reason): leave(reason, price: intent.price, &actions)
    case .enterLong: try enter(.buy, intent, time, account, entryRefusal, legPrices, &actions)
    case .enterShort: try enter(.sell, intent, time, account, entryRefusal, legPrices, &actions)
    }
  }

  /// Whether nothing stands against an entry: what is owned is less than a lot, no order is open, and the portfolio does
  /// not hold the other side.
  func isFree(for side: Side, _ position: Quantity) throws(ArithmeticError) -> Bool {
    guard try sellable.isZero, orders.isEmpty else { return false }
    return side == .buy ? !position.isNegative : !position.isPositive
  }

  mutating func enter(
    _ side: Side, _ intent: StrategyIntent, _ time: Timestamp, _ account: AccountView,
    _ entryRefusal: Signal.Refusal?, _ legPrices: [Double], _ actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    var quantity = Quantity.zero
    var legs: [Quantity] = []
    var refusal = entryRefusal
    if !(try isFree(for: side, account.position)) {
      refusal = .notFlat
    } else if refusal == nil {
      refusal = .noQuantity
      if let trade = try AgentTrade(side, intent, plan, at: time),
        let account = try shared(account, intent, legPrices)
      {
        quantity = try plan.quantity(side, intent, stopDistance: trade.risk ?? .zero, account)
        if quantity.isPositive, let sizes = Self.legs(of: quantity, side, intent.legRatios) {
          current = trade
          legs = sizes
          refusal = nil
        }
      }
    }
    enter(.entry, side, quantity, price: intent.price, refusal, &actions)
    if refusal == nil { for (index, leg) in legs.enumerated() { actions.append(.enterLeg(index, leg)) } }
  }

  /// Gives the signal and, unless it is refused, the order.
  mutating func enter(
    _ role: OrderRole, _ side: Side, _ quantity: Quantity, price: Double, _ refusal: Signal.Refusal?,
    _ actions: inout [AgentAction]
  ) {
    var clientOrderID: String?
    if refusal == nil {
      entriesInBar += 1
      clientOrderID = name(role, attempt: entriesInBar)
    }
    signal(side == .buy ? .buy : .sell, nil, price: price, clientOrderID: clientOrderID, refusal, &actions)
    if let clientOrderID { submit(role, clientOrderID, .market, quantity, nil, &actions) }
  }

  /// Begins to leave the position, once.
  mutating func leave(_ reason: ExitReason, price: Double, _ actions: inout [AgentAction]) {
    guard isIn, current?.exitReason == nil else { return }
    current?.exitReason = reason
    // What is named here is sent once the resting orders are gone, unless the stop fills before.
    let clientOrderID = current?.owned.isPositive == true ? name(.exit, attempt: exitsInBar + 1) : nil
    signal(.exit, reason, price: price, clientOrderID: clientOrderID, nil, &actions)
  }

  mutating func signal(
    _ action: Signal.Action, _ reason: ExitReason?, price: Double, clientOrderID: String?, _ refusal: Signal.Refusal?,
    _ actions: inout [AgentAction]
  ) {
    signals += 1
    actions.append(
      .signal(
        Signal(
          number: signals, action: action, reason: reason, price: price, clientOrderID: clientOrderID,
          refusal: refusal)))
  }

  /// What a fill does to the position.
  mutating func book(
    _ role: OrderRole, _ clientOrderID: String, _ quantity: Quantity, _ price: Price, _ time: Timestamp
  ) throws(ArithmeticError) {
    guard var trade = current else { return }
    if role.isEntry {
      if trade.entered.isZero { trade.enteredAt = time }
      try trade.owned += quantity
      try trade.entered += quantity
      try trade.cost += price.value(of: quantity)
    } else {
      trade.owned = try max(trade.owned - quantity, .zero)
      if role == .stop { trade.isStoppedOut = true }
      if let target = AgentOrder.target(of: clientOrderID), role == .target, trade.targets.indices.contains(target) {
        try trade.targets[target].filled += quantity
      }
    }
    current = trade
  }
}
