/// One look of the tape at the orders of a book.
struct PaperEvent {
  enum Kind {
    /// One price, `open`: a tick, or the open of a bar.
    case instant
    /// The rest of a bar, for orders that wait for a stop price.
    case rangeStops
    /// The rest of a bar, for limit orders.
    case rangeLimits
    /// The last price of a session, `open`.
    case close
    /// The last price of a bar, `open`, for market orders that it caused.
    case lastPrice
  }

  /// What an event means for one order.
  struct Meaning {
    enum Verdict {
      case nothing
      /// Fill at this price.
      case at(Price, Liquidity)
      /// Fill at this price with slippage.
      case slipping(Price)
      /// The one chance of an immediate order, or the trigger of a limit order, at a price that the limit refuses.
      case notWithinLimit
    }

    var verdict = Verdict.nothing
    /// The stop price traded or was touched here.
    var trigger: Price?
    /// The stop follows to here.
    var stop: Price?
  }

  var kind: Kind
  let open: Price
  let high: Price
  let low: Price
  let volume: Double
  let at: Timestamp
  /// Time of the price before this event.
  let tapeTime: Timestamp
  /// Orders that came earlier or later do not meet it.
  var fillsFrom = Timestamp.earliest
  var fillsUntil = Timestamp.latest

  func isMet(by order: PaperOrder) -> Bool { order.arrivedAt <= fillsUntil && order.arrivedAt >= fillsFrom }

  func meaning(for order: PaperOrder, tickSize: Price) -> Meaning {
    if order.timeInForce.isAuction { return Meaning(verdict: auction(order)) }
    switch (order.demand, kind) {
    case (.market, .instant), (.market, .lastPrice):
      return Meaning(verdict: .slipping(open))
    case (.limit(let limit), .instant), (.limit(let limit), .rangeLimits):
      return Meaning(verdict: resting(order, limit))
    case (.stop(let stop), .instant), (.stop(let stop), .rangeStops):
      if let trigger = firstPrice(atOrBeyond: stop, order.side) {
        guard let limit = order.terms.limitPrice else { return Meaning(verdict: .slipping(trigger), trigger: trigger) }
        let isWithin = order.side.accepts(trigger, limit: limit)
        return Meaning(verdict: isWithin ? .at(trigger, .taker) : .notWithinLimit, trigger: trigger)
      }
      return following(order, stop, tickSize)
    case (.touch(let touch, let limit), .instant), (.touch(let touch, let limit), .rangeLimits):
      return touching(order, touch, limit)
    case (.market, _), (.limit, _), (.stop, _), (.touch, _):
      return Meaning()
    }
  }

  /// Orders for the open take the first price from then on, orders for the close are only shown closing prices.
  private func auction(_ order: PaperOrder) -> Meaning.Verdict {
    guard let activeAt = order.conditions.activeAt, activeAt <= at else { return .nothing }
    guard kind == (order.timeInForce == .atOpen ? .instant : .close) else { return .nothing }
    guard let limit = order.terms.limitPrice else { return .slipping(open) }
    return order.side.accepts(open, limit: limit) ? .at(open, .taker) : .notWithinLimit
  }

  private func resting(_ order: PaperOrder, _ limit: Price) -> Meaning.Verdict {
    // Immediate orders that came after the open wait for the next one, as market orders do.
    if kind == .rangeLimits && (order.waitsForNextEvent || order.timeInForce.isImmediate) { return .nothing }
    if order.side.accepts(open, limit: limit) {
      return .at(open, order.hasRested(before: tapeTime) ? .maker : .taker)
    }
    if kind == .instant { return order.timeInForce.isImmediate ? .notWithinLimit : .nothing }
    return order.side.accepts(best(for: order.side), limit: limit) ? .at(limit, .maker) : .nothing
  }

  /// A limit beyond the touch price is reached, if at all, after it: both lie in one direction.
  private func touching(_ order: PaperOrder, _ touch: Price, _ limit: Price) -> Meaning {
    guard order.side.accepts(best(for: order.side), limit: touch) else { return Meaning() }
    let first = order.side == .buy ? min(touch, open) : max(touch, open)
    if order.side.accepts(first, limit: limit) { return Meaning(verdict: .at(first, .taker), trigger: first) }
    if kind == .rangeLimits, !order.timeInForce.isImmediate,
      order.side.accepts(best(for: order.side), limit: limit)
    {
      return Meaning(verdict: .at(limit, .maker), trigger: first)
    }
    return Meaning(verdict: .notWithinLimit, trigger: first)
  }

  /// A trailing stop that the event has not reached follows its best price. Inside a bar the best price is taken to come
  /// first, so that the way back may reach the stop where it has moved to.
  private func following(_ order: PaperOrder, _ stop: Price, _ tickSize: Price) -> Meaning {
    let extreme = order.side == .sell ? high : low
    guard let trail = order.terms.trail, let moved = trail.stop(behind: extreme, order.side, tickSize: tickSize),
      order.side == .sell ? moved > stop : moved < stop
    else { return Meaning() }
    if kind == .rangeStops, order.side == .sell ? low <= moved : high >= moved {
      return Meaning(verdict: .slipping(moved), trigger: moved, stop: moved)
    }
    return Meaning(stop: moved)
  }

  /// The first price of the event at which a stop trades: the open if that is through it already.
  private func firstPrice(atOrBeyond stop: Price, _ side: Side) -> Price? {
    switch side {
    case .buy: high >= stop ? max(stop, open) : nil
    case .sell: low <= stop ? min(stop, open) : nil
    }
  }

  private func best(for side: Side) -> Price { side == .buy ? low : high }
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
