import TestSupport
import Testing
import TradingCore

/// Ways out of a position: stops that move, ladders of targets, conditions, legs.
@Suite struct AgentExitTests {
  static let rule = AgentStory.rule
  static let entry = AgentRuntimeTests.entry
  static let stop = AgentRuntimeTests.stop

  /// 100 bought, or sold short, at 100, with these exits.
  static func story(
    _ exits: [ExitRule], _ values: [Double], short: Bool = false, _ placed: [String]
  ) throws -> AgentStory {
    var story = try AgentStory(exits)
    _ = try story.bar(100, short ? .enterShort : .enterLong, values: values)
    #expect(try story.fill(entry, "100", at: "100") == placed)
    return story
  }

  /// Carries the replacement out that was asked for, and says where to.
  static func follow(_ story: inout AgentStory, _ told: [String]) throws -> String? {
    guard let words = told.first?.split(separator: " "), words.count > 2, words[1] == "->" else { return nil }
    #expect(told.count == 1)
    #expect(try story.replaced(String(words[0]), by: String(words[2]), left: String(words[4])) == [])
    return String(words.last!)
  }

  @Test func aTrailingStopOnlyMovesTowardsThePrice() throws {
    var story = try Self.story([.trailingStop(distance: Self.rule)], [4], ["\(Self.stop) sell 100 stop 96"])
    #expect(try story.bar(100, values: [4]) == [])
    #expect(
      try story.bar(102, high: 103, values: [4]) == ["\(Self.stop) -> stop-\(AgentStory.on(6)) sell 100 stop 99"])
    _ = try story.replaced(Self.stop, by: "stop-\(AgentStory.on(6))")
    // The price falls, the distance grows or is not known: it stays.
    for value in [4, 20, .nan] { #expect(try story.bar(100, values: [value]) == []) }
    var told = try story.bar(101, values: [3])
    #expect(try Self.follow(&story, told) == "100")
    told = try story.bar(105, high: 106, values: [3])
    #expect(try Self.follow(&story, told) == "103")
  }

  @Test func aTrailingStopOfAShortFollowsDown() throws {
    var story = try Self.story(
      [.trailingStop(distance: Self.rule)], [4], short: true, ["\(Self.stop) buy 100 stop 104"])
    let told = try story.bar(98, low: 97, values: [4])
    #expect(try Self.follow(&story, told) == "101")
    #expect(try story.bar(99, values: [5]) == [])
  }

  @Test func aPriceThatIsThroughTheNewStopAlreadyIsAnExit() throws {
    var story = try Self.story([.trailingStop(distance: Self.rule)], [4], ["\(Self.stop) sell 100 stop 96"])
    #expect(try story.bar(102, high: 107, values: [4]) == ["cancel \(Self.stop)"])
    #expect(story.signals.last == "2 exit stop 102.0 exit-\(AgentStory.on(5))")
    #expect(try story.closed(Self.stop) == ["exit-\(AgentStory.on(5)) sell 100"])
  }

  @Test(arguments: [false, true])
  func aStopLevelIsTakenOfItsSide(short: Bool) throws {
    let levels: [Double] = [95.004, 105.006]
    var story = try Self.story(
      [.stopLevel(long: Self.rule, short: Self.rule)], levels, short: short,
      ["\(Self.stop) \(short ? "buy 100 stop 105.01" : "sell 100 stop 95")"])
    #expect(story.runtime.trade.initialStopDistance == (short ? 5.01 : 5))
    var told = try story.bar(100, values: [96, 104])
    #expect(try Self.follow(&story, told) == (short ? "104" : "96"))
    told = try story.bar(100, values: [95, 105])
    #expect(told == [])
  }

  @Test func theTightestOfSeveralStopsCounts() throws {
    let exits: [ExitRule] = [
      .stop(distance: Self.rule), .trailingStop(distance: Self.rule), .stopLevel(long: Self.rule, short: Self.rule),
    ]
    var story = try Self.story(exits, [5, 8, 93, 120], ["\(Self.stop) sell 100 stop 95"])
    #expect(story.runtime.trade.initialStopDistance == 5)
    let told = try story.bar(104, high: 104, values: [1, 8, 95.5, 120])
    #expect(try Self.follow(&story, told) == "96")
    // Without one of them it does with the others.
    story = try Self.story(exits, [.nan, 8, .nan, 120], ["\(Self.stop) sell 100 stop 92"])
  }

