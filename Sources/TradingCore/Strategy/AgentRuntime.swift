/// One agent on one instrument: turns bars and the fate of its orders into signals and orders.
///
/// A pure state machine. Each event may give actions; the caller carries them out and reports what became of them, with
/// each order's end reported once: rejected, closed, or filled with nothing remaining. State and open orders together
/// restore the runtime at any point between two events.
///
/// The rules:
/// - An entry signal while nothing is owned and no order is open: a market buy, sized as the parameters say. None while
///   the portfolio is short: that position is somebody else's, and the buy would cover it.
/// - What is owned is protected by one sell stop for all of it, at the average fill price of the entry less a multiple of
///   the average true range at the signal. When the quantity changes, the stop is cancelled and, once it is gone, placed
///   anew: there are never sell orders for more than is owned, whatever the order in which a broker answers.
/// - An exit signal: cancel stop and entry, and once they are gone sell what is owned at the market.
/// - The agent sells only what it bought, and no more than the portfolio still holds when a person sold by hand.
/// - A stop or exit that was rejected, or that ended without having been asked to, is tried again at the next bar.
///   A missed entry is not.
///
/// Every method that throws `ArithmeticError` then leaves the runtime as it was.
public struct AgentRuntime: Sendable {
  public let terms: TradingTerms
  public private(set) var strategy: TrendStrategy
  /// At most one order of each role.
  public private(set) var orders: [AgentOrder]
  /// Bought by this agent and not sold since.
  public private(set) var owned = Quantity.zero

  /// The fills of the current entry.
  private var entryQuantity = Quantity.zero
  private var entryCost = Money.zero
  private var stopDistance = Price.zero
  /// Where the protective stop belongs; zero when there is none to place.
  private var stopPrice = Price.zero
  /// An exit signal is being carried out.
  private var isExiting = false
  /// No exit or stop is submitted before the next bar.
  private var holdsBack = false
  /// The bucket of the last bar.
  private var lastBar: Timestamp?
  private var exitsInBar = 0
  private var stopsInBar = 0

  public init(_ parameters: TrendParameters, terms: TradingTerms) throws(IndicatorError) {
    self.terms = terms
    strategy = try TrendStrategy(parameters)
    orders = []
  }

  // MARK: Events

  /// Takes in a bar of the past, for its effect on the indicators alone.
  public mutating func warmUp(_ bar: Bar) {
    guard isNext(bar) else { return }
    _ = strategy.update(bar)
    lastBar = bar.bucket
  }

  /// A bar is complete. One that is not later than the last is passed over.
  public mutating func barClosed(
    _ bar: Bar, account: AccountView, into actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    guard isNext(bar) else { return }
    var next = self
    var answer: [AgentAction] = []
    try next.close(bar, account, &answer)
    self = next
    actions += answer
  }

  /// A fill of an order of this agent. `remaining` is what is left of the order, `position` what the portfolio now holds.
  public mutating func filled(
    _ clientOrderID: String, role: OrderRole, quantity: Quantity, price: Price, remaining: Quantity,
    position: Quantity, into actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    var next = self
    if let index = next.index(of: clientOrderID) {
      next.orders[index].remaining = remaining
      if !remaining.isPositive { next.orders.remove(at: index) }
    }
    var answer: [AgentAction] = []
    switch role {
    case .entry:
      try next.owned += quantity
      try next.entryQuantity += quantity
      try next.entryCost += price.value(of: quantity)
      try next.placeStop()
    case .exit, .stop:
      next.owned = try max(next.owned - quantity, .zero)
      // What stops the position out stops its growth too.
      if role == .stop { next.cancel(.entry, &answer) }
    }
    next.limitOwned(to: position)
    try next.settle(&answer)
    self = next
    actions += answer
  }

  /// The order was refused. It has no effect on an order that is not open (any more).
  public mutating func orderRejected(
    _ clientOrderID: String, into actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    try orderEnded(clientOrderID, wasWanted: false, into: &actions)
  }

