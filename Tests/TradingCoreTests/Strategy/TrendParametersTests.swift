import TestSupport
import Testing
import TradingCore

@Suite struct TrendParametersTests {
  @Test func jsonSetsTheKnobsAndWhatIsLeftOutKeepsItsStandard() throws {
    let all = try TrendParameters(
      json: #" {"fast":5,"slow":8,"atr":3,"atr_multiple":2.5,"risk_percent":0.1} "# + "\n")
    #expect(all.fast == 5 && all.slow == 8 && all.atr == 3)
    #expect(try all.atrMultiple.description == "2.5" && all.sizing == .fixedFractional(riskPercent: Ratio("0.1")))
    #expect(try TrendParameters(json: "{}") == .standard)
    #expect(try TrendParameters(json: #"{"slow":21}"#).slow == 21)
  }

  @Test(arguments: [
    (#"{"fats":5}"#, ParameterError.Code.unknownKey, "fats"),
    (#"{"direction":"both"}"#, .unknownKey, "direction"),
    (#"{"fast\u0041":5}"#, .unknownKey, "fastA"),
    (#"{"fast":"5"}"#, .wrongType, "fast"), (#"{"fast":5.0}"#, .wrongType, "fast"),
    (#"{"slow":null}"#, .wrongType, "slow"),
    (#"{"atr":[14]}"#, .wrongType, "atr"), (#"{"atr_multiple":"3"}"#, .wrongType, "atr_multiple"),
    (#"{"risk_percent":true}"#, .wrongType, "risk_percent"),
    (#"{"fast":0}"#, .outOfRange, "fast"), (#"{"slow":10001}"#, .outOfRange, "slow"),
    (#"{"slow":99999999999999999999999}"#, .outOfRange, "slow"), (#"{"atr":-1}"#, .outOfRange, "atr"),
    (#"{"fast":50,"slow":50}"#, .outOfRange, "fast"), (#"{"fast":60}"#, .outOfRange, "fast"),
    (#"{"atr_multiple":0}"#, .outOfRange, "atr_multiple"), (#"{"atr_multiple":1e400}"#, .outOfRange, "atr_multiple"),
    (#"{"atr_multiple":100.1}"#, .outOfRange, "atr_multiple"),
    (#"{"atr_multiple":0.000000001}"#, .outOfRange, "atr_multiple"),
    (#"{"risk_percent":-1}"#, .outOfRange, "risk_percent"), (#"{"risk_percent":101}"#, .outOfRange, "risk_percent"),
    (#"{"sizing":1}"#, .wrongType, "sizing"), (#"{"sizing":{}}"#, .outOfRange, "method"),
    (#"{"risk_percent":1,"sizing":{"method":"fixed_fractional"}}"#, .outOfRange, "sizing"),
    (#"{"sizing":{"method":"fixed_fractional"},"risk_percent":1}"#, .outOfRange, "sizing"),
  ])
  func aBadValueIsRefusedByItsKey(json: String, code: ParameterError.Code, key: String) throws {
    let error = try #require(throws: ParameterError.self) { try TrendParameters(json: json) }
    #expect(error.code == code)
    #expect(error.key == key)
    #expect(error.description.contains(key))
  }

  static let malformed: [String] = [
    "", " ", "nonsense", "null", "[]", "5", #""fast""#, "{", #"{"fast":5"#, #"{"fast":5,}"#, #"{'fast':5}"#,
    #"{"fast":5} x"#,
    #"{"fast":5}{}"#, #"{fast:5}"#, "{\"fast\":5}\0", "{\"fast\":5,\0\"slow\":9}", #"{"fast\u0000x":5}"#, "\0{}",
    #"{"fast":NaN1}"#, #"{"fast":[[[[[[[[[[[[1]]]]]]]]]]]]}"#, "// c\n{}",
    String(repeating: "[", count: 60_000), "{" + String(repeating: " ", count: 1 << 20) + "}",
    #"{"fast":""# + String(repeating: "a", count: 1 << 20) + #""}"#,
  ]

  @Test(arguments: malformed.indices)
  func textThatIsNotOneSmallObjectIsRefused(index: Int) throws {
    let error = try #require(throws: ParameterError.self) { try TrendParameters(json: Self.malformed[index]) }
    #expect(error.code == .malformedJSON)
  }

  @Test func aVeryLongUnknownKeyIsNamedInShort() throws {
    let json = #"{""# + String(repeating: "k", count: 50_000) + #"":1}"#
    let error = try #require(throws: ParameterError.self) { try TrendParameters(json: json) }
    #expect(error.code == .unknownKey && error.description.utf8.count < 100)
  }

  @Test func noBytesMakeTheParserTrap() {
    var generator = SeededGenerator(seed: 3)
    let seed = Array(#"{"fast":20,"slow":50,"atr":14,"atr_multiple":3.5,"risk_percent":1}"#.utf8)
    var accepted = 0
    for _ in 0..<5000 {
      var bytes = seed
      for _ in 0...Int.random(in: 0...3, using: &generator) {
        bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
      }
      if (try? TrendParameters(json: String(decoding: bytes, as: UTF8.self))) != nil { accepted += 1 }
    }
    #expect(accepted > 0 && accepted < 2500)
  }
}
