extension ProgramBuilder {
  /// The slot in which `rule` stands, as an expression of the candles of a series.
  mutating func compile(_ rule: Rule, in series: Int) throws(RuleError) -> Int32 {
    switch rule {
    case .number(let number): return constant(number.double)
    case .timeOfDay(let minutes): return constant(Double(minutes))
    case .parameter(let name): return constant(try parameter(name).double)
    case .field(let field): return fieldSlot(field, of: series)
    case .trade(let field):
      try check(series == 0, "of the position")
      noteTrade()
      return FixedSlot.trade + Int32(field.rawValue)
    case .clock(let field):
      try check(series == 0, "of the clock")
      noteClock(ofSeries: series)
      return FixedSlot.clock + Int32(field.rawValue)
    case .prediction(let model, let maximumAge):
      try check(series == 0, "of predictions")
      return predictionSlot(model, maximumAge)
    case .on(let inner, let length):
      return try compile(inner, in: try seriesIndex(length, beside: series))
    case .of(let symbol, let inner):
      return try compile(inner, in: try seriesIndex(symbol: try name(symbol), length: self.series[series].length))
    case .operation(let name, let operands):
      return try operation(name, operands, in: series)
    case .call(let function, let arguments, let output):
      return try call(function, arguments, in: series) + Int32(output)
    case .ago(let inner, let count):
      let (slot, length) = (try compile(inner, in: series), try whole(count))
      let isCondition = slots[Int(slot)].isCondition
      return try add(
        .init(operation: .lag, series: series, inputs: try inputs([slot], in: series), length: length),
        isCondition: isCondition, depth: .init(first: length), ring: isCondition ? 0 : .nan)
    case .lasting(let inner, let count):
      let (slot, length) = (try condition(inner, in: series), try whole(count))
      return try add(
        .init(operation: .lasting, series: series, inputs: try inputs([slot], in: series), length: length),
        isCondition: true, depth: .init(first: length - 1))
    }
  }

  mutating func condition(_ rule: Rule, in series: Int) throws(RuleError) -> Int32 {
    let slot = try compile(rule, in: series)
    guard slots[Int(slot)].isCondition else { throw refusal("a condition", "the number \(rule.text)") }
    return slot
  }

  mutating func number(_ rule: Rule, in series: Int) throws(RuleError) -> Int32 {
    let slot = try compile(rule, in: series)
    guard !slots[Int(slot)].isCondition else { throw refusal("a number", "the condition \(rule.text)") }
    return slot
  }

  // MARK: Constants

  func parameter(_ name: String) throws(RuleError) -> RuleNumber {
    for parameter in definition.parameters where isSame(parameter.name, name) {
      if case .number(let number) = parameter.value { return number }
    }
    throw refusal("a number among params", "$\(name)")
  }

  private func name(_ symbol: RuleSymbol) throws(RuleError) -> String {
    switch symbol {
    case .name(let name): return name
    case .parameter(let name):
      for parameter in definition.parameters where isSame(parameter.name, name) {
        if case .symbol(let symbol) = parameter.value { return symbol }
      }
      throw refusal("a symbol among params", "$\(name)")
    }
  }

  private func known(_ rule: Rule) throws(RuleError) -> RuleNumber {
    switch rule {
    case .number(let number): return number
    case .parameter(let name): return try parameter(name)
    default: throw refusal("a number or a parameter", rule.text)
    }
  }

  /// A number of candles.
  private func whole(_ rule: Rule) throws(RuleError) -> Int {
    let number = try known(rule)
    guard number.decimals == 0, number.digits >= 1, number.digits <= Int64(RuleLimits.lookback) else {
      throw refusal("a whole number from 1 to \(RuleLimits.lookback)", rule.text)
    }
    return Int(number.digits)
  }

  private func check(_ isAllowed: Bool, _ what: String) throws(RuleError) {
    guard isAllowed else { throw refusal("nothing \(what) within candles of another length or instrument", "it") }
  }

  // MARK: Operators

  /// The slots as inputs of an instruction of a series. Only the strategy's own candles see other series.
  private func inputs(_ slots: [Int32], in series: Int) throws(RuleError) -> Instruction.InputSlots {
    for slot in slots {
      if let other = self.slots[Int(slot)].series, other != series, series != 0 {
        throw refusal("one series of candles within another length or instrument", "two")
      }
    }
    func slot(_ place: Int) -> Int32 { slots[min(place, slots.count - 1)] }
    return slots.isEmpty ? .init() : .init(a: slot(0), b: slot(1), c: slot(2), d: slot(3))
  }

  private mutating func operation(
    _ name: RuleOperator, _ operands: [Rule], in series: Int
  ) throws(RuleError) -> Int32 {
    func isTime(_ rule: Rule) -> Int? { if case .timeOfDay(let minutes) = rule { minutes } else { nil } }
    let operation: Instruction.Operation
    switch name {
    case .and, .or:
      var slot = try condition(operands[0], in: series)
      for operand in operands.dropFirst() {
        slot = try plain(name == .and ? .and : .or, [slot, try condition(operand, in: series)], true, in: series)
      }
      return slot
    case .not: return try plain(.not, [try condition(operands[0], in: series)], true, in: series)
    case .negate: operation = .negate
    case .add: operation = .add
    case .subtract: operation = .subtract
    case .multiply: operation = .multiply
    case .divide: operation = .divide
    case .less: operation = .less
    case .lessOrEqual: operation = .lessOrEqual
    case .greater: operation = .greater
    case .greaterOrEqual: operation = .greaterOrEqual
    case .equal: operation = .equal
    case .notEqual: operation = .notEqual
    case .between:
      if let lower = isTime(operands[1]), let upper = isTime(operands[2]), lower > upper {
        operation = .betweenAcross
      } else {
        operation = .between
      }
    }
    var slots: [Int32] = []
    for operand in operands { slots.append(try number(operand, in: series)) }
    return try plain(operation, slots, operation.isComparison, in: series)
  }

