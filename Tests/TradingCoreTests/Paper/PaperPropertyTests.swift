import TestSupport
import Testing
import TradingCore

/// What holds for any orders on any tape.
@Suite struct PaperPropertyTests {
  private struct Known {
    var order: PaperOrder
    var filled = Quantity.zero
  }

  @Test(arguments: seeds(60))
  func noFillBreaksTheTermsOfItsOrderOrOfItsGroup(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    func chance(_ oneIn: Int) -> Bool { draw(1...oneIn) == 1 }
    func price() throws -> Price { try Price(raw: Int64(draw(9_500...10_500)) * 1_000_000) }

    var book = PaperBook(
      rules: try PaperRules(
        tickSize: Price("0.01"), lot: Quantity("1"), slippageBasisPoints: Ratio(draw(0...20)),
        participation: chance(2) ? Ratio("0.05") : nil))
    var known: [OrderKey: Known] = [:]
    var position = Quantity.zero
    var fills = 0
    for second in 0..<300 {
      let now = try Timestamp(microseconds: Int64(second) * 1_000_000)
      while !chance(3) {
        let type = OrderType.allCases[draw(0...5)]
        let trail = try chance(2) ? Trail(amount: Price(draw(1...4))) : Trail(percent: Ratio(draw(1...4)))
        var conditions = OrderConditions(isReduceOnly: chance(3))
        // A group is complete before anything of it fills.
        if chance(2) { conditions.exclusion = .init(group: Int64(second), leg: Int16(draw(1...3))) }
        let terms = try OrderTerms(
          type, limitPrice: [.limit, .stopLimit, .limitIfTouched].contains(type) ? price() : nil,
          stopPrice: [.stop, .stopLimit, .trailingStop, .limitIfTouched].contains(type) ? price() : nil,
          trail: type == .trailingStop ? trail : nil)
        var force = TimeInForce.allCases[draw(0...6)]
        if terms.stopPrice != nil, force.isAuction { force = .day }
        if force.isAuction { conditions.activeAt = try now.advanced(byMicroseconds: Int64(draw(0...9)) * 1_000_000) }
        conditions.isPostOnly = type == .limit && !force.isImmediate && !force.isAuction && chance(3)
        let key = OrderKey(portfolio: 1, order: Int64(known.count))
        let order = try PaperOrder(
          key: key, side: chance(2) ? .buy : .sell, terms: terms, remaining: Quantity(draw(1...50)), timeInForce: force,
          arrival: key.order, arrivedAt: now, conditions: conditions)
        try book.add(order)
        known[key] = Known(order: order)
      }
      var actions: [PaperAction] = []
      let (open, spread) = (Double(draw(9_500...10_500)) / 100, Double(draw(0...300)) / 100)
      let bar = Candle(
        bucket: now, open: open, high: open + spread, low: open - spread, close: open, volume: Double(draw(0...2_000)))
      if chance(2) {
        book.match(Tick(instrument: 1, time: now, price: open, size: bar.volume), into: &actions)
      } else {
        book.matchOpen(bar, into: &actions)
        book.matchRange(bar, into: &actions)
      }
      if chance(5) { book.matchClose(open, at: now, into: &actions) }

      for case .fill(let fill) in actions {
        fills += 1
        let order = try #require(known[fill.key]?.order)
        let filled = try #require(known[fill.key]).filled + fill.quantity
        known[fill.key]?.filled = filled
        #expect(fill.quantity.isPositive && filled <= order.remaining)
        #expect(filled == fill.filled)
        if let limit = order.terms.limitPrice {
          #expect(order.side == .buy ? fill.price <= limit : fill.price >= limit)
          #expect(order.timeInForce != .fillOrKill || fill.remaining.isZero)
        }
        #expect(!order.conditions.isPostOnly || fill.liquidity == .maker)
        let before = position
        position = try order.side == .buy ? position + fill.quantity : position - fill.quantity
        if order.conditions.isReduceOnly {
          #expect(
            position.magnitude < before.magnitude && (position.isZero || position.isNegative == before.isNegative))
        }
        #expect(order.conditions.activeAt.map { $0 <= now } ?? true)
      }
      // Whatever is still there can be trusted.
      for order in book.orders {
        #expect(order.remaining.isPositive)
        #expect(try order.remaining + order.filled <= known[order.key]?.order.remaining ?? .zero)
        if order.conditions.isReduceOnly, order.filled.isPositive {
          #expect(order.remaining <= (order.side == .sell ? position : -position))
        }
      }
    }
    #expect(fills > 50)
    var groups: [Int64: [Int16: (asked: Quantity, filled: Quantity)]] = [:]
    for order in known.values {
      guard let leg = order.order.conditions.exclusion else { continue }
      let sum = groups[leg.group]?[leg.leg] ?? (.zero, .zero)
      groups[leg.group, default: [:]][leg.leg] = try (sum.asked + order.order.remaining, sum.filled + order.filled)
    }
    #expect(groups.count > 5)
    for legs in groups.values where legs.count > 1 {
      let filled = legs.values.reduce(0) { $0 + $1.filled.raw }
      #expect(filled <= legs.values.map(\.asked.raw).max() ?? 0)
    }
  }
}
