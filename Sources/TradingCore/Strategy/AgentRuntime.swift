/// One agent on one instrument: turns what a strategy wants, and the fate of its orders, into signals and orders.
///
/// A pure state machine that does not know how an intent came to be. Each event may give actions; the caller carries them
/// out in order and reports what became of them, with each order's end reported once: rejected, closed, or filled with
/// nothing remaining. State and open orders together restore the runtime at any point between two events.
///
/// The rules:
/// - An entry while nothing is owned and no order is open: a market order, sized as the plan says. None while the
///   portfolio holds the other side: that position is somebody else's, and the entry would close it.
/// - What is owned is protected by one stop for all of it. It is placed anew when the quantity changes, and when a closed
///   candle moves it towards the price: the new order takes the place of the old one in one step. The targets rest beside
///   it; they and the stop exclude each other. When the last target of a ladder that leaves a part of the position has
///   filled, the books end the stop, and it is placed again for the rest.
/// - To leave: cancel entry, stop and targets, and once they are gone close what is owned at the market.
/// - The agent closes only what it opened, and no more than the portfolio still holds when a person closed some by hand.
///   All its orders but entries may only reduce.
/// - An exit, stop or target that was rejected, or that ended without having been asked to, is tried again at the next
///   bar. A missed entry is not. When an exit of any kind fills, what is left of the entry is cancelled.
///
/// Every method that throws `ArithmeticError` then leaves the runtime as it was.
public struct AgentRuntime: Sendable {
  public let plan: AgentPlan
  /// At most one of each role, and one for each target.
  public internal(set) var orders: [AgentOrder] = []

  /// The present position, or the last one; nil before the first.
  var current: AgentTrade?
  /// No exit or stop, or no target, is sent before the next bar.
  var holdsBack = false
  var holdsBackTargets = false
  /// The bucket of the last bar.
  var lastBar: Timestamp?
  /// Orders of each role that are named after the last bar; of each target.
  var entriesInBar = 0
  var exitsInBar = 0
  var stopsInBar = 0
  var targetsInBar: [Int] = []
  /// Signals until now.
  var signals: Int64 = 0
  /// A candle has led to nothing, and nothing has happened since; nil: something is to be done yet.
  private var rest: Rest?

  public init(_ plan: AgentPlan) { self.plan = plan }

  /// What matters while nothing happens.
  private struct Rest {
    /// Something is owned, or an entry is open.
    let isIn: Bool
    /// Negative when short.
    var owned = Quantity.zero
    /// Candles are counted.
    var counts = false
    /// 1 long, -1 short, if it is one of them.
    var sign = 1
    /// A candle between them has no better price than those since the entry.
    var low = -Double.infinity
    var high = Double.infinity

    init(isIn: Bool, _ trade: AgentTrade?) {
      self.isIn = isIn
      guard isIn, let trade else { return }
      counts = trade.exitReason == nil
      if trade.side == .sell { sign = -1 }
      guard trade.owned.isPositive else { return }
      owned = trade.side == .buy ? trade.owned : -trade.owned
      if trade.isStoppedOut || !counts { return }
      if trade.side == .buy { high = trade.best?.double ?? low } else { low = trade.best?.double ?? high }
    }
  }

  /// What the agent has entered and not left, negative when short.
  public var owned: Quantity {
    guard let current else { return .zero }
    return current.side == .buy ? current.owned : -current.owned
  }

  /// The position as the candle that closes next sees it. It begins with the order of the entry; the entry price is known
  /// with the first fill.
  public var trade: TradeView {
    guard let current, isIn else { return .flat }
    return TradeView(
      side: current.side == .buy ? 1 : -1, barsSinceEntry: current.bars + 1, enteredAt: current.enteredAt,
      entryPrice: (try? current.averagePrice)?.double ?? .nan, initialStopDistance: current.risk?.double ?? .nan)
  }

  /// Whether something is owned or an entry is open.
  var isIn: Bool { current?.owned.isPositive == true || isEntering }

  /// Whether ``act(on:bar:at:account:entryRefusal:legPrices:into:)`` would not pass this candle over as known.
  public func isNext(_ bar: Candle) -> Bool {
    guard let lastBar else { return true }
    return plan.isOnTicks ? bar.bucket >= lastBar : bar.bucket > lastBar
  }

  /// 1 long, -1 short, 0 flat: the side of ``trade``.
  var side: Int {
    if let rest { return rest.isIn ? rest.sign : 0 }
    guard isIn else { return 0 }
    return current?.side == .buy ? 1 : -1
  }

  // MARK: Candles

