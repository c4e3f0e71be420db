/// Says rules in plain words, with the values of their parameters.
struct RuleWords {
  /// Values of `$name`.
  var parameters: RuleBuilder.Parameters = []

  /// `the close is above the 20-candle average of the close`; of a number `the close`.
  func words(_ rule: Rule) -> String {
    switch rule {
    case .number(let number): number.text
    case .timeOfDay(let minutes): timeOfDayText(minutes)
    case .parameter(let name): value(of: name)
    case .field(let field): "the " + field.spelling
    case .trade(let field): field.words
    case .clock(let field): field.words
    case .call(let function, let arguments, let output): call(function.signature, arguments, output)
    case .operation(let operation, let operands): self.operation(operation, operands)
    case .ago(let series, let count):
      whole(series) + (isOne(count) ? " one candle before" : " " + words(count) + " candles before")
    case .on(let series, let length): whole(series) + " on " + length.adjective + " candles"
    case .of(let symbol, let series): whole(series) + (series.isCondition ? " in " : " of ") + name(symbol)
    case .lasting(let condition, let count):
      whole(condition) + (isOne(count) ? " at this candle" : " for " + words(count) + " candles in a row")
    case .prediction(let model, let maximumAge):
      "the prediction of " + model + " (at most " + maximumAge.words + " old)"
    }
  }

  func name(_ symbol: RuleSymbol) -> String {
    switch symbol {
    case .name(let name): name
    case .parameter(let name): value(of: name)
    }
  }

  private func value(of name: String) -> String {
    for parameter in parameters where isSame(parameter.name, name) {
      switch parameter.value {
      case .number(let number): return number.text
      case .symbol(let symbol): return symbol
      }
    }
    return "$" + name
  }

  /// In parentheses when it is more than one noun, so that what follows belongs to all of it.
  private func whole(_ rule: Rule) -> String {
    switch rule {
    case .operation, .lasting: "(" + words(rule) + ")"
    case .call(let function, _, _) where function.signature.type == .condition: "(" + words(rule) + ")"
    default: words(rule)
    }
  }

  private func isOne(_ count: Rule) -> Bool { isSame(words(count), "1") }

  // MARK: Operators

  private func operation(_ operation: RuleOperator, _ operands: [Rule]) -> String {
    if let pattern = pattern(operation, operands) { return pattern + " forms" }
    if operation == .divide, let percent = percent(operands) { return percent }
    switch operation {
    case .negate: return "minus " + part(operands[0], .sign)
    case .not: return "it is not so that " + part(operands[0], .not)
    case .between:
      return part(operands[0], .sum) + " is between " + part(operands[1], .sum) + " and " + part(operands[2], .sum)
    case .and, .or:
      var text = ""
      for (index, operand) in operands.enumerated() {
        let isLast = index == operands.count - 1
        if index > 0 { text += operands.count > 2 && !isLast ? ", " : operation == .and ? " and " : " or " }
        text += part(operand, .not)
      }
      return text
    default:
      let isChain = operation.rank == .sum || operation.rank == .product
      return part(operands[0], isChain ? operation.rank : operation.rank.tighter) + operation.words
        + part(operands[1], operation.rank.tighter)
    }
  }

  /// In parentheses when it holds together looser than that.
  private func part(_ rule: Rule, _ rank: RuleRank) -> String {
    // A number's sign is no operator in words.
    rule.rank < rank && !rule.isNumber ? "(" + words(rule) + ")" : words(rule)
  }

  /// `2 % of the close` for `close * 2 / 100`
  private func percent(_ operands: [Rule]) -> String? {
    guard case .operation(.multiply, let factors) = operands[0], case .number(let hundred) = operands[1],
      hundred == .hundred
    else { return nil }
    switch factors[1] {
    case .number, .parameter: return words(factors[1]) + " % of " + part(factors[0], .product)
    default: return nil
    }
  }

  /// `a hammer` for `hammer() > 0`
  private func pattern(_ operation: RuleOperator, _ operands: [Rule]) -> String? {
    guard operation == .greater || operation == .less, case .call(.indicator(let kind), _, _) = operands[0],
      case .number(let zero) = operands[1], zero.digits == 0
    else { return nil }
    let isUp = operation == .greater
    return switch kind {
    case .doji where isUp: "a doji"
    case .hammer where isUp: "a hammer"
    case .engulfing: isUp ? "a bullish engulfing pattern" : "a bearish engulfing pattern"
    case .morningStar where isUp: "a morning star"
    case .eveningStar where !isUp: "an evening star"
    default: nil
    }
  }

