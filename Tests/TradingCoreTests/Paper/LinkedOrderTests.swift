import Testing
import TradingCore

/// Orders that exclude each other and orders that may only reduce, within one event.
@Suite struct LinkedOrderTests {
  private static func leg(_ leg: Int16) -> OrderConditions {
    OrderConditions(exclusion: OrderConditions.Exclusion(group: 1, leg: leg))
  }

  private static let reduceOnly = OrderConditions(isReduceOnly: true)

  // MARK: One cancels other

  @Test func theStopWinsOfTwoThatABarReaches() throws {
    var paper = try PaperScript(position: "10")
    try paper.add(1, .sell, .limit("104"), conditions: Self.leg(1))
    try paper.add(2, .sell, .stop("96"), conditions: Self.leg(2))
    #expect(try paper.bar(100, 105, 95) == ["fill 2: 10 @ 96 taker and others"])
    #expect(paper.book.isEmpty)
  }

  @Test func theEarlierWinsOfTwoThatATickReaches() throws {
    var paper = try PaperScript(position: "10")
    try paper.add(1, .sell, .limit("99"), conditions: Self.leg(1))
    try paper.add(2, .sell, .stop("101"), conditions: Self.leg(2))
    #expect(try paper.tick(100) == ["fill 1: 10 @ 100 taker and others"])
    #expect(paper.book.isEmpty)
  }

  @Test func aLadderTakesFromTheStopAndTheStopFromTheEndOfTheLadder() throws {
    var paper = try PaperScript(participation: "0.1", position: "10")
    try paper.add(1, .sell, .stop("96"), "10", conditions: Self.leg(1))
    try paper.add(2, .sell, .limit("102"), "3", conditions: Self.leg(2))
    try paper.add(3, .sell, .limit("103"), "3", conditions: Self.leg(2))
    try paper.add(4, .sell, .limit("104"), "4", conditions: Self.leg(2))
    #expect(try paper.bar(100, 102, 99) == ["fill 2: 3 @ 102 maker and others"])
    #expect(paper.book.orders.map(\.remaining.description) == ["7", "3", "4"])
    #expect(try paper.tick(96, size: 50) == ["trigger 1", "fill 1: 5 @ 96 taker left 2 and others"])
    #expect(paper.book.orders.map { "\($0.key.order): \($0.remaining)" } == ["1: 2", "3: 2"])
    // The rest of the stop is a market order now: whoever comes first, both are done.
    #expect(try paper.tick(103, size: 1_000) == ["fill 1: 2 @ 103 taker and others"])
    #expect(paper.book.isEmpty)
  }

  @Test func whatAnImmediateOrderCouldNotFillTakesNothing() throws {
    var paper = try PaperScript(participation: "0.1", position: "10")
    try paper.add(1, .sell, .market, force: .immediateOrCancel, conditions: Self.leg(1))
    try paper.add(2, .sell, .limit("105"), conditions: Self.leg(2))
    #expect(
      try paper.tick(100, size: 40) == ["fill 1: 4 @ 100 taker left 6 and others", "cancel 1: immediateOrCancel"])
    #expect(paper.book.orders.map(\.remaining.description) == ["6"])
  }

  @Test func groupsOfTwoPortfoliosDoNotMeet() throws {
    var paper = try PaperScript()
    for portfolio in [Int32(1), 2] {
      for leg in [Int16(1), 2] {
        try paper.book.add(
          PaperOrder(
            key: OrderKey(portfolio: portfolio, order: Int64(leg)), side: .buy,
            terms: .limit(portfolio == 1 ? "100" : "90"),
            remaining: Quantity("1"), arrival: Int64(leg), conditions: Self.leg(leg)))
      }
    }
    #expect(try paper.tick(95) == ["fill 1: 1 @ 95 taker and others"])
    #expect(paper.book.orders.map(\.key.portfolio) == [2, 2])
  }

  // MARK: Reduce-only

  @Test func reduceOnlyOrdersShrinkWithThePosition() throws {
    var paper = try PaperScript(position: "10")
    try paper.add(1, .sell, .limit("100"), "6")
    try paper.add(2, .sell, .stop("101"), "10", conditions: Self.reduceOnly)
    try paper.add(3, .sell, .limit("110"), "10", conditions: Self.reduceOnly)
    #expect(try paper.tick(100) == ["fill 1: 6 @ 100 taker and others", "fill 2: 4 @ 100 taker and others"])
    #expect(paper.book.isEmpty)
  }

  @Test func aReduceOnlyOrderFindsNothingToReduce() throws {
    var paper = try PaperScript(position: "-5")
    try paper.add(1, .sell, .limit("99"), "5", conditions: Self.reduceOnly)
    try paper.add(2, .buy, .limit("101"), "8", conditions: Self.reduceOnly)
    try paper.add(3, .buy, .market, "1")
    try paper.add(4, .buy, .market, "1", conditions: Self.reduceOnly)
    #expect(
      try paper.tick(100) == [
        "cancel 1: nothingToReduce", "fill 2: 5 @ 100 taker and others", "fill 3: 1 @ 100 taker",
      ])
    #expect(paper.book.isEmpty)
  }

  @Test func positionsFollowSplitsAndWhatTheCallerSays() throws {
    var paper = try PaperScript(position: "10")
    try paper.add(1, .sell, .limit("100"), "10", conditions: Self.reduceOnly)
    var actions: [PaperAction] = []
    try paper.book.apply(StockSplit(numerator: 2, denominator: 1), at: paper.now, into: &actions)
    #expect(try paper.tick(50) == ["fill 1: 20 @ 50 taker"])
    try paper.add(2, .sell, .limit("50"), "10", conditions: Self.reduceOnly)
    paper.book.setPosition(try Quantity("7"), of: 1)
    #expect(try paper.tick(50) == ["fill 2: 7 @ 50 taker"])
  }

  @Test func resizingKeepsThePlaceAndTheMemoryOfAnOrder() throws {
    var paper = try PaperScript()
    try paper.add(1, .sell, .trailing("95", amount: "5"))
    try paper.add(2, .sell, .stop("98"))
    _ = try paper.tick(103)
    #expect(try paper.book.resize(OrderKey(portfolio: 1, order: 1), to: Quantity("3")))
    #expect(try !paper.book.resize(OrderKey(portfolio: 1, order: 7), to: Quantity("3")))
    #expect(try paper.tick(98) == ["fill 1: 3 @ 98 taker", "fill 2: 10 @ 98 taker"])
  }
}
