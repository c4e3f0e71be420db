import Testing
import TradingCore

/// Orders that hang on each other, on the session of an exchange or on the position, in a session with its books.
@Suite struct SessionOrderTests {
  private static func leg(_ leg: Int16) -> OrderConditions {
    OrderConditions(isReduceOnly: true, exclusion: .init(group: 2, leg: leg))
  }

  private static func books(_ positions: [[Int32]: String] = [:]) throws -> SessionBooks {
    var books = SessionBooks(cash: [1: try Money("100000")])
    books.positions = try positions.mapValues { try Quantity($0) }
    return books
  }

  /// A bracket: an entry, and once it fills a stop and a target that exclude each other.
  private static func bracket(_ entry: OrderTerms) throws -> SessionBooks {
    var books = try books()
    try books.submit("entry", portfolio: 1, instrument: 1, .buy, entry, Quantity("10"))
    try books.submit(
      "stop", portfolio: 1, instrument: 1, .sell, .stop("96"), Quantity("10"), conditions: leg(1), parent: 1)
    try books.submit(
      "target", portfolio: 1, instrument: 1, .sell, .limit("104"), Quantity("10"), conditions: leg(2), parent: 1)
    return books
  }

  private static func tick(_ hour: Int, _ price: Double, instrument: Int32 = 1, size: Double = 1_000) throws -> Tick {
    Tick(instrument: instrument, time: try SessionScene.time(0, hour), price: price, size: size)
  }

  // MARK: Brackets

