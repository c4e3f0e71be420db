/// A part of a rule while the rule is being read, with what is known of it.
struct RuleOperand {
  enum Kind {
    case number
    /// Minutes since midnight that are the clock's, which can be compared with a time of the day.
    case clock
    /// A time of the day that is written out.
    case timeOfDay
    case condition

    var isNumber: Bool { self == .number || self == .clock }
  }

  var rule: Rule
  var kind: Kind
  var place: RulePlace
  /// Expressions inside one another, and in all.
  var depth = 1
  var nodes = 1
  /// The first word in it that belongs to the position, the clock or a model: none of them has candles of its own.
  var candleless: (word: String, place: RulePlace)?

  /// A number or a parameter, which stay as they are.
  var isConstant: Bool {
    switch rule {
    case .number, .parameter: true
    default: false
    }
  }
}

/// Puts operands together, whichever form they were read from, and refuses what makes no sense.
struct RuleBuilder {
  typealias Parameters = [(name: String, value: StrategyDefinition.ParameterValue)]

  /// Nil: not known, so that any may be used.
  let parameters: Parameters?

  // MARK: Atoms

  func parameter(_ name: String, _ place: RulePlace) throws(RuleError) -> RuleOperand {
    if case .symbol(let symbol)? = try value(name, place) {
      throw RuleError(
        place, expected: "a number", found: "$\(name), the symbol \(symbol)", hint: "write $\(name).close")
    }
    return RuleOperand(rule: .parameter(name), kind: .number, place: place)
  }

  func trade(_ field: TradeField, _ place: RulePlace) -> RuleOperand {
    RuleOperand(rule: .trade(field), kind: .number, place: place, candleless: (field.spelling, place))
  }

  func clock(_ field: ClockField, _ place: RulePlace) -> RuleOperand {
    RuleOperand(
      rule: .clock(field), kind: field == .time ? .clock : .number, place: place, candleless: (field.spelling, place))
  }

  func prediction(
    _ model: String, _ age: String, _ place: RulePlace, model modelPlace: RulePlace
  ) throws(RuleError) -> RuleOperand {
    guard isRuleName(model.utf8) else {
      throw RuleError(modelPlace, expected: "the name of a model", found: "'\(RuleError.readable(model, 60))'")
    }
    guard let maximumAge = RuleLength(age.utf8), maximumAge.unit != .month else {
      throw RuleError(
        place, expected: "the age that a prediction may have, such as 15m, 1h or 2d",
        found: RuleError.readable(age, 60))
    }
    return RuleOperand(
      rule: .prediction(model: model, maximumAge: maximumAge), kind: .number, place: place,
      candleless: ("prediction", place))
  }

  func symbol(_ name: String, _ place: RulePlace) throws(RuleError) -> RuleSymbol {
    guard isRuleName(name.utf8) else {
      throw RuleError(
        place, expected: "a symbol such as 'NSE:NIFTY 50'", found: "'\(RuleError.readable(name, 60))'")
    }
    return .name(name)
  }

  func symbol(parameter name: String, _ place: RulePlace) throws(RuleError) -> RuleSymbol {
    if case .number(let number)? = try value(name, place) {
      throw RuleError(place, expected: "a symbol", found: "$\(name), the number \(number.text)")
    }
    return .parameter(name)
  }

  // MARK: Operators

  func operation(_ operation: RuleOperator, _ operands: [RuleOperand], _ place: RulePlace) throws(RuleError)
    -> RuleOperand
  {
    var kind = RuleOperand.Kind.number
    switch operation {
    case .and, .or, .not:
      for operand in operands { try require(.condition, operand) }
      kind = .condition
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual, .between:
      try requireComparable(operands)
      kind = .condition
    case .add, .subtract:
      kind = try requireSum(operation, operands)
    case .multiply, .divide, .negate:
      for operand in operands { try require(.number, operand) }
    }
    return try whole(.operation(operation, operands.map { $0.rule }), kind, operands, place)
  }

  /// `operand[count]`, `operand for count bars`
  func ago(_ operand: RuleOperand, _ count: RuleOperand) throws(RuleError) -> RuleOperand {
    try requireNoTimeOfDay(operand)
    try requireConstant(count, least: 1, largest: RuleLimits.lookback)
    return try whole(.ago(operand.rule, count.rule), operand.kind, [operand, count], operand.place)
  }

