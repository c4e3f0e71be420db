/// Family of a strategy, as in SQL. Only `trend` has parameters of its own.
public enum StrategyType: SQLSpelling {
  case trend, meanReversion, momentum, arbitrage, scalping, swing, custom

  public var sql: String {
    switch self {
    case .trend: "trend"
    case .meanReversion: "mean_reversion"
    case .momentum: "momentum"
    case .arbitrage: "arbitrage"
    case .scalping: "scalping"
    case .swing: "swing"
    case .custom: "custom"
    }
  }
}

extension StrategyDefinition {
  /// Reads the parameters of a version: `docs/rules.md` describes them, `docs/strategy.schema.json` is their schema.
  ///
  /// `{"entry": …, "exit": …, "short_entry": …, "short_exit": …, "sizing": {…}, "exits": […], "params": {…}, "legs": […]}`,
  /// in which a rule is text or JSON. A custom one may have no entry. A trend without one is
  /// `{"fast":20,"slow":50,"atr":14,"atr_multiple":3,"risk_percent":1}`. A member that is null counts as left out.
  public init(type: StrategyType, json: String) throws(RuleError) {
    let document = try RuleReader.document(json)
    let members = document.members.filter { $0.value.node != nil }
    let hasEntry = members.contains { isSame($0.key, "entry") || isSame($0.key, "short_entry") }
    if type == .trend, !hasEntry {
      self = try Self.trend(members)
      return
    }
    // A custom one may leave its entries to signals from outside.
    guard hasEntry || type == .custom else {
      throw RuleError(problem: "a strategy without an entry", hint: "give it entry, short_entry or both")
    }
    self.init()
    // Whatever the order of the members: the rules are checked against the parameters.
    for (key, value) in members where isSame(key, "params") { parameters = try Self.parameters(value, key) }
    let reader = RuleReader(builder: RuleBuilder(parameters: parameters))
    for (key, value) in members {
      let place = RulePlace(path: RuleError.readable(key, 60))
      if isSame(key, "entry") {
        entry = try reader.rule(.condition, value, place)
      } else if isSame(key, "exit") {
        exit = try reader.rule(.condition, value, place)
      } else if isSame(key, "short_entry") {
        shortEntry = try reader.rule(.condition, value, place)
      } else if isSame(key, "short_exit") {
        shortExit = try reader.rule(.condition, value, place)
      } else if isSame(key, "sizing") {
        sizing = try PositionSizing(value, place)
      } else if isSame(key, "exits") {
        exits = try reader.exits(value, place)
      } else if isSame(key, "legs") {
        legs = try reader.legs(value, place)
      } else if !isSame(key, "params") {
        throw .unknownKey(place, "entry, exit, short_entry, short_exit, sizing, exits, params or legs")
      }
    }
    guard hasEntry else { return }
    if exit != nil, entry == nil { throw RuleError(RulePlace(path: "exit"), problem: "an exit without an entry") }
    if shortExit != nil, shortEntry == nil {
      throw RuleError(RulePlace(path: "short_exit"), problem: "a short exit without a short entry")
    }
  }

  /// The value of `$name`.
  public func value(of name: String) -> ParameterValue? {
    parameters.first { isSame($0.name, name) }?.value
  }

  private static func parameters(
    _ value: JSONValue, _ key: String
  ) throws(RuleError) -> [(name: String, value: ParameterValue)] {
    let place = RulePlace(path: key)
    guard let members = value.members else { throw RuleError(place, expected: "an object", found: value.shown) }
    guard members.count <= RuleLimits.parameters else {
      throw RuleError(place, expected: "at most \(RuleLimits.parameters) parameters", found: "\(members.count)")
    }
    var parameters: [(name: String, value: ParameterValue)] = []
    for (name, value) in members {
      let place = place.member(RuleError.readable(name, 60))
      guard isParameterName(name.utf8) else {
        throw RuleError(
          place, expected: "a name of letters, digits and _", found: "\"\(RuleError.readable(name, 60))\"")
      }
      if let numeral = value.numeral {
        parameters.append((name, .number(try RuleReader.number(numeral, place))))
      } else if let symbol = value.string, isRuleName(symbol.utf8) {
        parameters.append((name, .symbol(symbol)))
      } else {
        throw RuleError(place, expected: "a number or a symbol", found: value.shown)
      }
    }
    return parameters
  }

