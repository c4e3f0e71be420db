/// The paper exchange of one instrument: which working orders does the tape fill, at what price?
///
/// A pure state machine: it answers with actions and the caller does the bookkeeping. For ticks call `match(_:into:)`
/// with each tick; for bars `matchOpen(_:into:)`, act on the fills, then `matchRange(_:at:into:)`, which are two events;
/// when a session is over `matchClose(_:at:into:)`. An order is matched only by events after the call of `add`, so
/// never by the one that caused it: what a fill at the open brings to life may fill in the range of that bar, what a fill
/// in the range or at a tick brings to life not before the next bar or tick.
///
/// - Market orders fill at the next tick or at the next bar's open.
/// - A limit order fills at the tape's price when that is within the limit, else, inside a bar that reaches the limit, at
///   the limit. It never has slippage. Filled when it arrives, it takes liquidity; once the tape has shown a later price
///   without filling it, it rests and makes it. A post-only order that would take is rejected instead.
/// - A stop order fills at the tape's price when that is through the stop, else, inside a bar that reaches the stop, at
///   the stop, with slippage. A stop-limit order becomes a limit order instead.
/// - A trailing stop follows the tape's best price. Inside a bar the pessimistic path is taken: a stop that the bar
///   reaches where it stood at the open fills there; else the bar's best price comes first, and when the bar also reaches
///   the stop where that moves it, it fills there, even if the bar may have gone the other way round.
/// - A limit-if-touched order becomes a limit order at the tape's price when that is beyond the touch price, else, inside
///   a bar that reaches it, at the touch price.
/// - An order that is still under way (`PaperFriction.latency`) meets no tick, and no bar that opened before it came through.
/// - Orders fill in order of arrival; inside a bar all stops come before all limits, the pessimistic of the two orders.
/// - Immediate orders (ioc, fok) have one chance: the first tick or open they meet, for stops the event that triggers.
/// - Orders for the open have one chance too: the first tick or bar's open from then on. A bar that began before the
///   session does not say at which price that opened. Orders for the close are filled by `matchClose` alone, and whole:
///   how much is traded at the close the tape does not say.
/// - A fill counts at once, before another order can meet the same event: of orders that exclude each other every other leg
///   gives up as much, from its last order first, and all of it when the leg that filled is done; reduce-only orders shrink
///   to the position. That is what the books do too, and no action tells of it.
/// - Portfolios do not compete for volume: each is a world of its own.
/// - `matchRest(_:at:into:)` and `matchLateOrders(_:at:into:)` assume more than a bar says, for research.
public struct PaperBook: Sendable {
  public let rules: PaperRules
  /// In order of arrival.
  public internal(set) var orders: [PaperOrder] = []
  /// Time of the last price that the tape has shown, whether there were orders or not.
  public var tapeTime = Timestamp.earliest

  private var reach = Reach()
  /// Of the latest fill inside the present bar: what it brought to life came then.
  var latestFill: Price?
  /// Volume that portfolios had of the bar `volumeBucket`; all events of a bar share its volume.
  private var volumeTaken = PerPortfolio()
  private var volumeBucket: Timestamp?
  /// What portfolios hold of the instrument.
  private var positions = PerPortfolio()

  public init(rules: PaperRules) { self.rules = rules }

  public var isEmpty: Bool { orders.isEmpty }

  public subscript(key: OrderKey) -> PaperOrder? { orders.first { $0.key == key } }

  /// The earliest close that an order waits for.
  public var nextClose: Timestamp? { reach.earliestClose }

  /// - Throws: `duplicateOrder`.
  public mutating func add(_ order: PaperOrder) throws(ParameterError) {
    if self[order.key] != nil { throw ParameterError(.duplicateOrder, "order \(order.key.order) is in the book") }
    insert(order)
    reach.include(order)
  }

  /// Takes an order out, for a cancel; nil when it is not there (any more).
  @discardableResult
  public mutating func remove(_ key: OrderKey) -> PaperOrder? {
    guard let index = orders.firstIndex(where: { $0.key == key }) else { return nil }
    defer { reach = Reach(orders) }
    return orders.remove(at: index)
  }

  /// Puts `order` in the place of the one with its key; its `arrival` says where it now stands in line.
  ///
  /// - Returns: false, and changes nothing, when there is no such order (any more).
  @discardableResult
  public mutating func replace(_ order: PaperOrder) -> Bool {
    guard let index = orders.firstIndex(where: { $0.key == order.key }) else { return false }
    orders.remove(at: index)
    insert(order)
    reach = Reach(orders)
    return true
  }