  @Test func childrenThatWakeAtTheOpenMeetTheRangeOfTheBarAndOneOfThemFills() throws {
    var scene = try SessionScene(agents: false, books: Self.bracket(.market))
    try scene.show([SessionScene.bar(1, 0, 100, 105, low: 95)])
    #expect(
      scene.books.log == [
        "1 entry filled 10 at 100 2013-10-01T14:00:00Z", "1 stop wakes", "1 target wakes",
        "1 stop filled 10 at 96 2013-10-01T20:00:00Z", "1 target gone",
      ])
    #expect(scene.books.open.isEmpty)
    // Memory agrees: nothing fills any more.
    try scene.show([SessionScene.bar(1, 1, 100, 110, low: 90)])
    #expect(scene.books.log.count == 5)
    #expect(!scene.session.needsReload && scene.session.isIdle)
  }

  @Test func childrenThatWakeInsideABarWaitForTheNext() throws {
    var scene = try SessionScene(agents: false, books: Self.bracket(.limit("98")))
    try scene.show([SessionScene.bar(1, 0, 100, 105, low: 95)])
    #expect(scene.books.log.last == "1 target wakes")
    try scene.show([SessionScene.bar(1, 1, 100, 105, low: 97)])
    #expect(scene.books.log.suffix(2) == ["1 target filled 10 at 104 2013-10-02T20:00:00Z", "1 stop gone"])
  }

  @Test func childrenThatWakeAtATickWaitForTheNext() throws {
    var scene = try SessionScene(agents: false, books: Self.bracket(.market))
    // Through the stop already: the entry fills, the stop at the next tick.
    try scene.show(Self.tick(14, 95))
    #expect(scene.books.log.count == 3)
    try scene.show(Self.tick(15, 95.5))
    #expect(scene.books.log.suffix(2) == ["1 stop filled 10 at 95.5 2013-10-01T15:00:00Z", "1 target gone"])
  }

  @Test func partsOfAnEntryAndItsExitsNeverSellMoreThanIsHeld() throws {
    var scene = try SessionScene(agents: false, books: Self.bracket(.market), participation: Ratio("0.1"))
    try scene.show(Self.tick(14, 100, size: 40))
    #expect(scene.books.positions[[1, 1]] == (try Quantity("4")))
    #expect(scene.books.open.values.map(\.order.remaining.description).sorted() == ["4", "4", "6"])
    try scene.show(Self.tick(15, 105, size: 30))
    // The rest of the entry came first and took all that there was.
    #expect(scene.books.log.last == "1 entry filled 3 at 105 2013-10-01T15:00:00Z")
    try scene.show(Self.tick(16, 105, size: 50))
    #expect(
      scene.books.log.suffix(2) == [
        "1 entry filled 3 at 105 2013-10-01T16:00:00Z", "1 target filled 2 at 105 2013-10-01T16:00:00Z",
      ])
    try scene.show(Self.tick(17, 90, size: 1_000))
    #expect(scene.books.log.suffix(2) == ["1 stop filled 2 at 90 2013-10-01T17:00:00Z", "1 target gone"])
    #expect(scene.books.positions[[1, 1]] == (try Quantity("6")))
  }

  // MARK: Trailing stops

  @Test func trailingStopsAreGivenOutBeforeWhatHappensAndOnceAtTheEnd() throws {
    var books = try Self.books([[1, 1]: "10"])
    try books.submit("trail", portfolio: 1, instrument: 1, .sell, .trailing("95", amount: "5"), Quantity("10"))
    try books.submit("limit", portfolio: 1, instrument: 1, .buy, .limit("98"), Quantity("1"))
    var scene = try SessionScene(agents: false, books: books)
    for (hour, price) in [100, 101, 103.5, 102.0].enumerated() { try scene.show(Self.tick(14 + hour, price)) }
    #expect(scene.books.stops.isEmpty)
    let trailed = scene.session.takeTrails()
    #expect(trailed.map(\.stop.description) == ["98.5"])
    #expect(trailed.map(\.at) == [try SessionScene.time(0, 16)])
    #expect(scene.session.takeTrails().isEmpty)
    try scene.show(Self.tick(18, 104))
    try scene.show(Self.tick(19, 98))
    #expect(scene.books.stops == ["1 trail 99"])
    #expect(
      scene.books.log == [
        "1 trail filled 10 at 98 2013-10-01T19:00:00Z", "1 limit filled 1 at 98 2013-10-01T19:00:00Z",
      ])
  }

  /// What the books answer does not know how far a stop has come since it was stored.
  @Test func aTrailingStopKeepsItsPlaceWhenItsOrderShrinks() throws {
    var books = try Self.books([[1, 1]: "10"])
    try books.submit(
      "trail", portfolio: 1, instrument: 1, .sell, .trailing("95", amount: "5"), Quantity("10"),
      conditions: OrderConditions(isReduceOnly: true))
    try books.submit("part", portfolio: 1, instrument: 1, .sell, .limit("104"), Quantity("3"))
    var scene = try SessionScene(agents: false, books: books)
    try scene.show(Self.tick(15, 103))
    try scene.show(Self.tick(16, 104))
    #expect(scene.books.stops == ["1 trail 99"])
    try scene.show(Self.tick(17, 99))
    #expect(scene.books.log.last == "1 trail filled 7 at 99 2013-10-01T17:00:00Z")
  }

  // MARK: Closes

  @Test func anOrderForTheCloseFillsAtTheLastPriceOnceTheSessionIsOver() throws {
    var books = try Self.books()
    let close = try SessionScene.time(0, 20)
    for instrument in [Int32(1), 2] {
      try books.submit(
        "close", portfolio: 1, instrument: instrument, .buy, .market, Quantity("1"), force: .atClose,
        conditions: OrderConditions(activeAt: close))
    }
    var scene = try SessionScene(agents: false, books: books)
    try scene.show(Self.tick(14, 100))
    try scene.show(Self.tick(20, 101))
    #expect(scene.books.log.isEmpty)
    // Another instrument's tick ends the session too; it had no price itself.
    try scene.show(Self.tick(21, 50, instrument: 2))
    #expect(scene.books.log == ["1 close filled 1 at 101 2013-10-01T20:00:00Z", "1 close expired"])
    #expect(scene.session.isIdle)
  }

  @Test func aBarThatEndsWithTheSessionFillsOrdersForTheClose() throws {
    var books = try Self.books()
    for (limit, close) in [("102", 20), ("104", 20), ("103", 21)] {
      try books.submit(
        limit, portfolio: 1, instrument: 1, .sell, .limit(limit), Quantity("1"), force: .atClose,
        conditions: OrderConditions(activeAt: SessionScene.time(0, close)))
    }
    var scene = try SessionScene(agents: false, books: books)
    try scene.show([SessionScene.bar(1, 0, 100, 103)])
    #expect(scene.books.log == ["1 102 filled 1 at 103 2013-10-01T20:00:00Z", "1 104 expired"])
    // An hour later nothing has traded since.
    try scene.show([SessionScene.bar(1, 1, 90, 90)])
    #expect(scene.books.log.last == "1 103 filled 1 at 103 2013-10-01T21:00:00Z")
  }

  @Test func intradayPositionsAreSquaredOffAtTheEndOfTheSession() throws {
    let close = try SessionScene.time(0, 20)
    var books = try Self.books([[1, 1]: "-3"])
    try books.submit("intraday", portfolio: 1, instrument: 2, .buy, .market, Quantity("5"), squareOffAt: close)
    var scene = try SessionScene(agents: false, books: books, participation: Ratio("0.001"))
    try scene.show(Self.tick(14, 100))
    try scene.show(Self.tick(15, 50, instrument: 2, size: 10_000))
    try scene.show(Self.tick(20, 51, instrument: 2))
    #expect(scene.books.log.count == 1)
    try scene.show(Self.tick(21, 60, instrument: 2))
    #expect(scene.books.log[1] == "1 squared off 2013-10-01T20:00:00Z")
    #expect(
      scene.books.log.dropFirst(2).sorted() == [
        "1 square-off filled 3 at 100 2013-10-01T20:00:00Z", "1 square-off filled 5 at 51 2013-10-01T20:00:00Z",
      ])
    #expect(scene.books.positions.values.filter { !$0.isZero }.isEmpty)
    try scene.show(Self.tick(23, 61, instrument: 2))
    #expect(scene.books.log.count == 4)
  }

  @Test func barsSquareOffAtTheirCloseBeforeAgentsLook() throws {
    var books = try Self.books()
    try books.submit(
      "intraday", portfolio: 1, instrument: 1, .sell, .market, Quantity("5"), squareOffAt: SessionScene.time(0, 20))
    var scene = try SessionScene(books: books)
    try scene.show([SessionScene.bar(1, 0, 100, 98)])
    #expect(
      scene.books.log == [
        "1 intraday filled 5 at 100 2013-10-01T14:00:00Z", "1 squared off 2013-10-01T20:00:00Z",
        "1 square-off filled 5 at 98 2013-10-01T20:00:00Z",
      ])
    #expect(scene.books.positions[[1, 1]] == .zero)
  }

  // MARK: Short positions

  /// The same equity, in cash alone or with a short position that is owed for.
  @Test func whatIsShortIsOwed() throws {
    var books = try Self.books([[1, 2]: "-100"])
    books.cash = [1: try Money("105000")]
    books.last[2] = Tick(instrument: 2, time: try SessionScene.time(-1, 0), price: 50, size: 1)
    var scene = try SessionScene(books: books)
    try scene.closes([100, 98, 100])
    #expect(scene.books.log.last == "1 walker/ONE/entry-2013-10-03T14:00:00Z market 250")
  }

  @Test func aFutureIsWorthItsGain() throws {
    var books = try Self.books([[1, 2]: "-1000"])
    books.cash = [1: try Money("99000")]
    books.last[2] = Tick(instrument: 2, time: try SessionScene.time(-1, 0), price: 50, size: 1)
    // Sold at 51: a thousand is won.
    var scene = try SessionScene(books: books, futures: [2], costs: [[1, 2]: Money("-51000")])
    try scene.closes([100, 98, 100])
    #expect(scene.books.log.last == "1 walker/ONE/entry-2013-10-03T14:00:00Z market 250")
  }

  @Test func anAgentDoesNotBuyIntoSomebodyElsesShort() throws {
    var scene = try SessionScene(books: Self.books([[1, 1]: "-7"]))
    try scene.closes([100, 98, 100, 101])
    #expect(scene.books.log == ["1 buy 2013-10-03T20:00:00Z -"])
  }

  // MARK: Parts

  @Test func anAgentProtectsThePartsOfItsEntry() throws {
    var scene = try SessionScene(participation: Ratio("0.1"))
    try scene.closes([100, 98, 100])
    try scene.show([SessionScene.bar(1, 3, 101, 102)])
    #expect(
      scene.books.log.dropFirst(2) == [
        "1 walker/ONE/entry-2013-10-03T14:00:00Z filled 100 at 101 2013-10-04T14:00:00Z",
        "1 walker/ONE/stop-2013-10-03T14:00:00Z stop 100 at 97",
      ])
    try scene.show([SessionScene.bar(1, 4, 102, 103)])
    #expect(scene.books.positions[[1, 1]] == (try Quantity("200")))
    #expect(
      scene.books.open.values.compactMap { $0.order.side == .sell ? $0.order.remaining.description : nil } == ["200"])
    #expect(!scene.session.needsReload)
  }

  @Test func aRejectedPostOnlyOrderEnds() throws {
    var books = try Self.books()
    try books.submit(
      "maker", portfolio: 1, instrument: 1, .buy, .limit("101"), Quantity("1"),
      conditions: OrderConditions(isPostOnly: true))
    var scene = try SessionScene(agents: false, books: books)
    try scene.show(Self.tick(14, 100))
    #expect(scene.books.log == ["1 maker wouldTake"])
    #expect(scene.books.open.isEmpty)
  }
}