  // MARK: Calls

  private func call(_ signature: RuleSignature, _ arguments: [Rule], _ output: Int) -> String {
    signature.words { mark in
      switch mark {
      case UInt8(ascii: "x"): input(arguments[0])
      case UInt8(ascii: "y"): input(arguments[1])
      case UInt8(ascii: "o"): signature.outputs[output].words
      default: words(arguments[signature.inputs.count + Int(mark &- UInt8(ascii: "1"))])
      }
    }
  }

  /// Sums and the like in parentheses; conditions as they are.
  private func input(_ rule: Rule) -> String { rule.isCondition ? words(rule) : whole(rule) }
}

extension RuleSignature {
  /// What it is in words, with the names of its arguments.
  public var meaning: String {
    words { mark in
      switch mark {
      case UInt8(ascii: "x"): inputs[0].name
      case UInt8(ascii: "y"): inputs[1].name
      case UInt8(ascii: "o"): outputNames
      default: constants[Int(mark &- UInt8(ascii: "1"))].name
      }
    }
  }

  /// The words with what stands in braces put in: `{x}`, `{y}`, `{1}` …, `{o}`; `{-x}` without its article.
  fileprivate func words(_ value: (UInt8) -> String) -> String {
    var text: [UInt8] = []
    var rest = Array(words.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "{") else {
        text.append(byte)
        continue
      }
      let isBare = rest.first == UInt8(ascii: "-")
      if isBare { rest = rest.dropFirst() }
      var inserted = value(rest.popFirst() ?? 0)
      rest = rest.dropFirst()
      if isBare, inserted.utf8.starts(with: "the ".utf8) {
        inserted = String(decoding: inserted.utf8.dropFirst(4), as: UTF8.self)
      }
      text += inserted.utf8
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension Rule {
  var isCondition: Bool {
    switch self {
    case .call(let function, _, _): function.signature.type == .condition
    case .operation(let operation, _): operation.rank < .sum
    case .ago(let series, _), .on(let series, _), .of(_, let series): series.isCondition
    case .lasting: true
    default: false
    }
  }
}

extension RuleOperator {
  /// Between two operands.
  fileprivate var words: String {
    switch self {
    case .add: " plus "
    case .subtract: " minus "
    case .multiply: " times "
    case .divide: " divided by "
    case .less: " is below "
    case .lessOrEqual: " is at most "
    case .greater: " is above "
    case .greaterOrEqual: " is at least "
    case .equal: " equals "
    case .notEqual: " differs from "
    case .negate, .between, .not, .and, .or: " "
    }
  }
}

extension TradeField {
  fileprivate var words: String {
    switch self {
    case .position: "the position (1 long, -1 short, 0 flat)"
    case .barsSinceEntry: "the number of candles since the entry"
    case .secondsSinceEntry: "the time since the entry in seconds"
    case .entryPrice: "the entry price"
    case .openProfit: "the open profit of each unit"
    case .openProfitR: "the open profit in initial stop distances"
    }
  }
}

extension ClockField {
  fileprivate var words: String {
    switch self {
    case .time: "the time"
    case .sessionMinutes: "the time since the session opened in minutes"
    case .minutesToClose: "the time until the session closes in minutes"
    case .weekday: "the weekday (1 is Monday)"
    }
  }
}

extension RuleLength {
  /// `1 hour`
  var words: String { "\(count) " + unit.words + (count == 1 ? "" : "s") }

  /// `1-hour`, `daily`
  var adjective: String {
    if count == 1 {
      switch unit {
      case .day: return "daily"
      case .week: return "weekly"
      case .month: return "monthly"
      case .second, .minute, .hour: break
      }
    }
    return "\(count)-" + unit.words
  }
}

extension RuleLength.Unit {
  /// In English and in PostgreSQL's intervals.
  var words: String {
    switch self {
    case .second: "second"
    case .minute: "minute"
    case .hour: "hour"
    case .day: "day"
    case .week: "week"
    case .month: "month"
    }
  }
}
