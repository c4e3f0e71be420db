import TestSupport
import Testing

@testable import TradingCore

/// Programs against ``NaiveRules``, bit for bit.
@Suite struct ProgramTests {
  @Test(arguments: seeds(12))
  func randomRulesAreWhatTheTreeSays(seed: UInt64) throws {
    let world = RuleWorld.random(seed: seed, count: 120)
    var rules = RandomRules.ofWorld(seed: seed &+ 1_000)
    for _ in 0..<100 {
      let (entry, exit) = (rules.condition(), rules.condition())
      let (first, second, ratio) = (rules.number(), rules.number(), rules.number())
      var definition = StrategyDefinition(
        entry: entry, exit: exit, exits: [.stop(distance: first), .when(entry, reason: .timeStop)],
        parameters: RuleWorld.parameters, legs: [.init(symbol: .name("X"), ratio: ratio)])
      definition.exits.append(.stopLevel(long: second, short: first))
      let program: StrategyProgram
      do { program = try StrategyProgram(definition, timeframe: RuleWorld.minute) } catch {
        // More than the most series of candles.
        #expect(error.description.contains("series"), "\(error) in \(entry) \(exit) \(first) \(second) \(ratio)")
        continue
      }

      let results = ProgramReplay.run(program, world)
      let naive = NaiveRules(world: world, parameters: RuleWorld.parameters)
      try expectSame(results.map { $0.exitValues[0] }, naive.column(first), first)
      try expectSame(results.map { $0.exitValues[1] }, naive.column(entry), entry)
      try expectSame(results.map { $0.exitValues[2] }, naive.column(second), second)
      try expectSame(results.map { $0.exitValues[3] }, naive.column(first), first)
      try expectSame(results.map { $0.legRatios[0] }, naive.column(ratio), ratio)
      let (enters, exits) = (naive.holds(entry), naive.holds(exit))
      for (i, result) in results.enumerated() {
        let expected: StrategyIntent.Action? =
          switch world.trades[i].side {
          case 0: enters[i] ? .enterLong : nil
          case 1: exits[i] ? .exit(.rule) : nil
          default: nil
          }
        try #require(result.action == expected, "candle \(i) of \(entry) and \(exit)")
      }
    }
  }

  @Test func everyWordHasASlot() {
    #expect(Int(FixedSlot.clock - FixedSlot.trade) == TradeField.allCases.count)
    #expect(Int(FixedSlot.count - FixedSlot.clock) == ClockField.allCases.count)
  }

  private func expectSame(_ found: [Double], _ expected: [Double], _ rule: Rule) throws {
    try #require(found.count == expected.count)
    for (i, (a, b)) in zip(found, expected).enumerated() where a.bitPattern != b.bitPattern && !(a.isNaN && b.isNaN) {
      Issue.record("candle \(i): \(a) instead of \(b) of \(rule)")
      throw Difference()
    }
  }

  private struct Difference: Error {}
}

/// Feeds a world to a memory as a session does.
enum ProgramReplay {
  static func run(_ program: StrategyProgram, _ world: RuleWorld) -> [StrategyIntent] {
    var memory = StrategyMemory(program)
    var feed = Feed(program, world)
    return world.series[0].candles.indices.map { feed.evaluate($0, &memory) }
  }

  struct Feed {
    let program: StrategyProgram
    let world: RuleWorld
    /// Of each of the program's series, its place in the world and the next candle.
    private var others: [(place: Int, next: Int)] = []
    private let predictions: [Int]

    init(_ program: StrategyProgram, _ world: RuleWorld) {
      self.program = program
      self.world = world
      for key in program.series.dropFirst() { others.append((world.index(key.symbol, key.length), 0)) }
      predictions = program.predictions.map { RuleWorld.models.firstIndex(of: $0.model)! }
    }

    mutating func evaluate(_ i: Int, _ memory: inout StrategyMemory) -> StrategyIntent {
      let close = world.series[0].closes[i]
      for index in others.indices {
        let series = world.series[others[index].place]
        while others[index].next < series.closes.count, series.closes[others[index].next] <= close {
          let next = others[index].next
          memory.update(
            series: index + 1, series.candles[next], closedAt: series.closes[next], clock: series.clocks[next])
          others[index].next += 1
        }
      }
      return memory.evaluate(
        world.series[0].candles[i], closedAt: close, clock: world.series[0].clocks[i], trade: world.trades[i],
        predictions: predictions.map { world.predictions[i][$0] })
    }
  }
}

/// What comes later changes nothing before.
@Suite struct TruncationTests {
  /// At every candle of a stretch of real days.
  @Test(arguments: seeds(3))
  func signalsDoNotDependOnWhatFollows(seed: UInt64) throws {
    let world = RuleWorld.realDays.first(400)
    for number in 0..<3 as Range<UInt64> {
      let program = try ProgramStateTests.program(seed: seed &* 10 &+ number)
      let all = ProgramReplay.run(program, world)
      for n in 1...world.series[0].candles.count {
        let short = world.first(n)
        var feed = ProgramReplay.Feed(program, short)
        var memory = StrategyMemory(program)
        for i in 0..<n {
          let intent = feed.evaluate(i, &memory)
          guard intent.action == all[i].action,
            intent.exitValues.map(\.bitPattern) == all[i].exitValues.map(\.bitPattern)
          else {
            Issue.record("candle \(i) of \(n), seed \(seed), \(number)")
            return
          }
        }
      }
    }
  }

  /// The naive evaluator, replayed from the first candle at each step.
  @Test(arguments: seeds(4))
  func replayedFromTheFirstCandleAtEachStep(seed: UInt64) throws {
    let world = RuleWorld.realDays.first(90)
    var rules = RandomRules.ofWorld(seed: seed)
    for _ in 0..<6 {
      let (entry, distance) = (rules.condition(), rules.number())
      let definition = StrategyDefinition(
        entry: entry, exits: [.stop(distance: distance)], parameters: RuleWorld.parameters)
      guard let program = try? StrategyProgram(definition, timeframe: RuleWorld.minute) else { continue }
      let intents = ProgramReplay.run(program, world)
      for n in 1...90 {
        let naive = NaiveRules(world: world.first(n), parameters: RuleWorld.parameters)
        let (found, expected) = (intents[n - 1].exitValues[0], naive.column(distance)[n - 1])
        #expect(
          found.bitPattern == expected.bitPattern || (found.isNaN && expected.isNaN), "candle \(n) of \(distance)")
        if world.trades[n - 1].side == 0 {
          #expect((intents[n - 1].action == .enterLong) == naive.holds(entry)[n - 1], "candle \(n) of \(entry)")
        }
      }
    }
  }
}
