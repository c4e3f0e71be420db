import TestSupport

@testable import TradingCore

/// Rules as nobody would write them, all of them well-formed.
struct RandomRule {
  var random: SeededGenerator
  /// Whether the expression is of the strategy's own candles, where position, clock, predictions and other series are known.
  private var isOwn = true

  static let parameters: [(name: String, value: StrategyDefinition.ParameterValue)] = [
    ("n", .number(RuleNumber(digits: 4))), ("level", .number(RuleNumber(digits: 1015, decimals: 1))),
    ("other", .symbol("X")),
  ]

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func condition(_ depth: Int) -> Rule {
    switch random.below(depth > 0 ? 14 : 3) {
    case 0, 1, 2: return .operation(random.one(of: [.less, .lessOrEqual, .greater, .greaterOrEqual]), pair(depth))
    case 3: return .operation(random.one(of: [.equal, .notEqual]), pair(depth))
    case 4: return .operation(.between, [number(depth - 1), number(depth - 1), number(depth - 1)])
    case 5: return times()
    case 6: return .operation(.not, [condition(depth - 1)])
    case 7: return .operation(.and, conditions(depth))
    case 8: return .operation(.or, conditions(depth))
    case 9: return .lasting(condition(depth - 1), whole())
    case 10: return .ago(condition(depth - 1), whole())
    case 11: return elsewhere { $0.condition(depth - 1) }
    default: return .call(random.one(of: [.crossesAbove, .crossesBelow]), pair(depth), output: 0)
    }
  }

  mutating func number(_ depth: Int) -> Rule {
    switch random.below(depth > 0 ? 14 : 4) {
    case 0, 1, 2: return leaf()
    case 3: return constant()
    case 4: return .operation(.negate, [number(depth - 1)])
    case 5, 6, 7: return .operation(random.one(of: [.add, .subtract, .multiply, .divide]), pair(depth))
    case 8: return .ago(number(depth - 1), whole())
    case 9: return elsewhere { $0.number(depth - 1) }
    default: return call(depth)
    }
  }

  // MARK: Parts

  private mutating func pair(_ depth: Int) -> [Rule] { [number(depth - 1), number(depth - 1)] }

  private mutating func conditions(_ depth: Int) -> [Rule] {
    (0..<(2 + random.below(2))).map { _ in condition(depth - 1) }
  }

  private mutating func leaf() -> Rule {
    guard isOwn else { return .field(random.one(of: CandleField.allCases)) }
    switch random.below(12) {
    case 0: return .trade(random.one(of: TradeField.allCases))
    case 1: return .clock(random.one(of: ClockField.allCases))
    case 2: return .prediction(model: random.one(of: RuleWorld.models), maximumAge: RuleWorld.hour)
    default: return .field(random.one(of: CandleField.allCases))
    }
  }

  private mutating func constant() -> Rule {
    switch random.below(5) {
    case 0: .parameter("level")
    case 1: .timeOfDay(minutes: random.below(1440))
    default: .number(RuleNumber(digits: Int64(random.below(4000)) - 500, decimals: random.below(3)))
    }
  }

  private mutating func whole() -> Rule {
    random.below(6) == 0 ? .parameter("n") : .number(RuleNumber(digits: Int64(1 + random.below(6))))
  }

  private mutating func times() -> Rule {
    guard isOwn else { return .operation(.less, [.field(.open), .field(.close)]) }
    return .operation(
      .between,
      [.clock(.time), .timeOfDay(minutes: random.below(1440)), .timeOfDay(minutes: random.below(1440))])
  }

  /// Of another length, another instrument, or both.
  private mutating func elsewhere(_ inner: (inout RandomRule) -> Rule) -> Rule {
    guard isOwn else { return inner(&self) }
    isOwn = false
    let rule = inner(&self)
    isOwn = true
    let length = random.one(of: [RuleWorld.five, RuleWorld.hour])
    let symbol: RuleSymbol = random.below(3) == 0 ? .parameter("other") : .name(random.one(of: RuleWorld.symbols))
    switch random.below(5) {
    case 0: return .on(rule, length)
    case 1: return .of(symbol, rule)
    case 2: return .of(symbol, .on(rule, length))
    case 3: return .on(.of(symbol, rule), length)
    default: return .on(rule, RuleWorld.five)
    }
  }

  private mutating func call(_ depth: Int) -> Rule {
    var signature = random.one(of: RuleFunction.catalogue)
    while signature.type == .condition { signature = random.one(of: RuleFunction.catalogue) }
    var arguments: [Rule] = []
    for input in signature.inputs {
      arguments.append(input.type == .condition ? condition(depth - 1) : number(depth - 1))
    }
    for constant in signature.constants {
      if let least = constant.least {
        arguments.append(.number(RuleNumber(digits: Int64(least + random.below(7)))))
      } else {
        arguments.append(.number(RuleNumber(digits: Int64(1 + random.below(300)), decimals: 2)))
      }
    }
    return .call(signature.function, arguments, output: random.below(max(1, signature.outputs.count)))
  }
}
