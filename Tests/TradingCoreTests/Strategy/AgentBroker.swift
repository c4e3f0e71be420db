import TradingCore

/// A broker with books of its own, of which an agent hears late: it decides at once by what is true, and tells afterwards.
/// One instrument, one agent; a person may trade, too.
struct AgentBroker {
  struct Order {
    let id: String
    let side: Side
    let role: OrderRole
    var price: Price?
    var left: Quantity
    var leg: Int16?
    var group: Int?
    var isCancelAsked = false
  }

  enum News {
    case filled(String, Quantity, price: Price, left: Quantity, position: Quantity)
    case rejected(String)
    case replaced(String, by: String, left: Quantity)
    case resized(String, left: Quantity, position: Quantity)
    case closed(String)
    /// Somebody else has traded.
    case position(Quantity)
  }

  var orders: [Order] = []
  /// Negative when short.
  var position = Quantity.zero
  /// What the agent has not heard of yet, in order.
  var news: [News] = []
  /// Identifiers of all orders until now.
  var names: Set<String> = []
  /// Orders that were refused because what they would close is not there or promised to others.
  var excesses: [String] = []
  private var groups = 0

  private func held(by side: Side) -> Quantity { max(side == .sell ? position : -position, .zero) }

  /// The most that the open exits of this side could fill: of a group the larger leg.
  func exits(_ side: Side) throws -> Quantity {
    var sum = Quantity.zero
    var legs: [[Int]: Quantity] = [:]
    for order in orders where order.side == side && !order.role.isEntry {
      if let group = order.group {
        legs[[group, Int(order.leg ?? 0)]] = try (legs[[group, Int(order.leg ?? 0)]] ?? .zero) + order.left
      } else {
        try sum += order.left
      }
    }
    var largest: [Int: Quantity] = [:]
    for (leg, quantity) in legs { largest[leg[0]] = max(largest[leg[0]] ?? .zero, quantity) }
    for quantity in largest.values { try sum += quantity }
    return sum
  }

  /// Whether there is something to close for the order beside the other ones.
  private func hasRoom(for order: Order) throws -> Bool {
    if order.role.isEntry { return true }
    var with = self
    with.orders.append(order)
    return try with.exits(order.side) <= held(by: order.side)
  }

  mutating func submit(_ request: OrderRequest, rejects: Bool) throws {
    var order = Order(
      id: request.clientOrderID, side: request.side, role: request.role,
      price: request.terms.stopPrice ?? request.terms.limitPrice, left: request.quantity, leg: request.ocoLeg)
    if request.ocoLeg != nil {
      order.group = orders.first { $0.group != nil && $0.side == request.side }?.group
      if order.group == nil {
        groups += 1
        order.group = groups
      }
    }
    if rejects { return news.append(.rejected(order.id)) }
    guard try hasRoom(for: order) else {
      excesses.append(order.id)
      return news.append(.rejected(order.id))
    }
    orders.append(order)
  }

  mutating func replace(_ id: String, by request: OrderRequest, rejects: Bool) throws {
    guard !rejects, let index = orders.firstIndex(where: { $0.id == id }) else {
      return news.append(.rejected(request.clientOrderID))
    }
    let old = orders.remove(at: index)
    let new = Order(
      id: request.clientOrderID, side: old.side, role: old.role,
      price: request.terms.stopPrice ?? request.terms.limitPrice, left: request.quantity, leg: old.leg,
      group: old.group)
    guard try hasRoom(for: new) else {
      orders.insert(old, at: index)
      excesses.append(new.id)
      return news.append(.rejected(new.id))
    }
    orders.append(new)
    news.append(.replaced(id, by: new.id, left: new.left))
  }

  mutating func askCancel(_ id: String) {
    if let index = orders.firstIndex(where: { $0.id == id }) { orders[index].isCancelAsked = true }
  }

  mutating func end(_ index: Int) { news.append(.closed(orders.remove(at: index).id)) }

  /// - Returns: false, and nothing happens, when an exit would close more than there is.
  mutating func fill(_ index: Int, _ quantity: Quantity, at price: Price) throws -> Bool {
    let order = orders[index]
    if !order.role.isEntry && quantity > held(by: order.side) { return false }
    try position += order.side == .buy ? quantity : -quantity
    try orders[index].left -= quantity
    let left = orders[index].left
    if left.isZero { orders.remove(at: index) }
    news.append(.filled(order.id, quantity, price: price, left: left, position: position))
    if let group = order.group {
      let isDone = left.isZero && !orders.contains { $0.group == group && $0.leg == order.leg }
      var rest = quantity
      for index in orders.indices.reversed() where orders[index].group == group && orders[index].leg != order.leg {
        let taken = isDone ? orders[index].left : min(rest, orders[index].left)
        if !isDone { try rest -= taken }
        try resize(index, to: orders[index].left - taken)
      }
    }
    try limitToPosition()
    // After a fill that may have changed others the open orders are told as they are.
    for other in orders where other.group != nil && other.group == order.group {
      news.append(.resized(other.id, left: other.left, position: position))
    }
    return true
  }

  mutating func trade(to position: Quantity) throws {
    self.position = position
    news.append(.position(position))
    try limitToPosition()
  }

  private mutating func limitToPosition() throws {
    for index in orders.indices.reversed() where !orders[index].role.isEntry {
      try resize(index, to: min(orders[index].left, held(by: orders[index].side)))
    }
  }

  private mutating func resize(_ index: Int, to left: Quantity) throws {
    if left == orders[index].left { return }
    orders[index].left = left
    if left.isZero {
      end(index)
    } else {
      news.append(.resized(orders[index].id, left: left, position: position))
    }
  }

  mutating func apply(_ split: StockSplit) throws {
    position = try split.quantity(position)
    for index in orders.indices {
      orders[index].left = try split.quantity(orders[index].left)
      orders[index].price = try orders[index].price.map {
        try split.price($0, orders[index].side, tickSize: Price("0.01"))
      }
    }
    orders.removeAll { $0.left.isZero }
  }
}
