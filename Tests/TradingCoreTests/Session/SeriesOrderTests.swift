import TestSupport
import Testing

@testable import TradingCore

/// What counts at which candle: longer lengths and other instruments, by ticks and by bars.
struct SeriesOrderTests {
  private static func always(_ operands: String) -> String {
    // Says its operands at each candle: a signal each time it is flat, and it leaves at once.
    #"{"entry": "\#(operands)", "exit": "close > 0", "sizing": {"method": "fixed_quantity", "quantity": 1}}"#
  }

  @Test func aLongerCandleCountsFromTheBaseCandleThatClosesWithIt() throws {
    var scene = try RuleScene([AgentKit(Self.always("close > 0 and close@5m > 0"))])
    // Minutes 0 to 4 make the first candle of five: it is known at the close of minute 4, and not before.
    for minute in 0..<5 { try scene.tick(1, Double(minute) * 60 + 1, 10 + Double(minute)) }
    #expect(scene.books.signals.isEmpty)
    try scene.tick(1, 301, 20)
    #expect(scene.books.signals.count == 1)
    #expect(scene.operand("close@5m") == 14)
    #expect(scene.operand("close") == 14)
  }

  @Test func anothersTickClosesTheCandle() throws {
    var scene = try RuleScene([AgentKit(Self.always("close > 0 and 'TWO'.close > 0"))])
    try scene.tick(1, 1, 10)
    try scene.tick(2, 2, 20)
    try scene.tick(3, 61, 30)
    // Nobody looks at THREE.
    #expect(scene.books.signals.isEmpty)
    try scene.tick(2, 62, 21)
    #expect(scene.books.signals.count == 1)
    #expect(scene.operand("'TWO'.close") == 20, "the tick that closes the candle belongs to the next one")
    #expect(scene.books.signals.last?.at == (try RuleScene.time(62)))
    // The candle is not closed again by the own tick.
    try scene.tick(1, 63, 11)
    #expect(scene.books.signals.count == 1)
  }

  @Test func theOwnTickClosesTheOthersCandlesFirst() throws {
    var scene = try RuleScene([AgentKit(Self.always("close > 0 and 'TWO'.close > 0"))])
    try scene.tick(2, 2, 20)
    try scene.tick(1, 3, 10)
    try scene.tick(2, 50, 22)
    try scene.tick(1, 61, 11)
    #expect(scene.operand("'TWO'.close") == 22)
  }

  @Test func whatOpensBehindTheCloseDoesNotCount() throws {
    var scene = try RuleScene([AgentKit(Self.always("close > 0 and 'TWO'.close > 0"))])
    try scene.tick(1, 1, 10)
    try scene.tick(2, 2, 20)
    // ONE is silent for minutes: its candle closed at 60 s, and knows the first minute of TWO alone.
    try scene.tick(2, 61, 21)
    try scene.tick(2, 121, 22)
    #expect(scene.books.signals.count == 1)
    #expect(scene.operand("'TWO'.close") == 20)
    // What has closed meanwhile is known at the next one.
    try scene.tick(1, 122, 11)
    try scene.tick(1, 181, 12)
    try scene.tick(1, 241, 13)
    #expect(scene.books.signals.count >= 2)
    #expect(scene.operand("'TWO'.close") == 22)
  }

  @Test func theDayCountsAtTheCandleThatEndsWithItsSession() throws {
    // Days end at 20:00Z in the books of these tests; 15:00Z is the beginning.
    let close = 5.0 * 3600
    for isAtTheClose in [false, true] {
      var scene = try RuleScene([AgentKit(Self.always("close > 0 and close@1d > 0"))])
      try scene.tick(1, 10, 9)
      try scene.tick(1, close - 30, 10)
      // What trades at the close belongs to the day, not to the minute.
      if isAtTheClose { try scene.tick(1, close, 11) }
      #expect(scene.books.signals.isEmpty)
      try scene.tick(1, close + 17 * 3600, 12)
      #expect(scene.books.signals.map(\.signal.action) == (isAtTheClose ? [.buy, .exit] : [.buy]))
      #expect(scene.books.signals.first?.signal.price == 10)
      #expect(scene.operand("close@1d") == (isAtTheClose ? 11 : 10))
    }
  }