  /// A candle has closed, at `time`, and this is what the strategy wants. One that is not later than the last is passed
  /// over.
  ///
  /// - Parameters:
  ///   - entryRefusal: why an entry must not be made now; nil: it may.
  ///   - legPrices: the price of each leg of the strategy, so that one cash pays for all.
  public mutating func act(
    on intent: StrategyIntent, bar: Candle, at time: Timestamp, account: AccountView,
    entryRefusal: Signal.Refusal? = nil, legPrices: [Double] = [], into actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    guard isNext(bar) else { return }
    let before = actions.count
    try change(&actions) { next, answer throws(ArithmeticError) in
      next.advance(to: bar.bucket)
      next.cancelUnreported(&answer)
      next.current?.limit(to: account.position)
      var reason: ExitReason?
      if next.isIn, next.current?.exitReason == nil {
        next.current?.bars += 1
        var isThrough = false
        if next.current?.owned.isPositive == true {
          isThrough = try next.current?.follow(bar, intent, next.plan) ?? false
        }
        reason = next.current?.condition(intent, next.plan) ?? (isThrough ? .stop : nil)
      }
      // The strategy's own reason comes first.
      if case .exit(let own) = intent.action { reason = own }
      if let reason {
        next.leave(reason, price: intent.price, &answer)
      } else {
        try next.follow(intent, time, account, entryRefusal, legPrices, &answer)
      }
      try next.settle(&answer)
    }
    if actions.count == before, !orders.contains(where: { !$0.isSettled }) {
      rest = Rest(isIn: isIn, current)
    }
  }

  /// Whether a candle at which the strategy wants nothing changes nothing but the count of candles: the one before led to
  /// nothing, and nobody looks at this one. Then ``rest(through:)`` is all there is to do.
  ///
  /// - Parameter position: what the portfolio holds of the instrument.
  func isAtRest(_ bar: Candle, _ position: Quantity) -> Bool {
    guard let rest else { return false }
    if !rest.isIn { return true }
    guard !plan.followsCandles, bar.high < rest.high, bar.low > rest.low else { return false }
    return rest.owned.isNegative ? position <= rest.owned : rest.owned.isZero || position >= rest.owned
  }

  /// What ``act(on:bar:at:account:entryRefusal:legPrices:into:)`` does when nothing is wanted and the agent is at rest.
  mutating func rest(through bar: Candle) {
    advance(to: bar.bucket)
    if rest?.counts ?? false { current?.bars += 1 }
  }

  /// The same without a candle, for what an outside program wants.
  public mutating func perform(
    _ intent: StrategyIntent, at time: Timestamp, account: AccountView, entryRefusal: Signal.Refusal? = nil,
    legPrices: [Double] = [], into actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    try change(&actions) { next, answer throws(ArithmeticError) in
      next.current?.limit(to: account.position)
      try next.follow(intent, time, account, entryRefusal, legPrices, &answer)
      try next.settle(&answer)
    }
  }

  /// A candle has closed while the agent may not send anything.
  public mutating func pass(_ bar: Candle) {
    guard isNext(bar) else { return }
    advance(to: bar.bucket)
    if isIn { current?.bars += 1 }
  }

  /// Leaves the position, if there is one, whatever the strategy wants.
  public mutating func requestExit(
    _ reason: ExitReason, price: Double, into actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    try change(&actions) { next, answer throws(ArithmeticError) in
      next.leave(reason, price: price, &answer)
      try next.settle(&answer)
    }
  }

  /// Enters, at the market, the leg that belongs to the entry of another agent's runtime, in the candle `bar` of that one.
  ///
  /// - Parameters:
  ///   - quantity: negative: sold short. Rounded to the lot.
  ///   - position: what the portfolio holds of the leg's instrument.
  public mutating func enterLeg(
    _ quantity: Quantity, bar: Timestamp, at time: Timestamp, price: Double, position: Quantity,
    into actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    try change(&actions) { next, answer throws(ArithmeticError) in
      if next.lastBar.map({ bar > $0 }) ?? true { next.advance(to: bar) }
      next.current?.limit(to: position)
      let side: Side = quantity.isNegative ? .sell : .buy
      let whole = try quantity.magnitude.roundedDown(toLot: next.plan.terms.lot)
      var refusal: Signal.Refusal?
      if !(try next.isFree(for: side, position)) {
        refusal = .notFlat
      } else if whole.isZero {
        refusal = .noQuantity
      } else {
        next.current = AgentTrade(side: side, enteredAt: time)
      }
      next.enter(.leg, side, whole, price: price, refusal, &answer)
      try next.settle(&answer)
    }
  }

  // MARK: Orders

  /// A fill of an order of this agent. `remaining` is what is left of the order, `position` what the portfolio now holds.
  public mutating func filled(
    _ clientOrderID: String, quantity: Quantity, price: Price, remaining: Quantity, position: Quantity,
    at time: Timestamp, into actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    guard let role = OrderRole(ofClientOrderID: clientOrderID), current != nil else { return }
    try change(&actions) { next, answer throws(ArithmeticError) in
      var isFirst = false
      if let index = next.index(of: clientOrderID) {
        isFirst = !next.orders[index].hasFilled
        next.orders[index].hasFilled = true
        next.orders[index].remaining = remaining
        if !remaining.isPositive { next.orders.remove(at: index) }
      }
      try next.book(role, clientOrderID, quantity, price, time)
      if role == .stop || role == .target {
        next.giveUp(after: role, quantity, isDone: !remaining.isPositive)
        if isFirst {
          next.signal(
            .exit, role == .stop ? .stop : .takeProfit, price: price.double, clientOrderID: clientOrderID, nil, &answer)
        }
      }
      next.current?.limit(to: position)
      try next.settle(&answer)
    }
  }

