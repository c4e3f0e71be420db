import TestSupport
import Testing

@testable import TradingCore

/// What cannot happen at an exchange does not happen in a backtest, whatever the market and the rules are.
@Suite struct ImpossibleTradeTests {
  @Test(arguments: seeds(UInt64(rounds(40, soak: 600))))
  func nothingImpossibleIsTraded(seed: UInt64) throws {
    let market = MadeUpMarket(seed: seed)
    let run = try market.run()
    try expectPossibleFills(run, market)
    try expectSoundMoney(run, market)
  }

  /// What comes after a moment changes nothing of what was dealt until then.
  @Test(arguments: seeds(UInt64(rounds(12, soak: 200))))
  func nothingIsDealtOnAFuturePrice(seed: UInt64) throws {
    let market = MadeUpMarket(seed: 1_000 + seed)
    var random = SeededGenerator(seed: seed)
    let run = try market.run()
    for _ in 0..<4 {
      let time = random.pick(market.days).opensAt
      let other = try market.shuffled(from: time, &random).run()
      #expect(run.fills.filter { $0.at < time } == other.fills.filter { $0.at < time })
      let orders = [run, other].map { run in
        run.orders.filter { $0.submittedAt < time }.map { $0.known(before: time) }
      }
      #expect(orders[0] == orders[1])
      #expect(run.days.filter { $0.at < time } == other.days.filter { $0.at < time })
    }
  }

