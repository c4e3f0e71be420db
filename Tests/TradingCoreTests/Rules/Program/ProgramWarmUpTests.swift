import TestSupport
import Testing

@testable import TradingCore

/// What a later start changes: nothing for window functions, less than 10⁻⁹ for recursive ones.
@Suite struct ProgramWarmUpTests {
  /// Every number that the catalogue has, with small and with usual constants.
  static let numbers: [Rule] = RuleFunction.catalogue.flatMap { signature -> [Rule] in
    guard signature.type == .number else { return [] }
    let inputs: [Rule] = signature.inputs.map {
      $0.type == .condition ? .operation(.greater, [.field(.close), .field(.open)]) : .field(.close)
    }
    let other: [Rule] = inputs.count == 2 ? [.field(.close), .field(.volume)] : inputs
    let usual = signature.constants.map { Rule.number($0.standard ?? RuleNumber(digits: 12)) }
    let small = signature.constants.enumerated().map { place, constant in
      Rule.number(
        RuleNumber(digits: constant.least == nil ? 2 : Int64(2 + place), decimals: constant.least == nil ? 1 : 0))
    }
    return [usual, small].flatMap { constants in
      (0..<max(1, signature.outputs.count)).map { .call(signature.function, other + constants, output: $0) }
    }
  }

  static func program(_ rule: Rule) throws -> StrategyProgram {
    try StrategyProgram(
      StrategyDefinition(
        entry: .operation(.greater, [rule, .number(RuleNumber(digits: 0))]), exits: [.stop(distance: rule)]),
      timeframe: RuleWorld.minute)
  }

  /// Whether the value depends on when sessions begin.
  private static func needsSessions(_ rule: Rule) -> Bool {
    if case .call(let function, _, _) = rule { function.signature.needsClock } else { false }
  }

  @Test func theFirstValueComesWhenTheAnalysisSays() throws {
    let world = RuleWorld.realDays.first(600)
    for rule in Self.numbers where !Self.needsSessions(rule) {
      let program = try Self.program(rule)
      let values = ProgramReplay.run(program, world).map { $0.exitValues[0] }
      let first = try #require(values.firstIndex { !$0.isNaN }, "\(rule)")
      #expect(program.warmUp(ofSeries: 0) == first + 1, "\(rule)")
      let need = program.analyseWarmUp().operands.first?.needs.first
      #expect(need?.first == first + 1, "\(rule)")
    }
  }

  @Test func aLaterStartLeavesWindowFunctionsAlone() throws {
    for world in [RuleWorld.realDays, .random(seed: 5, count: 900)] {
      for rule in Self.numbers where !Self.needsSessions(rule) {
        let program = try Self.program(rule)
        let need = try #require(program.analyseWarmUp().operands.first?.needs.first)
        // What is settled with its first value is a window function.
        guard need.settled == need.first else { continue }
        let all = ProgramReplay.run(program, world.first(900)).map { $0.exitValues[0] }
        for start in [1, 2, 13, 177, 700] {
          let later = ProgramReplay.run(program, world.first(900).from(start)).map { $0.exitValues[0] }
          expectEqual(
            later.dropFirst(need.first - 1).map(\.bitPattern), all.dropFirst(start + need.first - 1).map(\.bitPattern),
            "\(rule) from \(start)")
        }
      }
    }
  }

  @Test func recursiveFunctionsSettleWithinTheirCandles() throws {
    let long = RuleWorld.random(seed: 9, count: 8_000)
    for rule in Self.numbers where !Self.needsSessions(rule) {
      let program = try Self.program(rule)
      let need = try #require(program.analyseWarmUp().operands.first?.needs.first)
      guard let settled = need.settled, settled > need.first else {
        if need.settled == nil { #expect(rule.isOnBalanceVolume, "\(rule)") }
        continue
      }
      // The real days are too few for what settles slowest.
      let world = settled < 1_200 ? RuleWorld.realDays : long
      let all = ProgramReplay.run(program, world).map { $0.exitValues[0] }
      var checked = 0
      for start in [400, 1_000, 1_777] where start + settled < all.count {
        let later = ProgramReplay.run(program, world.from(start)).map { $0.exitValues[0] }
        var size = 0.0
        for i in later.indices.dropFirst(need.first - 1) {
          size = max(size, abs(all[start + i]))
          guard i + 1 >= settled else { continue }
          checked += 1
          guard abs(later[i] - all[start + i]) <= 1e-9 * size else {
            Issue.record(
              "\(rule) from \(start), candle \(i), settled \(settled): \(later[i]) instead of \(all[start + i])")
            break
          }
        }
      }
      #expect(checked > 0, "\(rule) takes \(settled)")
    }
  }
}

extension Rule {
  fileprivate var isOnBalanceVolume: Bool {
    if case .call(.indicator(.obv), _, _) = self { true } else { false }
  }
}
