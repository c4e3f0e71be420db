/// How an exit is written: `{"type": "atr_stop", "multiple": 3, "period": 14}`.
private enum ExitForm: CaseIterable {
  case stop, atrStop, percentStop
  case trailingStop, atrTrailing, percentTrailing
  case chandelier, stopLevel, breakEven, takeProfit
  case timeStop, sessionEnd, volatilityExit, rule

  var name: String {
    switch self {
    case .stop: "stop"
    case .atrStop: "atr_stop"
    case .percentStop: "percent_stop"
    case .trailingStop: "trailing_stop"
    case .atrTrailing: "atr_trailing"
    case .percentTrailing: "percent_trailing"
    case .chandelier: "chandelier"
    case .stopLevel: "stop_level"
    case .breakEven: "break_even"
    case .takeProfit: "take_profit"
    case .timeStop: "time_stop"
    case .sessionEnd: "session_end"
    case .volatilityExit: "volatility_exit"
    case .rule: "rule"
    }
  }

  var keys: [String] {
    switch self {
    case .stop, .trailingStop: ["distance"]
    case .atrStop, .atrTrailing, .chandelier: ["multiple", "period"]
    case .percentStop, .percentTrailing: ["percent"]
    case .stopLevel: ["long", "short"]
    case .breakEven: ["at_r"]
    case .takeProfit: ["at_r", "distance", "percent", "portion_percent"]
    case .timeStop: ["bars", "seconds", "when"]
    case .sessionEnd: ["minutes", "when"]
    case .volatilityExit: ["multiple", "period", "of", "when"]
    case .rule: ["when"]
    }
  }
}

extension RuleReader {
  func exits(_ value: JSONValue, _ place: RulePlace) throws(RuleError) -> [ExitRule] {
    var exits: [ExitRule] = []
    for (index, element) in try Self.elements(value, atMost: RuleLimits.exits, place).enumerated() {
      exits.append(try exit(try RuleMembers(element, place.element(index))))
    }
    return exits
  }

  private func exit(_ members: RuleMembers) throws(RuleError) -> ExitRule {
    let type = try members.needed("type")
    guard let name = type.string, let form = ExitForm.allCases.first(where: { isSame($0.name, name) }) else {
      var known = ""
      for (index, form) in ExitForm.allCases.enumerated() { known += (index == 0 ? "" : ", ") + form.name }
      throw RuleError(
        members.place.member("type"), problem: "\(type.shown) is no type of exit", hint: "known are " + known)
    }
    try members.allow(["type"] + form.keys)
    switch form {
    case .stop: return .stop(distance: try rule(.number, "distance", members))
    case .atrStop: return .stop(distance: try multipleOfRange(members, standard: 14))
    case .percentStop: return .stop(distance: try percentOfClose(members))
    case .trailingStop: return .trailingStop(distance: try rule(.number, "distance", members))
    case .atrTrailing: return .trailingStop(distance: try multipleOfRange(members, standard: 14))
    case .percentTrailing: return .trailingStop(distance: try percentOfClose(members))
    case .chandelier: return try chandelier(members)
    case .stopLevel:
      return .stopLevel(long: try rule(.number, "long", members), short: try rule(.number, "short", members))
    case .breakEven: return .breakEven(atR: try ratio("at_r", members, atMost: 1_000))
    case .takeProfit: return try takeProfit(members)
    case .timeStop: return try timeStop(members)
    case .sessionEnd:
      if members.value("when") != nil { return try when(members, .sessionEnd, instead: ["minutes"]) }
      let minutes = try constant("minutes", members, .whole(1_440), else: 5).rule
      return .when(.operation(.lessOrEqual, [.clock(.minutesToClose), minutes]), reason: .sessionEnd)
    case .volatilityExit:
      if members.value("when") != nil { return try when(members, .volatility, instead: ["multiple", "period", "of"]) }
      let multiple = try ratio("multiple", members, atMost: 1_000)
      guard members.value("of") != nil else {
        return .expansion(of: range(try constant("period", members, .lookback, else: 14).rule), multiple: multiple)
      }
      try refuse(["period"], beside: "of", members)
      return .expansion(of: try rule(.number, "of", members), multiple: multiple)
    case .rule: return try when(members, .rule, instead: [])
    }
  }

  /// `bars_since_entry >= 10`
  private func timeStop(_ members: RuleMembers) throws(RuleError) -> ExitRule {
    if members.value("when") != nil { return try when(members, .timeStop, instead: ["bars", "seconds"]) }
    let isInBars = members.value("bars") != nil
    if isInBars { try refuse(["seconds"], beside: "bars", members) }
    let limit: (Rule, RuleNumber) =
      isInBars
      ? try constant("bars", members, .lookback) : try constant("seconds", members, .whole(1_000_000_000))
    let passed = Rule.trade(isInBars ? .barsSinceEntry : .secondsSinceEntry)
    return .when(.operation(.greaterOrEqual, [passed, limit.0]), reason: .timeStop)
  }

  /// `highest(high, 22) - 3 * atr(22)`, and its mirror.
  private func chandelier(_ members: RuleMembers) throws(RuleError) -> ExitRule {
    let period = try constant("period", members, .lookback, else: 22).rule
    let distance = Rule.operation(
      .multiply, [try constant("multiple", members, .factor(1_000), else: 3).rule, range(period)])
    func level(_ operation: RuleOperator, _ extreme: RuleFunction, _ field: CandleField) -> Rule {
      .operation(operation, [.call(extreme, [.field(field), period], output: 0), distance])
    }
    return .stopLevel(long: level(.subtract, .highest, .high), short: level(.add, .lowest, .low))
  }

