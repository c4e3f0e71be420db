@testable import TradingCore

/// What rules give at each candle, computed as a person would: by walking the tree with whole columns. Indicators are
/// TradingCore's, made anew and fed from the first candle on; a window function from the first candle of its window on.
struct NaiveRules {
  let world: RuleWorld
  var parameters: [(name: String, value: StrategyDefinition.ParameterValue)] = []

  /// One value for each candle of series `s`: NaN is not known, conditions are 1 or 0.
  func column(_ rule: Rule, _ s: Int = 0) -> [Double] {
    let count = world.series[s].candles.count
    switch rule {
    case .number(let number): return [Double](repeating: number.double, count: count)
    case .timeOfDay(let minutes): return [Double](repeating: Double(minutes), count: count)
    case .parameter(let name): return [Double](repeating: number(name).double, count: count)
    case .field(let field): return world.series[s].candles.map { value(field, $0) }
    case .trade(let field): return trade(field)
    case .clock(let field): return world.series[s].clocks.indices.map { clock(field, s, $0) }
    case .prediction(let model, _):
      let place = RuleWorld.models.firstIndex(of: model)!
      return world.predictions.map { $0[place] }
    case .call(let function, let arguments, let output): return call(function, arguments, output, s)
    case .operation(let name, let operands): return operation(name, operands, s)
    case .ago(let inner, let n):
      let (values, n) = (column(inner, s), whole(n))
      return (0..<count).map { $0 >= n ? values[$0 - n] : isCondition(inner) ? 0 : .nan }
    case .lasting(let inner, let n):
      let (values, n) = (column(inner, s), whole(n))
      return (0..<count).map { i in i + 1 >= n && values[(i + 1 - n)...i].allSatisfy { $0 == 1 } ? 1 : 0 }
    case .on(let inner, _) where isConstant(inner), .of(_, let inner) where isConstant(inner): return column(inner, s)
    case .on(let inner, let length):
      return brought(
        column(inner, place(world.series[s].symbol, length)), inner, s, place(world.series[s].symbol, length))
    case .of(let symbol, let inner):
      let other = place(name(symbol), world.series[s].length)
      return brought(column(inner, other), inner, s, other)
    }
  }

  /// Whether each candle meets a condition.
  func holds(_ rule: Rule?) -> [Bool] {
    rule.map { column($0).map { $0 == 1 } } ?? [Bool](repeating: false, count: world.series[0].candles.count)
  }

  // MARK: Inputs

  private func place(_ symbol: String?, _ length: RuleLength?) -> Int {
    world.index(symbol, length == RuleWorld.minute ? nil : length)
  }

  /// A column of another series as the candles of series `s` see it. Within another series nothing is brought but the
  /// column itself: what it is of stands innermost.
  private func brought(_ values: [Double], _ rule: Rule, _ s: Int, _ other: Int) -> [Double] {
    guard s == 0 else { return values }
    return world.lastClosed(actual(rule, other)).map { $0.map { values[$0] } ?? (isCondition(rule) ? 0 : .nan) }
  }

  /// The series that an expression is of after all, when it names another one itself.
  private func actual(_ rule: Rule, _ s: Int) -> Int {
    switch rule {
    case .on(let inner, let length): actual(inner, place(world.series[s].symbol, length))
    case .of(let symbol, let inner): actual(inner, place(name(symbol), world.series[s].length))
    default: s
    }
  }

  /// What is the same at all candles needs none.
  private func isConstant(_ rule: Rule) -> Bool {
    switch rule {
    case .number, .timeOfDay, .parameter: return true
    case .on(let inner, _), .of(_, let inner): return isConstant(inner)
    case .operation(_, let operands): return operands.allSatisfy(isConstant)
    case .call(let function, let inputs, _):
      return [.absolute, .squareRoot, .minimum, .maximum].contains(function) && inputs.allSatisfy(isConstant)
    default: return false
    }
  }