  // MARK: The trend strategy

  /// Long while a fast exponential average is above a slow one, with a stop some average true ranges below the entry.
  private static func trend(_ members: [(key: String, value: JSONValue)]) throws(RuleError) -> Self {
    var numbers: [(name: String, value: ParameterValue)] = [
      ("fast", .number(20)), ("slow", .number(50)), ("atr", .number(14)), ("atr_multiple", .number(3)),
    ]
    var sizing: PositionSizing?
    for (key, value) in members {
      let place = RulePlace(path: RuleError.readable(key, 60))
      if let index = numbers.firstIndex(where: { isSame($0.name, key) }) {
        let isFactor = isSame(key, "atr_multiple")
        numbers[index].value = .number(
          try RuleReader.constant(value, place, isFactor ? .factor(100) : .whole(RuleLimits.lookback)))
      } else if isSame(key, "risk_percent") || isSame(key, "sizing") {
        if sizing != nil { throw RuleError(place, problem: "risk_percent belongs into sizing when both are given") }
        if isSame(key, "sizing") {
          sizing = try PositionSizing(value, place)
        } else {
          sizing = .fixedFractional(
            riskPercent: try RuleReader.ratio(try RuleReader.constant(value, place, .factor(100)), place))
        }
      } else {
        throw .unknownKey(
          place, "entry and what belongs to it, or fast, slow, atr, atr_multiple, risk_percent or sizing")
      }
    }
    if case .number(let fast) = numbers[0].value, case .number(let slow) = numbers[1].value, fast.double >= slow.double
    {
      throw RuleError(RulePlace(path: "fast"), problem: "fast (\(fast.text)) must be below slow (\(slow.text))")
    }
    func average(_ period: String) -> Rule {
      .call(.indicator(.ema), [.field(.close), .parameter(period)], output: 0)
    }
    let averages = [average("fast"), average("slow")]
    let distance = Rule.operation(
      .multiply, [.parameter("atr_multiple"), .call(.indicator(.atr), [.parameter("atr")], output: 0)])
    return Self(
      entry: .call(.crossesAbove, averages, output: 0), exit: .call(.crossesBelow, averages, output: 0),
      sizing: sizing ?? .standard, exits: [.stop(distance: distance)], parameters: numbers)
  }
}

extension PositionSizing {
  fileprivate init(_ value: JSONValue, _ place: RulePlace) throws(RuleError) {
    do {
      self = try Self(members: value.members("sizing"))
    } catch {
      let isInside = error.key.map { !isSame($0, "sizing") } ?? false
      throw RuleError(isInside ? place.member(error.key ?? "") : place, problem: error.description)
    }
  }
}

extension RuleError {
  static func unknownKey(_ place: RulePlace, _ known: String) -> Self {
    RuleError(place, problem: "an unknown key", hint: "known are " + known)
  }
}

extension RuleReader {
  func rule(_ type: RuleType, _ value: JSONValue, _ place: RulePlace) throws(RuleError) -> Rule {
    try builder.rule(type, try operand(value, place))
  }

  fileprivate func legs(_ value: JSONValue, _ place: RulePlace) throws(RuleError) -> [StrategyDefinition.Leg] {
    var legs: [StrategyDefinition.Leg] = []
    for (index, element) in try Self.elements(value, atMost: RuleLimits.legs, place).enumerated() {
      let leg = try RuleMembers(element, place.element(index))
      try leg.allow(["symbol", "ratio"])
      legs.append(
        .init(
          symbol: try symbol(try leg.needed("symbol"), leg.place.member("symbol")),
          ratio: try rule(.number, try leg.needed("ratio"), leg.place.member("ratio"))))
    }
    return legs
  }

  static func elements(_ value: JSONValue, atMost limit: Int, _ place: RulePlace) throws(RuleError) -> [JSONValue] {
    guard let elements = value.elements else { throw RuleError(place, expected: "an array", found: value.shown) }
    guard elements.count <= limit else {
      throw RuleError(place, expected: "at most \(limit) elements", found: "\(elements.count)")
    }
    return elements
  }
}

extension StrategyDefinition.ParameterValue {
  fileprivate static func number(_ whole: Int64) -> Self { .number(RuleNumber(digits: whole)) }
}
