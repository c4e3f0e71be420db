extension Rule {
  /// Reads the text form. `docs/rules.md` has the grammar.
  /// - Parameters:
  ///   - type: what the rule has to be; nil: either.
  ///   - parameters: what `$name` may be; nil: anything.
  ///   - path: where the text stands, for errors.
  /// - Throws: with the place in the text.
  public static func parse(
    _ text: String, as type: RuleType? = nil,
    parameters: [(name: String, value: StrategyDefinition.ParameterValue)]? = nil, path: String = ""
  ) throws(RuleError) -> Rule {
    let builder = RuleBuilder(parameters: parameters)
    return try builder.rule(type, try RuleParser.parse(text, builder, RulePlace(path: path)))
  }
}

/// Reads the text form by precedence climbing, one token ahead.
struct RuleParser {
  private let builder: RuleBuilder
  private let path: String
  private var lexer: RuleLexer
  private var token: RuleLexer.Token
  /// Parentheses, calls, signs and symbols that are open. A rule as deep as allowed has no more than two of them per level.
  private var nesting = 0

  static func parse(_ text: String, _ builder: RuleBuilder, _ place: RulePlace) throws(RuleError) -> RuleOperand {
    let bytes = Array(text.utf8)
    guard bytes.count <= RuleLimits.text else {
      throw RuleError(place, expected: "a rule of at most \(RuleLimits.text) bytes", found: "\(bytes.count) bytes")
    }
    var parser = RuleParser(bytes, builder, place.path)
    let operand = try parser.expression(.or)
    guard parser.token.kind == .end else { throw parser.unexpected("the end of the rule or an operator") }
    return operand
  }

  private init(_ text: [UInt8], _ builder: RuleBuilder, _ path: String) {
    self.builder = builder
    self.path = path
    lexer = RuleLexer(text)
    token = lexer.next()
  }

  // MARK: Operators

  /// An expression that holds together at least as tightly as `least`.
  private mutating func expression(_ least: RuleRank) throws(RuleError) -> RuleOperand {
    var left = try prefixed(least)
    while true {
      if isWord(.for), least <= .comparison {
        left = try lasting(left)
        continue
      }
      guard let operation = infix, operation.rank >= least else { return left }
      advance()
      var operands = [left]
      switch operation {
      case .and, .or:
        operands.append(try expression(operation.rank.tighter))
        while infix == operation {
          advance()
          operands.append(try expression(operation.rank.tighter))
        }
      case .between:
        operands.append(try expression(.sum))
        guard isWord(.and) else { throw unexpected("and with the upper bound") }
        advance()
        operands.append(try expression(.sum))
      default:
        operands.append(try expression(operation.rank.tighter))
      }
      left = try builder.operation(operation, operands, left.place)
      if operation.rank == .comparison, infix?.rank == .comparison {
        throw RuleError(place, problem: "a comparison of a comparison", hint: "write a < b and b < c")
      }
    }
  }

  /// The operator between two operands that the token is.
  private var infix: RuleOperator? {
    switch token.kind {
    case .word:
      switch RuleKeyword(token.bytes) {
      case .and: .and
      case .or: .or
      case .between: .between
      default: nil
      }
    case .symbol:
      if isSymbol("==") {
        .equal
      } else if isSymbol("<>") {
        .notEqual
      } else {
        Self.infixes.first { isSymbol($0.spelling) }
      }
    default: nil
    }
  }

  private static let infixes: [RuleOperator] =
    [.add, .subtract, .multiply, .divide] + RuleOperator.comparisons

  private mutating func prefixed(_ least: RuleRank) throws(RuleError) -> RuleOperand {
    guard isWord(.not) else { return try signed() }
    let place = place
    guard least <= .not else {
      throw RuleError(place, expected: "a number", found: "not", hint: "put the condition into parentheses")
    }
    try open()
    let operand = try expression(.not)
    nesting -= 1
    return try builder.operation(.not, [operand], place)
  }