  private func value(_ field: CandleField, _ candle: Candle) -> Double {
    switch field {
    case .open: candle.open
    case .high: candle.high
    case .low: candle.low
    case .close: candle.close
    case .volume: candle.volume
    }
  }

  private func trade(_ field: TradeField) -> [Double] {
    world.trades.indices.map { i in
      let (trade, close) = (world.trades[i], world.series[0].candles[i].close)
      guard trade.side != 0 else { return field == .position ? 0 : .nan }
      let profit = trade.side > 0 ? close - trade.entryPrice : trade.entryPrice - close
      switch field {
      case .position: return Double(trade.side)
      case .barsSinceEntry: return Double(trade.barsSinceEntry)
      case .secondsSinceEntry:
        return Double(world.series[0].closes[i].microseconds - trade.enteredAt.microseconds) / 1e6
      case .entryPrice: return trade.entryPrice
      case .openProfit: return profit
      case .openProfitR: return profit / trade.initialStopDistance
      }
    }
  }

  private func clock(_ field: ClockField, _ s: Int, _ i: Int) -> Double {
    guard let clock = world.series[s].clocks[i] else { return .nan }
    let close = world.series[s].closes[i].microseconds
    switch field {
    case .time: return clock.minuteOfDay
    case .weekday: return Double(clock.weekday)
    case .sessionMinutes: return clock.session.map { Double(close - $0.opensAt.microseconds) / 6e7 } ?? .nan
    case .minutesToClose: return clock.session.map { Double($0.closesAt.microseconds - close) / 6e7 } ?? .nan
    }
  }

  func number(_ name: String) -> RuleNumber {
    guard case .number(let number)? = parameters.first(where: { $0.name == name })?.value else { fatalError(name) }
    return number
  }

  private func name(_ symbol: RuleSymbol) -> String {
    switch symbol {
    case .name(let name): return name
    case .parameter(let name):
      guard case .symbol(let symbol)? = parameters.first(where: { $0.name == name })?.value else { fatalError(name) }
      return symbol
    }
  }

  private func constant(_ rule: Rule) -> Double {
    switch rule {
    case .number(let number): number.double
    case .parameter(let name): number(name).double
    default: fatalError("no constant")
    }
  }

  private func whole(_ rule: Rule) -> Int { Int(constant(rule)) }

  private func isCondition(_ rule: Rule) -> Bool {
    switch rule {
    case .operation(let name, _): ![.negate, .add, .subtract, .multiply, .divide].contains(name)
    case .call(let function, _, _): function == .crossesAbove || function == .crossesBelow
    case .lasting: true
    case .ago(let inner, _), .on(let inner, _), .of(_, let inner): isCondition(inner)
    default: false
    }
  }

  // MARK: Operators

  private func operation(_ name: RuleOperator, _ operands: [Rule], _ s: Int) -> [Double] {
    let columns = operands.map { column($0, s) }
    var isAcross = false
    if name == .between, case .timeOfDay(let lower) = operands[1], case .timeOfDay(let upper) = operands[2] {
      isAcross = lower > upper
    }
    return world.series[s].candles.indices.map { i in
      let values = columns.map { $0[i] }
      func condition(_ holds: Bool) -> Double { holds && !values.contains(where: \.isNaN) ? 1 : 0 }
      func number(_ result: Double) -> Double { result.isFinite ? result : .nan }
      switch name {
      case .negate: return -values[0]
      case .add: return number(values[0] + values[1])
      case .subtract: return number(values[0] - values[1])
      case .multiply: return number(values[0] * values[1])
      case .divide: return number(values[0] / values[1])
      case .less: return condition(values[0] < values[1])
      case .lessOrEqual: return condition(values[0] <= values[1])
      case .greater: return condition(values[0] > values[1])
      case .greaterOrEqual: return condition(values[0] >= values[1])
      case .equal: return condition(values[0] == values[1])
      case .notEqual: return condition(values[0] != values[1])
      case .between:
        let (above, below) = (values[0] >= values[1], values[0] <= values[2])
        return condition(isAcross ? above || below : above && below)
      case .not: return values[0] == 1 ? 0 : 1
      case .and: return values.allSatisfy { $0 == 1 } ? 1 : 0
      case .or: return values.contains(1) ? 1 : 0
      }
    }
  }

