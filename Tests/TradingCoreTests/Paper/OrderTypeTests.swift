import Testing
import TradingCore

/// Trailing stops, limit-if-touched, orders for the open and the close, post-only and who makes liquidity.
@Suite struct OrderTypeTests {
  // MARK: Stale ticks

  /// Nothing is filled, triggered or moved, and the one chance of an immediate order is still to come; time passes.
  @Test func aTickThatArrivedStaleMeetsNoOrder() throws {
    var paper = try PaperScript(position: "30")
    try paper.add(1, .buy, .market)
    try paper.add(2, .buy, .limit("99"), force: .immediateOrCancel)
    try paper.add(3, .sell, .stop("95"))
    try paper.add(4, .sell, .trailing("90", amount: "5"))
    try paper.add(5, .buy, .limit("10"), expiresAt: PaperScript.time(1))
    #expect(try paper.tick(94, goodFor: -1) == [])
    #expect(try paper.tick(200, goodFor: -1) == ["expire 5"])
    #expect(
      try paper.tick(100) == ["fill 1: 10 @ 100 taker", "cancel 2: immediateOrCancel", "trail 4: 95"])
    #expect(try paper.tick(94) == ["fill 3: 10 @ 94 taker", "fill 4: 10 @ 94 taker"])
  }

  @Test func aLiveTickFillsNoOrderThatCameLongAfterIt() throws {
    var paper = try PaperScript()
    for second in 0..<5 { #expect(try paper.tick(100 + Double(second)) == []) }
    try paper.add(1, .buy, .market)  // came in second 4
    var actions: [PaperAction] = []
    let old = try PaperScript.time(1)
    paper.book.match(Tick(instrument: 1, time: old, price: 90, size: 1, goodFor: 2), into: &actions)
    #expect(actions.isEmpty)
    paper.book.match(Tick(instrument: 1, time: old, price: 90, size: 1, goodFor: 3), into: &actions)
    #expect(actions.map(PaperScript.words) == ["fill 1: 10 @ 90 taker"])
  }

  // MARK: Trailing stops

  @Test func aTrailingStopFollowsTicksAndNeverGoesBack() throws {
    var paper = try PaperScript()
    try paper.add(1, .sell, .trailing("95", amount: "5"))
    #expect(try paper.tick(100) == [])
    #expect(try paper.tick(102) == ["trail 1: 97"])
    #expect(try paper.tick(99) == [])
    #expect(try paper.tick(101.5) == [])
    #expect(try paper.tick(103.5) == ["trail 1: 98.5"])
    #expect(try paper.tick(98.51) == [])
    #expect(try paper.tick(98.5) == ["fill 1: 10 @ 98.5 taker"])
    #expect(paper.book.isEmpty)
  }

  @Test func aGapThroughATrailingStopFillsAtThePriceOfTheTape() throws {
    var paper = try PaperScript(slippage: "10")
    try paper.add(1, .sell, .trailing("95", amount: "5"))
    try paper.add(2, .buy, .trailing("105", amount: "5"))
    #expect(try paper.tick(90) == ["fill 1: 10 @ 89.91 taker", "trail 2: 95"])
    #expect(try paper.bar(99, 99, 99) == ["fill 2: 10 @ 99.1 taker"])
  }

  @Test(
    arguments: [
      (Side.sell, "3.3", 101.37, "98.02"), (.buy, "3.3", 101.37, "104.72"), (.sell, "50", 101.36, "50.68"),
      (.buy, "50", 101.36, "152.04"), (.buy, "0.00000001", 101.37, "101.38"),
      // Less than a tick is left.
      (.sell, "99.99999999", 101.37, nil),
    ] as [(Side, String, Double, String?)])
  func aPercentageIsRoundedAwayFromTheMarket(side: Side, percent: String, best: Double, expected: String?) throws {
    let trail = try Trail(percent: Ratio(percent))
    #expect(trail.stop(behind: try Price(best), side, tickSize: try Price("0.01"))?.description == expected)
  }

  @Test func anAmountBeyondThePriceMovesNothing() throws {
    let trail = try Trail(amount: Price("5"))
    #expect(trail.stop(behind: try Price("5"), .sell, tickSize: try Price("0.01")) == nil)
    #expect(trail.stop(behind: try Price("5.02"), .sell, tickSize: try Price("0.05")) == nil)
    #expect(trail.stop(behind: try Price("5.06"), .sell, tickSize: try Price("0.05"))?.description == "0.05")
    #expect(trail.stop(behind: try Price("9999999998"), .buy, tickSize: try Price("0.05")) == nil)
    #expect(throws: ParameterError.self) { try Trail(amount: Price("0")) }
    #expect(throws: ParameterError.self) { try Trail(percent: Ratio("100")) }
    #expect(throws: ParameterError.self) { try Trail(percent: Ratio("0")) }
  }

  /// A sell that stands at 95 and follows by 5.
  @Test(arguments: [
    (100.0, 104.0, 96.0, ["trail 1: 99", "fill 1: 10 @ 99 taker"]),
    // Stopped out where it stood: whether the high came before the low is not known.
    (100, 110, 95, ["fill 1: 10 @ 95 taker"]), (100, 110, 80, ["fill 1: 10 @ 95 taker"]),
    // The high comes first, then the low reaches what the high has moved.
    (100, 110, 99, ["trail 1: 105", "fill 1: 10 @ 105 taker"]),
    (100, 110, 100, ["trail 1: 105", "fill 1: 10 @ 105 taker"]),
    (100, 104.5, 99.51, ["trail 1: 99.5"]), (100, 104.5, 99.5, ["trail 1: 99.5", "fill 1: 10 @ 99.5 taker"]),
    // From the open on it stands 5 below that.
    (103, 104, 98.5, ["trail 1: 98", "trail 1: 99", "fill 1: 10 @ 99 taker"]),
    (103, 104, 98, ["trail 1: 98", "fill 1: 10 @ 98 taker"]), (94, 99, 90, ["fill 1: 10 @ 94 taker"]),
    (95, 99, 90, ["fill 1: 10 @ 95 taker"]),
  ])
  func insideABarATrailingStopTakesThePessimisticPath(
    open: Double, high: Double, low: Double, expected: [String]
  ) throws {
    var paper = try PaperScript()
    try paper.add(1, .sell, .trailing("95", amount: "5"))
    #expect(try paper.bar(open, high, low) == expected)
    // The mirror image of prices around 100.
    var mirrored = try PaperScript()
    try mirrored.add(1, .buy, .trailing("105", amount: "5"))
    let words = expected.map { text in
      text.split(separator: " ").map { word in
        guard let price = Double(word), price > 50 else { return String(word) }
        return try! Price((200 - price)).description
      }.joined(separator: " ")
    }
    #expect(try mirrored.bar(200 - open, 200 - low, 200 - high) == words)
  }

  @Test func aTrailingStopThatFillsInPartsIsAMarketOrderFromThenOn() throws {
    var paper = try PaperScript(participation: "0.1")
    try paper.add(1, .sell, .trailing("95", amount: "5"))
    #expect(try paper.tick(95, size: 40) == ["trigger 1", "fill 1: 4 @ 95 taker left 6"])
    #expect(try paper.tick(120, size: 1_000) == ["fill 1: 6 @ 120 taker"])
  }

  @Test func aSplitDividesStopAndDistance() throws {
    var paper = try PaperScript()
    try paper.add(1, .sell, .trailing("95", amount: "5"))
    try paper.add(2, .sell, .trailing("95", percent: "5"))
    try paper.add(3, .buy, .touch("80", "80.01"))
    var actions: [PaperAction] = []
    try paper.book.apply(StockSplit(numerator: 2, denominator: 1), at: paper.now, into: &actions)
    #expect(paper.book.orders[2].terms == (try OrderTerms.touch("40", "40")))
    #expect(try paper.tick(51) == ["trail 1: 48.5", "trail 2: 48.45"])
    #expect(try paper.tick(40) == ["fill 1: 20 @ 40 taker", "fill 2: 20 @ 40 taker", "fill 3: 20 @ 40 taker"])
  }

  // MARK: Limit-if-touched

  @Test func aTouchMakesALimitOrder() throws {
    var paper = try PaperScript(slippage: "10")
    try paper.add(1, .buy, .touch("95", "95.5"))
    try paper.add(2, .buy, .touch("95", "94"))
    try paper.add(3, .sell, .touch("105", "105"))
    #expect(try paper.tick(95.01) == [])
    #expect(try paper.tick(95) == ["fill 1: 10 @ 95 taker", "trigger 2"])
    #expect(try paper.tick(94.5) == [])
    #expect(try paper.tick(93.5) == ["fill 2: 10 @ 93.5 maker"])
    // A gap through both prices.
    #expect(try paper.tick(107) == ["fill 3: 10 @ 107 taker"])
  }

  @Test(
    arguments: [
      ("95", "94", 93.0, ["fill 1: 10 @ 94 maker"]), ("95", "94", 94, ["fill 1: 10 @ 94 maker"]),
      ("95", "94", 94.5, ["trigger 1"]), ("95", "96", 95, ["fill 1: 10 @ 95 taker"]),
      ("95", "95", 93, ["fill 1: 10 @ 95 taker"]),
      ("95", "94", 95.01, []), ("101", "100", 95, ["fill 1: 10 @ 100 taker"]),
      ("101", "99", 95, ["trigger 1", "fill 1: 10 @ 99 maker"]),
    ] as [(String, String, Double, [String])])
  func insideABarTheLimitComesAfterTheTouch(touch: String, limit: String, low: Double, expected: [String]) throws {
    var paper = try PaperScript()
    try paper.add(1, .buy, .touch(touch, limit))
    #expect(try paper.bar(100, 105, low) == expected)
  }

  @Test func aTouchedImmediateOrderHasOneChance() throws {
    var paper = try PaperScript()
    try paper.add(1, .buy, .touch("95", "94"), force: .immediateOrCancel)
    #expect(try paper.bar(100, 105, 93) == ["cancel 1: immediateOrCancel"])
  }

  // MARK: Open and close

  @Test func anOrderForTheOpenTakesTheFirstPriceFromThenOn() throws {
    var paper = try PaperScript(slippage: "10")
    let conditions = OrderConditions(activeAt: try PaperScript.time(2))
    try paper.add(1, .buy, .market, force: .atOpen, conditions: conditions)
    try paper.add(2, .buy, .limit("100.5"), force: .atOpen, conditions: conditions)
    try paper.add(3, .sell, .limit("100.5"), force: .atOpen, conditions: conditions)
    #expect(try paper.tick(99) == [])
    #expect(try paper.bar(99, 102, 98) == [])
    #expect(try paper.tick(100) == ["fill 1: 10 @ 100.1 taker", "fill 2: 10 @ 100 taker", "expire 3"])
  }

  @Test func theOpenOfASessionIsTheOpenOfABar() throws {
    var paper = try PaperScript(participation: "0.1")
    try paper.add(1, .buy, .market, force: .atOpen, conditions: OrderConditions(activeAt: PaperScript.time(1)))
    #expect(try paper.bar(99, 102, 98) == [])
    // What the volume does not give is not to be had later.
    #expect(try paper.bar(100, 102, 98, volume: 40) == ["fill 1: 4 @ 100 taker left 6", "expire 1"])
    try paper.add(
      2, .buy, .market, force: .atOpen, expiresAt: try PaperScript.time(3),
      conditions: OrderConditions(activeAt: PaperScript.time(1)))
    _ = try paper.tick(.nan)
    #expect(try paper.tick(100) == ["expire 2"])
  }

  @Test func anOrderForTheCloseFillsWholeAtTheLastPrice() throws {
    var paper = try PaperScript(slippage: "10", participation: "0.1")
    let conditions = OrderConditions(activeAt: try PaperScript.time(2))
    try paper.add(1, .buy, .market, force: .atClose, conditions: conditions)
    try paper.add(2, .buy, .limit("99.99"), force: .atClose, conditions: conditions)
    try paper.add(3, .sell, .limit("100"), force: .atClose, conditions: conditions)
    #expect(try paper.tick(90) == [])
    #expect(try paper.close(90) == [])
    #expect(try paper.bar(100, 105, 80) == [])
    #expect(paper.book.nextClose == conditions.activeAt)
    #expect(try paper.close(100) == ["fill 1: 10 @ 100.1 taker", "expire 2", "fill 3: 10 @ 100 taker"])
    #expect(paper.book.nextClose == nil)
    try paper.add(4, .sell, .market, force: .atClose, conditions: conditions)
    #expect(try paper.close(nil) == ["expire 4"])
    #expect(paper.book.isEmpty)
  }

  @Test func conditionsThatContradictTheTermsAreRefused() throws {
    var paper = try PaperScript()
    let active = OrderConditions(activeAt: try paper.now)
    let postOnly = OrderConditions(isPostOnly: true)
    for (terms, force, conditions) in [
      (OrderTerms.market, TimeInForce.atOpen, OrderConditions()), (.market, .day, active),
      (try .stop("95"), .atClose, active), (.market, .day, postOnly), (try .limit("95"), .immediateOrCancel, postOnly),
    ] {
      #expect(throws: ParameterError.self) { try paper.add(1, .buy, terms, force: force, conditions: conditions) }
    }
  }

  // MARK: Liquidity

  @Test func aLimitOrderTakesOnArrivalAndMakesOnceItRests() throws {
    var paper = try PaperScript()
    _ = try paper.tick(100)
    try paper.add(1, .buy, .limit("101"))
    try paper.add(2, .buy, .limit("99"))
    #expect(try paper.tick(100) == ["fill 1: 10 @ 100 taker"])
    #expect(try paper.tick(98) == ["fill 2: 10 @ 98 maker"])
    try paper.add(3, .sell, .limit("101"))
    try paper.add(4, .sell, .limit("103"))
    // The bar reaches a limit that its open was not within: the order was there before.
    #expect(try paper.bar(102, 103, 101) == ["fill 3: 10 @ 102 taker", "fill 4: 10 @ 103 maker"])
  }

  @Test func theRestOfATakerRests() throws {
    var paper = try PaperScript(participation: "0.1")
    _ = try paper.tick(100)
    try paper.add(1, .buy, .limit("101"))
    #expect(try paper.tick(100, size: 40) == ["fill 1: 4 @ 100 taker left 6"])
    #expect(try paper.tick(100, size: 40) == ["fill 1: 4 @ 100 maker left 2"])
  }

  @Test func aReloadedBookKnowsWhatRested() throws {
    var paper = try PaperScript()
    _ = try paper.tick(100)
    try paper.add(1, .buy, .limit("99"))
    var early = paper
    early.book = PaperBook(rules: paper.book.rules)
    early.book.tapeTime = paper.book.tapeTime
    try early.book.add(paper.book.orders[0])
    #expect(try early.tick(98.5) == ["fill 1: 10 @ 98.5 taker"])
    _ = try paper.tick(100)
    var late = paper
    late.book = PaperBook(rules: paper.book.rules)
    late.book.tapeTime = paper.book.tapeTime
    try late.book.add(paper.book.orders[0])
    #expect(try late.tick(98.5) == ["fill 1: 10 @ 98.5 maker"])
  }

  @Test func aPostOnlyOrderIsRejectedWhenItWouldTake() throws {
    let postOnly = OrderConditions(isPostOnly: true)
    var paper = try PaperScript()
    _ = try paper.tick(100)
    try paper.add(1, .buy, .limit("100"), conditions: postOnly)
    try paper.add(2, .buy, .limit("99"), conditions: postOnly)
    #expect(try paper.tick(100) == ["reject 1"])
    #expect(try paper.tick(97) == ["fill 2: 10 @ 97 maker"])
    try paper.add(3, .sell, .limit("100"), conditions: postOnly)
    try paper.add(4, .sell, .limit("102"), conditions: postOnly)
    #expect(try paper.open(101, 103, 99) == ["reject 3"])
    try paper.add(5, .sell, .limit("101"), conditions: postOnly)
    #expect(try paper.range(101, 103, 99) == ["fill 4: 10 @ 102 maker", "reject 5"])
    #expect(paper.book.isEmpty)
  }
}
