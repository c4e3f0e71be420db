import TestSupport
import TradingCore

/// Makes rules as the parser makes them: of the right types, within the limits, the same for the same seed.
struct RandomRules {
  var generator: SeededGenerator
  /// The longest period and lookback.
  var longest = 30
  /// Numbers that `$name` stands for; each is a whole number from 2 to `longest`.
  var parameters = ["fast", "slow"]
  var symbols: [RuleSymbol] = [.name("NSE:NIFTY 50"), .name("M&M"), .parameter("other")]
  var lengths = [
    RuleLength(count: 15, unit: .minute), RuleLength(count: 1, unit: .hour), RuleLength(count: 1, unit: .day),
  ]
  var models = ["trend-net"]
  var functions = RuleFunction.catalogue
  /// Whether the position and the exchange's clock are asked for.
  var usesPosition = true
  var usesClock = true
  /// Whether candles of another length or instrument look at others still, which a program refuses.
  var nestsSeries = true
  /// How many expressions a rule has at most, about.
  var size = 40

  private var left = 0
  /// Within `@` or behind a symbol, where position, clock and predictions have no place.
  private var isSeries = false

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func condition() -> Rule {
    left = size
    return condition(deep: 0)
  }

  mutating func number() -> Rule {
    left = size
    return number(deep: 0)
  }

  /// One in so many times.
  private mutating func chance(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &generator) == 0 }
  private mutating func any<Element>(_ elements: [Element]) -> Element { elements.randomElement(using: &generator)! }

  private mutating func condition(deep depth: Int) -> Rule {
    left -= 1
    if depth > 12 || left <= 0 || chance(3) { return comparison(deep: depth + 1) }
    switch Int.random(in: 0..<8, using: &generator) {
    case 0...2:
      let operands = (0..<Int.random(in: 2...3, using: &generator)).map { _ in condition(deep: depth + 1) }
      return .operation(any([.and, .or]), operands)
    case 3: return .operation(.not, [condition(deep: depth + 1)])
    case 4: return .lasting(condition(deep: depth + 1), count())
    case 5: return .ago(condition(deep: depth + 1), count())
    case 6: return series { .condition($0.condition(deep: depth + 1)) }
    default: return call(functions.filter { $0.type == .condition }, deep: depth)
    }
  }

  private mutating func comparison(deep depth: Int) -> Rule {
    if usesClock, !isSeries, chance(6) {
      let times = (0..<2).map { _ in Rule.timeOfDay(minutes: Int.random(in: 0..<1_440, using: &generator)) }
      return chance(2)
        ? .operation(.between, [.clock(.time)] + times)
        : .operation(any([.less, .greaterOrEqual]), [.clock(.time), times[0]])
    }
    if chance(5) { return .operation(.between, (0..<3).map { _ in number(deep: depth + 1) }) }
    let operations: [RuleOperator] = [.less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual]
    return .operation(any(operations), [number(deep: depth + 1), number(deep: depth + 1)])
  }

  private mutating func number(deep depth: Int) -> Rule {
    left -= 1
    if depth > 12 || left <= 0 || chance(3) { return atom() }
    switch Int.random(in: 0..<10, using: &generator) {
    case 0...2:
      return .operation(
        any([.add, .subtract, .multiply, .divide]), [number(deep: depth + 1), number(deep: depth + 1)])
    case 3: return .operation(.negate, [number(deep: depth + 1)])
    case 4: return .ago(number(deep: depth + 1), count())
    case 5: return series { .number($0.number(deep: depth + 1)) }
    default: return call(functions.filter { $0.type == .number }, deep: depth)
    }
  }

  private enum Part {
    case condition(Rule)
    case number(Rule)
    var rule: Rule {
      switch self {
      case .condition(let rule), .number(let rule): rule
      }
    }
  }

  /// Of another length or another instrument.
  private mutating func series(_ part: (inout Self) -> Part) -> Rule {
    let wasSeries = isSeries
    if wasSeries, !nestsSeries { return part(&self).rule }
    isSeries = true
    defer { isSeries = wasSeries }
    if !nestsSeries, !symbols.isEmpty, !lengths.isEmpty, chance(3) {
      let (rule, symbol, length) = (part(&self).rule, any(symbols), any(lengths))
      return chance(2) ? .of(symbol, .on(rule, length)) : .on(.of(symbol, rule), length)
    }
    if symbols.isEmpty && lengths.isEmpty { return part(&self).rule }
    if symbols.isEmpty || !lengths.isEmpty && chance(2) { return .on(part(&self).rule, any(lengths)) }
    return .of(any(symbols), part(&self).rule)
  }

  private mutating func atom() -> Rule {
    switch Int.random(in: 0..<12, using: &generator) {
    case 0...1: return .number(literal())
    case 2 where !parameters.isEmpty: return .parameter(any(parameters))
    case 3 where usesPosition && !isSeries: return .trade(any(TradeField.allCases))
    case 4 where usesClock && !isSeries: return .clock(any(ClockField.allCases))
    case 5 where !models.isEmpty && !isSeries:
      return .prediction(model: any(models), maximumAge: RuleLength(count: 2, unit: .hour))
    default: return .field(any(CandleField.allCases))
    }
  }

  private mutating func literal() -> RuleNumber {
    let bound: Int64 = chance(8) ? 1_000_000_000_000_000 : 1_000
    return RuleNumber(
      digits: Int64.random(in: (1 - bound)..<bound, using: &generator),
      decimals: Int.random(in: 0...(chance(8) ? 15 : 2), using: &generator))
  }

  private mutating func count() -> Rule { constant(least: 1, largest: longest) }

  private mutating func constant(least: Int?, largest: Int) -> Rule {
    if !parameters.isEmpty, chance(5) { return .parameter(any(parameters)) }
    guard let least else {
      return .number(RuleNumber(digits: Int64.random(in: 1...500, using: &generator), decimals: 2))
    }
    return .number(RuleNumber(digits: Int64(Int.random(in: least...min(largest, longest), using: &generator))))
  }

  private mutating func call(_ signatures: [RuleSignature], deep depth: Int) -> Rule {
    let signature = any(signatures.filter { !$0.needsClock || usesClock })
    var arguments: [Rule] = []
    for input in signature.inputs {
      arguments.append(input.type == .condition ? condition(deep: depth + 1) : number(deep: depth + 1))
    }
    for constant in signature.constants {
      arguments.append(self.constant(least: constant.least, largest: constant.largest))
    }
    return .call(
      signature.function, arguments,
      output: signature.outputs.isEmpty ? 0 : Int.random(in: signature.outputs.indices, using: &generator))
  }
}
