import Testing
import TradingCore

/// What the agent does, told as stories: fast = the close, slow = a two-bar average, so that a rise is an entry and a fall an
/// exit; the true range is always 2, the stop 2 × 2 below the entry, 1 percent of 40,000 at risk: 100 shares.
@Suite struct AgentRuntimeTests {
  struct Story {
    var runtime: AgentRuntime
    var day = 0
    var lastClose = 100.0
    var position = Quantity.zero
    var cash = Money.zero

    init() throws {
      let parameters = try TrendParameters(json: #"{"fast":1,"slow":2,"atr":1,"atr_multiple":2}"#)
      runtime = try AgentRuntime(parameters, terms: TradingTerms(tickSize: Price("0.01"), lot: Quantity("1")))
      cash = try Money("40000")
      // Falling, so that the next rise is the first signal.
      for close in [100, 99.5, 99] { _ = try bar(close) }
    }

    /// Closes a bar with a true range of 2, given a move of no more, and tells what the agent wants.
    mutating func bar(_ close: Double) throws -> [String] {
      var actions: [AgentAction] = []
      let candle = Bar(
        bucket: try Timestamp("2013-10-01T00:00:00Z").advanced(byMicroseconds: Int64(day) * 86_400_000_000),
        open: close, high: max(close, lastClose), low: max(close, lastClose) - 2, close: close, volume: 1000)
      day += 1
      lastClose = close
      let account = AccountView(equity: try Money("40000"), cash: cash, position: position)
      try runtime.barClosed(candle, account: account, into: &actions)
      return actions.compactMap(Self.text)
    }

    mutating func fill(
      _ id: String, _ role: OrderRole, _ quantity: String, at price: String, left: String = "0"
    ) throws -> [String] {
      var actions: [AgentAction] = []
      try position += role == .entry ? Quantity(quantity) : -Quantity(quantity)
      try runtime.filled(
        id, role: role, quantity: Quantity(quantity), price: Price(price), remaining: Quantity(left),
        position: position, into: &actions)
      return actions.compactMap(Self.text)
    }

    mutating func closed(_ id: String) throws -> [String] {
      var actions: [AgentAction] = []
      try runtime.orderClosed(id, into: &actions)
      return actions.compactMap(Self.text)
    }

    mutating func rejected(_ id: String) throws -> [String] {
      var actions: [AgentAction] = []
      try runtime.orderRejected(id, into: &actions)
      return actions.compactMap(Self.text)
    }

    static func text(_ action: AgentAction) -> String? {
      switch action {
      case .signal: nil
      case .submit(let request):
        "\(request.clientOrderID) \(request.side) \(request.terms.stopPrice.map { "at \($0) " } ?? "")\(request.quantity)"
      case .cancel(let clientOrderID): "cancel \(clientOrderID)"
      }
    }
  }

  static let entry = "entry-2013-10-04T00:00:00Z"
  static let stop = "stop-2013-10-04T00:00:00Z"

  /// A story in which 100 shares were bought at 100.5 and are protected at 96.5.
  static func holding() throws -> Story {
    var story = try Story()
    #expect(try story.bar(100) == ["\(entry) buy 100"])
    #expect(try story.fill(entry, .entry, "100", at: "100.5") == ["\(stop) sell at 96.5 100"])
    return story
  }

  @Test func aRiseEntersAFillIsProtectedAndAFallExits() throws {
    var story = try Self.holding()
    #expect(try story.bar(101) == [])
    #expect(try story.bar(100) == ["cancel \(Self.stop)"])
    let exit = "exit-2013-10-06T00:00:00Z"
    #expect(try story.closed(Self.stop) == ["\(exit) sell 100"])
    #expect(try story.fill(exit, .exit, "60", at: "99", left: "40") == [])
    #expect(try story.fill(exit, .exit, "40", at: "99") == [])
    #expect(story.runtime.owned == .zero && story.runtime.orders.isEmpty)
    #expect(try story.bar(101) == ["entry-2013-10-07T00:00:00Z buy 100"])
  }

  @Test func signalsAreReportedWithStrengthAndPrice() throws {
    var story = try Story()
    var actions: [AgentAction] = []
    let bar = TrendStrategyTests.bar(6000, 100, spread: 1)
    try story.runtime.barClosed(
      bar, account: AccountView(equity: .zero, cash: .zero, position: .zero), into: &actions)
    guard case .signal(let signal)? = actions.first, actions.count == 1 else {
      Issue.record("\(actions)")
      return
    }
    #expect(signal.kind == .entry && signal.price == 100 && signal.strength > 0)
  }

