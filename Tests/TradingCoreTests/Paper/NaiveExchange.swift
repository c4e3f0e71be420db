/// The rules of the paper exchange written down a second time, in whole cents and shares, looking at every order at every
/// event: the oracle for `PaperBook`.
struct NaiveExchange {
  struct Order {
    var portfolio: Int
    var id: Int
    var isBuy: Bool
    var stop: Int?
    var limit: Int?
    var left: Int
    /// "", "ioc" or "fok"
    var force = ""
    var expiry: Int?
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
  private var taken: [Int: Int] = [:]

  init(basisPoints: Int, percent: Int?) {
    self.basisPoints = basisPoints
    self.percent = percent
  }

  mutating func tick(_ price: Int, volume: Int, time: Int) {
    taken = [:]
    expire(time)
    each { order, exchange in exchange.show(&order, price, volume, time) }
  }

  mutating func open(_ open: Int, volume: Int, time: Int) {
    taken = [:]
    expire(time)
    each { order, exchange in exchange.show(&order, open, volume, time) }
  }

  mutating func range(_ open: Int, _ high: Int, _ low: Int, volume: Int, time: Int) {
    expire(time)
    each { order, exchange in
      guard let stop = order.stop, !order.isTriggered else { return }
      // The worst the bar can be for this order.
      let extreme = order.mirrored(order.isBuy ? high : low)
      guard extreme >= order.mirrored(stop) else { return }
      let price = max(order.mirrored(stop), order.mirrored(open)) * (order.isBuy ? 1 : -1)
      exchange.trigger(&order, price, volume, time)
      order.sitsOut = price != open
    }
    each { order, exchange in
      defer { order.sitsOut = false }
      guard let limit = order.limit, order.stop == nil || order.isTriggered, !order.sitsOut, order.force == "" else {
        return
      }
      let best = order.mirrored(order.isBuy ? low : high)
      guard best <= order.mirrored(limit) else { return }
      let price = min(order.mirrored(limit), order.mirrored(open)) * (order.isBuy ? 1 : -1)
      exchange.fill(&order, price, volume, time)
    }
  }

  private mutating func each(_ body: (inout Order, inout NaiveExchange) -> Void) {
    for index in orders.indices {
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

  private mutating func show(_ order: inout Order, _ price: Int, _ volume: Int, _ time: Int) {
    if let stop = order.stop, !order.isTriggered {
      if order.mirrored(price) >= order.mirrored(stop) { trigger(&order, price, volume, time) }
    } else if let limit = order.limit {
      if order.mirrored(price) <= order.mirrored(limit) {
        fill(&order, price, volume, time)
      } else {
        giveUpIfImmediate(&order)
      }
    } else {
      fill(&order, slipped(price, order), volume, time)
    }
  }

  private mutating func trigger(_ order: inout Order, _ price: Int, _ volume: Int, _ time: Int) {
    order.isTriggered = true
    let at = log.count
    if let limit = order.limit {
      if order.mirrored(price) <= order.mirrored(limit) {
        fill(&order, price, volume, time)
      } else {
        giveUpIfImmediate(&order)
      }
    } else {
      fill(&order, slipped(price, order), volume, time)
    }
    if order.left > 0 { log.insert("trigger \(order.id)", at: at) }
  }

  private mutating func fill(_ order: inout Order, _ price: Int, _ volume: Int, _ time: Int) {
    var quantity = order.left
    if let percent { quantity = min(quantity, max(volume * percent / 100 - taken[order.portfolio, default: 0], 0)) }
    if order.force == "fok" && quantity < order.left { quantity = 0 }
    if quantity > 0 {
      taken[order.portfolio, default: 0] += quantity
      order.left -= quantity
      log.append("fill \(order.id) \(quantity) @ \(price) left \(order.left)")
    }
    giveUpIfImmediate(&order)
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
