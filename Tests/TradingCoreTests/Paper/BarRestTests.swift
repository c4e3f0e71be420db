import TestSupport
import Testing
import TradingCore

/// What fills inside a bar brings to life, and the rest of that bar.
@Suite struct BarRestTests {
  struct Prices: Sendable, CustomTestStringConvertible {
    let open, high, low, close: Double

    init(_ open: Double, _ high: Double, _ low: Double, _ close: Double) {
      (self.open, self.high, self.low, self.close) = (open, high, low, close)
    }

    var testDescription: String { "\(open) \(high) \(low) \(close)" }
    var bar: Candle {
      Candle(
        bucket: .clamping(0), open: open, high: high, low: low, close: close, volume: 1_000)
    }
  }

  struct Plan: Sendable, CustomTestStringConvertible {
    let side: Side
    let type: OrderType
    let entry, stop, target: Int64

    var testDescription: String { "\(side) \(type) \(entry), stop \(stop), target \(target)" }
  }

  /// Worked out by hand: a bar went up first or down first.
  static let examples: [(plan: Plan, bar: Prices, exit: String?)] = [
    // Stop and target are both inside it: the stop.
    (Plan(side: .buy, type: .stop, entry: 102, stop: 99, target: 104), Prices(100, 105, 95, 101), "99"),
    (Plan(side: .buy, type: .limit, entry: 98, stop: 96, target: 103), Prices(100, 105, 95, 104), "96"),
    (Plan(side: .sell, type: .stop, entry: 98, stop: 103, target: 96), Prices(100, 105, 95, 99), "103"),
    (Plan(side: .sell, type: .limit, entry: 102, stop: 104, target: 97), Prices(100, 105, 95, 96), "104"),
    // On the way up, the high is still to come.
    (Plan(side: .buy, type: .stop, entry: 102, stop: 94, target: 104), Prices(100, 105, 95, 101), "104"),
    (Plan(side: .sell, type: .stop, entry: 98, stop: 106, target: 96), Prices(100, 105, 95, 99), "96"),
    // On the way down, the high may have been before; the close is still to come.
    (Plan(side: .buy, type: .limit, entry: 98, stop: 94, target: 103), Prices(100, 105, 95, 101), nil),
    (Plan(side: .buy, type: .limit, entry: 98, stop: 94, target: 103), Prices(100, 105, 95, 104), "103"),
    (Plan(side: .sell, type: .limit, entry: 103, stop: 106, target: 99), Prices(100, 105, 95, 101), nil),
    (Plan(side: .sell, type: .limit, entry: 103, stop: 106, target: 99), Prices(100, 105, 95, 98), "99"),
    // The low may still be to come, whichever way the entry was.
    (Plan(side: .buy, type: .stop, entry: 102, stop: 95, target: 110), Prices(100, 105, 95, 104), "95"),
    (Plan(side: .buy, type: .stop, entry: 102, stop: 94, target: 110), Prices(100, 105, 95, 104), nil),
  ]

  @Test(arguments: examples)
  func pessimisticWhereTheBarDoesNotSay(plan: Plan, bar: Prices, exit: String?) throws {
    let fills = try inBar(plan, bar)
    #expect(fills.map(\.price.description) == ["\(plan.entry)"] + (exit.map { [$0] } ?? []))
  }

  @Test func ordersThatRestedBeforeMeetTheBarOnce() throws {
    var book = try Self.book()
    try add(1, .sell, .limit("104"), at: -1, to: &book)
    let bar = Prices(100, 105, 95, 101).bar
    #expect(try Self.range(bar, &book).count == 1)
    try add(2, .buy, .limit("99"), at: -1, to: &book)
    var actions: [PaperAction] = []
    book.matchRest(bar, at: Self.closesAt, into: &actions)
    #expect(actions.isEmpty, "what arrived before the fill has met the bar already")
  }

  @Test func withoutAFillNothingIsMatchedAgain() throws {
    var book = try Self.book()
    let bar = Prices(100, 105, 95, 101).bar
    #expect(try Self.range(bar, &book).isEmpty)
    try add(1, .buy, .limit("99"), at: 1, to: &book)
    var actions: [PaperAction] = []
    book.matchRest(bar, at: Self.closesAt, into: &actions)
    #expect(actions.isEmpty)
  }