  // MARK: Functions

  private func call(_ function: RuleFunction, _ arguments: [Rule], _ output: Int, _ s: Int) -> [Double] {
    let signature = function.signature
    let inputs = arguments.prefix(signature.inputs.count).map { column($0, s) }
    let constants = arguments.dropFirst(signature.inputs.count).map(constant)
    let fields = signature.implicit.map { column(.field($0), s) }
    let parameters = IndicatorParameters(
      constants.count > 0 ? constants[0] : 0, constants.count > 1 ? constants[1] : 0,
      constants.count > 2 ? constants[2] : 0)
    func each(_ result: (Int) -> Double) -> [Double] { world.series[s].candles.indices.map(result) }
    switch function {
    case .crossesAbove:
      let (a, b) = (inputs[0], inputs[1])
      return each { $0 > 0 && a[$0] > b[$0] && a[$0 - 1] <= b[$0 - 1] ? 1 : 0 }
    case .crossesBelow:
      let (a, b) = (inputs[0], inputs[1])
      return each { $0 > 0 && a[$0] < b[$0] && a[$0 - 1] >= b[$0 - 1] ? 1 : 0 }
    case .absolute: return inputs[0].map { abs($0) }
    case .squareRoot: return inputs[0].map { $0.squareRoot() }
    case .minimum:
      return each { i in inputs[0][i].isNaN || inputs[1][i].isNaN ? .nan : min(inputs[0][i], inputs[1][i]) }
    case .maximum:
      return each { i in inputs[0][i].isNaN || inputs[1][i].isNaN ? .nan : max(inputs[0][i], inputs[1][i]) }
    case .count:
      let n = Int(constants[0])
      return each { i in i + 1 < n ? .nan : Double(inputs[0][(i + 1 - n)...i].filter { $0 == 1 }.count) }
    case .highest: return window(inputs, Int(constants[0])) { $0[0].max()! + 0 }
    case .lowest: return window(inputs, Int(constants[0])) { $0[0].min()! + 0 }
    case .sum: return window(inputs, Int(constants[0])) { $0[0].reduce(0, +) }
    case .hedgeRatio:
      return window([inputs[1], inputs[0]], Int(constants[0])) { NaiveKernel.last(.hedgeRatio, parameters, $0)[0] }
    case .openingHigh, .openingLow: return opening(fields[0], Double(constants[0]), s, isHigh: function == .openingHigh)
    case .indicator(.vwap): return sessions(fields, s)
    case .indicator(let kind):
      let columns = inputs.isEmpty ? fields : inputs
      if let length = kind.window(parameters) {
        return window(columns, length) { NaiveKernel.last(.indicator(kind), parameters, $0)[output] }
      }
      return known(columns) { NaiveKernel.all(.indicator(kind), parameters, $0)[output] }
    }
  }

  /// Feeds the candles at which all columns are known; elsewhere the result is not known.
  private func known(_ columns: [[Double]], _ results: ([[Double]]) -> [Double]) -> [Double] {
    var column = [Double](repeating: .nan, count: columns.first?.count ?? 0)
    let places = column.indices.filter { i in columns.allSatisfy { !$0[i].isNaN } }
    let values = results(columns.map { column in places.map { column[$0] } })
    for (place, value) in zip(places, values) { column[place] = value.isFinite ? value : .nan }
    return column
  }

  /// Feeds the last `length` candles at which all columns are known, at each of them.
  private func window(_ columns: [[Double]], _ length: Int, _ result: ([[Double]]) -> Double) -> [Double] {
    known(columns) { columns in
      columns[0].indices.map { i in
        i + 1 < length ? .nan : result(columns.map { Array($0[(i + 1 - length)...i]) })
      }
    }
  }

