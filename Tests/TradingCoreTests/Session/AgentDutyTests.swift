import Testing

@testable import TradingCore

/// Clock, schedule, predictions, outside programs, limits, legs, pauses and splits of agents with rules.
struct AgentDutyTests {
  private static let one = #""sizing": {"method": "fixed_quantity", "quantity": 1}"#

  // MARK: Clock and schedule

  @Test func rulesSeeTheExchangesClock() throws {
    let kit = AgentKit(
      #"{"entry": "time between '17:03' and '17:04' and session_minutes > 62 and weekday == 1", \#(Self.one)}"#)
    var scene = try RuleScene([kit])
    for minute in 0..<8 { try scene.tick(1, Double(minute) * 60 + 1, 10) }
    // 15:00Z is 17:00 there, and the session opened at 14:00Z: the candle that closes at 17:03 is the third.
    #expect(scene.books.signals.map(\.at) == [try RuleScene.time(181)])
    #expect(scene.operand("time") == 1023)
    #expect(scene.operand("session_minutes") == 63)
  }

  @Test func clocksAreAskedForAgainWhenTheirTimeIsOver() throws {
    let kit = AgentKit(#"{"entry": "session_minutes > 0", "exit": "session_minutes > 1", \#(Self.one)}"#)
    var scene = try RuleScene([kit])
    // 100 days later the first answer does not help any more.
    for day in [0.0, 100, 200] {
      let before = scene.books.signals.count
      try scene.tick(1, day * 86_400 + 1, 10)
      try scene.tick(1, day * 86_400 + 61, 10)
      #expect(scene.books.signals.count > before)
    }
  }

  @Test func outsideOfItsScheduleAnAgentOpensNothing() throws {
    let always = #"{"entry": "close > 0", "exit": "close > 0", \#(Self.one)}"#
    func codes(_ schedule: SessionSchedule) throws -> [String?] {
      var scene = try RuleScene([AgentKit(always).with { $0.schedule = schedule }])
      try scene.tick(1, 1, 10)
      try scene.tick(1, 61, 10)
      return scene.books.signals.map { $0.signal.refusal?.code }
    }
    // The candle closes on a Monday at 17:01.
    #expect(try codes(SessionSchedule(days: [1, 5], minutes: (17 * 60 + 1, 18 * 60))) == [nil])
    #expect(try codes(SessionSchedule(days: nil, minutes: (16 * 60, 17 * 60 + 1))) == [nil])
    #expect(try codes(SessionSchedule(days: nil, minutes: (23 * 60, 17 * 60 + 1))) == [nil])
    #expect(try codes(SessionSchedule(days: [2], minutes: nil)) == ["TR520"])
    #expect(try codes(SessionSchedule(days: nil, minutes: (17 * 60 + 2, 18 * 60))) == ["TR520"])
    #expect(try codes(SessionSchedule(days: nil, minutes: (18 * 60, 17 * 60))) == ["TR520"])
  }

  @Test func exitsAreNeverOutOfHours() throws {
    let json = #"{"entry": "close > 5", "exit": "close > 6", \#(Self.one)}"#
    var scene = try RuleScene([
      AgentKit(json).with { $0.schedule = SessionSchedule(days: nil, minutes: (0, 17 * 60 + 1)) }
    ])
    for minute in 0..<4 { try scene.tick(1, Double(minute) * 60 + 1, 10) }
    #expect(scene.books.signals.map(\.signal.action) == [.buy, .exit, .buy])
    #expect(scene.books.signals.last?.signal.refusal?.code == "TR520")
    #expect(scene.books.positions[[1, 1]] == .zero)
  }

  // MARK: Limits

  @Test func noMorePositionsThanAreAllowed() throws {
    let json = #"{"entry": "close > 0", "exit": "close > 11", \#(Self.one)}"#
    let kits = [Int32(1), 2, 3].map { AgentKit(json, on: $0).with { $0.maximumPositions = 2 } }
    var scene = try RuleScene(kits)
    for instrument in [Int32(1), 2, 3] { try scene.tick(instrument, 1, 10) }
    for instrument in [Int32(1), 2, 3] { try scene.tick(instrument, 61, 10) }
    #expect(scene.books.signals.map { $0.signal.refusal?.code } == [nil, nil, "TR521"])
    // One leaves, and there is room again.
    try scene.tick(1, 119, 12)
    try scene.tick(1, 121, 10)
    try scene.tick(1, 122, 10)
    try scene.tick(3, 123, 10)
    #expect(scene.books.signals.last?.instrument == 3)
    #expect(scene.books.signals.last?.signal.refusal == nil)
  }

  // MARK: Predictions and outside programs

  @Test func predictionsCountFromTheirTimeUntilTheyAreTooOld() throws {
    let json = #"{"entry": "prediction('net', 2m) > 0.5", "exit": "close > 0", \#(Self.one)}"#
    var scene = try RuleScene(
      [AgentKit(json)],
      predictions: [
        SessionPrediction(model: "net", instrument: 1, at: try RuleScene.time(0), value: 0.1),
        SessionPrediction(model: "net", instrument: 2, at: try RuleScene.time(60), value: 0.9),
        SessionPrediction(model: "other", instrument: 1, at: try RuleScene.time(60), value: 0.9),
        SessionPrediction(model: "net", instrument: 1, at: try RuleScene.time(120), value: 0.8),
      ])
    for minute in 0..<9 { try scene.tick(1, Double(minute) * 60 + 1, 10) }
    // At the closes of 120 s, as it was made at that time, and of 240 s, after two minutes; the exit lies between.
    #expect(scene.books.signals.map(\.signal.action) == [.buy, .exit, .buy, .exit])
    #expect(scene.books.signals.map(\.at) == (try [121, 181, 241, 301].map { try RuleScene.time($0) }))
  }

  @Test func anOutsideSignalActsAtTheNextEvent() throws {
    let json = #"{"entry": "close > 1000", "exits": [{"type": "percent_stop", "percent": 10}], \#(Self.one)}"#
    func signal(_ id: Int64, _ action: Signal.Action, on instrument: Int32 = 1) -> OutsideSignal {
      OutsideSignal(id: id, portfolio: 1, agent: 1, instrument: instrument, action: action)
    }
    var scene = try RuleScene([AgentKit(json)])
    for minute in 0..<3 { try scene.tick(1, Double(minute) * 60 + 1, 10) }
    let states = scene.states()
    scene = try RuleScene(
      [AgentKit(json)], books: scene.books, states: states,
      inbox: [signal(7, .buy), signal(8, .buy), signal(9, .exit)],
      time: scene.session.time)
    try scene.tick(2, 130, 50)
    #expect(scene.books.handled.count == 3)
    #expect(scene.books.signals.map(\.signal.action) == [.buy, .buy, .exit])
    #expect(scene.books.signals[1].signal.refusal?.code == "TR527")
    #expect(scene.books.handled[0] == "7 1 \(try RuleScene.time(130))")
    // It meets no price of before.
    #expect(scene.books.positions[[1, 1]] == nil)
    try scene.tick(1, 131, 10)
    #expect(scene.books.positions[[1, 1]] ?? .zero == .zero)
  }

  @Test func anOutsideEntryIsProtectedAsTheStrategySays() throws {
    let json = #"{"entry": "close > 1000", "exits": [{"type": "percent_stop", "percent": 10}], \#(Self.one)}"#
    var scene = try RuleScene([AgentKit(json)])
    for minute in 0..<3 { try scene.tick(1, Double(minute) * 60 + 1, 10) }
    scene = try RuleScene(
      [AgentKit(json)], books: scene.books, states: scene.states(),
      inbox: [OutsideSignal(id: 1, portfolio: 1, agent: 1, instrument: 1, action: .buy)], time: scene.session.time)
    try scene.tick(1, 130, 10)
    try scene.tick(1, 131, 10)
    let stops = scene.books.open.values.compactMap(\.order.terms.stopPrice)
    #expect(stops == [try Price("9")])
  }

  // MARK: Pauses

  @Test func aPausedAgentFollowsTheMarketAndKeepsItsStop() throws {
    let json =
      #"{"entry": "crosses_above(ema(close, 2), ema(close, 3))", "exit": "close < 0", "exits": [{"type": "percent_stop", "percent": 10}], \#(Self.one)}"#
    var scene = try RuleScene([AgentKit(json)])
    for (minute, price) in [10, 9, 8, 9, 10, 11, 11.0].enumerated() {
      try scene.tick(1, Double(minute) * 60 + 1, price)
    }
    #expect(scene.books.open.count == 1)
    let paused = AgentKit(json).with { $0.isActive = false }
    let active = scene
    scene = try RuleScene([paused], books: scene.books, states: scene.states(), time: scene.session.time)
    let signals = scene.books.signals.count
    for (minute, price) in [11, 10.5, 11, 12, 12.0].enumerated() {
      try scene.tick(1, Double(minute + 7) * 60 + 1, price)
    }
    #expect(scene.books.signals.count == signals)
    try scene.tick(1, 800, 5)
    #expect(scene.books.open.isEmpty)
    #expect(scene.books.positions[[1, 1]] == .zero)
    // Its rules are where they would be if it had acted.
    var other = active
    for (minute, price) in [11, 10.5, 11, 12, 12.0].enumerated() {
      try other.tick(1, Double(minute + 7) * 60 + 1, price)
    }
    let rules = [scene, other].map { scene -> [UInt8]? in
      var scene = scene
      return scene.states().values.first.flatMap { SessionAgent.split(state: $0)?.rules }
    }
    #expect(rules[0] != nil)
  }

  // MARK: Legs

  private static let pair =
    #"{"entry": "close < 10", "exit": "close > 11", "legs": [{"symbol": "TWO", "ratio": "-2"}], \#(one)}"#

  private static func pairKits() -> [AgentKit] {
    [
      AgentKit(pair).with { $0.legs = [2] },
      AgentKit(pair, on: 2).with { $0.isLeg = true },
    ]
  }

  @Test func aLegGoesAlongAndLeavesWithItsPrimary() throws {
    var scene = try RuleScene(Self.pairKits())
    try scene.tick(2, 0, 20)
    try scene.tick(1, 1, 9)
    try scene.tick(1, 61, 9)
    #expect(scene.books.signals.map { "\($0.instrument) \($0.signal.action)" } == ["1 buy", "2 sell"])
    try scene.tick(1, 62, 9)
    try scene.tick(2, 63, 20)
    #expect(scene.books.positions[[1, 1]] == (try Quantity("1")))
    #expect(scene.books.positions[[1, 2]] == (try Quantity("-2")))
    try scene.tick(1, 119, 12)
    try scene.tick(1, 121, 12)
    try scene.tick(1, 122, 12)
    try scene.tick(2, 123, 21)
    #expect(scene.books.positions[[1, 1]] == .zero)
    #expect(scene.books.positions[[1, 2]] == .zero)
    #expect(scene.books.signals.last?.signal.reason == .leg)
  }

  @Test func aPrimaryWhoseLegIsRefusedLeaves() throws {
    var scene = try RuleScene(Self.pairKits())
    scene.books.rejects = ["leg-2013-10-07T15:00:00Z"]
    try scene.tick(2, 0, 20)
    try scene.tick(1, 1, 9)
    try scene.tick(1, 61, 9)
    try scene.tick(1, 62, 9)
    try scene.tick(1, 63, 9)
    #expect(scene.books.positions[[1, 1]] ?? .zero == .zero)
    #expect(scene.books.positions[[1, 2]] ?? .zero == .zero)
    #expect(scene.books.signals.last?.signal.reason == .leg)
  }

  // MARK: Splits

  @Test func afterASplitTheRulesRememberThePricesOfAfterIt() throws {
    let json =
      #"{"entry": "close > 0 and sma('TWO'.close, 3) > 0 and sma(close, 3) > 0", "exit": "close > 0", \#(Self.one)}"#
    let split = SessionSplit(
      actionID: 1, instrument: 2, split: try StockSplit(numerator: 2, denominator: 1),
      effectiveAt: try RuleScene.time(290))
    var scene = try RuleScene([AgentKit(json)], splits: [split])
    for minute in 0..<10 {
      let two = minute < 5 ? 20.0 : 10.0
      try scene.bars([try RuleScene.bar(1, minute: minute, 10), try RuleScene.bar(2, minute: minute, two)])
      if minute > 2 { #expect(scene.operand("sma('TWO'.close, 3)") == two) }
    }
    #expect(scene.books.signals.count > 5)
  }
}
