/// The paper exchange of one instrument: which working orders does the tape fill, at what price?
///
/// A pure state machine: it answers with actions and the caller does the bookkeeping. For ticks call `match(_:into:)`
/// with each tick; for bars `matchOpen(_:into:)`, act on the fills, then `matchRange(_:at:into:)`. An order is matched
/// only by events after the call of `add`, so never by the one that caused it.
///
/// - Market orders fill at the next tick or at the next bar's open.
/// - A limit order fills at the tape's price when that is within the limit, else, inside a bar that reaches the limit, at
///   the limit. It never has slippage.
/// - A stop order fills at the tape's price when that is through the stop, else, inside a bar that reaches the stop, at
///   the stop, with slippage. A stop-limit order becomes a limit order instead.
/// - Orders fill in order of arrival; inside a bar all stops come before all limits, the pessimistic of the two orders.
/// - Immediate orders (ioc, fok) have one chance: the first tick or open they meet, for stops the event that triggers.
/// - Portfolios do not compete for volume: each is a world of its own.
public struct PaperBook: Sendable {
  public let rules: PaperRules
  /// In order of arrival.
  public private(set) var orders: [PaperOrder] = []

  private var reach = Reach()
  /// Volume that portfolios had of the bar `volumeBucket`; the open and the range of a bar share its volume.
  private var volumeTaken = VolumeTaken()
  private var volumeBucket: Timestamp?

  public init(rules: PaperRules) { self.rules = rules }

  public var isEmpty: Bool { orders.isEmpty }

  public subscript(key: OrderKey) -> PaperOrder? { orders.first { $0.key == key } }

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

  /// Quantities × ratio, prices ÷ ratio on the tick grid, as `StockSplit` rounds them. An order of which nothing is left is
  /// cancelled.
  ///
  /// - Throws: `overflow`, with the book unchanged.
  public mutating func apply(
    _ split: StockSplit, at time: Timestamp, into actions: inout [PaperAction]
  ) throws(ArithmeticError) {
    var kept: [PaperOrder] = []
    var cancelled: [OrderKey] = []
    for var order in orders {
      order.remaining = try split.quantity(order.remaining)
      order.terms = try split.terms(order.terms, order.side, tickSize: rules.tickSize)
      if order.remaining.isZero { cancelled.append(order.key) } else { kept.append(order) }
    }
    orders = kept
    reach = Reach(orders)
    for key in cancelled { actions.append(.cancel(key, reason: .nothingLeft, at: time)) }
  }

  /// Matches one tick. A tick without a usable price fills nothing.
  public mutating func match(_ tick: Tick, into actions: inout [PaperAction]) {
    if orders.isEmpty { return }
    expire(at: tick.time, into: &actions)
    guard tick.isUsable, let price = Self.tapePrice(tick.price), reach.isTouchedByInstant(price) else { return }
    volumeTaken = VolumeTaken()
    volumeBucket = nil
    sweep(PaperEvent(kind: .instant, open: price, high: price, low: price, volume: tick.size, at: tick.time), &actions)
  }

  /// Matches the open of a bar. A bar without a usable open fills nothing.
  public mutating func matchOpen(_ bar: Bar, into actions: inout [PaperAction]) {
    if orders.isEmpty { return }
    expire(at: bar.bucket, into: &actions)
    guard let open = Self.tapePrice(bar.open), reach.isTouchedByInstant(open) else { return }
    shareVolume(of: bar)
    sweep(PaperEvent(kind: .instant, open: open, high: open, low: open, volume: bar.volume, at: bar.bucket), &actions)
  }

