import TestSupport
import Testing
import TradingCore

/// What orders lose beside a share of the price, and how long they are under way.
@Suite struct PaperFrictionTests {
  @Test func stepsOfThePriceAreLostByMarketAndStopOrders() throws {
    var script = try PaperScript(position: "10", friction: PaperFriction(slippageTicks: 3))
    try script.add(1, .buy, .market)
    try script.add(2, .sell, .market)
    try script.add(3, .sell, .stop("100"))
    try script.add(4, .buy, .limit("100"))
    #expect(
      try script.tick(100) == [
        "fill 1: 10 @ 100.03 taker", "fill 2: 10 @ 99.97 taker", "fill 3: 10 @ 99.97 taker", "fill 4: 10 @ 100 taker",
      ])
  }

  @Test(arguments: [
    ("500", 1_000.0, "100.25"), ("1000", 1_000, "101"), ("2000", 1_000, "101"), ("100", 1_000, "100.01"),
    ("1", 1_000, "100.01"), ("1", 1e300, "100"), ("1", 0, "101"),
  ])
  func theImpactGrowsWithTheSquareOfTheShare(quantity: String, volume: Double, price: String) throws {
    var script = try PaperScript(friction: PaperFriction(impactBasisPoints: Ratio(100)))
    try script.add(1, .buy, .market, quantity)
    #expect(try script.tick(100, size: volume) == ["fill 1: \(quantity) @ \(price) taker"])
  }

  @Test func allThatIsLostAddsUp() throws {
    var script = try PaperScript(
      slippage: "10", friction: PaperFriction(slippageTicks: 2, impactBasisPoints: Ratio(100)))
    try script.add(1, .buy, .market, "500")
    #expect(try script.tick(100) == ["fill 1: 500 @ 100.37 taker"])
    script = try PaperScript(slippage: "10000", friction: PaperFriction(impactBasisPoints: Ratio(100)))
    try script.add(1, .sell, .market)
    #expect(try script.tick(100) == ["cancel 1: noPrice"])
  }

  @Test func anOrderUnderWayMeetsNothing() throws {
    var script = try PaperScript(friction: PaperFriction(latency: 2_000_000))
    try script.add(1, .buy, .market)
    try script.add(2, .buy, .limit("90"))
    #expect(try script.tick(100).isEmpty)
    #expect(try script.tick(89).isEmpty)
    #expect(try script.tick(101) == ["fill 1: 10 @ 101 taker"])
    #expect(try script.tick(90) == ["fill 2: 10 @ 90 taker"])
  }

  @Test func aBarThatOpenedBeforeDoesNotSayWhenItsPricesWere() throws {
    var script = try PaperScript(friction: PaperFriction(latency: 500_000))
    _ = try script.tick(100)
    // It arrives as the bar opens, and comes through inside it.
    try script.book.add(
      PaperOrder(
        key: OrderKey(portfolio: 1, order: 1), side: .buy, terms: .limit("98"), remaining: Quantity("10"), arrival: 1,
        arrivedAt: script.now))
    #expect(try script.bar(100, 105, 95).isEmpty)
    #expect(try script.bar(100, 105, 95) == ["fill 1: 10 @ 98 maker"])
  }

  @Test func whatCannotBeIsRefused() {
    #expect(throws: ParameterError.self) { try PaperFriction(slippageTicks: -1) }
    #expect(throws: ParameterError.self) { try PaperFriction(slippageTicks: 10_001) }
    #expect(throws: ParameterError.self) { try PaperFriction(impactBasisPoints: Ratio(10_001)) }
    #expect(throws: ParameterError.self) { try PaperFriction(latency: -1) }
    #expect(throws: ParameterError.self) { try PaperFriction(latency: 86_400_000_001) }
  }
}
