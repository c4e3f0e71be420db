import TestSupport
import Testing
import TradingCore

/// Entries, the stop, exits, and what happens to orders on the way.
@Suite struct AgentRuntimeTests {
  static let entry = "entry-\(AgentStory.day)"
  static let stop = "stop-\(AgentStory.day)"

  /// A story in which 100 shares were bought at 100.5 and are protected at 96.5.
  static func holding() throws -> AgentStory {
    var story = try AgentStory()
    #expect(try story.bar(100, .enterLong) == ["\(entry) buy 100"])
    #expect(try story.fill(entry, "100", at: "100.5") == ["\(stop) sell 100 stop 96.5"])
    return story
  }

  @Test func anEntryIsProtectedAndAnExitCloses() throws {
    var story = try Self.holding()
    #expect(try story.bar(101) == [])
    #expect(try story.bar(100, .exit(.rule)) == ["cancel \(Self.stop)"])
    let exit = "exit-\(AgentStory.on(6))"
    #expect(try story.closed(Self.stop) == ["\(exit) sell 100"])
    #expect(try story.fill(exit, "60", at: "99", left: "40") == [])
    #expect(try story.fill(exit, "40", at: "99") == [])
    #expect(story.runtime.owned == .zero && story.runtime.orders.isEmpty)
    #expect(try story.bar(101, .enterLong) == ["entry-\(AgentStory.on(7)) buy 100"])
    #expect(
      story.signals == [
        "1 buy - 100.0 \(Self.entry)", "2 exit rule 100.0 \(exit)", "3 buy - 101.0 entry-\(AgentStory.on(7))",
      ])
  }

  @Test func aShortIsItsMirrorImage() throws {
    var story = try AgentStory()
    #expect(try story.bar(100, .enterShort) == ["\(Self.entry) sell 100"])
    #expect(try story.fill(Self.entry, "100", at: "99.5") == ["\(Self.stop) buy 100 stop 103.5"])
    #expect(story.runtime.owned.description == "-100" && story.runtime.trade.side == -1)
    #expect(try story.bar(99, .exit(.rule)) == ["cancel \(Self.stop)"])
    #expect(try story.closed(Self.stop) == ["exit-\(AgentStory.on(5)) buy 100"])
    #expect(try story.fill("exit-\(AgentStory.on(5))", "100", at: "99") == [])
    #expect(story.position == .zero)
    #expect(story.signals.map { $0.split(separator: " ")[1] } == ["sell", "exit"])
  }

  @Test func aStopThatFillsIsASignal() throws {
    var story = try Self.holding()
    #expect(try story.fill(Self.stop, "40", at: "96.5", left: "60") == [])
    #expect(try story.fill(Self.stop, "60", at: "96.25") == [])
    #expect(story.signals.dropFirst() == ["2 exit stop 96.5 \(Self.stop)"])
    #expect(story.runtime.trade.side == 0)
  }

  @Test func theTradeIsToldFromTheEntryOrderOn() throws {
    var story = try AgentStory()
    #expect(story.runtime.trade.side == 0)
    _ = try story.bar(100, .enterLong)
    let waiting = story.runtime.trade
    #expect(waiting.side == 1 && waiting.barsSinceEntry == 1 && waiting.entryPrice.isNaN)
    _ = try story.fill(Self.entry, "60", at: "100", left: "40")
    _ = try story.fill(Self.entry, "40", at: "101")
    _ = try story.bar(101)
    let trade = story.runtime.trade
    #expect(trade.barsSinceEntry == 2 && trade.entryPrice == 100.4 && trade.initialStopDistance == 4)
    #expect(trade.enteredAt == (try Timestamp("2013-10-04T20:00:00Z")))
    // Candles pass while it is paused, too.
    story.runtime.pass(
      Candle(bucket: try Timestamp(AgentStory.on(6)), open: 1, high: 1, low: 1, close: 1, volume: 1))
    #expect(story.runtime.trade.barsSinceEntry == 3)
  }

  @Test func aFurtherFillEnlargesTheStopInOneStep() throws {
    var story = try AgentStory()
    _ = try story.bar(100, .enterLong)
    #expect(try story.fill(Self.entry, "40", at: "100", left: "60") == ["\(Self.stop) sell 40 stop 96"])
    #expect(
      try story.fill(Self.entry, "30", at: "101", left: "30") == ["\(Self.stop) -> \(Self.stop)-2 sell 70 stop 96.43"])
    // One replacement at a time.
    #expect(try story.fill(Self.entry, "30", at: "101") == [])
    #expect(
      try story.replaced(Self.stop, by: "\(Self.stop)-2", left: "70")
        == ["\(Self.stop)-2 -> \(Self.stop)-3 sell 100 stop 96.6"])
    #expect(try story.replaced("\(Self.stop)-2", by: "\(Self.stop)-3") == [])
  }

  @Test func aReplacementThatIsRefusedIsTriedAgainAtTheNextBar() throws {
    var story = try AgentStory()
    _ = try story.bar(100, .enterLong)
    _ = try story.fill(Self.entry, "40", at: "100", left: "60")
    _ = try story.fill(Self.entry, "60", at: "100")
    #expect(try story.rejected("\(Self.stop)-2") == [])
    #expect(story.runtime.orders.map(\.remaining.description) == ["40"])
    #expect(try story.bar(101) == ["\(Self.stop) -> stop-\(AgentStory.on(5)) sell 100 stop 96"])
  }

  @Test func anExitWaitsForAReplacementThatIsOnItsWay() throws {
    var story = try AgentStory()
    _ = try story.bar(100, .enterLong)
    _ = try story.fill(Self.entry, "40", at: "100", left: "60")
    _ = try story.fill(Self.entry, "60", at: "100")
    #expect(try story.bar(99, .exit(.rule)) == [])
    #expect(try story.replaced(Self.stop, by: "\(Self.stop)-2") == ["cancel \(Self.stop)-2"])
    #expect(try story.closed("\(Self.stop)-2") == ["exit-\(AgentStory.on(5)) sell 100"])
  }

  @Test func anUnfilledEntryIsCancelledByAnExit() throws {
    var story = try AgentStory()
    _ = try story.bar(100, .enterLong)
    #expect(try story.bar(99, .exit(.rule)) == ["cancel \(Self.entry)"])
    #expect(story.signals.last == "2 exit rule 99.0 -")
    // It fills in part before the cancel arrives: what came is sold.
    #expect(try story.fill(Self.entry, "30", at: "99", left: "70") == [])
    #expect(try story.closed(Self.entry) == ["exit-\(AgentStory.on(5)) sell 30"])
  }

  @Test func thereIsNeverASecondEntry() throws {
    var story = try AgentStory()
    _ = try story.bar(100, .enterLong)
    #expect(try story.bar(99, .exit(.rule)) == ["cancel \(Self.entry)"])
    #expect(try story.bar(101, .enterLong) == [])
    #expect(try story.closed(Self.entry) == [])
    #expect(try story.bar(99, .exit(.rule)) == [])
    #expect(try story.bar(101, .enterShort) == ["entry-\(AgentStory.on(8)) sell 100"])
    #expect(
      story.signals.dropFirst(2) == ["3 buy TR527 101.0 -", "4 sell - 101.0 entry-\(AgentStory.on(8))"])
  }

  @Test func aStopThatFillsWhileTheExitWaitsLeavesNothingToSell() throws {
    var story = try Self.holding()
    #expect(try story.bar(99, .exit(.rule)) == ["cancel \(Self.stop)"])
    #expect(try story.fill(Self.stop, "70", at: "96.5", left: "30") == [])
    #expect(try story.closed(Self.stop) == ["exit-\(AgentStory.on(5)) sell 30"])

    story = try Self.holding()
    _ = try story.bar(99, .exit(.rule))
    #expect(try story.fill(Self.stop, "100", at: "96.5") == [])
    #expect(try story.closed(Self.stop) == [])
    #expect(story.runtime.orders.isEmpty && story.runtime.owned == .zero)
  }

  @Test func aStopThatFillsStopsTheEntryToo() throws {
    var story = try AgentStory()
    _ = try story.bar(100, .enterLong)
    _ = try story.fill(Self.entry, "40", at: "100", left: "60")
    #expect(try story.fill(Self.stop, "40", at: "96") == ["cancel \(Self.entry)"])
    #expect(try story.closed(Self.entry) == [])
    #expect(story.runtime.orders.isEmpty)
  }

  @Test func anEntryThatFillsAfterItsEndIsProtected() throws {
    var story = try AgentStory()
    _ = try story.bar(100, .enterLong)
    _ = try story.closed(Self.entry)
    #expect(story.runtime.trade.side == 0)
    story.position = try Quantity("30")
    #expect(
      try story.happen { agent, actions throws in
        try agent.filled(
          Self.entry, quantity: Quantity("30"), price: Price("100"), remaining: .zero, position: Quantity("30"),
          at: Timestamp(AgentStory.day), into: &actions)
      } == ["\(Self.stop) sell 30 stop 96"])
  }

  @Test func aPersonWhoSellsTakesThePositionFromTheAgent() throws {
    var story = try Self.holding()
    story.position = try Quantity("30")
    #expect(try story.bar(101) == ["\(Self.stop) -> stop-\(AgentStory.on(5)) sell 30 stop 96.5"])
    #expect(try story.replaced(Self.stop, by: "stop-\(AgentStory.on(5))", left: "30") == [])
    story.position = .zero
    #expect(try story.bar(102) == ["cancel stop-\(AgentStory.on(5))"])
    #expect(try story.closed("stop-\(AgentStory.on(5))") == [])
    #expect(try story.bar(102, .enterLong) == ["entry-\(AgentStory.on(7)) buy 100"])
  }

  /// The stop may only reduce: the books take from it what a person has sold.
  @Test func whatTheBooksTakeFromTheStopIsNotAskedForAgain() throws {
    var story = try Self.holding()
    story.position = try Quantity("30")
    #expect(try story.resized(Self.stop, to: "30") == [])
    #expect(story.runtime.owned.description == "30")
    #expect(try story.bar(101) == [])
  }

  @Test func whatAPersonBoughtIsNotSold() throws {
    var story = try Self.holding()
    story.position = try Quantity("150")
    #expect(try story.bar(99, .exit(.rule)) == ["cancel \(Self.stop)"])
    #expect(try story.closed(Self.stop) == ["exit-\(AgentStory.on(5)) sell 100"])
    #expect(try story.fill("exit-\(AgentStory.on(5))", "100", at: "99") == [])
    #expect(story.position.description == "50")
  }

  @Test(arguments: [StrategyIntent.Action.enterLong, .enterShort])
  func thereIsNoEntryAgainstWhatSomebodyElseHolds(action: StrategyIntent.Action) throws {
    var story = try AgentStory()
    story.position = try Quantity(action == .enterLong ? "-5" : "5")
    #expect(try story.bar(100, action) == [])
    #expect(story.signals == ["1 \(action == .enterLong ? "buy" : "sell") TR527 100.0 -"])
    story.position = -story.position
    #expect(try story.bar(100, action).count == 1)
  }

  @Test func aPersonSellingWhileTheExitWaitsShrinksIt() throws {
    var story = try Self.holding()
    _ = try story.bar(99, .exit(.rule))
    _ = try story.closed(Self.stop)
    story.position = try Quantity("60")
    #expect(try story.bar(98.5) == ["cancel exit-\(AgentStory.on(5))"])
    #expect(try story.closed("exit-\(AgentStory.on(5))") == ["exit-\(AgentStory.on(6)) sell 60"])
  }

  @Test func aRejectedEntryIsForgotten() throws {
    var story = try AgentStory()
    _ = try story.bar(100, .enterLong)
    #expect(try story.rejected(Self.entry) == [])
    #expect(try story.bar(101) == [])
    #expect(story.runtime.trade.side == 0)
    #expect(try story.bar(101, .enterLong) == ["entry-\(AgentStory.on(6)) buy 100"])
  }

  @Test func aRejectedExitOrStopIsTriedAgainAtTheNextBar() throws {
    var story = try Self.holding()
    #expect(try story.rejected(Self.stop) == [])
    #expect(try story.bar(101) == ["stop-\(AgentStory.on(5)) sell 100 stop 96.5"])
    #expect(try story.bar(99, .exit(.rule)) == ["cancel stop-\(AgentStory.on(5))"])
    #expect(try story.closed("stop-\(AgentStory.on(5))") == ["exit-\(AgentStory.on(6)) sell 100"])
    #expect(try story.rejected("exit-\(AgentStory.on(6))") == [])
    #expect(try story.bar(98.5) == ["exit-\(AgentStory.on(7)) sell 100"])
  }

  @Test func aStopCancelledByAPersonComesBackAtTheNextBar() throws {
    var story = try Self.holding()
    #expect(try story.closed(Self.stop) == [])
    #expect(try story.bar(101) == ["stop-\(AgentStory.on(5)) sell 100 stop 96.5"])
  }

  @Test func refusedEntriesAreSignalsWithACode() throws {
    var story = try AgentStory()
    for refusal in [Signal.Refusal.schedule, .maximumPositions, .capital] {
      #expect(try story.bar(100, .enterLong, refusal: refusal) == [])
    }
    story.cash = try Money("99.99")
    #expect(try story.bar(100, .enterLong) == [])
    story.cash = try Money("40000")
    // Where the stop belongs is not known: the position would be without protection.
    for value in [Double.nan, 0, -1, .infinity, 1e300] {
      #expect(try story.bar(100, .enterShort, values: [value]) == [])
    }
    #expect(
      story.signals.map { $0.split(separator: " ")[2] } == ["TR520", "TR521", "TR523"]
        + [Substring](repeating: "TR522", count: 6))
    #expect(story.runtime.trade.side == 0)
    story.cash = try Money("250")
    #expect(try story.bar(100, .enterLong) == ["entry-\(AgentStory.on(13)) buy 2"])
  }

  @Test func sizeFollowsTheStopDistanceTheCashAndTheCapital() throws {
    // One percent of 40,000 over a distance of 4.
    var story = try AgentStory(sizing: .standard)
    #expect(try story.bar(100, .enterLong) == ["\(Self.entry) buy 100"])
    story = try AgentStory(sizing: .standard, capital: Money("2550"))
    #expect(try story.bar(100, .enterShort) == ["\(Self.entry) sell 25"])
    // Twice the average true range of 2.
    story = try AgentStory([], sizing: .volatility(riskPercent: .one, atrMultiple: Ratio("2")))
    #expect(try story.bar(100, .enterLong) == ["\(Self.entry) buy 100"])
    story = try AgentStory([], sizing: .deviation(riskPercent: .one, deviations: Ratio("2"), period: 20))
    #expect(try story.bar(100, .enterLong) == ["\(Self.entry) buy 133"])
  }

  @Test func aBarThatIsNotLaterIsPassedOver() throws {
    var story = try AgentStory()
    _ = try story.bar(99, days: 0)
    #expect(try story.bar(100, .enterLong) == [])
    #expect(try story.bar(100, .enterLong) == ["entry-\(AgentStory.on(5)) buy 100"])
    // Two ticks may have one time.
    story = try AgentStory(isOnTicks: true)
    _ = try story.bar(99, days: 0)
    #expect(try story.bar(100, .enterLong, days: 0) == ["\(Self.entry) buy 100"])
    _ = try story.rejected(Self.entry)
    #expect(try story.bar(100, .enterLong) == ["\(Self.entry)-2 buy 100"])
  }

  @Test func aStopBelowZeroIsNotPlaced() throws {
    var story = try AgentStory()
    _ = try story.bar(100, .enterLong)
    #expect(try story.fill(Self.entry, "100", at: "3.99") == [])
    #expect(story.runtime.orders.isEmpty)
    #expect(try story.bar(99, .exit(.rule)) == ["exit-\(AgentStory.on(5)) sell 100"])
  }

  @Test func outsideProgramsActBetweenCandles() throws {
    var story = try AgentStory()
    _ = try story.bar(100)
    #expect(try story.perform(.enterShort, 100.25) == ["\(Self.entry) sell 100"])
    _ = try story.rejected(Self.entry)
    #expect(try story.perform(.enterLong, 100.5) == ["\(Self.entry)-2 buy 100"])
    _ = try story.fill("\(Self.entry)-2", "100", at: "100.5")
    #expect(try story.perform(.exit(.request), 101) == ["cancel \(Self.stop)"])
    #expect(story.signals.last == "3 exit request 101.0 exit-\(AgentStory.day)")
  }

  @Test func aRequestedExitIsCarriedOutOnce() throws {
    var story = try AgentStory()
    #expect(try story.requestExit(.request, 100) == [])
    #expect(story.signals.isEmpty)
    story = try Self.holding()
    #expect(try story.requestExit(.request, 101) == ["cancel \(Self.stop)"])
    #expect(try story.requestExit(.leg, 101) == [])
    #expect(story.signals.dropFirst() == ["2 exit request 101.0 exit-\(AgentStory.day)"])
  }

  @Test(arguments: [(2, 1, "200 48.25", "48.25"), (3, 2, "150 64.34", "64.34")])
  func aSplitGoesThroughPositionAndStop(new: Int, old: Int, order: String, stop: String) throws {
    var story = try Self.holding()
    try story.runtime.apply(StockSplit(numerator: new, denominator: old))
    story.position = story.runtime.owned
    #expect(story.runtime.orders.map { "\($0.remaining) \($0.price!)" } == [order])
    // The books have restated the order likewise: there is nothing to replace.
    #expect(try story.bar(70) == [])
    #expect(try story.bar(70, .exit(.rule)) == ["cancel \(Self.stop)"])
    #expect(try story.closed(Self.stop) == ["exit-\(AgentStory.on(6)) sell \(100 * new / old)"])
  }

  @Test func anErrorLeavesTheAgentAsItWas() throws {
    var story = try Self.holding()
    let before = story.runtime.state
    var actions: [AgentAction] = []
    let most = try Quantity("9999999999")
    #expect(
      .overflow
        == errorCode(
          try story.runtime.filled(
            Self.entry, quantity: most, price: Price("1"), remaining: .zero, position: most,
            at: Timestamp(AgentStory.day), into: &actions)))
    #expect(story.runtime.state == before)
    #expect(actions.isEmpty && story.runtime.orders.count == 1)
  }

  @Test func aStateThatCannotBeIsRefused() throws {
    var story = try AgentStory([.stop(distance: AgentStory.rule), .takeProfitAtR(.one, portionPercent: Ratio("50"))])
    _ = try story.bar(100, .enterLong, values: [4, .nan])
    _ = try story.fill(Self.entry, "100", at: "100")
    let runtime = story.runtime
    func restore(_ state: [UInt8], _ orders: [AgentOrder] = []) throws {
      _ = try AgentRuntime(runtime.plan, state: state, orders: orders)
    }
    try restore(runtime.state, runtime.orders)
    for length in runtime.state.indices {
      #expect(throws: ParameterError.self) { try restore(Array(runtime.state[..<length])) }
    }
    #expect(throws: ParameterError.self) { try restore(runtime.state + [0]) }
    #expect(throws: ParameterError.self) { try restore(runtime.state.map { _ in 255 }) }
    #expect(throws: ParameterError.self) { try restore(runtime.state, runtime.orders + runtime.orders) }
    // Whatever is damaged, it is refused or can go on.
    for index in runtime.state.indices {
      for bit in 0..<8 {
        var state = runtime.state
        state[index] ^= 1 << UInt8(bit)
        guard var other = try? AgentRuntime(runtime.plan, state: state, orders: runtime.orders) else { continue }
        var actions: [AgentAction] = []
        let candle = Candle(bucket: .latest, open: 9, high: 9, low: 9, close: 9, volume: 1)
        _ = try? other.act(
          on: StrategyIntent(action: .exit(.rule), price: 9), bar: candle, at: .latest,
          account: AccountView(equity: .zero, cash: .zero, position: .zero), into: &actions)
        _ = other.trade
      }
    }
  }
}