  /// The markets are what they are there for; those of other seeds may not be.
  @Test func theMarketsAreBadEnough() throws {
    var (fills, stops, limits, sells, parts, splits) = (0, 0, 0, 0, 0, 0)
    var (outside, across) = (0, 0)
    var feeds: Set<MadeUpMarket.Feed> = []
    for seed in UInt64(1)...40 {
      let market = MadeUpMarket(seed: seed)
      let run = try market.run()
      fills += run.fills.count
      if !run.fills.isEmpty { feeds.insert(market.feed) }
      for event in market.events where market.feed != .days {
        let times = market.times(of: event)
        if times.isEmpty {
          outside += 1
        } else if times != [event.opensAt, event.closesAt], market.feed == .halfHours {
          across += 1
        }
      }
      let types = Dictionary(uniqueKeysWithValues: run.orders.map { ($0.id, $0.type) })
      stops += run.fills.count { types[$0.order] == "stop" || types[$0.order] == "trailing_stop" }
      limits += run.fills.count { types[$0.order] == "limit" }
      sells += run.fills.count { !$0.isBuy }
      parts += run.fills.count - Set(run.fills.map(\.order)).count
      splits += market.splits.count { split in
        let held = run.fills.filter { $0.at < split.at && $0.instrument == Int64(split.instrument) }
        return held.reduce(0) { $0 + ($1.isBuy ? $1.quantity : -$1.quantity) } != 0
      }
    }
    #expect(
      fills > 1_000 && sells > 400 && parts > 20 && splits > 2 && feeds.count == 3,
      "\(fills) \(sells) \(parts) \(splits)")
    #expect(stops > 20 && limits > 20, "\(stops) \(limits)")
    #expect(outside > 1_000 && across > 100, "\(outside) \(across)")
  }

  // MARK: Fills

  private func expectPossibleFills(_ run: MadeUpRun, _ market: MadeUpMarket) throws {
    let orders = Dictionary(uniqueKeysWithValues: run.orders.map { ($0.id, $0) })
    var taken: [Int: Int64] = [:]
    for fill in run.fills {
      let order = try #require(orders[fill.order])
      #expect(order.submittedAt <= fill.at && order.instrument == fill.instrument)
      // A bar of a day says itself that there was trading.
      #expect(market.feed == .days || market.isOpen(at: fill.at), "while the exchange is closed: \(fill)")
      let instrument = try #require(market.instruments.first { Int64($0.id) == fill.instrument })
      #expect(fill.quantity > 0 && fill.quantity % instrument.lot == 0 && fill.price > 0)
      // At its open, or somewhere inside: then the fill has the time of its close. It began when the order was there.
      let place = try #require(
        market.events.lastIndex {
          let times = market.times(of: $0)
          return Int64($0.instrument) == fill.instrument && times.contains(fill.at)
            && times[0] >= order.submittedAt && contains(fill, $0, instrument, slippage: market.terms.slippage)
        }, "no price of the time is that of \(fill), \(order)")
      taken[place, default: 0] += fill.quantity
    }
    guard let share = market.terms.participation, let percent = Double(share) else { return }
    for (place, quantity) in taken {
      #expect(Double(quantity) / 1e8 <= market.events[place].volume * percent + 1e-9, "\(market.events[place])")
    }
  }

  /// Between the lowest and the highest price, or as much worse as slippage makes it, to the next tick.
  private func contains(
    _ fill: MadeUpRun.Fill, _ event: MadeUpMarket.Event, _ instrument: MadeUpMarket.Instrument, slippage: Int64
  ) -> Bool {
    let (low, high) = ((event.low * 1e8).rounded(), (event.high * 1e8).rounded())
    let share = Double(slippage) / 10_000
    let step = slippage == 0 ? 0 : Double(instrument.tick)
    let price = Double(fill.price)
    return fill.isBuy
      ? price >= low && price <= high * (1 + share) + step : price <= high && price >= low * (1 - share) - step
  }

  // MARK: Money

  /// Books fills, splits and prices again in the simplest way, and compares after each moment.
  private func expectSoundMoney(_ run: MadeUpRun, _ market: MadeUpMarket) throws {
    var cash = Int128(market.terms.capital)
    var held: [Int64: Int128] = [:]
    var last: [Int64: Int128] = [:]
    var paid: [Int64: (quantity: Int128, value: Int128, fees: Int128)] = [:]
    var (fills, splits) = (run.fills[...], market.splits.sorted { $0.at < $1.at }[...])
    var (days, points) = (run.days[...], run.curve[...])

    func pass(until time: Int64) {
      while let fill = fills.first, fill.at <= time {
        fills.removeFirst()
        split(until: fill.at)
        let value = Int128(fill.quantity) * Int128(fill.price) / 100_000_000
        cash += (fill.isBuy ? -value : value) - fill.fee
        held[fill.instrument, default: 0] += Int128(fill.isBuy ? fill.quantity : -fill.quantity)
        last[fill.instrument] = last[fill.instrument] ?? Int128(fill.price)
        var order = paid[fill.order] ?? (0, 0, 0)
        order = (order.quantity + Int128(fill.quantity), order.value + value, order.fees + fill.fee)
        paid[fill.order] = order
        #expect(
          order.fees == market.terms.fee(quantity: order.quantity, value: order.value), "fees of \(fill), \(order)")
        if !market.terms.isMargin {
          #expect(cash >= 0, "beyond the cash: \(fill)")
          #expect(held[fill.instrument]! >= 0, "more than was held: \(fill)")
        }
      }
      split(until: time)
    }
    func split(until time: Int64) {
      while let due = splits.first, due.at <= time {
        splits.removeFirst()
        held[Int64(due.instrument)]? *= Int128(due.ratio)
        // What of an order has filled before counts in the new shares.
        for order in run.orders where order.instrument == Int64(due.instrument) {
          paid[order.id]?.quantity *= Int128(due.ratio)
        }
        last[Int64(due.instrument)]? /= Int128(due.ratio)
      }
    }
    func equity() -> Int128 { cash + held.reduce(0) { $0 + $1.value * (last[$1.key] ?? 0) / 100_000_000 } }

    let events = market.events.sorted { ($0.closesAt, $0.opensAt) < ($1.closesAt, $1.opensAt) }
    for (index, event) in events.enumerated() {
      pass(until: event.closesAt)
      last[Int64(event.instrument)] = Int128((event.close * 1e8).rounded())
      if index + 1 < events.count, events[index + 1].closesAt == event.closesAt { continue }
      while let point = points.first, point.at <= event.closesAt {
        points.removeFirst()
        // Of several at a time the last.
        if point.at != event.closesAt || points.first?.at == point.at { continue }
        #expect(point.equity == Double("\(Money(unchecked: equity()))"), "at \(point.at)")
      }
      while let day = days.first, day.at <= event.closesAt {
        days.removeFirst()
        #expect(day.equity == equity() && day.cash == cash, "\(day), cash \(cash), equity \(equity())")
      }
    }
    #expect(fills.isEmpty && days.isEmpty)
    #expect(run.finalEquity == equity() && run.finalCash == cash)
  }
}