  /// Changes what is left of an order, which keeps its place and its memory.
  ///
  /// - Returns: false, and changes nothing, when there is no such order (any more), or when nothing would be left.
  @discardableResult
  public mutating func resize(_ key: OrderKey, to remaining: Quantity) -> Bool {
    guard remaining.isPositive, let index = orders.firstIndex(where: { $0.key == key }) else { return false }
    orders[index].remaining = remaining
    return true
  }

  /// Says what a portfolio holds of the instrument, negative when short; reduce-only orders go by it. Fills of this book
  /// count by themselves.
  public mutating func setPosition(_ quantity: Quantity, of portfolio: Int32) { positions[portfolio] = quantity.raw }

  /// Quantities × ratio, prices ÷ ratio on the tick grid, as `StockSplit` rounds them. An order of which nothing is left is
  /// cancelled.
  ///
  /// - Throws: `overflow`, with the book unchanged.
  public mutating func apply(
    _ split: StockSplit, at time: Timestamp, into actions: inout [PaperAction]
  ) throws(ArithmeticError) {
    var kept: [PaperOrder] = []
    var cancelled: [OrderKey] = []
    var held = positions
    for var order in orders {
      order.remaining = try split.quantity(order.remaining)
      order.filled = try split.quantity(order.filled)
      order.terms = try split.terms(order.terms, order.side, tickSize: rules.tickSize)
      if order.remaining.isZero { cancelled.append(order.key) } else { kept.append(order) }
    }
    try held.forEach { quantity throws(ArithmeticError) in
      quantity = try split.quantity(Quantity(unchecked: quantity)).raw
    }
    orders = kept
    positions = held
    reach = Reach(orders)
    for key in cancelled { actions.append(.cancel(key, reason: .nothingLeft, at: time)) }
  }

  // MARK: Events

  /// Matches one tick. A tick without a usable price fills nothing, and no stop is triggered by or follows one that is
  /// stale for its order: what the tape did unseen, nobody could have acted on.
  public mutating func match(_ tick: Tick, into actions: inout [PaperAction]) {
    defer { if tick.isUsable { tapeTime = max(tapeTime, tick.time) } }
    if orders.isEmpty { return }
    expire(at: tick.time, into: &actions)
    guard tick.isUsable, let fillsUntil = tick.fillsUntil, let price = Self.tapePrice(tick.price),
      reach.isTouched(by: price, at: tick.time)
    else { return }
    volumeTaken = PerPortfolio()
    volumeBucket = nil
    var event = event(.instant, price, volume: tick.size, at: tick.time)
    event.fillsUntil = min(event.fillsUntil, fillsUntil)
    sweep(event, &actions)
  }

  /// Matches the open of a bar. A bar without a usable open fills nothing.
  public mutating func matchOpen(_ bar: Bar, into actions: inout [PaperAction]) {
    let price = Self.tapePrice(bar.open)
    defer { if price != nil { tapeTime = max(tapeTime, bar.bucket) } }
    if orders.isEmpty { return }
    expire(at: bar.bucket, into: &actions)
    guard let price, reach.isTouched(by: price, at: bar.bucket) else { return }
    shareVolume(of: bar)
    sweep(event(.instant, price, volume: bar.volume, at: bar.bucket), &actions)
  }

  /// Matches what the bar did after its open. A bar without usable prices fills nothing.
  ///
  /// - Parameter time: the time given to fills, by default the bar's bucket: when inside the bar it was is not known.
  public mutating func matchRange(_ bar: Bar, at time: Timestamp? = nil, into actions: inout [PaperAction]) {
    defer { tapeTime = max(tapeTime, time ?? bar.bucket) }
    if orders.isEmpty { return }
    expire(at: bar.bucket, into: &actions)
    guard let open = Self.tapePrice(bar.open), let high = Self.tapePrice(bar.high), let low = Self.tapePrice(bar.low)
    else { return }
    // A vendor's bar may contradict itself; the open was on the tape in any case.
    let (top, bottom) = (max(high, open), min(low, open))
    latestFill = nil
    guard reach.isTouched(byRangeFrom: bottom, to: top) else { return }
    shareVolume(of: bar)
    var event = PaperEvent(
      kind: .rangeStops, open: open, high: top, low: bottom, volume: bar.volume, at: time ?? bar.bucket,
      tapeTime: sent(by: tapeTime))
    event.fillsUntil = comesThrough(by: bar.bucket)
    sweep(event, &actions)
    event.kind = .rangeLimits
    sweep(event, &actions)
  }