  @Test func everyTickIsACandle() throws {
    var scene = try RuleScene([
      AgentKit(Self.always("close > 0 and close@1m > 0 and 'TWO'.close > 0"), resolution: 0)
    ])
    try scene.tick(2, 1, 20)
    try scene.tick(1, 2, 10)
    #expect(scene.books.signals.isEmpty)
    try scene.tick(2, 59, 21)
    try scene.tick(1, 60, 11)
    #expect(scene.books.signals.count == 1)
    #expect(scene.operand("close@1m") == 10)
    #expect(scene.operand("close") == 11)
    #expect(scene.operand("'TWO'.close") == 21)
  }

  @Test func barsGoToThoseThatLookAtThemBeforeTheAgentsLook() throws {
    var scene = try RuleScene([AgentKit(Self.always("close > 0 and 'TWO'.close > 0 and close@5m > 0"))])
    for minute in 0..<4 {
      try scene.bars([try RuleScene.bar(1, minute: minute, 10), try RuleScene.bar(2, minute: minute, 20)])
    }
    #expect(scene.books.signals.isEmpty)
    try scene.bars([try RuleScene.bar(1, minute: 4, 14), try RuleScene.bar(2, minute: 4, 24)])
    #expect(scene.books.signals.count == 1)
    #expect(scene.operand("'TWO'.close") == 24)
    #expect(scene.operand("close@5m") == 14)
  }

  @Test func aBarThatClosesLaterDoesNotCount() throws {
    var scene = try RuleScene([AgentKit(Self.always("close > 0 and 'TWO'.close > 0"))])
    try scene.bars([try RuleScene.bar(2, minute: 0, 20)])
    // It opens first and closes last.
    try scene.bars([try RuleScene.bar(2, minute: 1, of: 4, 99)])
    try scene.bars([try RuleScene.bar(1, minute: 2, 10)])
    #expect(scene.operand("'TWO'.close") == 20)
    try scene.bars([try RuleScene.bar(1, minute: 5, 10)])
    try scene.bars([try RuleScene.bar(1, minute: 6, 10)])
    #expect(scene.operand("'TWO'.close") == 99)
  }