  private mutating func signed() throws(RuleError) -> RuleOperand {
    guard isSymbol("-") else { return try postfixed(try primary()) }
    let place = place
    try open()
    defer { nesting -= 1 }
    guard token.kind == .number else { return try builder.operation(.negate, [try signed()], place) }
    // `-5` is a number; the sign of `-5[1]` is that of the number one candle ago.
    let number = try number()
    if isSymbol("[") || isSymbol("@") { return try builder.operation(.negate, [try postfixed(number)], place) }
    guard case .number(let size) = number.rule else { return number }
    return RuleOperand(
      rule: .number(RuleNumber(digits: -size.digits, decimals: size.decimals)), kind: .number, place: place)
  }

  // MARK: What stands behind an operand

  private mutating func postfixed(_ operand: RuleOperand) throws(RuleError) -> RuleOperand {
    var operand = operand
    while true {
      if isSymbol("[") {
        advance()
        let count = try count("a number of candles")
        try take("]")
        operand = try builder.ago(operand, count)
      } else if isSymbol("@") {
        advance()
        guard token.kind == .length, let length = RuleLength(token.bytes) else {
          throw unexpected("a length of candles such as 15m, 1h, 1d, 1w or 1mo")
        }
        advance()
        operand = try builder.on(operand, length)
      } else {
        return operand
      }
    }
  }

  private mutating func lasting(_ condition: RuleOperand) throws(RuleError) -> RuleOperand {
    advance()
    let count = try count("a number of bars")
    guard isWord(.bars) || isWord(.bar) else { throw unexpected("bars") }
    advance()
    return try builder.lasting(condition, count)
  }

  private mutating func count(_ what: String) throws(RuleError) -> RuleOperand {
    switch token.kind {
    case .number: return try number()
    case .parameter: return try parameter()
    default: throw unexpected(what)
    }
  }

  // MARK: Operands

  private mutating func primary() throws(RuleError) -> RuleOperand {
    switch token.kind {
    case .number:
      return try number()
    case .parameter:
      let place = place
      let name = text(token.bytes)
      advance()
      guard isSymbol(".") else { return try builder.parameter(name, place) }
      return try target(of: try builder.symbol(parameter: name, place), place)
    case .quoted:
      let place = place
      let name = text(token.bytes)
      advance()
      if isSymbol(".") { return try target(of: try builder.symbol(name, place), place) }
      guard let minutes = timeOfDay(name.utf8) else {
        throw RuleError(
          place, expected: "a time such as '09:30', or a symbol with a dot behind it: 'NSE:TCS'.close",
          found: "'\(RuleError.readable(name, 60))'")
      }
      return RuleOperand(rule: .timeOfDay(minutes: minutes), kind: .timeOfDay, place: place)
    case .word:
      return try word()
    case .symbol where isSymbol("("):
      let place = place
      try open()
      var operand = try expression(.or)
      nesting -= 1
      try take(")")
      operand.place = place
      return operand
    case .length:
      throw unexpected("a number", hint: "a length of candles stands behind @: close@1h")
    default:
      throw unexpected(Self.operand)
    }
  }

  private static let operand = "a number, a field such as close, or a call such as ema(close, 20)"

  /// What stands behind the dot of a symbol.
  private mutating func target(of symbol: RuleSymbol, _ place: RulePlace) throws(RuleError) -> RuleOperand {
    try open()
    defer { nesting -= 1 }
    return try builder.of(symbol, try primary(), place)
  }

  private mutating func number() throws(RuleError) -> RuleOperand {
    guard let number = RuleNumber(token.bytes) else {
      throw unexpected("a number of at most 15 digits and 15 decimals")
    }
    defer { advance() }
    return RuleOperand(rule: .number(number), kind: .number, place: place)
  }

  private mutating func parameter() throws(RuleError) -> RuleOperand {
    defer { advance() }
    return try builder.parameter(text(token.bytes), place)
  }