  /// The order was cancelled or has expired. It has no effect on an order that is not open (any more).
  public mutating func orderClosed(
    _ clientOrderID: String, into actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    try orderEnded(clientOrderID, wasWanted: true, into: &actions)
  }

  /// Prices ÷ ratio and quantities × ratio.
  ///
  /// - Parameter restated: the open orders as the books have restated them; nil: rounded as `StockSplit` does.
  public mutating func apply(_ split: StockSplit, orders restated: [AgentOrder]? = nil) throws(ArithmeticError) {
    var next = self
    next.strategy.rescale(by: split.priceRatio)
    next.owned = try split.quantity(owned)
    next.entryQuantity = try split.quantity(entryQuantity)
    next.stopDistance = try split.distance(stopDistance)
    if stopPrice.isPositive { next.stopPrice = try split.price(stopPrice, .sell, tickSize: terms.tickSize) }
    for index in orders.indices {
      next.orders[index].remaining = try split.quantity(orders[index].remaining)
      if let price = orders[index].stopPrice {
        next.orders[index].stopPrice = try split.price(price, orders[index].role.side, tickSize: terms.tickSize)
      }
    }
    if let restated { next.orders = restated }
    next.orders.removeAll { $0.remaining.isZero }
    self = next
  }

  // MARK: Rules

  private func isNext(_ bar: Bar) -> Bool {
    guard let lastBar else { return true }
    return bar.bucket > lastBar
  }

  private mutating func close(
    _ bar: Bar, _ account: AccountView, _ actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    let signal = strategy.update(bar)
    lastBar = bar.bucket
    exitsInBar = 0
    stopsInBar = 0
    holdsBack = false
    limitOwned(to: account.position)
    if let signal {
      actions.append(.signal(signal))
      switch signal.kind {
      case .entry: try enter(at: bar.close, account, &actions)
      case .exit: isExiting = owned.isPositive || index(of: .entry) != nil
      }
    }
    try settle(&actions)
  }

  private mutating func enter(
    at close: Double, _ account: AccountView, _ actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    guard try sellable.isZero && orders.isEmpty && !account.position.isNegative else { return }
    stopDistance = try Price(strategy.averageTrueRange * strategy.parameters.atrMultiple.double)
    let figures = PositionSizing.Figures(
      price: try Price(close), stopDistance: stopDistance, averageTrueRange: try Price(strategy.averageTrueRange),
      deviation: try Price(strategy.closeDeviation))
    let quantity = try strategy.parameters.sizing.quantity(figures, account: account, terms: terms)
    if quantity.isPositive { submit(.entry, .market, quantity, attempt: 1, &actions) }
  }

  private mutating func orderEnded(
    _ clientOrderID: String, wasWanted: Bool, into actions: inout [AgentAction]
  ) throws(ArithmeticError) {
    guard let index = index(of: clientOrderID) else { return }
    var next = self
    var answer: [AgentAction] = []
    let order = next.orders.remove(at: index)
    if order.role != .entry && !(wasWanted && order.isCancelling) { next.holdsBack = true }
    try next.settle(&answer)
    self = next
    actions += answer
  }

  /// The whole lots of what is owned.
  private var sellable: Quantity {
    get throws(ArithmeticError) { try owned.roundedDown(toLot: terms.lot) }
  }

  private mutating func limitOwned(to position: Quantity) {
    owned = min(owned, max(position, .zero))
  }

  /// The stop price that belongs to the entry's fills.
  private mutating func placeStop() throws(ArithmeticError) {
    let price = try entryCost.price(per: entryQuantity) - stopDistance
    stopPrice = try max(price.rounded(toTick: terms.tickSize), .zero)
  }