  /// The order was refused, or the one that was to take the place of another, which then stays. It has no effect on an
  /// order that is not open (any more).
  public mutating func orderRejected(
    _ clientOrderID: String, into actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    guard let index = orders.firstIndex(where: { $0.isReplaced(by: clientOrderID) }) else {
      return try orderEnded(clientOrderID, wasWanted: false, into: &actions)
    }
    try change(&actions) { next, answer throws(ArithmeticError) in
      next.orders[index].change = next.orders[index].remaining.isPositive ? .none : .end
      next.holdBack(next.orders[index].role)
      try next.settle(&answer)
    }
  }

  /// Another order has taken the place of this one, with so much to fill.
  public mutating func orderReplaced(
    _ clientOrderID: String, by newClientOrderID: String, remaining: Quantity, into actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    guard let index = index(of: clientOrderID), case .replacement(let id, let price) = orders[index].change,
      isSame(id, newClientOrderID)
    else { return }
    try change(&actions) { next, answer throws(ArithmeticError) in
      let old = next.orders.remove(at: index)
      next.orders.append(AgentOrder(old.role, clientOrderID: id, remaining: remaining, price: price))
      try next.settle(&answer)
    }
  }

  /// The books have changed what is left of an order: others that exclude it have filled, or the portfolio holds less.
  public mutating func orderResized(
    _ clientOrderID: String, to remaining: Quantity, position: Quantity, into actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    guard let index = index(of: clientOrderID) else { return }
    try change(&actions) { next, answer throws(ArithmeticError) in
      next.orders[index].remaining = remaining
      if case .end = next.orders[index].change, remaining.isPositive { next.orders[index].change = .none }
      next.current?.limit(to: position)
      try next.settle(&answer)
    }
  }

  /// The order was cancelled or has expired. It has no effect on an order that is not open (any more).
  public mutating func orderClosed(
    _ clientOrderID: String, into actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    try orderEnded(clientOrderID, wasWanted: true, into: &actions)
  }

  private mutating func orderEnded(
    _ clientOrderID: String, wasWanted: Bool, into actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    guard let index = index(of: clientOrderID) else { return }
    try change(&actions) { next, answer throws(ArithmeticError) in
      let order = next.orders.remove(at: index)
      if !(wasWanted && order.isEnding) { next.holdBack(order.role) }
      try next.settle(&answer)
    }
  }

  /// Prices ÷ ratio and quantities × ratio.
  ///
  /// - Parameter restated: the open orders as the books have restated them; nil: rounded as `StockSplit` does.
  public mutating func apply(_ split: StockSplit, orders restated: [AgentOrder]? = nil) throws(ArithmeticError) {
    var next = self
    try next.current?.apply(split, tickSize: plan.terms.tickSize)
    let side = current?.side ?? .buy
    for index in orders.indices {
      next.orders[index].remaining = try split.quantity(orders[index].remaining)
      if let price = orders[index].price {
        next.orders[index].price = try split.price(price, side.opposite, tickSize: plan.terms.tickSize)
      }
      if case .replacement(let id, let price) = orders[index].change {
        next.orders[index].change = .replacement(
          clientOrderID: id, price: try split.price(price, side.opposite, tickSize: plan.terms.tickSize))
      }
    }
    if let restated {
      let known = next.orders
      next.orders = restated
      for index in restated.indices {
        if let old = known.first(where: { isSame($0.clientOrderID, restated[index].clientOrderID) }) {
          next.orders[index].change = old.change
        }
      }
    }
    next.orders.removeAll { order in
      if case .end = order.change { return false }
      return order.remaining.isZero
    }
    next.rest = nil
    self = next
  }

  // MARK: Rules

  /// Does it all or, when it throws, nothing.
  private mutating func change(
    _ actions: inout [AgentAction],
    _ body: (inout AgentRuntime, inout [AgentAction]) throws(ArithmeticError) -> Void
  ) throws(ArithmeticError) {
    var next = self
    var answer: [AgentAction] = []
    try body(&next, &answer)
    next.rest = nil
    self = next
    actions += answer
  }

  private mutating func advance(to bar: Timestamp) {
    holdsBack = false
    holdsBackTargets = false
    if bar == lastBar { return }
    lastBar = bar
    entriesInBar = 0
    exitsInBar = 0
    stopsInBar = 0
    if !targetsInBar.isEmpty { targetsInBar = [] }
  }
}
