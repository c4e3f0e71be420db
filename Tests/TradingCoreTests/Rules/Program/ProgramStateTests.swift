import TestSupport
import Testing

@testable import TradingCore

/// What a memory writes, and what it takes back.
@Suite struct ProgramStateTests {
  static func program(seed: UInt64) throws -> StrategyProgram {
    var rules = RandomRules.ofWorld(seed: seed)
    while true {
      let definition = StrategyDefinition(
        entry: rules.condition(), exit: rules.condition(),
        exits: [.stop(distance: rules.number()), .trailingStop(distance: rules.number())],
        parameters: RuleWorld.parameters)
      if let program = try? StrategyProgram(definition, timeframe: RuleWorld.minute) { return program }
    }
  }

  @Test(arguments: seeds(6))
  func aRestoredMemoryGoesOnBitForBit(seed: UInt64) throws {
    let world = RuleWorld.random(seed: seed, count: 120)
    for number in 0..<8 as Range<UInt64> {
      let program = try Self.program(seed: seed &* 100 &+ number)
      var feed = ProgramReplay.Feed(program, world)
      var (memory, restored) = (StrategyMemory(program), StrategyMemory(program))
      for i in world.series[0].candles.indices {
        var copy = feed
        let expected = feed.evaluate(i, &memory)
        let found = copy.evaluate(i, &restored)
        try #require(found.action == expected.action)
        try #require(found.exitValues.map(\.bitPattern) == expected.exitValues.map(\.bitPattern))
        let state = memory.state
        restored = try StrategyMemory(program, state: state)
        try #require(restored.state == state)
        try #require(restored.operands.map(\.bitPattern) == memory.operands.map(\.bitPattern))
      }
    }
  }

  @Test func damageIsSeen() throws {
    let world = RuleWorld.random(seed: 1, count: 60)
    let program = try Self.program(seed: 7)
    var memory = StrategyMemory(program)
    var feed = ProgramReplay.Feed(program, world)
    for i in 0..<60 { _ = feed.evaluate(i, &memory) }
    let state = memory.state
    for place in state.indices {
      for bit in [1, 128] as [UInt8] {
        var damaged = state
        damaged[place] ^= bit
        #expect(throws: StrategyMemory.StateError.badState, "byte \(place)") {
          try StrategyMemory(program, state: damaged)
        }
      }
    }
    for count in 0..<state.count {
      #expect(throws: StrategyMemory.StateError.badState) { try StrategyMemory(program, state: Array(state[..<count])) }
    }
    #expect(throws: StrategyMemory.StateError.badState) { try StrategyMemory(program, state: state + [0]) }
    var random = SeededGenerator(seed: 1)
    for _ in 0..<2_000 {
      let garbage = (0..<random.below(400)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      #expect(throws: StrategyMemory.StateError.badState) { try StrategyMemory(program, state: garbage) }
    }
  }

  @Test func anotherProgramsStateIsOutdated() throws {
    var states: [[UInt8]] = []
    for seed in 1...20 as ClosedRange<UInt64> {
      let program = try Self.program(seed: seed)
      #expect(try StrategyProgram(program.definition, timeframe: RuleWorld.minute).fingerprint == program.fingerprint)
      for state in states {
        #expect(throws: StrategyMemory.StateError.outdated) { try StrategyMemory(program, state: state) }
      }
      states.append(StrategyMemory(program).state)
    }
  }

  /// A place outside of its ring, in a state whose checksum is right.
  @Test func placesOutsideOfRingsAreRefused() throws {
    let rule = Rule.operation(.greater, [.field(.close), .ago(.field(.close), .number(RuleNumber(digits: 3)))])
    let program = try StrategyProgram(StrategyDefinition(entry: rule), timeframe: nil)
    var memory = StrategyMemory(program)
    memory.values[program.code.slotCount] = Double(word: 3)
    #expect(throws: StrategyMemory.StateError.badState) { try StrategyMemory(program, state: memory.state) }
    memory.values[program.code.slotCount] = Double(word: -1)
    #expect(throws: StrategyMemory.StateError.badState) { try StrategyMemory(program, state: memory.state) }
    memory.values[program.code.slotCount] = Double(word: 2)
    #expect(throws: Never.self) { try StrategyMemory(program, state: memory.state) }
  }

  /// What kernels remember is part of the state: when this changes, raise `StrategyMemory.stateVersion`.
  @Test func theLayoutOfKernelsBelongsToTheVersion() throws {
    var layouts = ""
    for signature in RuleFunction.catalogue {
      guard case .indicator(let kind) = signature.function, ProgramKernel.indicator(kind).form != .replayed else {
        continue
      }
      var layout = KernelLayout(parameters: IndicatorParameters(3, 2, 2))
      try kind.visit(&layout)
      layouts += "\(signature.name): \(layout.text)\n"
    }
    var hash = StableHash()
    hash.add(layouts)
    #expect(StrategyMemory.stateVersion == 1)
    #expect(hash.value == 14_503_939_305_449_274_859, "\(layouts)")
  }

  private struct KernelLayout: KernelVisitor {
    let parameters: IndicatorParameters
    var text = ""

    mutating func visit<K: Kernel>(_ type: K.Type) throws(IndicatorError) {
      text = Self.describe(try K(parameters)) + " \(MemoryLayout<K>.stride)"
    }

    private static func describe(_ value: Any) -> String {
      let parts = Mirror(reflecting: value).children.map { "\($0.label ?? "") \(describe($0.value))" }
      return parts.isEmpty ? "\(type(of: value))" : "(\(parts.joined(separator: ", ")))"
    }
  }
}