  @Test func aFurtherFillReplacesTheStopOnceTheOldOneIsGone() throws {
    var story = try Story()
    _ = try story.bar(100)
    #expect(try story.fill(Self.entry, .entry, "40", at: "100", left: "60") == ["\(Self.stop) sell at 96 40"])
    #expect(try story.fill(Self.entry, .entry, "60", at: "101") == ["cancel \(Self.stop)"])
    #expect(try story.bar(101) == [])
    #expect(try story.closed(Self.stop) == ["stop-2013-10-05T00:00:00Z sell at 96.6 100"])
  }

  @Test func twoStopsInOneBarHaveDifferentNames() throws {
    var story = try Story()
    _ = try story.bar(100)
    _ = try story.fill(Self.entry, .entry, "40", at: "100", left: "60")
    _ = try story.fill(Self.entry, .entry, "60", at: "100")
    #expect(try story.closed(Self.stop) == ["\(Self.stop)-2 sell at 96 100"])
  }

  @Test func anUnfilledEntryIsCancelledByAFall() throws {
    var story = try Story()
    _ = try story.bar(100)
    #expect(try story.bar(99) == ["cancel \(Self.entry)"])
    // It fills in part before the cancel arrives: what came is sold.
    #expect(try story.fill(Self.entry, .entry, "30", at: "99", left: "70") == [])
    #expect(try story.closed(Self.entry) == ["exit-2013-10-05T00:00:00Z sell 30"])
  }

  @Test func thereIsNeverASecondEntry() throws {
    var story = try Story()
    _ = try story.bar(100)
    #expect(try story.bar(99) == ["cancel \(Self.entry)"])
    #expect(try story.bar(101) == [])
    #expect(try story.closed(Self.entry) == [])
    #expect(try story.bar(99) == [])
    #expect(try story.bar(101) == ["entry-2013-10-08T00:00:00Z buy 100"])
  }

  @Test func aStopThatFillsWhileTheExitWaitsLeavesNothingToSell() throws {
    var story = try Self.holding()
    #expect(try story.bar(99) == ["cancel \(Self.stop)"])
    #expect(try story.fill(Self.stop, .stop, "70", at: "96.5", left: "30") == [])
    #expect(try story.closed(Self.stop) == ["exit-2013-10-05T00:00:00Z sell 30"])

    story = try Self.holding()
    _ = try story.bar(99)
    #expect(try story.fill(Self.stop, .stop, "100", at: "96.5") == [])
    #expect(try story.closed(Self.stop) == [])
    #expect(story.runtime.orders.isEmpty && story.runtime.owned == .zero)
  }

  @Test func aStopThatFillsStopsTheEntryToo() throws {
    var story = try Story()
    _ = try story.bar(100)
    _ = try story.fill(Self.entry, .entry, "40", at: "100", left: "60")
    #expect(try story.fill(Self.stop, .stop, "40", at: "96") == ["cancel \(Self.entry)"])
    #expect(try story.closed(Self.entry) == [])
    #expect(story.runtime.orders.isEmpty)
  }

  @Test func aPersonWhoSellsTakesThePositionFromTheAgent() throws {
    var story = try Self.holding()
    story.position = try Quantity("30")
    #expect(try story.bar(101) == ["cancel \(Self.stop)"])
    #expect(try story.closed(Self.stop) == ["stop-2013-10-05T00:00:00Z sell at 96.5 30"])
    story.position = .zero
    #expect(try story.bar(102) == ["cancel stop-2013-10-05T00:00:00Z"])
    #expect(try story.closed("stop-2013-10-05T00:00:00Z") == [])
    #expect(try story.bar(100) == [])
    #expect(try story.bar(102) == ["entry-2013-10-08T00:00:00Z buy 100"])
  }

  @Test func whatAPersonBoughtIsNotSold() throws {
    var story = try Self.holding()
    story.position = try Quantity("150")
    #expect(try story.bar(99) == ["cancel \(Self.stop)"])
    #expect(try story.closed(Self.stop) == ["exit-2013-10-05T00:00:00Z sell 100"])
    #expect(try story.fill("exit-2013-10-05T00:00:00Z", .exit, "100", at: "99") == [])
    #expect(story.position.description == "50")
  }

  @Test func aPersonSellingWhileTheExitWaitsShrinksIt() throws {
    var story = try Self.holding()
    _ = try story.bar(99)
    _ = try story.closed(Self.stop)
    story.position = try Quantity("60")
    #expect(try story.bar(98.5) == ["cancel exit-2013-10-05T00:00:00Z"])
    #expect(try story.closed("exit-2013-10-05T00:00:00Z") == ["exit-2013-10-06T00:00:00Z sell 60"])
  }

