import TestSupport
import Testing
import TradingCore

@Suite struct TradingSessionTests {
  @Test func entryFillsAtTheNextOpenAndIsProtectedByAStop() throws {
    var scene = try SessionScene()
    try scene.closes([100, 98, 100])
    #expect(
      scene.books.log == [
        "1 buy 2013-10-03T20:00:00Z walker/ONE/entry-2013-10-03T14:00:00Z",
        "1 walker/ONE/entry-2013-10-03T14:00:00Z market 250",
      ])
    try scene.show([SessionScene.bar(1, 3, 101, 102)])
    #expect(
      scene.books.log.dropFirst(2) == [
        "1 walker/ONE/entry-2013-10-03T14:00:00Z filled 250 at 101 2013-10-04T14:00:00Z",
        "1 walker/ONE/stop-2013-10-03T14:00:00Z stop 250 at 97",
      ])
    try scene.show([SessionScene.bar(1, 4, 101, 101.5, low: 96)])
    #expect(scene.books.log.contains("1 walker/ONE/stop-2013-10-03T14:00:00Z filled 250 at 97 2013-10-05T20:00:00Z"))
    #expect(scene.books.positions[[1, 1]] == .zero)
    #expect(scene.session.isIdle)
  }

  @Test(arguments: [("2013-10-03", "100"), ("2013-10-04", "250")])
  func agentsReckonWithTheFeesOfTheirDay(dearFrom: String, quantity: String) throws {
    let fees = try FeeHistory([
      (begin: .earliest, schedule: .free),
      (begin: Timestamp("\(dearFrom)T00:00:00Z"), schedule: FeeSchedule(perOrder: Money("90000"))),
    ])
    var scene = try SessionScene(fees: FeePlan(fees))
    try scene.closes([100, 98, 100])
    #expect(scene.books.log.last == "1 walker/ONE/entry-2013-10-03T14:00:00Z market \(quantity)")
  }

  @Test func anAgentWithoutFeeTermsFails() throws {
    let fees = try FeeHistory([(begin: Timestamp("2013-10-04T00:00:00Z"), schedule: .free)])
    var scene = try SessionScene(fees: FeePlan(fees))
    try scene.closes([100, 98, 100, 101])
    #expect(scene.books.log == ["1 agent 11 failed"])
  }

  @Test func agentsReckonWithTheFeesOfTheKindThatTheyTrade() throws {
    let dear = try FeeHistory(always: FeeSchedule(perOrder: Money("90000")))
    for (kind, quantity) in [(InstrumentKind.equity, "250"), (.future, "100")] {
      var scene = try SessionScene(
        futures: kind == .future ? [1] : [],
        fees: FeePlan([
          FeePlan.Group(kind: .equity, exchange: 0): .free, FeePlan.Group(kind: .future, exchange: 0): dear,
        ]))
      try scene.closes([100, 98, 100])
      #expect(scene.books.log.last == "1 walker/ONE/entry-2013-10-03T14:00:00Z market \(quantity)")
    }
    // Nothing is said of futures.
    var scene = try SessionScene(futures: [1], fees: FeePlan([FeePlan.Group(kind: .equity, exchange: 0): .free]))
    try scene.closes([100, 98, 100, 101])
    #expect(scene.books.log == ["1 agent 11 failed"])
  }

  @Test func nothingIsProtectedThatWasRejected() throws {
    var scene = try SessionScene()
    scene.books.rejects = ["entry-2013-10-03T14:00:00Z"]
    try scene.closes([100, 98, 100, 101, 102])
    #expect(scene.books.log.dropFirst(2) == ["1 rejected"])
    #expect(scene.books.open.isEmpty)
    // A fall and a rise: the next chance is taken.
    try scene.closes([99, 100, 101], from: 5)
    #expect(scene.books.log.contains { $0.hasPrefix("1 walker/ONE/entry-2013-10-07T14:00:00Z filled") })
    #expect(!scene.session.needsReload)
  }

  @Test func rejectedStopIsTriedAgainAtTheNextBar() throws {
    var scene = try SessionScene()
    scene.books.rejects = ["stop-2013-10-03T14:00:00Z"]
    try scene.closes([100, 98, 100, 100.5])
    let stops = scene.books.log.filter { $0.contains("/stop-") }
    #expect(
      stops == [
        "1 walker/ONE/stop-2013-10-03T14:00:00Z stop 250 at 96",
        "1 walker/ONE/stop-2013-10-04T14:00:00Z stop 250 at 96",
      ])
  }

  /// A bar has room for a hundred, so that the entry fills in parts.
  @Test func theStopGrowsWithTheEntryInOneStep() throws {
    var scene = try SessionScene(participation: Ratio("0.1"))
    try scene.closes([100, 98, 100])
    for (day, open) in [101.0, 102, 103].enumerated() {
      try scene.show([SessionScene.bar(1, 3 + day, open, open + 1)])
    }
    #expect(
      scene.books.log.filter { $0.contains("/stop-") } == [
        "1 walker/ONE/stop-2013-10-03T14:00:00Z stop 100 at 97",
        "1 walker/ONE/stop-2013-10-04T14:00:00Z takes over 200 at 97.5",
        "1 walker/ONE/stop-2013-10-05T14:00:00Z takes over 250 at 97.8",
      ])
    #expect(
      scene.books.open.values.map { "\($0.clientOrderID) \($0.order.remaining)" } == [
        "walker/ONE/stop-2013-10-05T14:00:00Z 250"
      ])
    // One that is refused leaves the old stop, and it is tried again.
    scene = try SessionScene(participation: Ratio("0.1"))
    scene.books.rejects = ["stop-2013-10-04T14:00:00Z"]
    try scene.closes([100, 98, 100])
    try scene.show([SessionScene.bar(1, 3, 101, 102)])
    try scene.show([SessionScene.bar(1, 4, 102, 103)])
    #expect(scene.books.log.last == "1 walker/ONE/stop-2013-10-05T14:00:00Z takes over 200 at 97.5")
    #expect(scene.session.isIdle && !scene.session.needsReload)
  }

  @Test func ordersOfPeopleFillWithoutAnAgent() throws {
    var books = SessionBooks(cash: [1: try Money("100000")])
    try books.submit("by hand", portfolio: 1, instrument: 2, .buy, .limit(Price("49")), Quantity("10"))
    try books.submit("also", portfolio: 1, instrument: 2, .buy, .market, Quantity("1"))
    var scene = try SessionScene(agents: false, books: books)
    try scene.show([SessionScene.bar(2, 0, 50, 50, low: 48)])
    #expect(
      scene.books.log == [
        "1 also filled 1 at 50 2013-10-01T14:00:00Z", "1 by hand filled 10 at 49 2013-10-01T20:00:00Z",
      ])
    #expect(scene.session.isIdle)
  }

  /// A person may submit an order in an agent's name; it is not one that the agent knows, whatever it is called.
  @Test func ordersThatPeopleSubmitForAnAgentAreNotTheAgents() throws {
    var books = SessionBooks(cash: [1: try Money("100000")])
    try books.submit(
      "elevenchar/entry-2013-10-01T14:00:00Z", portfolio: 1, instrument: 1, .buy, .market, Quantity("7"), agent: 11)
    var scene = try SessionScene(books: books)
    try scene.closes([100, 98])
    #expect(scene.books.log.count == 1)
    #expect(scene.books.positions[[1, 1]] == (try Quantity("7")))
  }

  @Test func refusedFillEndsTheOrderAndAsksForAReload() throws {
    var scene = try SessionScene()
    scene.books.refusesFillsOf = ["walker/ONE/entry-2013-10-03T14:00:00Z"]
    try scene.closes([100, 98, 100, 100.5, 100.75])
    #expect(scene.books.log.dropFirst(2) == ["1 refused"])
    #expect(scene.session.needsReload)
    #expect(scene.books.positions.isEmpty)
  }

  @Test func portfoliosDecideAsEachAlone() throws {
    var both = try SessionScene(portfolios: [1, 2])
    var alone = try SessionScene(portfolios: [2])
    let closes = [100, 98, 100, 99.5, 97, 98, 99, 94, 95, 96.0]
    try both.closes(closes)
    try alone.closes(closes)
    #expect(alone.books.log.count > 10)
    #expect(both.books.log.filter { $0.hasPrefix("2 ") } == alone.books.log)
    #expect(
      both.books.log.filter { $0.hasPrefix("1 ") }.map { $0.dropFirst() } == alone.books.log.map { $0.dropFirst() })
  }

  /// Orders that fill at the open are valued at opens, never at the closes of the same day.
  @Test func barsThatOpenTogetherShowNoFuture() throws {
    var scene = try SessionScene()
    for (day, close) in [100.0, 98, 100].enumerated() {
      try scene.show([SessionScene.bar(1, day, 100, close), SessionScene.bar(2, day, 50, close / 2)])
    }
    #expect(scene.books.open.count == 2)
    try scene.show([SessionScene.bar(1, 3, 101, 180), SessionScene.bar(2, 3, 51, 90)])
    #expect(scene.books.pricesAtFills == [[1: 101, 2: 51], [1: 101, 2: 51]])
    let fills = scene.books.log.filter { $0.contains("filled") }
    #expect(fills.count == 2)
    #expect(fills.allSatisfy { $0.hasSuffix("2013-10-04T14:00:00Z") })
    #expect(scene.books.prices == [1: 180, 2: 90])
  }

  @Test func splitComesBeforeTheOrdersOfItsDay() throws {
    let split = SessionSplit(
      actionID: 1, instrument: 1, split: try StockSplit(numerator: 2, denominator: 1),
      effectiveAt: try SessionScene.time(5, 4))
    var scene = try SessionScene(splits: [split])
    try scene.closes([100, 98, 100, 100.5, 101])
    #expect(scene.books.positions[[1, 1]] == (try Quantity("250")))
    #expect(scene.books.open.values.map(\.order.terms.stopPrice) == [try Price("96")])
    // Half the price is no fall: the stop at 96 is one at 48 now.
    try scene.show([SessionScene.bar(1, 5, 50.5, 50.75, low: 49)])
    #expect(scene.books.log.filter { $0.hasPrefix("split") } == ["split of 1 2013-10-06T04:00:00Z"])
    #expect(scene.books.positions[[1, 1]] == (try Quantity("500")))
    #expect(scene.books.open.values.map(\.order.terms.stopPrice) == [try Price("48")])
    #expect(!scene.books.log.contains { $0.contains("exit") })
    try scene.show([SessionScene.bar(1, 6, 50, 50.5, low: 47)])
    #expect(scene.books.log.contains("1 walker/ONE/stop-2013-10-03T14:00:00Z filled 500 at 48 2013-10-07T20:00:00Z"))
    // Applied once.
    #expect(scene.books.log.count { $0.hasPrefix("split") } == 1)
  }

  @Test func snapshotsAreTakenWhenTheirIntervalIsOver() throws {
    var scene = try SessionScene(portfolios: [1, 2], agents: false)
    try scene.show(Tick(instrument: 1, time: SessionScene.time(0, 10), price: 10, size: 1))
    try scene.show(Tick(instrument: 1, time: SessionScene.time(0, 23), price: 11, size: 1))
    #expect(scene.books.snapshots == [])
    try scene.show(Tick(instrument: 2, time: SessionScene.time(1, 0), price: 20, size: 1))
    #expect(scene.books.snapshots == ["[1, 2] 2013-10-01T23:00:00Z"])
    // An interval without an event has no snapshot.
    try scene.show(Tick(instrument: 2, time: SessionScene.time(4, 1), price: 21, size: 1))
    #expect(scene.books.snapshots.dropFirst() == ["[1, 2] 2013-10-02T00:00:00Z"])
    scene.session.finish()
    try scene.books.settle(&scene.session)
    #expect(scene.books.snapshots.dropFirst(2) == ["[1, 2] 2013-10-05T01:00:00Z"])
  }

  @Test func daysBeginBeforeTheirFirstEvent() throws {
    var scene = try SessionScene(portfolios: [1, 2], agents: false, nextPeriod: SessionScene.time(0, 18))
    try scene.show(Tick(instrument: 1, time: SessionScene.time(0, 10), price: 10, size: 1))
    // What happens at that moment is still part of the day before.
    try scene.show(Tick(instrument: 1, time: SessionScene.time(0, 18), price: 11, size: 1))
    #expect(scene.books.periods == [])
    try scene.show(Tick(instrument: 1, time: SessionScene.time(0, 19), price: 12, size: 1))
    #expect(scene.books.periods == ["[1, 2] 2013-10-01T19:00:00Z at 11.0"])
    #expect(scene.books.snapshots == ["[1, 2] 2013-10-01T18:00:00Z"])
    // The answer was that the next begins a day later.
    try scene.show(Tick(instrument: 2, time: SessionScene.time(1, 19), price: 20, size: 1))
    #expect(scene.books.periods.count == 1)
    try scene.show(Tick(instrument: 2, time: SessionScene.time(4, 1), price: 21, size: 1))
    #expect(scene.books.periods.dropFirst() == ["[1, 2] 2013-10-05T01:00:00Z at 12.0"])
  }

  @Test func agentWhoseArithmeticFailsIsStoppedAlone() throws {
    var scene = try SessionScene()
    try scene.closes([9_999_999_999.9, 9_999_999_999.8])
    for (day, close) in [50.0, 48, 50].enumerated() { try scene.show([SessionScene.bar(2, day, close, close)]) }
    // The next tick above it is no price that there can be.
    try scene.show([SessionScene.bar(1, 2, 9_999_999_999.8, 9_999_999_999.999)])
    #expect(scene.books.log.contains("1 agent 11 failed"))
    let before = scene.books.log.count { $0.contains("/ONE/") }
    try scene.closes([100, 98, 100, 101], from: 3)
    #expect(scene.books.log.count { $0.contains("/ONE/") } == before)
    #expect(scene.books.log.contains { $0.contains("/TWO/entry") })
  }

  @Test func pausedAgentFollowsTheMarketAndSendsNothing() throws {
    var paused = try SessionScene(isActive: false)
    var active = try SessionScene()
    let closes = [100, 98, 97, 96, 95.0]
    try paused.closes(closes)
    try active.closes(closes)
    #expect(paused.session.takeStates().map(\.state) == active.session.takeStates().map(\.state))
    try paused.closes([96, 97, 98], from: 5)
    #expect(paused.books.log == [])
  }

  @Test func memoriesAreGivenOutOnceWithTheirOwnTimes() throws {
    var scene = try SessionScene()
    #expect(scene.session.takeStates().isEmpty)
    try scene.show(Tick(instrument: 1, time: SessionScene.time(0, 10), price: 10, size: 1))
    try scene.show(Tick(instrument: 2, time: SessionScene.time(0, 11), price: 10, size: 1))
    let states = scene.session.takeStates()
    #expect(states.map(\.instrument) == [1, 2])
    #expect(states.map(\.at) == [try SessionScene.time(0, 10), try SessionScene.time(0, 11)])
    #expect(scene.session.takeStates().isEmpty)
  }

  @Test func ticksOfUnknownInstrumentsAndBadTicksDoNothing() throws {
    var scene = try SessionScene()
    try scene.show(Tick(instrument: 9, time: SessionScene.time(0, 10), price: 10, size: 1))
    try scene.show(Tick(instrument: 1, time: SessionScene.time(0, 10), price: .nan, size: 1))
    #expect(scene.session.takeStates().isEmpty)
    #expect(scene.session.takePrices().isEmpty)
  }

  /// Stopped and set up again from the books and the memories at any point, it goes on in the same way.
  @Test(arguments: seeds(20))
  func goesOnFromBooksAndMemories(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let split = SessionSplit(
      actionID: 1, instrument: 1, split: try StockSplit(numerator: 3, denominator: 2),
      effectiveAt: try SessionScene.time(30, 4))
    var whole = try SessionScene(portfolios: [1, 2], splits: [split])
    var parts = whole
    var states: [[Int32]: [UInt8]] = [:]
    var prices = [100.0, 50]
    for day in 0..<60 {
      var bars: [BarEvent] = []
      for index in 0..<2 {
        if day == 30, index == 0 { prices[0] /= 1.5 }
        let open = prices[index]
        prices[index] = (open * Double.random(in: 0.97...1.03, using: &random) * 100).rounded() / 100
        let low = min(open, prices[index]) * Double.random(in: 0.96...1, using: &random)
        bars.append(try SessionScene.bar(Int32(index + 1), day, open, prices[index], low: low))
      }
      try whole.show(bars)
      try parts.show(bars)
      for state in parts.session.takeStates() { states[[state.portfolio, state.instrument]] = state.state }
      if Int.random(in: 0..<3, using: &random) == 0 {
        let time = try #require(parts.session.time)
        parts = try SessionScene(
          portfolios: [1, 2], splits: split.effectiveAt > time ? [split] : [], books: parts.books, states: states,
          time: time)
      }
    }
    #expect(whole.books.log.count > 50)
    expectEqual(parts.books.log, whole.books.log)
    #expect(parts.books.snapshots == whole.books.snapshots)
    #expect(parts.books.cash == whole.books.cash)
    for state in whole.session.takeStates() { #expect(states[[state.portfolio, state.instrument]] == state.state) }
  }
}