  func lasting(_ operand: RuleOperand, _ count: RuleOperand) throws(RuleError) -> RuleOperand {
    try require(.condition, operand)
    try requireConstant(count, least: 1, largest: RuleLimits.lookback)
    return try whole(.lasting(operand.rule, count.rule), .condition, [operand, count], operand.place)
  }

  func on(_ operand: RuleOperand, _ length: RuleLength) throws(RuleError) -> RuleOperand {
    try requireCandles(operand, "of another length")
    return try whole(.on(operand.rule, length), operand.kind, [operand], operand.place)
  }

  func of(_ symbol: RuleSymbol, _ operand: RuleOperand, _ place: RulePlace) throws(RuleError) -> RuleOperand {
    try requireCandles(operand, "of another instrument")
    return try whole(.of(symbol, operand.rule), operand.kind, [operand], place)
  }

  private func requireCandles(_ operand: RuleOperand, _ what: String) throws(RuleError) {
    try requireNoTimeOfDay(operand)
    guard let (word, place) = operand.candleless else { return }
    throw RuleError(place, problem: "\(word) has no candles \(what)", hint: "take it out of that part of the rule")
  }

  // MARK: Calls

  func call(
    _ signature: RuleSignature, _ written: [RuleOperand], output: Int, _ place: RulePlace
  ) throws(RuleError) -> RuleOperand {
    var arguments = written
    if signature.inputs.count == 1, let standard = signature.inputs[0].standard,
      written.count <= signature.constants.count, written.first?.isConstant ?? true
    {
      arguments.insert(RuleOperand(rule: .field(standard), kind: .number, place: place), at: 0)
    }
    let inputs = signature.inputs.count
    guard arguments.count >= inputs, arguments.count <= inputs + signature.constants.count else {
      throw wrongCount(signature, written.count, place)
    }
    for (input, argument) in zip(signature.inputs, arguments) { try require(input.type, argument) }
    for (index, constant) in signature.constants.enumerated() {
      if inputs + index < arguments.count {
        try requireConstant(
          arguments[inputs + index], name: constant.name, least: constant.least, largest: constant.largest)
      } else if let standard = constant.standard {
        arguments.append(RuleOperand(rule: .number(standard), kind: .number, place: place))
      } else {
        throw wrongCount(signature, written.count, place)
      }
    }
    return try whole(
      .call(signature.function, arguments.map { $0.rule }, output: output),
      signature.type == .condition ? .condition : .number, arguments, place)
  }

  private func wrongCount(_ signature: RuleSignature, _ count: Int, _ place: RulePlace) -> RuleError {
    RuleError(
      place, expected: signature.shape, found: count == 0 ? "no arguments" : "\(count) argument\(count == 1 ? "" : "s")"
    )
  }

  // MARK: Requirements

  /// A rule as a whole, whose normal form is a rule again.
  func rule(_ type: RuleType?, _ operand: RuleOperand) throws(RuleError) -> Rule {
    if let type { try require(type, operand) } else { try requireNoTimeOfDay(operand) }
    let length = operand.rule.text.utf8.count
    guard length <= RuleLimits.text else {
      throw RuleError(
        RulePlace(path: operand.place.path), expected: "a rule of at most \(RuleLimits.text) bytes",
        found: "\(length) bytes when everything is written out")
    }
    return operand.rule
  }

  func require(_ type: RuleType, _ operand: RuleOperand) throws(RuleError) {
    switch type {
    case .condition:
      guard operand.kind != .condition else { return }
      let text = operand.brief
      throw RuleError(
        operand.place, expected: "a condition", found: "\(text), a number",
        hint: operand.isConstant ? "" : "write \(text) > 0")
    case .number:
      try requireNoTimeOfDay(operand)
      guard operand.kind == .condition else { return }
      throw RuleError(operand.place, expected: "a number", found: "\(operand.brief), a condition")
    }
  }

  private func requireNoTimeOfDay(_ operand: RuleOperand) throws(RuleError) {
    guard operand.kind == .timeOfDay else { return }
    throw RuleError(
      operand.place, expected: "a number", found: operand.brief,
      hint: "a time of the day can be compared with time, and a symbol is followed by a dot: 'NSE:TCS'.close")
  }

