extension PositionSizing {
  /// One percent of the equity at risk to the stop.
  public static let standard = PositionSizing.fixedFractional(riskPercent: Ratio(unchecked: fixedPointScale))

  /// Reads one of
  /// `{"method":"fixed_quantity","quantity":100}`,
  /// `{"method":"fixed_value","value":10000}`,
  /// `{"method":"fixed_fractional","risk_percent":1}`,
  /// `{"method":"volatility","risk_percent":1,"atr_multiple":2}`,
  /// `{"method":"deviation","risk_percent":1,"deviations":2,"period":20}`,
  /// `{"method":"kelly","win_rate":0.55,"payoff":1.5,"fraction":0.5,"cap_percent":25}`.
  /// Quantity, value, win rate and payoff must be given; the others have these values when they are left out.
  ///
  /// - Throws: `malformedJSON`; `unknownKey`, `wrongType`, `outOfRange` with the key.
  public init(json text: String) throws(ParameterError) {
    let document = try JSONDocument(text)
    self = try Self(members: document.members)
  }

  init(members: [(key: String, value: JSONValue)]) throws(ParameterError) {
    let keys = SizingKeys(members)
    let method = try keys.text("method")
    if isSame(method, "fixed_quantity") {
      try keys.allow(["quantity"])
      self = .fixedQuantity(try keys.fixedPoint("quantity"))
    } else if isSame(method, "fixed_value") {
      try keys.allow(["value"])
      self = .fixedValue(try keys.fixedPoint("value"))
    } else if isSame(method, "fixed_fractional") {
      try keys.allow(["risk_percent"])
      self = .fixedFractional(riskPercent: try keys.ratio("risk_percent", atMost: 100, else: 1))
    } else if isSame(method, "volatility") {
      try keys.allow(["risk_percent", "atr_multiple"])
      self = .volatility(
        riskPercent: try keys.ratio("risk_percent", atMost: 100, else: 1),
        atrMultiple: try keys.ratio("atr_multiple", atMost: 100, else: 2))
    } else if isSame(method, "deviation") {
      try keys.allow(["risk_percent", "deviations", "period"])
      self = .deviation(
        riskPercent: try keys.ratio("risk_percent", atMost: 100, else: 1),
        deviations: try keys.ratio("deviations", atMost: 100, else: 2),
        period: try keys.value("period")?.integer("period", in: 2...RuleLimits.lookback) ?? 20)
    } else if isSame(method, "kelly") {
      try keys.allow(["win_rate", "payoff", "fraction", "cap_percent"])
      self = .kelly(
        winRate: try keys.ratio("win_rate", atMost: 1, else: nil),
        payoff: try keys.ratio("payoff", atMost: 1_000_000, else: nil),
        fraction: try keys.ratio("fraction", atMost: 1, else: 0.5),
        capPercent: try keys.ratio("cap_percent", atMost: 100, else: 25))
    } else {
      throw ParameterError(
        .outOfRange, key: "method",
        "method must be fixed_quantity, fixed_value, fixed_fractional, volatility, deviation or kelly")
    }
  }
}

/// The members of a sizing object, each of which may be asked for.
private struct SizingKeys {
  let members: [(key: String, value: JSONValue)]

  init(_ members: [(key: String, value: JSONValue)]) { self.members = members }

  func value(_ key: String) -> JSONValue? {
    for member in members where isSame(member.key, key) { return member.value }
    return nil
  }

  func needed(_ key: String) throws(ParameterError) -> JSONValue {
    guard let value = value(key) else { throw ParameterError(.outOfRange, key: key, "\(key) is missing") }
    return value
  }

  func text(_ key: String) throws(ParameterError) -> String { try needed(key).text(key) }

  func fixedPoint<Number: FixedPoint>(_ key: String) throws(ParameterError) -> Number {
    try needed(key).positive(key)
  }

  /// - Parameter standard: what it is when it is left out; nil: it must be given.
  func ratio(_ key: String, atMost limit: Int, else standard: Double?) throws(ParameterError) -> Ratio {
    if value(key) == nil, let standard, let ratio = try? Ratio(standard) { return ratio }
    return try needed(key).positiveRatio(key, atMost: limit)
  }

  func allow(_ keys: [String]) throws(ParameterError) {
    for (key, _) in members where !isSame(key, "method") {
      var isKnown = false
      for known in keys where isSame(key, known) { isKnown = true }
      if !isKnown {
        let name = String(decoding: key.utf8.prefix(60), as: UTF8.self)
        throw ParameterError(.unknownKey, key: name, "unknown key \(name)")
      }
    }
  }
}
