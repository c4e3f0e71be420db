/// The rules of the paper exchange written down a second time, in whole cents and shares, looking at every order at every
/// event: the oracle for `PaperBook`.
struct NaiveExchange {
  struct Order {
    var portfolio: Int
    var id: Int
    var isBuy: Bool
    /// A stop, or a touch price when `isTouch`.
    var stop: Int?
    var limit: Int?
    var left: Int
    /// How far behind the best price the stop follows.
    var trail: Int?
    var isTouch = false
    /// "", "ioc" or "fok"
    var force = ""
    var expiry: Int?
    var arrived = 0
    var isPostOnly = false
    var isReduceOnly = false
    var group: Int?
    var leg = 0
    var filled = 0
    var isTriggered = false
    var sitsOut = false

    /// For a sell everything is mirrored: prices become negative, and the order becomes a buy.
    func mirrored(_ price: Int) -> Int { isBuy ? price : -price }
  }

  var basisPoints: Int
  /// Share of the volume in percent, nil for all of any order.
  var percent: Int?
  var orders: [Order] = []
  var log: [String] = []
  var positions: [Int: Int] = [:]
  private var taken: [Int: Int] = [:]
  /// Time of the latest price.
  private var tape = -1

  init(basisPoints: Int, percent: Int?) {
    self.basisPoints = basisPoints
    self.percent = percent
  }

  mutating func tick(_ price: Int, volume: Int, time: Int) { open(price, volume: volume, time: time) }

  mutating func open(_ open: Int, volume: Int, time: Int) {
    taken = [:]
    expire(time)
    each { order, exchange in exchange.show(&order, open, volume) }
    tape = time
  }

  mutating func range(_ open: Int, _ high: Int, _ low: Int, volume: Int, time: Int) {
    expire(time)
    each { order, exchange in
      guard let stop = order.stop, !order.isTriggered, !order.isTouch else { return }
      // The worst and the best that the bar can be for this order.
      let worst = order.mirrored(order.isBuy ? high : low)
      let best = order.mirrored(order.isBuy ? low : high)
      if worst >= order.mirrored(stop) {
        let price = order.mirrored(max(order.mirrored(stop), order.mirrored(open)))
        exchange.trigger(&order, price, volume)
        order.sitsOut = price != open
      } else if let moved = exchange.follow(&order, best), worst >= order.mirrored(moved) {
        exchange.trigger(&order, moved, volume)
      }
    }
    each { order, exchange in
      defer { order.sitsOut = false }
      guard let limit = order.limit else { return }
      let best = order.mirrored(order.isBuy ? low : high)
      if order.isTouch, !order.isTriggered, let touch = order.stop {
        guard best <= order.mirrored(touch) else { return }
        let first = min(order.mirrored(touch), order.mirrored(open))
        if first > order.mirrored(limit), best <= order.mirrored(limit), order.force == "" {
          order.isTriggered = true
          let at = exchange.log.count
          exchange.fill(&order, limit, volume, rests: true)
          if order.left > 0 { exchange.log.insert("trigger \(order.id)", at: at) }
        } else {
          exchange.trigger(&order, order.mirrored(first), volume)
        }
        return
      }
      guard order.stop == nil || order.isTriggered, !order.sitsOut, order.force == "" else { return }
      guard best <= order.mirrored(limit) else { return }
      if order.mirrored(open) <= order.mirrored(limit) {
        exchange.fill(&order, open, volume, rests: exchange.rests(order))
      } else {
        exchange.fill(&order, limit, volume, rests: true)
      }
    }
  }

  private mutating func each(_ body: (inout Order, inout NaiveExchange) -> Void) {
    for index in orders.indices where orders[index].left > 0 {
      var order = orders[index]
      body(&order, &self)
      orders[index] = order
    }
    orders.removeAll { $0.left == 0 }
  }

  private mutating func expire(_ time: Int) {
    for order in orders where order.expiry.map({ $0 <= time }) ?? false { log.append("expire \(order.id)") }
    orders.removeAll { $0.expiry.map { $0 <= time } ?? false }
  }

  private func rests(_ order: Order) -> Bool { order.filled > 0 || order.isTriggered || order.arrived < tape }

