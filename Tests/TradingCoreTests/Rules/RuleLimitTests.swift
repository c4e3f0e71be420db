import TestSupport
import Testing
import TradingCore

/// What is too long, too deep or made to do harm is refused, quickly and in a short message.
@Suite struct RuleLimitTests {
  private func refusal(_ text: String) throws -> RuleError {
    let error = try #require(throws: RuleError.self) { try Rule.parse(text) }
    expectReadable(error)
    return error
  }

  @Test func aRuleHasAtMost8000Bytes() throws {
    let fits = "close" + String(repeating: " ", count: 7_995)
    #expect(try Rule.parse(fits).text == "close")
    #expect(try refusal(fits + " ").description == "expected a rule of at most 8000 bytes, found 8001 bytes")
    #expect(try refusal(String(repeating: "a", count: 1 << 20)).description.contains("1048576 bytes"))
    // Short as it is written, too long with everything written out.
    let call = "'" + String(repeating: "n", count: 80) + "'.rsi()>0"
    #expect(try refusal((0..<83).map { _ in call }.joined(separator: " or ")).description.contains("written out"))
  }

  @Test func aRuleIsAtMost64LevelsDeep() throws {
    func nested(_ depth: Int, _ open: String, _ close: String) -> String {
      String(repeating: open, count: depth) + "close" + String(repeating: close, count: depth)
    }
    #expect(try Rule.parse(nested(63, "abs(", ")")).text == nested(63, "abs(", ")"))
    #expect(try refusal(nested(64, "abs(", ")")).description.contains("nested more than 64 levels deep"))
    #expect(try Rule.parse(nested(63, "-", "")).text == nested(63, "-", ""))
    #expect(try refusal(nested(64, "-", "")).description.contains("64 levels"))
    #expect(try Rule.parse(nested(100, "(", ")")).text == "close")
    for open in ["(", "-", "abs(", "not ", "'A'.", "$x.", "min(1,", "(-", "not("] {
      #expect(try refusal(nested(7_000 / open.utf8.count, open, "")).description.contains("64 levels"))
    }
    #expect(try Rule.parse("close" + String(repeating: "[1]", count: 63)).text.utf8.count == 5 + 63 * 3)
    #expect(try refusal("close" + String(repeating: "[1]", count: 2_000)).description.contains("64 levels"))
    #expect(try refusal("close" + String(repeating: "@1h", count: 2_000)).description.contains("64 levels"))
    #expect(try refusal("1" + String(repeating: "+1", count: 2_000)).description.contains("64 levels"))
    #expect(try refusal("1>0" + String(repeating: " for 1 bar", count: 700)).description.contains("64 levels"))
    // Conditions that are joined lie side by side.
    #expect(try Rule.parse((0..<150).map { _ in "close>1" }.joined(separator: " and ")).text.contains(" and "))
  }

  @Test func aRuleHasAtMost500Parts() throws {
    let conditions = { (count: Int) in (0..<count).map { _ in "1<2" }.joined(separator: " or ") }
    #expect(try Rule.parse(conditions(166)).text.utf8.count > 1_000)
    #expect(try refusal(conditions(167)).description.contains("more than 500"))
  }

  @Test(arguments: [
    "close\0> open", "\u{7}", "\u{1b}[31mclose", "close \u{202E}> open", "\u{FEFF}close", "e\u{301}", "🇮🇳 > 5", "𝕔lose",
    "'\u{1b}[2J'.close", "'A\nB'.close", "$\u{1b}", "prediction('\u{202E}', 1h)",
  ])
  func charactersThatSteerATerminalDoNotComeBack(text: String) throws { _ = try refusal(text) }

  @Test func bytesThatAreNoTextAreRefused() throws {
    for bytes: [UInt8] in [[0xFF, 0xFE], [0xC0, 0x80], [0xED, 0xA0, 0x80], Array("close ".utf8) + [0x80]] {
      _ = try refusal(String(decoding: bytes, as: UTF8.self))
    }
  }
}

/// Short, on one line, and naming something.
func expectReadable(_ error: RuleError, sourceLocation: SourceLocation = #_sourceLocation) {
  let text = error.description
  #expect(text.utf8.count < 1_000 && !error.problem.isEmpty, "\(text)", sourceLocation: sourceLocation)
  #expect(
    text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F ~= $0.value) && !(0x202A...0x202E ~= $0.value) },
    sourceLocation: sourceLocation)
}