  /// Whatever way prices took from the open over high and low to the close, nobody did worse than inside the bar.
  @Test(arguments: seeds(200))
  func noWayThroughTheBarIsWorse(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    func draw(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &random) }
    let open = draw(95...105)
    let (high, low) = (open + draw(1...8), open - draw(1...8))
    let close = draw(low...high)
    let side: Side = Bool.random(using: &random) ? .buy : .sell
    let type: OrderType = Bool.random(using: &random) ? .stop : .limit
    let isUp = (side == .buy) == (type == .stop)
    let entry = isUp ? draw(open + 1...high) : draw(low...open - 1)
    let (above, below) = (entry + draw(1...9), entry - draw(1...9))
    let plan = Plan(
      side: side, type: type, entry: entry, stop: side == .buy ? below : above, target: side == .buy ? above : below)
    let bar = Prices(Double(open), Double(high), Double(low), Double(close))
    let assumed = try inBar(plan, bar)
    for fill in assumed { #expect(fill.price.double <= bar.high && fill.price.double >= bar.low) }
    for _ in 0..<8 {
      let firstUp = Bool.random(using: &random)
      var way = [open]
      func walk(to price: Int64) {
        // Now and then it turns round inside the bar.
        if draw(0...2) == 0 { step(to: draw(low...high)) }
        step(to: price)
      }
      func step(to price: Int64) {
        while let last = way.last, last != price { way.append(last + (price > last ? 1 : -1)) }
      }
      walk(to: firstUp ? high : low)
      walk(to: firstUp ? low : high)
      walk(to: close)
      let walked = try along(way, plan)
      #expect(
        Self.profit(assumed, close) <= Self.profit(walked, close),
        "\(plan.testDescription) in \(bar.testDescription) along \(way)")
    }
  }

  @Test func atTheCloseOnlyOrdersThatItCaused() throws {
    var book = try Self.book(participation: "0.02")
    try add(1, .sell, .limit("104"), at: -1, to: &book)
    let bar = Prices(100, 105, 95, 101).bar
    #expect(try Self.range(bar, &book).map(\.quantity.description) == ["10"])
    try add(2, .buy, .market, at: -1, to: &book)
    try add(3, .buy, .market, "15", at: 1, to: &book)
    try add(4, .buy, .limit("102"), at: 1, to: &book)
    var actions: [PaperAction] = []
    book.matchLateOrders(bar, at: Self.closesAt, into: &actions)
    #expect(actions.map(PaperScript.words) == ["fill 3: 10 @ 101 taker left 5"], "as much of its volume as is left")
    actions = []
    let next = Candle(bucket: Self.closesAt, open: 103, high: 104, low: 100, close: 100, volume: 1_000)
    book.matchOpen(next, into: &actions)
    #expect(actions.map(PaperScript.words) == ["fill 2: 10 @ 103 taker", "fill 3: 5 @ 103 taker"])
  }

  // MARK: Scenes

  private static let closesAt = Timestamp.clamping(1_000_000)

  private static func book(participation: String? = nil) throws -> PaperBook {
    PaperBook(
      rules: try PaperRules(
        tickSize: Price("0.01"), lot: Quantity("1"), participation: participation.map { try Ratio($0) }))
  }

  private func add(
    _ number: Int64, _ side: Side, _ terms: OrderTerms, _ quantity: String = "10", at second: Int64,
    leg: Int16? = nil, to book: inout PaperBook
  ) throws {
    try book.add(
      PaperOrder(
        key: OrderKey(portfolio: 1, order: number), side: side, terms: terms, remaining: Quantity(quantity),
        arrival: number, arrivedAt: .clamping(second * 1_000_000),
        conditions: OrderConditions(isReduceOnly: leg != nil, exclusion: leg.map { .init(group: 1, leg: $0) })))
  }

  private func protect(_ plan: Plan, at second: Int64, in book: inout PaperBook) throws {
    let exit: Side = plan.side == .buy ? .sell : .buy
    try add(2, exit, .stop("\(plan.stop)"), at: second, leg: 1, to: &book)
    try add(3, exit, .limit("\(plan.target)"), at: second, leg: 2, to: &book)
  }

  private func enter(_ plan: Plan, in book: inout PaperBook) throws {
    let price = "\(plan.entry)"
    try add(1, plan.side, plan.type == .stop ? .stop(price) : .limit(price), at: -1, to: &book)
  }

  private static func range(_ bar: Candle, _ book: inout PaperBook) throws -> [PaperFill] {
    var actions: [PaperAction] = []
    book.matchOpen(bar, into: &actions)
    book.matchRange(bar, at: closesAt, into: &actions)
    return actions.compactMap(\.fill)
  }

  /// As a session does it.
  private func inBar(_ plan: Plan, _ prices: Prices) throws -> [PaperFill] {
    var book = try Self.book()
    try enter(plan, in: &book)
    var fills = try Self.range(prices.bar, &book)
    try #require(fills.count == 1)
    try protect(plan, at: 1, in: &book)
    var actions: [PaperAction] = []
    repeat {
      actions = []
      book.matchRest(prices.bar, at: Self.closesAt, into: &actions)
      fills += actions.compactMap(\.fill)
    } while !actions.isEmpty
    return fills
  }

  private func along(_ way: [Int64], _ plan: Plan) throws -> [PaperFill] {
    var book = try Self.book()
    try enter(plan, in: &book)
    var fills: [PaperFill] = []
    for (second, price) in way.enumerated() {
      var actions: [PaperAction] = []
      book.match(
        Tick(instrument: 1, time: .clamping(Int64(second) * 1_000_000), price: Double(price), size: 1_000),
        into: &actions)
      fills += actions.compactMap(\.fill)
      if fills.count == 1, !actions.isEmpty { try protect(plan, at: Int64(second), in: &book) }
    }
    return fills
  }

  private static func profit(_ fills: [PaperFill], _ close: Int64) -> Double {
    var (held, cash) = (0.0, 0.0)
    for fill in fills {
      let sign = fill.side == .buy ? 1.0 : -1
      held += sign * fill.quantity.double
      cash -= sign * fill.quantity.double * fill.price.double
    }
    return cash + held * Double(close)
  }
}