  private mutating func show(_ order: inout Order, _ price: Int, _ volume: Int) {
    if let stop = order.stop, !order.isTriggered {
      let isReached =
        order.isTouch ? order.mirrored(price) <= order.mirrored(stop) : order.mirrored(price) >= order.mirrored(stop)
      if isReached { trigger(&order, price, volume) } else { _ = follow(&order, order.mirrored(price)) }
    } else if let limit = order.limit {
      if order.mirrored(price) <= order.mirrored(limit) {
        fill(&order, price, volume, rests: rests(order))
      } else {
        giveUpIfImmediate(&order)
      }
    } else {
      fill(&order, slipped(price, order), volume, rests: false)
    }
  }

  /// Moves a trailing stop behind the best price, and says to where.
  private mutating func follow(_ order: inout Order, _ best: Int) -> Int? {
    guard let trail = order.trail, let stop = order.stop, best + trail < order.mirrored(stop) else { return nil }
    order.stop = order.mirrored(best + trail)
    log.append("trail \(order.id) \(order.mirrored(best + trail))")
    return order.stop
  }

  private mutating func trigger(_ order: inout Order, _ price: Int, _ volume: Int) {
    order.isTriggered = true
    let at = log.count
    if let limit = order.limit {
      if order.mirrored(price) <= order.mirrored(limit) {
        fill(&order, price, volume, rests: false)
      } else {
        giveUpIfImmediate(&order)
      }
    } else {
      fill(&order, slipped(price, order), volume, rests: false)
    }
    if order.left > 0 { log.insert("trigger \(order.id)", at: at) }
  }

  private mutating func fill(_ order: inout Order, _ price: Int, _ volume: Int, rests: Bool) {
    if order.isPostOnly, !rests {
      log.append("reject \(order.id)")
      order.left = 0
      return
    }
    if order.isReduceOnly {
      order.left = min(order.left, reducible(order))
      if order.left == 0 {
        log.append("cancel \(order.id) reduce")
        return
      }
    }
    var quantity = order.left
    if let percent { quantity = min(quantity, max(volume * percent / 100 - taken[order.portfolio, default: 0], 0)) }
    if order.force == "fok" && quantity < order.left { quantity = 0 }
    if quantity > 0 {
      taken[order.portfolio, default: 0] += quantity
      order.left -= quantity
      order.filled += quantity
      log.append(
        "fill \(order.id) \(quantity) @ \(price) left \(order.left) \(rests && order.limit != nil ? "maker" : "taker")")
      positions[order.portfolio, default: 0] += order.isBuy ? quantity : -quantity
      settleOthers(order, quantity)
    }
    giveUpIfImmediate(&order)
  }

  private func reducible(_ order: Order) -> Int {
    max((order.isBuy ? -1 : 1) * positions[order.portfolio, default: 0], 0)
  }

  private mutating func settleOthers(_ order: Order, _ quantity: Int) {
    let mates = orders.indices.filter { orders[$0].portfolio == order.portfolio && orders[$0].id != order.id }
    if let group = order.group {
      let isDone =
        order.left == 0
        && !mates.contains { orders[$0].group == group && orders[$0].leg == order.leg && orders[$0].left > 0 }
      var wanted: [Int: Int] = [:]
      for index in mates.reversed() where orders[index].group == group && orders[index].leg != order.leg {
        let take = isDone ? orders[index].left : min(wanted[orders[index].leg, default: quantity], orders[index].left)
        wanted[orders[index].leg, default: quantity] -= take
        orders[index].left -= take
      }
    }
    for index in mates where orders[index].isReduceOnly {
      orders[index].left = min(orders[index].left, reducible(orders[index]))
    }
  }

  private mutating func giveUpIfImmediate(_ order: inout Order) {
    guard order.force != "", order.left > 0 else { return }
    log.append("cancel \(order.id) \(order.force)")
    order.left = 0
  }

  private func slipped(_ price: Int, _ order: Order) -> Int {
    if order.isBuy { return (price * (10_000 + basisPoints) + 9_999) / 10_000 }
    return price * (10_000 - basisPoints) / 10_000
  }
}
