extension Rule {
  /// The normal form: what ``parse(_:as:parameters:path:)`` turns into this rule again.
  public var text: String {
    var printer = RulePrinter()
    printer.write(self)
    return String(decoding: printer.bytes, as: UTF8.self)
  }
}

struct RulePrinter {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ rule: Rule) {
    switch rule {
    case .number(let number): add(number.text)
    case .timeOfDay(let minutes): add("'" + timeOfDayText(minutes) + "'")
    case .parameter(let name): add("$" + name)
    case .field(let field): add(field.spelling)
    case .trade(let field): add(field.spelling)
    case .clock(let field): add(field.spelling)
    case .call(let function, let arguments, let output): write(function.signature, arguments, output)
    case .operation(let operation, let operands): write(operation, operands)
    case .ago(let series, let count):
      write(series, atLeast: Self.isOn(series) ? .whole : .postfix)
      add("[")
      write(count)
      add("]")
    case .on(let series, let length):
      write(series, atLeast: .postfix)
      add("@" + length.text)
    case .of(let symbol, let series):
      switch symbol {
      case .name(let name): add("'" + name + "'.")
      case .parameter(let name): add("$" + name + ".")
      }
      write(series, atLeast: .whole)
    case .lasting(let condition, let count):
      write(condition, atLeast: .comparison)
      add(" for ")
      write(count)
      if case .number(let number) = count, number == RuleNumber(digits: 1) { add(" bar") } else { add(" bars") }
    case .prediction(let model, let maximumAge):
      add("prediction('" + model + "', " + maximumAge.text + ")")
    }
  }

  /// `x@1h[1]` means `(x@1h)[1]`, which says so.
  private static func isOn(_ rule: Rule) -> Bool {
    if case .on = rule { true } else { false }
  }

  /// In parentheses unless it holds together at least so tightly.
  private mutating func write(_ rule: Rule, atLeast rank: RuleRank, always isLoose: Bool = false) {
    let isLoose = isLoose || rule.rank < rank
    if isLoose { add("(") }
    write(rule)
    if isLoose { add(")") }
  }

  private mutating func write(_ signature: RuleSignature, _ arguments: [Rule], _ output: Int) {
    add(signature.name + "(")
    for (index, argument) in arguments.enumerated() {
      if index > 0 { add(", ") }
      write(argument)
    }
    add(")")
    if !signature.outputs.isEmpty { add("." + signature.outputs[output].name) }
  }

  private mutating func write(_ operation: RuleOperator, _ operands: [Rule]) {
    switch operation {
    case .negate:
      add("-")
      // Without parentheses the sign would belong to the number.
      write(operands[0], atLeast: .sign, always: operands[0].isNumber)
    case .not:
      add("not ")
      write(operands[0], atLeast: .not)
    case .between:
      write(operands[0], atLeast: .sum)
      add(" between ")
      write(operands[1], atLeast: .sum)
      add(" and ")
      write(operands[2], atLeast: .sum)
    default:
      for (index, operand) in operands.enumerated() {
        if index > 0 { add(" " + operation.spelling + " ") }
        // Only sums and products go on to the left; all others hold looser operands in parentheses.
        let goesOn = index == 0 && (operation.rank == .sum || operation.rank == .product)
        write(operand, atLeast: goesOn ? operation.rank : operation.rank.tighter)
      }
    }
  }

  private mutating func add(_ text: String) { bytes += text.utf8 }
}

extension Rule {
  var isNumber: Bool {
    if case .number = self { true } else { false }
  }

  /// How tightly its text holds together.
  var rank: RuleRank {
    switch self {
    case .number(let number): number.digits < 0 ? .sign : .whole
    case .timeOfDay, .parameter, .field, .trade, .clock, .call, .prediction, .of: .whole
    case .operation(let operation, _): operation.rank
    case .ago, .on: .postfix
    case .lasting: .comparison
    }
  }
}
