import TestSupport
import Testing
import TradingCore

@Suite struct RulePropertyTests {
  /// Text and JSON lose nothing of a rule, whatever rule it is.
  @Test(arguments: seeds(6))
  func rulesComeBackFromTextAndJSON(seed: UInt64) throws {
    var rules = RandomRules(seed: seed)
    for round in 0..<500 {
      let isCondition = round % 2 == 0
      let rule = isCondition ? rules.condition() : rules.number()
      let type: RuleType = isCondition ? .condition : .number
      let fromText = try Rule.parse(rule.text, as: type)
      #expect("\(fromText)" == "\(rule)", "\(rule.text)")
      let fromJSON = try Rule(json: rule.json, as: type)
      #expect("\(fromJSON)" == "\(rule)", "\(rule.json)")
      #expect(fromText.json == rule.json && fromJSON.text == rule.text)
    }
  }

  /// What a slip or an attack makes of a rule is refused with a place, or is a rule whose forms agree.
  @Test func mutatedTextsAreRefusedOrAreRules() throws {
    var mutator = Mutator(seed: seeds(1)[0])
    var rules = RandomRules(seed: seeds(1)[0])
    var accepted = 0
    for _ in 0..<rounds(3_000, soak: 100_000) {
      let text = mutator.mutate(rules.condition().text)
      do {
        let rule = try Rule.parse(text)
        #expect("\(try Rule.parse(rule.text))" == "\(rule)", "\(text)")
        accepted += 1
      } catch {
        expectReadable(error)
        let isAboutTheWhole = error.problem.contains("bytes")
        #expect(isAboutTheWhole || error.line >= 1 && error.column >= 1, "\(text)")
      }
    }
    #expect(accepted > 0)
  }

  @Test func mutatedJSONIsRefusedOrIsARule() throws {
    var mutator = Mutator(seed: seeds(1)[0])
    var rules = RandomRules(seed: seeds(1)[0])
    var accepted = 0
    for _ in 0..<rounds(2_000, soak: 100_000) {
      let json = mutator.mutate(rules.condition().json)
      do {
        let rule = try Rule(json: json)
        #expect("\(try Rule(json: rule.json))" == "\(rule)", "\(json)")
        accepted += 1
      } catch {
        expectReadable(error)
      }
    }
    #expect(accepted > 0)
  }
}

private struct Mutator {
  private var generator: SeededGenerator
  private static let pieces: [String] = [
    "(", ")", "[", "]", "@", ".", ",", "'", "\"", "$", "-", "+", " and ", " or ", "not ", " for 3 bars", "close", "1h",
    "ema(",
    "\\u0000", "\\ud800", "{", "}", ":", "1e400", "999999999999999999999", "\0", "\u{202E}", "é", "null", "'09:30'",
    "[1]",
  ]

  init(seed: UInt64) { generator = SeededGenerator(seed: seed &+ 77) }

  mutating func mutate(_ text: String) -> String {
    var bytes = Array(text.utf8)
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let at = Int.random(in: 0...bytes.count, using: &generator)
      let end = min(bytes.count, at + Int.random(in: 1...8, using: &generator))
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: bytes.removeSubrange(at..<end)
      case 1: bytes.insert(contentsOf: bytes[at..<end], at: at)
      case 2: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: at)
      case 3 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &generator)
      default: bytes.insert(contentsOf: Self.pieces.randomElement(using: &generator)!.utf8, at: at)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