  @Test(arguments: [false, true])
  func oncePaidForItBreaksEven(short: Bool) throws {
    let exits: [ExitRule] = [.stop(distance: Self.rule), .breakEven(atR: try Ratio("1.5"))]
    var story = try Self.story(
      exits, [4, .nan], short: short, ["\(Self.stop) \(short ? "buy 100 stop 104" : "sell 100 stop 96")"])
    #expect(try story.bar(short ? 94.01 : 105.99, values: [4, .nan]) == [])
    let told = try story.bar(short ? 94 : 106, values: [4, .nan])
    #expect(try Self.follow(&story, told) == "100")
    #expect(try story.bar(short ? 90 : 110, values: [4, .nan]) == [])
  }

  // MARK: The ladder

  static func ladder(short: Bool = false) throws -> AgentStory {
    let exits: [ExitRule] = [
      .stop(distance: rule), .takeProfit(distance: rule, portionPercent: try Ratio("30")),
      .takeProfitAtR(try Ratio("2"), portionPercent: try Ratio("20")),
    ]
    return try story(
      exits, [4, 3, .nan], short: short,
      short
        ? [
          "\(stop) buy 100 stop 104 leg 2", "target-1-\(AgentStory.day) buy 30 limit 97 leg 1",
          "target-2-\(AgentStory.day) buy 20 limit 92 leg 1",
        ]
        : [
          "\(stop) sell 100 stop 96 leg 2", "target-1-\(AgentStory.day) sell 30 limit 103 leg 1",
          "target-2-\(AgentStory.day) sell 20 limit 108 leg 1",
        ])
  }

  static let target1 = "target-1-\(AgentStory.day)"
  static let target2 = "target-2-\(AgentStory.day)"

  @Test func targetsTakeTheirPartsAndTheStopKeepsTheRest() throws {
    for short in [false, true] { _ = try Self.ladder(short: short) }
    var story = try Self.ladder()
    #expect(try story.fill(Self.target1, "30", at: "103") == [])
    #expect(story.signals.last == "2 exit take_profit 103.0 \(Self.target1)")
    #expect(try story.resized(Self.stop, to: "70") == [])
    // The last target ends the stop, and it comes back for what is left.
    #expect(try story.fill(Self.target2, "20", at: "108") == [])
    #expect(try story.closed(Self.stop) == ["\(Self.stop)-2 sell 50 stop 96 leg 2"])
    #expect(try story.bar(109, values: [4, 3, .nan]) == [])
    #expect(try story.fill("\(Self.stop)-2", "50", at: "96") == [])
    #expect(story.runtime.trade.side == 0 && story.runtime.orders.isEmpty)
  }

  @Test func aStopThatFillsInPartTakesFromTheLastTargetFirst() throws {
    var story = try Self.ladder()
    #expect(try story.fill(Self.stop, "35", at: "96", left: "65") == [])
    #expect(story.runtime.orders.map(\.remaining.description) == ["65", "15", "0"])
    #expect(try story.closed(Self.target2) == [])
    #expect(try story.resized(Self.target1, to: "15") == [])
    // It is at work: nothing is moved or placed any more.
    #expect(try story.bar(97, values: [1, 3, .nan]) == [])
    #expect(try story.fill(Self.stop, "65", at: "95") == [])
    #expect(try story.closed(Self.target1) == [])
    #expect(story.runtime.trade.side == 0 && story.runtime.orders.isEmpty)
    #expect(story.signals.count == 2)
  }