  @Test func aRejectedEntryIsForgotten() throws {
    var story = try Story()
    _ = try story.bar(100)
    #expect(try story.rejected(Self.entry) == [])
    #expect(try story.bar(101) == [])
    #expect(try story.bar(99) == [])
    #expect(try story.bar(101) == ["entry-2013-10-07T00:00:00Z buy 100"])
  }

  @Test func aRejectedExitOrStopIsTriedAgainAtTheNextBar() throws {
    var story = try Self.holding()
    #expect(try story.rejected(Self.stop) == [])
    #expect(try story.bar(101) == ["stop-2013-10-05T00:00:00Z sell at 96.5 100"])
    #expect(try story.bar(99) == ["cancel stop-2013-10-05T00:00:00Z"])
    #expect(try story.closed("stop-2013-10-05T00:00:00Z") == ["exit-2013-10-06T00:00:00Z sell 100"])
    #expect(try story.rejected("exit-2013-10-06T00:00:00Z") == [])
    #expect(try story.bar(98.5) == ["exit-2013-10-07T00:00:00Z sell 100"])
  }

  @Test func aStopCancelledByAPersonComesBackAtTheNextBar() throws {
    var story = try Self.holding()
    #expect(try story.closed(Self.stop) == [])
    #expect(try story.bar(101) == ["stop-2013-10-05T00:00:00Z sell at 96.5 100"])
  }

  @Test func withoutCashThereIsASignalAndNoOrder() throws {
    var story = try Story()
    story.cash = try Money("99.99")
    #expect(try story.bar(100) == [])
    story.cash = try Money("250")
    #expect(try story.bar(99) == [])
    #expect(try story.bar(100) == ["entry-2013-10-06T00:00:00Z buy 2"])
  }

  @Test func aBarThatIsNotLaterIsPassedOver() throws {
    var story = try Story()
    story.day -= 1
    #expect(try story.bar(120) == [])
    story.lastClose = 99
    #expect(try story.bar(100) == ["\(Self.entry) buy 100"])
  }

  @Test func warmingUpGivesTheSameIndicatorsAndNoOrders() throws {
    let story = try Story()
    var warmed = try AgentRuntime(story.runtime.strategy.parameters, terms: story.runtime.terms)
    for (day, close) in [100, 99.5, 99].enumerated() {
      let high = day == 0 ? 100 : close + 0.5
      warmed.warmUp(
        Bar(
          bucket: try Timestamp("2013-10-0\(day + 1)T00:00:00Z"), open: close, high: high, low: high - 2,
          close: close, volume: 1))
    }
    #expect(warmed.state == story.runtime.state)
  }

  @Test func aStopBelowZeroIsNotPlaced() throws {
    var story = try Story()
    _ = try story.bar(100)
    #expect(try story.fill(Self.entry, .entry, "100", at: "3.99") == [])
    #expect(story.runtime.orders.isEmpty)
    _ = try story.bar(101)
    #expect(try story.bar(99) == ["exit-2013-10-06T00:00:00Z sell 100"])
  }

  @Test func aSplitGoesThroughPositionStopAndIndicators() throws {
    var story = try Self.holding()
    try story.runtime.apply(StockSplit(numerator: 2, denominator: 1))
    story.position = try Quantity("200")
    story.lastClose = 50
    #expect(story.runtime.owned.description == "200")
    #expect(story.runtime.orders.map { "\($0.stopPrice!) \($0.remaining)" } == ["48.25 200"])
    // 50.5 is 101 before the split: no fall, nothing to do.
    #expect(try story.bar(50.5) == [])
    #expect(try story.bar(50) == ["cancel \(Self.stop)"])
    #expect(try story.closed(Self.stop) == ["exit-2013-10-06T00:00:00Z sell 200"])
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
            Self.entry, role: .entry, quantity: most, price: Price("1"), remaining: .zero, position: most,
            into: &actions)))
    #expect(story.runtime.state == before)
    #expect(actions.isEmpty && story.runtime.orders.count == 1)
  }

  @Test func aStateThatCannotBeIsRefused() throws {
    let story = try Self.holding()
    let parameters = story.runtime.strategy.parameters
    let terms = story.runtime.terms
    let state = story.runtime.state
    func restore(_ state: [UInt8], _ orders: [AgentOrder] = []) throws {
      _ = try AgentRuntime(parameters, terms: terms, state: state, orders: orders)
    }
    try restore(state, story.runtime.orders)
    for length in state.indices {
      #expect(throws: ParameterError.self) { try restore(Array(state[..<length])) }
    }
    #expect(throws: ParameterError.self) { try restore(state + [0]) }
    #expect(throws: ParameterError.self) { try restore(state.map { _ in 0xFF }) }
    #expect(throws: ParameterError.self) { try restore(state, story.runtime.orders + story.runtime.orders) }
  }
}