  /// Fills the orders that wait for a close until `time`, at the last price that the session had; nil when it had none:
  /// then they expire.
  public mutating func matchClose(_ price: Double?, at time: Timestamp, into actions: inout [PaperAction]) {
    guard let closesAt = reach.earliestClose, closesAt <= time else { return }
    if let price = price.flatMap(Self.tapePrice) {
      sweep(event(.close, price, volume: .nan, at: time), &actions)
      return
    }
    orders.removeAll { order in
      guard order.timeInForce == .atClose, let activeAt = order.conditions.activeAt, activeAt <= time else {
        return false
      }
      actions.append(.expire(order.key, at: time))
      return true
    }
    reach = Reach(orders)
  }

  func event(_ kind: PaperEvent.Kind, _ price: Price, volume: Double, at time: Timestamp) -> PaperEvent {
    var event = PaperEvent(
      kind: kind, open: price, high: price, low: price, volume: volume, at: time, tapeTime: sent(by: tapeTime))
    // Orders for a close have waited for it.
    if kind != .close { event.fillsUntil = comesThrough(by: time) }
    return event
  }

  /// The latest arrival of an order that has come through by a time.
  func sent(by time: Timestamp) -> Timestamp { .clamping(time.microseconds - rules.friction.latency) }

  /// The same, where it makes a difference.
  func comesThrough(by time: Timestamp) -> Timestamp { rules.friction.latency == 0 ? .latest : sent(by: time) }

  static func tapePrice(_ value: Double) -> Price? {
    guard value > 0, let price = try? Price(value), price.isPositive else { return nil }
    return price
  }

  private mutating func insert(_ order: PaperOrder) {
    var index = orders.endIndex
    while index > orders.startIndex, order.comesBefore(orders[index - 1]) { index -= 1 }
    orders.insert(order, at: index)
  }

  mutating func shareVolume(of bar: Bar) {
    if volumeBucket == bar.bucket { return }
    volumeTaken = PerPortfolio()
    volumeBucket = bar.bucket
  }

  /// Ends the orders whose time is over, which it is whether or not anything trades.
  mutating func expire(at time: Timestamp, into actions: inout [PaperAction]) {
    guard let earliest = reach.earliestExpiry, earliest <= time else { return }
    orders.removeAll { order in
      guard let expiresAt = order.expiresAt, expiresAt <= time else { return false }
      actions.append(.expire(order.key, at: time))
      return true
    }
    reach = Reach(orders)
  }

  // MARK: Matching

  /// Shows every order the event, in order of arrival, and keeps those that live on.
  mutating func sweep(_ event: PaperEvent, _ actions: inout [PaperAction]) {
    let allowance = event.kind == .close ? nil : rules.allowance(of: event.volume)
    for index in orders.indices where !orders[index].isDone && event.isMet(by: orders[index]) {
      show(event, toOrderAt: index, allowance, &actions)
    }
    orders.removeAll { $0.isDone }
    reach = Reach(orders)
  }