  @Test func ticksAndBarsGiveTheSame() throws {
    let json =
      #"{"entry": "crosses_above(ema(close, 3), 'TWO'.ema(close, 3)@5m / 2)", "exit": "close@5m < sma('TWO'.close, 4) / 2"}"#
    func closes(_ minute: Int) -> (Double, Double) {
      (100 + Double((minute * 37) % 23) / 2, 200 + Double((minute * 53) % 31))
    }
    var bars = try RuleScene([AgentKit(json)])
    var ticks = try RuleScene([AgentKit(json)])
    for minute in 0..<240 {
      let (one, two) = closes(minute)
      try bars.bars([try RuleScene.bar(1, minute: minute, one), try RuleScene.bar(2, minute: minute, two)])
      try ticks.tick(1, Double(minute) * 60 + 1, one, size: 10)
      try ticks.tick(2, Double(minute) * 60 + 2, two, size: 10)
    }
    func operands(_ scene: RuleScene) -> [[Double]] {
      scene.books.signals.filter { $0.signal.action != .exit || $0.signal.reason == .rule }
        .map { $0.operands?.values ?? [] }
    }
    #expect(operands(bars).count > 5)
    // The last candle of the ticks is still open.
    for (one, other) in zip(operands(bars), operands(ticks)) { #expect(one == other) }
    #expect(operands(ticks).count >= operands(bars).count - 1)
  }

  @Test func aSessionThatIsPutTogetherAnewGoesOnAsItWas() throws {
    let json =
      #"{"entry": "close > sma('TWO'.close, 3) / 2 and close@5m > 'TWO'.lowest(low, 4)@2m / 2 - 5 or close@1d > 1000", "exit": "close < close@5m", "exits": [{"type": "take_profit", "percent": 2, "portion_percent": 50}]}"#
    var random = SeededGenerator(seed: 5)
    var events: [(instrument: Int32, seconds: Double, price: Double)] = []
    var seconds = 0.0
    for _ in 0..<1_500 {
      seconds += Double.random(in: 0..<1, using: &random) * 40
      let instrument: Int32 = Double.random(in: 0..<1, using: &random) < 0.5 ? 1 : 2
      events.append(
        (instrument, seconds, (instrument == 1 ? 100 : 200) * (0.95 + Double.random(in: 0..<1, using: &random) / 10)))
    }
    var whole = try RuleScene([AgentKit(json)])
    var parts = try RuleScene([AgentKit(json)])
    var states: [[Int32]: [UInt8]] = [:]
    for (index, event) in events.enumerated() {
      try whole.tick(event.instrument, event.seconds, event.price)
      try parts.tick(event.instrument, event.seconds, event.price)
      if index % 97 == 0 {
        states.merge(parts.states()) { $1 }
        parts = try RuleScene([AgentKit(json)], books: parts.books, states: states, time: parts.session.time)
      }
    }
    #expect(whole.books.signals.count > 20)
    #expect(whole.books.log == parts.books.log)
    states.merge(parts.states()) { $1 }
    #expect(whole.states() == states)
  }

  // MARK: Candles made of bars

  private static func ofMinutes(_ rules: String) throws -> RuleScene {
    try RuleScene([AgentKit(always(rules), resolution: 5 * RuleScene.minute).with { $0.isMadeOfBars = true }])
  }

  @Test func aCandleClosesWithItsLastBar() throws {
    var scene = try Self.ofMinutes("close > 0 and high > 0")
    for minute in 0..<4 { try scene.bars([RuleScene.bar(1, minute: minute, 20 - Double(minute))]) }
    #expect(scene.books.signals.isEmpty)
    try scene.bars([RuleScene.bar(1, minute: 4, 14)])
    #expect(scene.books.signals.map(\.at) == [try RuleScene.time(300)])
    #expect(scene.operand("close") == 14 && scene.operand("high") == 20)
    #expect(scene.books.positions[[1, 1]] == nil, "its order meets the next bar")
    try scene.bars([RuleScene.bar(1, minute: 5, 15)])
    #expect(scene.books.positions[[1, 1]] == (try Quantity(1)))
  }

  @Test func aCandleWithoutALastBarClosesBeforeTheNextOne() throws {
    var scene = try Self.ofMinutes("close > 0")
    for minute in 0..<3 { try scene.bars([RuleScene.bar(1, minute: minute, 10 + Double(minute))]) }
    try scene.bars([RuleScene.bar(2, minute: 7, 99)])
    #expect(
      scene.books.signals.map(\.at) == [try RuleScene.time(300)], "when its time is over, not when somebody trades")
    #expect(scene.operand("close") == 12)
    try scene.bars([RuleScene.bar(1, minute: 8, 15)])
    #expect(scene.books.positions[[1, 1]] == (try Quantity(1)), "its order met the open")
  }

  @Test func longerCandlesAndOthersAreMadeOfTheSameBars() throws {
    var scene = try Self.ofMinutes("close > 0 and close@10m > 0 and 'TWO'.close > 0")
    for minute in 0..<10 {
      try scene.bars([
        RuleScene.bar(1, minute: minute, 10 + Double(minute)), RuleScene.bar(2, minute: minute, 50 + Double(minute)),
      ])
    }
    #expect(scene.books.signals.map(\.at) == [try RuleScene.time(600)])
    #expect(scene.operand("close@10m") == 19 && scene.operand("close") == 19 && scene.operand("'TWO'.close") == 59)
  }

  @Test func aRestartInsideACandleChangesNothing() throws {
    let minutes = [0, 1, 2, 4, 5, 6, 9, 13, 14, 16, 21, 22, 24, 26]
    func bars(_ minute: Int) throws -> [BarEvent] { [try RuleScene.bar(1, minute: minute, 10 + Double(minute))] }
    var whole = try Self.ofMinutes("close > 0")
    for minute in minutes { try whole.bars(bars(minute)) }
    for cut in minutes.indices {
      var first = try Self.ofMinutes("close > 0")
      for minute in minutes[..<cut] { try first.bars(bars(minute)) }
      let states = first.states()
      var second = try RuleScene(
        [AgentKit(Self.always("close > 0"), resolution: 5 * RuleScene.minute).with { $0.isMadeOfBars = true }],
        books: first.books, states: states, time: first.session.time)
      for minute in minutes[cut...] { try second.bars(bars(minute)) }
      #expect(second.books.log == whole.books.log, "after \(cut) bars")
    }
  }
}