  /// Matches what the bar did after its open. A bar without usable prices fills nothing.
  ///
  /// - Parameter time: the time given to fills, by default the bar's bucket: when inside the bar it was is not known.
  public mutating func matchRange(_ bar: Bar, at time: Timestamp? = nil, into actions: inout [PaperAction]) {
    if orders.isEmpty { return }
    expire(at: bar.bucket, into: &actions)
    guard let open = Self.tapePrice(bar.open), let high = Self.tapePrice(bar.high), let low = Self.tapePrice(bar.low)
    else { return }
    // A vendor's bar may contradict itself; the open was on the tape in any case.
    let (top, bottom) = (max(high, open), min(low, open))
    guard reach.isTouched(byRangeFrom: bottom, to: top) else { return }
    shareVolume(of: bar)
    var event = PaperEvent(
      kind: .rangeStops, open: open, high: top, low: bottom, volume: bar.volume, at: time ?? bar.bucket)
    sweep(event, &actions)
    event.kind = .rangeLimits
    sweep(event, &actions)
  }

  private static func tapePrice(_ value: Double) -> Price? {
    guard value > 0, let price = try? Price(value), price.isPositive else { return nil }
    return price
  }

  private mutating func insert(_ order: PaperOrder) {
    var index = orders.endIndex
    while index > orders.startIndex, order.comesBefore(orders[index - 1]) { index -= 1 }
    orders.insert(order, at: index)
  }

  private mutating func shareVolume(of bar: Bar) {
    if volumeBucket == bar.bucket { return }
    volumeTaken = VolumeTaken()
    volumeBucket = bar.bucket
  }

  private mutating func expire(at time: Timestamp, into actions: inout [PaperAction]) {
    guard let earliest = reach.earliestExpiry, earliest <= time else { return }
    orders.removeAll { order in
      guard let expiresAt = order.expiresAt, expiresAt <= time else { return false }
      actions.append(.expire(order.key, at: time))
      return true
    }
    reach = Reach(orders)
  }

  /// Shows every order the event, in order of arrival, and keeps those that live on.
  private mutating func sweep(_ event: PaperEvent, _ actions: inout [PaperAction]) {
    let allowance = rules.allowance(of: event.volume)
    var kept = 0
    for index in orders.indices {
      if event.match(&orders[index], rules, allowance, &volumeTaken, &actions) {
        if kept != index { orders.swapAt(kept, index) }
        kept += 1
      }
    }
    orders.removeLast(orders.count - kept)
    reach = Reach(orders)
  }
}

/// The prices and times that would do something to a book, so that most ticks are answered without looking at an order.
struct Reach: Sendable {
  private(set) var earliestExpiry: Timestamp?
  /// A price at or above it fills a sell limit or triggers a buy stop.
  private var above = Price(unchecked: .max)
  /// A price at or below it fills a buy limit or triggers a sell stop.
  private var below = Price(unchecked: .min)
  /// Some order has to be looked at whatever the price.
  private var isImmediate = false

  init() {}

  init(_ orders: [PaperOrder]) {
    for order in orders { include(order) }
  }

  mutating func include(_ order: PaperOrder) {
    if let expiresAt = order.expiresAt { earliestExpiry = min(earliestExpiry ?? expiresAt, expiresAt) }
    switch (order.demand, order.side) {
    case (.market, _):
      isImmediate = true
    case (.limit(let price), .sell), (.stop(let price), .buy):
      above = min(above, price)
    case (.limit(let price), .buy), (.stop(let price), .sell):
      below = max(below, price)
    }
    if order.timeInForce.isImmediate, case .limit = order.demand { isImmediate = true }
  }

  func isTouchedByInstant(_ price: Price) -> Bool { isImmediate || price >= above || price <= below }

  func isTouched(byRangeFrom low: Price, to high: Price) -> Bool { high >= above || low <= below }
}

/// What each portfolio has had of one event's volume.
struct VolumeTaken: Sendable {
  private var entries: [(portfolio: Int32, quantity: Int64)] = []

  func quantity(of portfolio: Int32) -> Int64 {
    entries.first { $0.portfolio == portfolio }?.quantity ?? 0
  }

  mutating func add(_ quantity: Quantity, to portfolio: Int32) {
    if let index = entries.firstIndex(where: { $0.portfolio == portfolio }) {
      entries[index].quantity += quantity.raw
    } else {
      entries.append((portfolio, quantity.raw))
    }
  }
}