  private mutating func word() throws(RuleError) -> RuleOperand {
    let place = place
    let word = token.bytes
    if let keyword = RuleKeyword(word), keyword != .prediction { throw unexpected(Self.operand) }
    advance()
    if isSymbol("(") { return try call(word, place) }
    if let field = CandleField(word) { return RuleOperand(rule: .field(field), kind: .number, place: place) }
    if let field = TradeField(word) { return builder.trade(field, place) }
    if let field = ClockField(word) { return builder.clock(field, place) }
    if let signature = RuleFunction.named(word) {
      throw RuleError(place, expected: signature.shape, found: "\(signature.name) without parentheses")
    }
    throw RuleError(place, expected: Self.operand, found: shown(word), hint: RuleSpelling.suggestion(for: word))
  }

  private mutating func call(_ name: ArraySlice<UInt8>, _ place: RulePlace) throws(RuleError) -> RuleOperand {
    if RuleKeyword(name) == .prediction { return try prediction(place) }
    guard let signature = RuleFunction.named(name) else {
      throw RuleError(place, expected: "a function", found: shown(name), hint: RuleSpelling.suggestion(for: name))
    }
    try open()
    var arguments: [RuleOperand] = []
    while !isSymbol(")") {
      if !arguments.isEmpty {
        guard isSymbol(",") else { throw unexpected(", or )") }
        advance()
      }
      arguments.append(try expression(.or))
      // Whatever stands here belongs to no function.
      guard arguments.count <= RuleSignature.mostArguments else { break }
    }
    try take(")")
    nesting -= 1
    return try builder.call(signature, arguments, output: try output(of: signature), place)
  }

  /// The output that is asked for behind a call: `.histogram`.
  private mutating func output(of signature: RuleSignature) throws(RuleError) -> Int {
    guard isSymbol(".") else {
      guard signature.outputs.isEmpty else { throw unexpected("." + signature.outputNames) }
      return 0
    }
    guard !signature.outputs.isEmpty else {
      throw RuleError(place, problem: "\(signature.name) has one value and no fields")
    }
    advance()
    guard token.kind == .word, let output = signature.output(token.bytes) else {
      throw unexpected(signature.outputNames)
    }
    advance()
    return output
  }

  private mutating func prediction(_ place: RulePlace) throws(RuleError) -> RuleOperand {
    advance()
    guard token.kind == .quoted else { throw unexpected("the name of a model: prediction('trend-net', 1h)") }
    let (model, modelPlace) = (text(token.bytes), self.place)
    advance()
    try take(",")
    guard token.kind == .length else { throw unexpected("the age that a prediction may have, such as 15m or 1h") }
    let age = text(token.bytes)
    advance()
    try take(")")
    return try builder.prediction(model, age, place, model: modelPlace)
  }

  // MARK: Tokens

  private var place: RulePlace { RulePlace(path: path, line: token.line, column: token.column) }

  private mutating func advance() { token = lexer.next() }

  /// Goes past the token that opens something.
  private mutating func open() throws(RuleError) {
    nesting += 1
    guard nesting <= 2 * RuleLimits.depth else { throw .tooDeep(place) }
    advance()
  }

  private mutating func take(_ symbol: String) throws(RuleError) {
    guard isSymbol(symbol) else { throw unexpected(symbol) }
    advance()
  }

  private func isSymbol(_ symbol: String) -> Bool {
    token.kind == .symbol && token.bytes.elementsEqual(symbol.utf8)
  }

  private func isWord(_ keyword: RuleKeyword) -> Bool {
    token.kind == .word && isSameWord(token.bytes, keyword.spelling)
  }

  private func unexpected(_ expected: String, hint: String = "") -> RuleError {
    RuleError(
      place, expected: expected, found: token.kind == .end ? "the end of the rule" : shown(token.written), hint: hint)
  }

  private func shown(_ bytes: ArraySlice<UInt8>) -> String { RuleError.readable(text(bytes), 60) }

  private func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