  private func takeProfit(_ members: RuleMembers) throws(RuleError) -> ExitRule {
    let portion = try ratio("portion_percent", members, atMost: 100, else: .hundred)
    if members.value("at_r") != nil {
      try refuse(["distance", "percent"], beside: "at_r", members)
      return .takeProfitAtR(try ratio("at_r", members, atMost: 1_000), portionPercent: portion)
    }
    if members.value("distance") != nil {
      try refuse(["percent"], beside: "distance", members)
      return .takeProfit(distance: try rule(.number, "distance", members), portionPercent: portion)
    }
    guard members.value("percent") != nil else {
      throw RuleError(members.place, expected: "at_r, distance or percent", found: "none of them")
    }
    return .takeProfit(distance: try percentOfClose(members), portionPercent: portion)
  }

  // MARK: Parts

  private func when(
    _ members: RuleMembers, _ reason: ExitReason, instead: [String]
  ) throws(RuleError) -> ExitRule {
    try refuse(instead, beside: "when", members)
    return .when(try rule(.condition, "when", members), reason: reason)
  }

  private func refuse(_ keys: [String], beside other: String, _ members: RuleMembers) throws(RuleError) {
    for key in keys where members.value(key) != nil {
      throw RuleError(members.place.member(key), problem: "\(key) and \(other) exclude one another")
    }
  }

  private func rule(_ type: RuleType, _ key: String, _ members: RuleMembers) throws(RuleError) -> Rule {
    try rule(type, try members.needed(key), members.place.member(key))
  }

  private func constant(
    _ key: String, _ members: RuleMembers, _ range: ConstantRange, else standard: Int64? = nil
  ) throws(RuleError) -> (rule: Rule, number: RuleNumber) {
    if members.value(key) == nil, let standard {
      let number = RuleNumber(digits: standard)
      return (.number(number), number)
    }
    return try constant(try members.needed(key), members.place.member(key), range)
  }

  private func ratio(
    _ key: String, _ members: RuleMembers, atMost limit: Int, else standard: RuleNumber? = nil
  ) throws(RuleError) -> Ratio {
    let place = members.place.member(key)
    if members.value(key) == nil, let standard { return try Self.ratio(standard, place) }
    return try Self.ratio(try constant(key, members, .factor(limit)).number, place)
  }

  /// `3 * atr(14)`
  private func multipleOfRange(_ members: RuleMembers, standard: Int64) throws(RuleError) -> Rule {
    let multiple = try constant("multiple", members, .factor(1_000)).rule
    return .operation(.multiply, [multiple, range(try constant("period", members, .lookback, else: standard).rule)])
  }

  private func range(_ period: Rule) -> Rule { .call(.indicator(.atr), [period], output: 0) }

  /// `close * 2 / 100`
  private func percentOfClose(_ members: RuleMembers) throws(RuleError) -> Rule {
    let percent = try constant("percent", members, .factor(100)).rule
    return .operation(.divide, [.operation(.multiply, [.field(.close), percent]), .number(.hundred)])
  }
}

extension ConstantRange {
  fileprivate static let lookback = ConstantRange.whole(RuleLimits.lookback)
}

extension RuleWriter {
  mutating func write(_ exit: ExitRule, rulesAsText isText: Bool) {
    switch exit {
    case .stop(let distance): member("stop", "distance", distance, isText)
    case .trailingStop(let distance): member("trailing_stop", "distance", distance, isText)
    case .stopLevel(let long, let short):
      member("stop_level", "long", long, isText, closed: false)
      raw(",\"short\":")
      write(short, asText: isText)
      raw("}")
    case .breakEven(let atR): raw("{\"type\":\"break_even\",\"at_r\":\(atR)}")
    case .takeProfit(let distance, let portion):
      member("take_profit", "distance", distance, isText, closed: false)
      raw(",\"portion_percent\":\(portion)}")
    case .takeProfitAtR(let atR, let portion):
      raw("{\"type\":\"take_profit\",\"at_r\":\(atR),\"portion_percent\":\(portion)}")
    case .when(let condition, let reason): member(reason.exitForm.name, "when", condition, isText)
    case .expansion(let value, let multiple):
      member("volatility_exit", "of", value, isText, closed: false)
      raw(",\"multiple\":\(multiple)}")
    }
  }

  private mutating func member(
    _ type: String, _ key: String, _ rule: Rule, _ isText: Bool, closed: Bool = true
  ) {
    raw("{\"type\":\"\(type)\",\"\(key)\":")
    write(rule, asText: isText)
    if closed { raw("}") }
  }

  mutating func write(_ rule: Rule, asText isText: Bool) {
    if isText { string(rule.text) } else { write(rule) }
  }
}

extension ExitReason {
  fileprivate var exitForm: ExitForm {
    switch self {
    case .timeStop: .timeStop
    case .sessionEnd: .sessionEnd
    case .volatility: .volatilityExit
    case .rule, .stop, .takeProfit, .request, .leg: .rule
    }
  }
}