  /// Moves the orders towards what they should be, as far as can be done before the next answer.
  private mutating func settle(_ actions: inout [AgentAction]) throws(ArithmeticError) {
    let sellable = try sellable
    if sellable.isZero {
      cancel(.stop, &actions)
      cancel(.exit, &actions)
      if index(of: .entry) == nil {
        owned = .zero
        entryQuantity = .zero
        entryCost = .zero
        stopPrice = .zero
        isExiting = false
      }
    }
    if isExiting {
      cancel(.entry, &actions)
      cancel(.stop, &actions)
      if let exit = index(of: .exit) {
        if orders[exit].remaining > sellable { cancel(.exit, &actions) }
      } else if sellable.isPositive && orders.isEmpty && !holdsBack {
        exitsInBar += 1
        submit(.exit, .market, sellable, attempt: exitsInBar, &actions)
      }
    } else if sellable.isPositive {
      if let stop = index(of: .stop) {
        if orders[stop].remaining != sellable || orders[stop].stopPrice != stopPrice { cancel(.stop, &actions) }
      } else if stopPrice.isPositive && index(of: .exit) == nil && !holdsBack {
        stopsInBar += 1
        submit(.stop, .stop(stopPrice), sellable, attempt: stopsInBar, &actions)
      }
    }
  }

  // MARK: Orders

  private func index(of role: OrderRole) -> Int? { orders.firstIndex { $0.role == role } }

  private func index(of clientOrderID: String) -> Int? {
    orders.firstIndex { isSame($0.clientOrderID, clientOrderID) }
  }

  private mutating func submit(
    _ role: OrderRole, _ terms: OrderTerms, _ quantity: Quantity, attempt: Int, _ actions: inout [AgentAction]
  ) {
    var clientOrderID = "\(role.sql)-\((lastBar ?? .earliest).description)"
    if attempt > 1 { clientOrderID += "-\(attempt)" }
    orders.append(
      AgentOrder(clientOrderID: clientOrderID, role: role, remaining: quantity, stopPrice: terms.stopPrice))
    actions.append(
      .submit(OrderRequest(clientOrderID: clientOrderID, role: role, terms: terms, quantity: quantity)))
  }

  /// Asks once for the cancel of the order with this role, if there is one.
  private mutating func cancel(_ role: OrderRole, _ actions: inout [AgentAction]) {
    guard let index = index(of: role), !orders[index].isCancelling else { return }
    orders[index].isCancelling = true
    actions.append(.cancel(clientOrderID: orders[index].clientOrderID))
  }

  // MARK: State

  /// Everything but the open orders.
  public var state: [UInt8] {
    var writer = StateWriter()
    strategy.write(to: &writer)
    writer.write(owned.raw)
    writer.write(entryQuantity.raw)
    writer.write(entryCost.raw)
    writer.write(stopDistance.raw)
    writer.write(stopPrice.raw)
    writer.write(isExiting)
    writer.write(holdsBack)
    writer.write(lastBar != nil)
    writer.write((lastBar ?? .earliest).microseconds)
    writer.write(exitsInBar)
    writer.write(stopsInBar)
    return writer.bytes
  }

  /// Goes on exactly where the runtime with this state and these open orders stood.
  ///
  /// - Throws: `badState` when the state is not one of an agent with these parameters, or when two orders have one role.
  public init(
    _ parameters: TrendParameters, terms: TradingTerms, state: [UInt8], orders: [AgentOrder]
  ) throws(ParameterError) {
    self.terms = terms
    self.orders = orders
    do throws(StateReader.Malformed) {
      var reader = StateReader(state)
      strategy = try TrendStrategy(parameters, from: &reader)
      owned = try reader.quantity()
      entryQuantity = try reader.quantity()
      entryCost = try reader.money()
      stopDistance = try reader.price()
      stopPrice = try reader.price()
      isExiting = try reader.bool()
      holdsBack = try reader.bool()
      let hasBar = try reader.bool()
      let bar = try reader.timestamp()
      lastBar = hasBar ? bar : nil
      exitsInBar = try reader.int()
      stopsInBar = try reader.int()
      guard reader.isAtEnd, !owned.isNegative, exitsInBar >= 0, stopsInBar >= 0 else { throw StateReader.Malformed() }
    } catch {
      throw .badState(of: "agent")
    }
    for role in OrderRole.allCases where orders.count(where: { $0.role == role }) > 1 {
      throw ParameterError(.badState, "two open \(role) orders")
    }
  }
}