  @Test func anExitTakesStopAndTargetsAway() throws {
    var story = try Self.ladder()
    #expect(
      try story.bar(101, .exit(.rule), values: [4, 3, .nan])
        == ["cancel \(Self.stop)", "cancel \(Self.target1)", "cancel \(Self.target2)"])
    #expect(try story.closed(Self.stop) == [])
    #expect(try story.fill(Self.target1, "10", at: "103", left: "20") == [])
    #expect(try story.closed(Self.target2) == [])
    #expect(try story.closed(Self.target1) == ["exit-\(AgentStory.on(5)) sell 90"])
  }

  @Test func aLadderGrowsWithTheEntry() throws {
    let exits: [ExitRule] = [
      .stop(distance: Self.rule), .takeProfit(distance: Self.rule, portionPercent: try Ratio("50")),
      .takeProfit(distance: Self.rule, portionPercent: try Ratio("50")),
    ]
    var story = try AgentStory(exits)
    _ = try story.bar(100, .enterLong, values: [4, 2, 6])
    // Half of one share is none; the second target makes it up.
    #expect(
      try story.fill(Self.entry, "1", at: "100", left: "99")
        == ["\(Self.stop) sell 1 stop 96 leg 2", "\(Self.target2) sell 1 limit 106 leg 1"])
    #expect(
      try story.fill(Self.entry, "99", at: "100") == [
        "\(Self.stop) -> \(Self.stop)-2 sell 100 stop 96",
        "\(Self.target1) sell 50 limit 102 leg 1",
        "\(Self.target2) -> \(Self.target2)-2 sell 50 limit 106",
      ])
  }

  @Test func aTargetThatFillsStopsTheEntry() throws {
    var story = try AgentStory([
      .stop(distance: Self.rule), .takeProfit(distance: Self.rule, portionPercent: try Ratio("100")),
    ])
    _ = try story.bar(100, .enterLong, values: [4, 2])
    _ = try story.fill(Self.entry, "40", at: "100", left: "60")
    #expect(try story.fill(Self.target1, "40", at: "102") == ["cancel \(Self.entry)"])
    #expect(try story.closed(Self.stop) == [])
    #expect(try story.closed(Self.entry) == [])
    #expect(story.runtime.orders.isEmpty && story.runtime.trade.side == 0)
  }

  @Test func aTargetThatIsRejectedOrCancelledComesBack() throws {
    var story = try Self.ladder()
    #expect(try story.rejected(Self.target1) == [])
    #expect(
      try story.bar(101, values: [4, 3, .nan])
        == ["target-1-\(AgentStory.on(5)) sell 30 limit 103 leg 1"])
    // A stop that is rejected does not keep the targets from resting, and joins them.
    #expect(try story.closed(Self.stop) == [])
    #expect(
      try story.bar(101, values: [4, 3, .nan])
        == ["stop-\(AgentStory.on(6)) sell 100 stop 96 leg 2"])
  }

  @Test func aPersonWhoSellsShrinksTheLadder() throws {
    var story = try Self.ladder()
    story.position = try Quantity("40")
    #expect(
      try story.bar(101, values: [4, 3, .nan]) == [
        "\(Self.stop) -> stop-\(AgentStory.on(5)) sell 40 stop 96",
        "\(Self.target2) -> target-2-\(AgentStory.on(5)) sell 10 limit 108",
      ])
  }

  @Test func aLadderWithoutAStopStandsAlone() throws {
    var story = try Self.story(
      [.takeProfit(distance: Self.rule, portionPercent: Ratio("100"))], [2],
      ["\(Self.target1) sell 100 limit 102 leg 1"])
    #expect(try story.fill(Self.target1, "100", at: "102") == [])
    #expect(story.runtime.trade.side == 0)
    // A distance that is not known is no target.
    story = try Self.story([.takeProfit(distance: Self.rule, portionPercent: Ratio("100"))], [.nan], [])
  }

  @Test func aSplitRestatesTheLadder() throws {
    var story = try Self.ladder()
    try story.runtime.apply(StockSplit(numerator: 2, denominator: 1))
    story.position = try Quantity("200")
    #expect(
      story.runtime.orders.map { "\($0.remaining) \($0.price!)" } == ["200 48", "60 51.5", "40 54"])
    #expect(try story.bar(50, values: [2, 1.5, .nan]) == [])
    #expect(story.runtime.trade.initialStopDistance == 2 && story.runtime.trade.entryPrice == 50)
  }

  // MARK: Conditions

  @Test(arguments: [ExitReason.timeStop, .sessionEnd, .volatility])
  func aConditionIsAnExitWhileThereIsAPosition(reason: ExitReason) throws {
    let exits: [ExitRule] = [.stop(distance: Self.rule), .when(Self.rule, reason: reason)]
    var story = try AgentStory(exits)
    // Not at the candle of the entry.
    #expect(try story.bar(100, .enterLong, values: [4, 1]) == ["\(Self.entry) buy 100"])
    _ = try story.fill(Self.entry, "100", at: "100")
    for value in [0, Double.nan] { #expect(try story.bar(100, values: [4, value]) == []) }
    #expect(try story.bar(100, values: [4, 1]) == ["cancel \(Self.stop)"])
    #expect(story.signals.last == "2 exit \(reason) 100.0 exit-\(AgentStory.on(7))")
    #expect(try story.bar(100, values: [4, 1]) == [])
    #expect(story.signals.count == 2)
  }

  @Test func aConditionCancelsAnEntryThatWaits() throws {
    var story = try AgentStory([.when(Self.rule, reason: .timeStop)])
    _ = try story.bar(100, .enterLong, values: [0])
    #expect(try story.bar(100, values: [1]) == ["cancel \(Self.entry)"])
  }

  @Test func theStrategysOwnReasonComesFirst() throws {
    var story = try Self.story([.when(Self.rule, reason: .timeStop)], [0], [])
    #expect(try story.bar(100, .exit(.rule), values: [1]) == ["exit-\(AgentStory.on(5)) sell 100"])
    #expect(story.signals.last?.contains("exit rule") == true)
  }

  @Test func growingVolatilityIsMeasuredAgainstTheEntry() throws {
    let exits: [ExitRule] = [
      .expansion(of: Self.rule, multiple: try Ratio("3")), .expansion(of: Self.rule, multiple: try Ratio("2")),
    ]
    var story = try Self.story(exits, [.nan, 1.5], [])
    #expect(try story.bar(100, values: [100, 2.99]) == [])
    try story.runtime.apply(StockSplit(numerator: 2, denominator: 1))
    story.position = try Quantity("200")
    #expect(try story.bar(50, values: [100, 1.49]) == [])
    #expect(try story.bar(50, values: [100, 1.5]) == ["exit-\(AgentStory.on(7)) sell 200"])
    #expect(story.signals.last?.contains("exit volatility") == true)
  }

  // MARK: Legs

  @Test(arguments: [false, true])
  func anEntryTellsItsLegsHowLargeTheyAre(short: Bool) throws {
    var story = try AgentStory([])
    #expect(
      try story.bar(
        100, short ? .enterShort : .enterLong, values: [], ratios: [-1.5, 0.25], legPrices: [50, 10])
        == [
          "\(Self.entry) \(short ? "sell" : "buy") 100", "leg 0 \(short ? "150" : "-150")",
          "leg 1 \(short ? "-25" : "25")",
        ])
  }

  @Test func oneCashPaysForAllLegs() throws {
    var story = try AgentStory([], sizing: .fixedQuantity(Quantity("1000")))
    // 99 percent of 40,000 over 100 + 2 × 50.
    #expect(try story.bar(100, .enterLong, values: [], ratios: [-2], legPrices: [50])[0] == "\(Self.entry) buy 198")
    for (ratio, price) in [(Double.nan, 50), (2, Double.nan), (0, 50)] {
      story = try AgentStory([])
      #expect(try story.bar(100, .enterLong, values: [], ratios: [ratio], legPrices: [price]) == [])
      #expect(story.signals == ["1 buy TR522 100.0 -"])
    }
  }

  @Test func aLegHasNoSizeOfItsOwnAndLeavesOnRequest() throws {
    var story = try AgentStory([], lot: "10")
    let bar = AgentStory.on(3)
    #expect(try story.enterLeg("-157.5", bar: bar, price: 50) == ["leg-\(bar) sell 150"])
    #expect(try story.fill("leg-\(bar)", "150", at: "50") == [])
    #expect(story.runtime.owned.description == "-150" && story.runtime.trade.side == -1)
    #expect(try story.enterLeg("10", bar: bar, price: 50) == [])
    #expect(try story.requestExit(.leg, 49) == ["exit-\(bar) buy 150"])
    // Its own candles let it try again.
    #expect(try story.rejected("exit-\(bar)") == [])
    #expect(try story.bar(49) == ["exit-\(AgentStory.day) buy 150"])
    #expect(try story.fill("exit-\(AgentStory.day)", "150", at: "49") == [])
    #expect(try story.enterLeg("9", bar: AgentStory.on(5), price: 50) == [])
    #expect(
      story.signals == [
        "1 sell - 50.0 leg-\(bar)", "2 buy TR527 50.0 -", "3 exit leg 49.0 exit-\(bar)", "4 buy TR522 50.0 -",
      ])
  }
}
