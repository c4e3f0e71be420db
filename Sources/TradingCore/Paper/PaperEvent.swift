/// One look of the tape at the orders of a book.
struct PaperEvent {
  enum Kind {
    /// One price, `open`: a tick, or the open of a bar.
    case instant
    /// The rest of a bar, for orders that wait for a stop price.
    case rangeStops
    /// The rest of a bar, for limit orders.
    case rangeLimits
  }

  var kind: Kind
  let open: Price
  let high: Price
  let low: Price
  let volume: Double
  let at: Timestamp

  /// Does to `order` what this event means for it.
  ///
  /// - Parameters:
  ///   - allowance: what one portfolio can have of the event's volume, nil: any quantity.
  ///   - taken: what the portfolios have had of it.
  /// - Returns: whether the order lives on.
  func match(
    _ order: inout PaperOrder, _ rules: PaperRules, _ allowance: Quantity?, _ taken: inout VolumeTaken,
    _ actions: inout [PaperAction]
  ) -> Bool {
    let price: Price?
    switch decision(for: order) {
    case .nothing:
      order.waitsForNextEvent = false
      return true
    case .at(let tape):
      price = tape
    case .slipping(let tape):
      price = rules.slipped(tape, order.side)
      if price == nil {
        actions.append(.cancel(order.key, reason: .noPrice, at: at))
        return false
      }
    case .notWithinLimit:
      price = nil
    }

    var isNewlyTriggered = false
    if case .stop = order.demand {
      order.isTriggered = true
      isNewlyTriggered = true
      // From a trigger at the open on, the rest of the bar is known to come later.
      order.waitsForNextEvent = kind == .rangeStops && triggerPrice(order) != open
    }

    var quantity = Quantity.zero
    if price != nil {
      quantity = order.remaining
      if let allowance {
        let left = max(allowance.raw - taken.quantity(of: order.key.portfolio), 0)
        quantity = Quantity(unchecked: min(quantity.raw, left))
      }
      if order.timeInForce == .fillOrKill && quantity < order.remaining { quantity = .zero }
    }
    order.remaining = Quantity(unchecked: order.remaining.raw - quantity.raw)

    let dies = order.remaining.isZero || order.timeInForce.isImmediate
    if isNewlyTriggered && !dies { actions.append(.trigger(order.key, at: at)) }
    if let price, quantity.isPositive {
      if allowance != nil { taken.add(quantity, to: order.key.portfolio) }
      actions.append(
        .fill(
          PaperFill(
            key: order.key, side: order.side, quantity: quantity, price: price, remaining: order.remaining, at: at)))
    }
    if dies && !order.remaining.isZero {
      let reason: PaperAction.CancelReason =
        order.timeInForce == .fillOrKill ? .fillOrKill : .immediateOrCancel
      actions.append(.cancel(order.key, reason: reason, at: at))
    }
    return !dies
  }

  private enum Decision {
    case nothing
    /// Fill at this price.
    case at(Price)
    /// Fill at this price with slippage.
    case slipping(Price)
    /// The one chance of an immediate order, or the trigger of a stop-limit order, at a price the limit refuses.
    case notWithinLimit
  }

  private func decision(for order: PaperOrder) -> Decision {
    switch (order.demand, kind) {
    case (.market, .instant):
      return .slipping(open)
    case (.limit(let limit), .instant):
      if order.side.accepts(open, limit: limit) { return .at(open) }
      return order.timeInForce.isImmediate ? .notWithinLimit : .nothing
    case (.limit(let limit), .rangeLimits):
      // Immediate orders that came after the open wait for the next one, as market orders do.
      if order.waitsForNextEvent || order.timeInForce.isImmediate { return .nothing }
      if order.side.accepts(open, limit: limit) { return .at(open) }
      return order.side.accepts(order.side == .buy ? low : high, limit: limit) ? .at(limit) : .nothing
    case (.stop, .instant), (.stop, .rangeStops):
      guard let trigger = triggerPrice(order) else { return .nothing }
      guard let limit = order.terms.limitPrice else { return .slipping(trigger) }
      return order.side.accepts(trigger, limit: limit) ? .at(trigger) : .notWithinLimit
    case (.market, .rangeStops), (.market, .rangeLimits), (.limit, .rangeStops), (.stop, .rangeLimits):
      return .nothing
    }
  }

  /// The first price of the event at which the order's stop trades: the open if that is through it already.
  private func triggerPrice(_ order: PaperOrder) -> Price? {
    guard let stop = order.terms.stopPrice else { return nil }
    switch order.side {
    case .buy: return high >= stop ? max(stop, open) : nil
    case .sell: return low <= stop ? min(stop, open) : nil
    }
  }
}

extension Side {
  /// Whether an order of this side with this limit may fill at `price`.
  func accepts(_ price: Price, limit: Price) -> Bool {
    switch self {
    case .buy: price <= limit
    case .sell: price >= limit
    }
  }
}