  private func opening(_ prices: [Double], _ minutes: Double, _ s: Int, isHigh: Bool) -> [Double] {
    world.series[s].candles.indices.map { i in
      guard let session = world.series[s].clocks[i]?.session else { return .nan }
      func elapsed(_ j: Int) -> Double {
        Double(world.series[s].closes[j].microseconds - session.opensAt.microseconds) / 6e7
      }
      guard elapsed(i) >= minutes else { return .nan }
      let early = (0...i).filter {
        world.series[s].clocks[$0]?.session?.opensAt == session.opensAt && elapsed($0) <= minutes
      }.map { prices[$0] }
      return (isHigh ? early.max() : early.min()) ?? .nan
    }
  }

  /// The VWAP of each session on its own.
  private func sessions(_ fields: [[Double]], _ s: Int) -> [Double] {
    let prices = zip(zip(fields[0], fields[1]), fields[2]).map { ($0.0 + $0.1 + $1) / 3 }
    var result: [Double] = []
    var start = 0
    func opening(_ i: Int) -> Timestamp? { world.series[s].clocks[i]?.session?.opensAt }
    for end in prices.indices where end + 1 == prices.count || opening(end + 1) != opening(end) {
      let columns = [Array(prices[start...end]), Array(fields[3][start...end])]
      result += known(columns) { NaiveKernel.all(.indicator(.vwap), IndicatorParameters(), $0)[0] }
      start = end + 1
    }
    return result
  }
}

extension IndicatorKind {
  /// How many candles the value depends on; nil: on all before, or on few without rounding.
  func window(_ p: IndicatorParameters) -> Int? {
    switch self {
    case .sma, .wma, .stdev, .linregSlope, .zscore, .bbands, .cci, .correlation: Int(p.first)
    case .volumeSurge, .mfi: Int(p.first) + 1
    case .stoch: Int(p.first + p.second + p.third) - 2
    case .stochf: Int(p.first + p.second) - 1
    case .ultosc: Int(max(p.first, p.second, p.third)) + 1
    case .roc, .mom, .aroon: Int(p.first) + 1
    case .willr, .donchian: Int(p.first)
    default: nil
    }
  }
}

/// Runs a kernel from its first row on.
struct NaiveKernel: KernelVisitor {
  let parameters: IndicatorParameters
  let columns: [[Double]]
  var results: [[Double]] = []

  /// One array for each output.
  static func all(_ kernel: ProgramKernel, _ parameters: IndicatorParameters, _ columns: [[Double]]) -> [[Double]] {
    var run = NaiveKernel(parameters: parameters, columns: columns)
    do { try kernel.visit(&run) } catch { fatalError("\(kernel) \(parameters): \(error)") }
    return run.results
  }

  static func last(_ kernel: ProgramKernel, _ parameters: IndicatorParameters, _ columns: [[Double]]) -> [Double] {
    all(kernel, parameters, columns).map { $0.last! }
  }

  mutating func visit<K: Kernel>(_ type: K.Type) throws(IndicatorError) {
    var indicator = Indicator(try K(parameters))
    results = (0..<3).map { _ in [Double](repeating: .nan, count: columns[0].count) }
    var row = [Double](repeating: 0, count: 4)
    var output = [Double](repeating: .nan, count: 3)
    for i in columns[0].indices {
      for (place, column) in columns.enumerated() { row[place] = column[i] }
      row.withUnsafeBufferPointer { row in
        output.withUnsafeMutableBufferPointer { output in
          let (rows, outputs) = (row.baseAddress!, output.baseAddress!)
          let input = K.Input(row: 0, of: Columns(1, rows, rows + 1, rows + 2, rows + 3))
          indicator.update(input).store(row: 0, to: OutputColumns(1, outputs, outputs + 1, outputs + 2))
        }
      }
      for place in 0..<3 { results[place][i] = output[place] }
    }
  }
}
