/// The knobs of the trend strategy.
public struct TrendParameters: Sendable, Hashable {
  /// Periods of the two averages, in bars.
  public let fast: Int
  public let slow: Int
  /// Period of the average true range, in bars.
  public let atr: Int
  /// How many average true ranges below the entry the protective stop is.
  public let atrMultiple: Ratio
  public let sizing: PositionSizing

  public static let longestPeriod = 10_000

  /// 20 and 50 bars, a stop at 3 average true ranges of 14 bars, 1 percent at risk.
  public static let standard = TrendParameters(
    unchecked: 20, 50, 14, Ratio(unchecked: 3 * fixedPointScale), .standard)

  private init(unchecked fast: Int, _ slow: Int, _ atr: Int, _ atrMultiple: Ratio, _ sizing: PositionSizing) {
    self.fast = fast
    self.slow = slow
    self.atr = atr
    self.atrMultiple = atrMultiple
    self.sizing = sizing
  }

  /// Reads `{"fast":20,"slow":50,"atr":14,"atr_multiple":3,"risk_percent":1}`; a key that is left out has this value.
  /// Instead of `risk_percent`, `sizing` holds an object as ``PositionSizing/init(json:)`` reads it.
  ///
  /// - Throws: `malformedJSON`; `unknownKey`, `wrongType`, `outOfRange` with the key.
  public init(json text: String) throws(ParameterError) {
    var fast = Self.standard.fast
    var slow = Self.standard.slow
    var atr = Self.standard.atr
    var atrMultiple = Self.standard.atrMultiple
    var sizing: PositionSizing?
    let periods = 1...Self.longestPeriod

    let document = try JSONDocument(text)
    for (key, value) in document.members {
      if isSame(key, "fast") {
        fast = try value.integer(key, in: periods)
      } else if isSame(key, "slow") {
        slow = try value.integer(key, in: periods)
      } else if isSame(key, "atr") {
        atr = try value.integer(key, in: periods)
      } else if isSame(key, "atr_multiple") {
        atrMultiple = try value.positiveRatio(key, atMost: 100)
      } else if isSame(key, "risk_percent") {
        if sizing != nil { throw Self.contradiction }
        sizing = .fixedFractional(riskPercent: try value.positiveRatio(key, atMost: 100))
      } else if isSame(key, "sizing") {
        if sizing != nil { throw Self.contradiction }
        sizing = try PositionSizing(members: value.members(key))
      } else {
        let name = String(decoding: key.utf8.prefix(60), as: UTF8.self)
        throw ParameterError(.unknownKey, key: name, "unknown key \(name)")
      }
    }
    guard fast < slow else {
      throw ParameterError(.outOfRange, key: "fast", "fast (\(fast)) must be below slow (\(slow))")
    }
    self.init(unchecked: fast, slow, atr, atrMultiple, sizing ?? .standard)
  }

  private static var contradiction: ParameterError {
    ParameterError(.outOfRange, key: "sizing", "risk_percent belongs into sizing when both are given")
  }

  /// What the runtime does about the strategy's intents: one stop.
  public func plan(terms: TradingTerms) -> AgentPlan {
    AgentPlan(exits: [.stop(distance: .number(RuleNumber(digits: 0)))], sizing: sizing, terms: terms)
  }
}