  /// Does to an order what the event means for it.
  ///
  /// - Parameter allowance: what one portfolio can have of the event's volume, nil: any quantity.
  private mutating func show(
    _ event: PaperEvent, toOrderAt index: Int, _ allowance: Quantity?, _ actions: inout [PaperAction]
  ) {
    var order = orders[index]
    let key = order.key
    let meaning = event.meaning(for: order, tickSize: rules.tickSize)
    if let stop = meaning.stop, let trail = order.terms.trail {
      order.terms = .trailingStop(stop: stop, trail: trail)
      actions.append(.trail(key, stop: stop, at: event.at))
    }
    var price: Price?
    var slips = false
    var liquidity = Liquidity.taker
    switch meaning.verdict {
    case .nothing:
      order.waitsForNextEvent = false
      orders[index] = order
      return
    case .at(let tape, let kind):
      (price, liquidity) = (tape, kind)
    case .slipping(let tape):
      price = tape
      slips = true
    case .notWithinLimit:
      break
    }
    if order.conditions.isPostOnly, price != nil, liquidity == .taker {
      return end(index, .reject(key, at: event.at), &actions)
    }
    if order.conditions.isReduceOnly, price != nil {
      order.remaining = min(order.remaining, reducible(by: order))
      if order.remaining.isZero {
        return end(index, .cancel(key, reason: .nothingToReduce, at: event.at), &actions)
      }
    }
    if let trigger = meaning.trigger {
      order.isTriggered = true
      // From a trigger at the open on, the rest of the bar is known to come later.
      order.waitsForNextEvent = event.kind == .rangeStops && trigger != event.open
    }

    var quantity = Quantity.zero
    if price != nil {
      quantity = order.remaining
      if let allowance {
        quantity = Quantity(unchecked: min(quantity.raw, max(allowance.raw - volumeTaken[key.portfolio], 0)))
      }
      if order.timeInForce == .fillOrKill && quantity < order.remaining { quantity = .zero }
    }
    if slips, let tape = price {
      price = rules.slipped(tape, order.side, taking: quantity, of: event.volume)
      if price == nil { return end(index, .cancel(key, reason: .noPrice, at: event.at), &actions) }
    }
    order.remaining = Quantity(unchecked: order.remaining.raw - quantity.raw)
    order.filled = Quantity(unchecked: order.filled.raw + quantity.raw)
    let hasOneChance = order.timeInForce.isImmediate || order.timeInForce.isAuction
    order.isDone = order.remaining.isZero
    orders[index] = order
    if meaning.trigger != nil && !order.isDone && !hasOneChance { actions.append(.trigger(key, at: event.at)) }

    if let price, quantity.isPositive {
      if allowance != nil { volumeTaken[key.portfolio] += quantity.raw }
      var fill = PaperFill(
        key: key, side: order.side, quantity: quantity, price: price, remaining: order.remaining, filled: order.filled,
        liquidity: liquidity, at: event.at)
      fill.changesOthers = settleOthers(after: order, filled: quantity)
      latestFill = price
      actions.append(.fill(fill))
    }
    // What is left is what the fill left: a reduce-only order may have shrunk by its own fill.
    if !hasOneChance || orders[index].isDone { return }
    orders[index].isDone = true
    switch order.timeInForce {
    case .fillOrKill: actions.append(.cancel(key, reason: .fillOrKill, at: event.at))
    case .atOpen, .atClose: actions.append(.expire(key, at: event.at))
    default: actions.append(.cancel(key, reason: .immediateOrCancel, at: event.at))
    }
  }

  private mutating func end(_ index: Int, _ action: PaperAction, _ actions: inout [PaperAction]) {
    orders[index].isDone = true
    actions.append(action)
  }

  /// What there is of the position for an order to reduce.
  private func reducible(by order: PaperOrder) -> Quantity {
    let position = positions[order.key.portfolio]
    return Quantity(unchecked: max(order.side == .sell ? position : -position, 0))
  }

  /// What a fill means for the other orders of its portfolio.
  ///
  /// - Returns: whether one of them shrank or left.
  private mutating func settleOthers(after order: PaperOrder, filled quantity: Quantity) -> Bool {
    let portfolio = order.key.portfolio
    positions[portfolio] += order.side == .buy ? quantity.raw : -quantity.raw
    var hasChanged = false
    if let own = order.conditions.exclusion {
      let isLegDone = open(own, of: portfolio) == 0
      var legs: [OrderConditions.Exclusion] = []
      for other in orders where other.key.portfolio == portfolio && !other.isDone {
        guard let leg = other.conditions.exclusion, leg.group == own.group, leg != own, !legs.contains(leg) else {
          continue
        }
        legs.append(leg)
      }
      for leg in legs { take(isLegDone ? .max : Int128(quantity.raw), from: leg, of: portfolio) }
      hasChanged = !legs.isEmpty
    }
    for index in orders.indices {
      guard orders[index].key.portfolio == portfolio, orders[index].conditions.isReduceOnly, !orders[index].isDone
      else {
        continue
      }
      let most = reducible(by: orders[index])
      if orders[index].remaining > most {
        orders[index].remaining = most
        orders[index].isDone = most.isZero
        hasChanged = true
      }
    }
    return hasChanged
  }

  /// What the orders of a leg have open together.
  private func open(_ leg: OrderConditions.Exclusion, of portfolio: Int32) -> Int128 {
    var sum: Int128 = 0
    for order in orders where order.key.portfolio == portfolio && order.conditions.exclusion == leg && !order.isDone {
      sum += Int128(order.remaining.raw)
    }
    return sum
  }

  /// Takes this much from what a leg has open, from the order that came last first.
  private mutating func take(_ quantity: Int128, from leg: OrderConditions.Exclusion, of portfolio: Int32) {
    var rest = quantity
    for index in orders.indices.reversed() where rest > 0 {
      guard orders[index].key.portfolio == portfolio, orders[index].conditions.exclusion == leg, !orders[index].isDone
      else { continue }
      let taken = min(rest, Int128(orders[index].remaining.raw))
      orders[index].remaining = Quantity(unchecked: orders[index].remaining.raw - Int64(taken))
      orders[index].isDone = orders[index].remaining.isZero
      rest -= taken
    }
  }
}