  /// An instruction without state; of constants, the constant that it gives.
  private mutating func plain(
    _ operation: Instruction.Operation, _ slots: [Int32], _ isCondition: Bool, in series: Int
  ) throws(RuleError) -> Int32 {
    let inputs = try inputs(slots, in: series)
    func value(_ slot: Int32) -> Double { self.slots[Int(slot)].value }
    var isConstant = true
    for slot in slots where self.slots[Int(slot)].series != nil { isConstant = false }
    if isConstant {
      let result = operation.result(value(inputs.a), value(inputs.b), value(inputs.c))
      return constant(result, isCondition: isCondition)
    }
    return try add(
      .init(operation: operation, series: series, inputs: inputs), isCondition: isCondition, depth: .init(first: 0))
  }

  // MARK: Functions

  private mutating func call(
    _ function: RuleFunction, _ arguments: [Rule], in series: Int
  ) throws(RuleError) -> Int32 {
    let signature = function.signature
    guard arguments.count == signature.inputs.count + signature.constants.count else {
      throw refusal("\(signature.inputs.count + signature.constants.count) arguments of \(signature.name)", "others")
    }
    if signature.needsClock { noteClock(ofSeries: series) }
    var slots: [Int32] = []
    for (input, argument) in zip(signature.inputs, arguments) {
      slots.append(
        input.type == .condition ? try condition(argument, in: series) : try number(argument, in: series))
    }
    for field in signature.implicit { slots.append(fieldSlot(field, of: series)) }
    let constants = Array(arguments.dropFirst(signature.inputs.count))
    switch function {
    case .crossesAbove: return try stateful(.crossesAbove, slots, 0, true, .init(first: 1), in: series)
    case .crossesBelow: return try stateful(.crossesBelow, slots, 0, true, .init(first: 1), in: series)
    case .absolute: return try plain(.absolute, slots, false, in: series)
    case .squareRoot: return try plain(.squareRoot, slots, false, in: series)
    case .minimum: return try plain(.minimum, slots, false, in: series)
    case .maximum: return try plain(.maximum, slots, false, in: series)
    case .count:
      let length = try whole(constants[0])
      return try stateful(.count, slots, length, false, .init(first: length - 1), in: series)
    case .openingHigh, .openingLow:
      return try stateful(
        function == .openingHigh ? .openingHigh : .openingLow, slots, try whole(constants[0]), false,
        .init(first: 0, session: true), in: series)
    case .highest: return try kernel(.highest, signature, slots, constants, in: series)
    case .lowest: return try kernel(.lowest, signature, slots, constants, in: series)
    case .sum: return try kernel(.sum, signature, slots, constants, in: series)
    case .hedgeRatio: return try kernel(.hedgeRatio, signature, [slots[1], slots[0]], constants, in: series)
    case .indicator(.vwap):
      // The typical price, as `HighLowClose` has it.
      let sum = try plain(.add, [slots[0], slots[1]], false, in: series)
      let total = try plain(.add, [sum, slots[2]], false, in: series)
      let price = try plain(.divide, [total, constant(3)], false, in: series)
      return try kernel(.indicator(.vwap), signature, [price, slots[3]], constants, in: series)
    case .indicator(let kind): return try kernel(.indicator(kind), signature, slots, constants, in: series)
    }
  }

  private mutating func stateful(
    _ operation: Instruction.Operation, _ slots: [Int32], _ length: Int, _ isCondition: Bool, _ depth: Code.Depth,
    in series: Int
  ) throws(RuleError) -> Int32 {
    try add(
      .init(operation: operation, series: series, inputs: try inputs(slots, in: series), length: length),
      isCondition: isCondition, depth: depth)
  }

  private mutating func kernel(
    _ kernel: ProgramKernel, _ signature: RuleSignature, _ slots: [Int32], _ constants: [Rule], in series: Int
  ) throws(RuleError) -> Int32 {
    var numbers: [Double] = []
    for (constant, rule) in zip(signature.constants, constants) {
      let number = try known(rule)
      let isWhole = number.decimals == 0 && number.digits >= Int64(constant.least ?? 1)
      guard constant.least == nil || isWhole, number.double <= Double(constant.largest) else {
        throw refusal(
          "\(constant.name) of \(signature.name) from \(constant.least ?? 0) to \(constant.largest)", rule.text)
      }
      numbers.append(number.double)
    }
    while numbers.count < 3 { numbers.append(0) }
    let parameters = IndicatorParameters(numbers[0], numbers[1], numbers[2])
    let fields = kernel == .indicator(.vwap) ? BarFields([.close, .volume]) : BarFields(signature.implicit)
    let (shape, first): (KernelShape, Int)
    do {
      shape = try KernelShape(kernel, parameters)
      first = try FirstValue.updates(kernel, parameters, fields)
    } catch {
      throw refusal("numbers that \(signature.name) can be made with", error.description)
    }
    let operation: Instruction.Operation =
      kernel == .indicator(.vwap) ? .sessionKernel : kernel.form == .replayed ? .window : .kernel
    var meaning = Instruction.Meaning(operation: operation, series: series, inputs: try inputs(slots, in: series))
    meaning.kernel = kernel
    meaning.length = operation == .window ? first : 0
    (meaning.first, meaning.second, meaning.third) = (numbers[0], numbers[1], numbers[2])
    let depth = Code.Depth(
      first: first - 1, kernel: kernel, parameters: parameters, fields: fields, session: operation == .sessionKernel)
    return try add(meaning, isCondition: false, shape: shape, depth: depth)
  }
}