  private func requireComparable(_ operands: [RuleOperand]) throws(RuleError) {
    guard operands.contains(where: { $0.kind == .timeOfDay }) else {
      for operand in operands { try require(.number, operand) }
      return
    }
    for operand in operands where operand.kind == .number || operand.kind == .condition {
      throw RuleError(
        operand.place, expected: "time, to be compared with a time of the day", found: operand.brief)
    }
    guard operands.contains(where: { $0.kind == .clock }) else { return try requireNoTimeOfDay(operands[0]) }
  }

  /// `time - '09:30'` is a number of minutes, `time + 15` a time.
  private func requireSum(_ operation: RuleOperator, _ operands: [RuleOperand]) throws(RuleError) -> RuleOperand.Kind {
    let (left, right) = (operands[0], operands[1])
    if operation == .subtract, left.kind == .clock, right.kind == .timeOfDay || right.kind == .clock { return .number }
    if operation == .subtract, left.kind == .timeOfDay, right.kind == .clock { return .number }
    for operand in operands { try require(.number, operand) }
    return left.kind == .clock || right.kind == .clock ? .clock : .number
  }

  private func requireConstant(
    _ operand: RuleOperand, name: String = "", least: Int?, largest: Int
  ) throws(RuleError) {
    var found = operand.brief
    var number: RuleNumber?
    switch operand.rule {
    case .number(let written): number = written
    case .parameter(let name):
      guard case .number(let value)? = try value(name, operand.place) else { return }
      number = value
      found = "$\(name), which is \(value.text)"
    default: break
    }
    if let number {
      if let least {
        if let whole = number.whole, whole >= least, whole <= largest { return }
      } else if number.digits > 0, number.double <= Double(largest) {
        return
      }
    }
    let range = least.map { "a whole number from \($0) to \(largest)" } ?? "a number above 0 and at most \(largest)"
    throw RuleError(
      operand.place, expected: range + (name.utf8.isEmpty ? "" : " for \(name)"), found: found,
      hint: number == nil ? "write a number or a parameter such as $n" : "")
  }

  func value(_ name: String, _ place: RulePlace) throws(RuleError) -> StrategyDefinition.ParameterValue? {
    guard let parameters else { return nil }
    for parameter in parameters where isSame(parameter.name, name) { return parameter.value }
    throw RuleError(
      place, expected: "a parameter of the strategy", found: "$\(name)", hint: "give it a value in params")
  }

  private func whole(
    _ rule: Rule, _ kind: RuleOperand.Kind, _ parts: [RuleOperand], _ place: RulePlace
  ) throws(RuleError) -> RuleOperand {
    var operand = RuleOperand(rule: rule, kind: kind, place: place)
    for part in parts {
      operand.depth = max(operand.depth, part.depth + 1)
      operand.nodes += part.nodes
      if operand.candleless == nil { operand.candleless = part.candleless }
    }
    guard operand.depth <= RuleLimits.depth else { throw .tooDeep(place) }
    guard operand.nodes <= RuleLimits.nodes else {
      throw RuleError(
        place, problem: "the rule has more than \(RuleLimits.nodes) numbers, fields, calls and operators")
    }
    return operand
  }
}

extension RuleError {
  static func tooDeep(_ place: RulePlace) -> Self {
    RuleError(place, problem: "the rule is nested more than \(RuleLimits.depth) levels deep")
  }
}

extension RuleOperand {
  /// The beginning of its normal form, for messages.
  var brief: String { RuleError.readable(rule.text, 60) }
}

extension RuleSignature {
  /// More than any function has.
  static let mostArguments = 8

  /// `macd, signal or histogram`
  var outputNames: String {
    var text = ""
    for (index, output) in outputs.enumerated() {
      text += (index == 0 ? "" : index == outputs.count - 1 ? " or " : ", ") + output.name
    }
    return text
  }

  func output(_ name: some Collection<UInt8>) -> Int? { outputs.firstIndex { isSameWord(name, $0.name) } }

  /// `ema(x, n)`
  public var shape: String {
    var text = name + "("
    for (index, argument) in (inputs.map { $0.name } + constants.map { $0.name }).enumerated() {
      text += (index == 0 ? "" : ", ") + argument
    }
    return text + ")"
  }
}
