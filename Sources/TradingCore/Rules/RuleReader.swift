/// Reads the JSON form of rules.
struct RuleReader {
  let builder: RuleBuilder

  /// Objects and arrays inside one another: two for each level of a rule, and what is around it.
  private static let depth = 2 * RuleLimits.depth + 8

  static func document(_ json: String) throws(RuleError) -> JSONDocument {
    do {
      return try JSONDocument(json, depth: depth)
    } catch {
      throw RuleError(problem: error.description)
    }
  }

  func operand(_ value: JSONValue, _ place: RulePlace) throws(RuleError) -> RuleOperand {
    if let numeral = value.numeral {
      return RuleOperand(rule: .number(try Self.number(numeral, place)), kind: .number, place: place)
    }
    if let text = value.string { return try RuleParser.parse(text, builder, place) }
    guard let members = value.members else {
      throw RuleError(place, expected: "a rule: a number, a text or an object", found: value.kind)
    }
    let outputs = members.filter { isSame($0.key, "field") }
    let keys = members.filter { !isSame($0.key, "field") }
    guard keys.count == 1 else {
      throw RuleError(place, expected: "an object with one key", found: "\(members.count) keys")
    }
    let inside = place.member(keys[0].key)
    if let call = RuleFunction.named(keys[0].key.utf8) {
      return try builder.call(
        call, try operands(try elements(keys[0].value, inside), inside),
        output: try output(outputs.first?.value, of: call, place), place)
    }
    guard outputs.isEmpty else {
      throw RuleError(
        place, problem: "only a function has a field", hint: #"write {"macd": ["close"], "field": "signal"}"#)
    }
    return try operand(keys[0].key, keys[0].value, place)
  }

  static func number(_ numeral: String, _ place: RulePlace) throws(RuleError) -> RuleNumber {
    guard let number = RuleNumber(numeral.utf8) else {
      throw RuleError(
        place, expected: "a number of at most 15 digits and 15 decimals", found: RuleError.readable(numeral, 40))
    }
    return number
  }

  /// The object `{"key": value}` that is no call.
  private func operand(_ key: String, _ value: JSONValue, _ place: RulePlace) throws(RuleError) -> RuleOperand {
    let inside = place.member(key)
    if isSame(key, "time") {
      guard let text = value.string, let minutes = timeOfDay(text.utf8) else {
        throw RuleError(inside, expected: #"a time of the day such as "09:30""#, found: value.shown)
      }
      return RuleOperand(rule: .timeOfDay(minutes: minutes), kind: .timeOfDay, place: place)
    }
    let elements = try elements(value, inside)
    if let operation = operation(key, elements.count) {
      try requireCount(elements, operation, inside)
      return try builder.operation(operation, try operands(elements, inside), place)
    }
    for form in Form.allCases where isSame(key, form.rawKey) {
      guard elements.count == 2 else {
        throw RuleError(inside, expected: form.shape, found: "\(elements.count) elements")
      }
      return try self.operand(form, elements[0], elements[1], inside, place)
    }
    throw RuleError(
      place, expected: "a function, an operator, ago, on, of, for, prediction or time",
      found: #""\#(RuleError.readable(key, 60))""#, hint: RuleSpelling.suggestion(for: key.utf8))
  }

  /// What takes two elements of different kinds.
  private enum Form: CaseIterable {
    case ago, on, of, `for`, prediction

    var rawKey: String {
      switch self {
      case .ago: "ago"
      case .on: "on"
      case .of: "of"
      case .for: "for"
      case .prediction: "prediction"
      }
    }

    var shape: String {
      switch self {
      case .ago: "[rule, number of candles]"
      case .on: #"[rule, length such as "1h"]"#
      case .of: #"[symbol such as "NSE:TCS" or "$other", rule]"#
      case .for: "[rule, number of candles]"
      case .prediction: #"[name of a model, age such as "1h"]"#
      }
    }
  }

  private func operand(
    _ form: Form, _ first: JSONValue, _ second: JSONValue, _ inside: RulePlace, _ place: RulePlace
  ) throws(RuleError) -> RuleOperand {
    switch form {
    case .ago, .for:
      var series = try operand(first, inside.element(0))
      let count = try operand(second, inside.element(1))
      series = form == .ago ? try builder.ago(series, count) : try builder.lasting(series, count)
      series.place = place
      return series
    case .on:
      guard let text = second.string, let length = RuleLength(text.utf8) else {
        throw RuleError(
          inside.element(1), expected: "a length of candles such as 15m, 1h, 1d, 1w or 1mo", found: second.shown)
      }
      var series = try builder.on(try operand(first, inside.element(0)), length)
      series.place = place
      return series
    case .of:
      let symbol = try symbol(first, inside.element(0))
      return try builder.of(symbol, try operand(second, inside.element(1)), place)
    case .prediction:
      guard let model = first.string, let age = second.string else {
        throw RuleError(inside, expected: form.shape, found: "\(first.kind) and \(second.kind)")
      }
      return try builder.prediction(model, age, place, model: inside.element(0))
    }
  }

  /// `"NSE:TCS"`, `"$other"`
  func symbol(_ value: JSONValue, _ place: RulePlace) throws(RuleError) -> RuleSymbol {
    guard let text = value.string else { throw RuleError(place, expected: "a symbol", found: value.shown) }
    if text.utf8.first == UInt8(ascii: "$") {
      return try builder.symbol(parameter: String(decoding: text.utf8.dropFirst(), as: UTF8.self), place)
    }
    return try builder.symbol(text, place)
  }

  // MARK: Parts

  private func elements(_ value: JSONValue, _ place: RulePlace) throws(RuleError) -> [JSONValue] {
    guard let elements = value.elements else {
      throw RuleError(place, expected: "an array with what it is applied to", found: value.shown)
    }
    return elements
  }

  private func operands(_ elements: [JSONValue], _ place: RulePlace) throws(RuleError) -> [RuleOperand] {
    var operands: [RuleOperand] = []
    for (index, element) in elements.enumerated() { operands.append(try operand(element, place.element(index))) }
    return operands
  }

  private func operation(_ key: String, _ count: Int) -> RuleOperator? {
    if isSame(key, "-") { return count == 1 ? .negate : .subtract }
    if isSame(key, "==") { return .equal }
    if isSame(key, "<>") { return .notEqual }
    return RuleOperator.allCases.first { isSame(key, $0.spelling) }
  }

  private func requireCount(
    _ elements: [JSONValue], _ operation: RuleOperator, _ place: RulePlace
  ) throws(RuleError) {
    let expected: ClosedRange<Int> =
      switch operation {
      case .negate, .not: 1...1
      case .between: 3...3
      case .and, .or: 2...RuleLimits.nodes
      default: 2...2
      }
    guard expected.contains(elements.count) else {
      let count = expected.count == 1 ? "\(expected.lowerBound)" : "two or more"
      throw RuleError(place, expected: "\(count) operands", found: "\(elements.count)")
    }
  }

  private func output(
    _ value: JSONValue?, of signature: RuleSignature, _ place: RulePlace
  ) throws(RuleError) -> Int {
    guard !signature.outputs.isEmpty else {
      guard value == nil else {
        throw RuleError(place.member("field"), problem: "\(signature.name) has one value and no fields")
      }
      return 0
    }
    guard let name = value?.string, let output = signature.output(name.utf8) else {
      throw RuleError(
        place.member("field"), expected: signature.outputNames, found: value?.shown ?? "no field")
    }
    return output
  }
}

extension JSONValue {
  /// For messages: what was written, if that is short, otherwise what kind of value it is.
  var shown: String {
    if let string { return "\"" + RuleError.readable(string, 60) + "\"" }
    if let numeral { return RuleError.readable(numeral, 40) }
    return kind
  }
}
