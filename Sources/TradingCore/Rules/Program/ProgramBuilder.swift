/// Turns the rules of a definition into slots and instructions.
struct ProgramBuilder {
  let definition: StrategyDefinition
  let timeframe: RuleLength?
  private(set) var series: [SeriesKey] = []
  private(set) var predictions: [PredictionKey] = []
  private(set) var operandNames: [String] = []
  private var operandSlots: [Int32] = []

  /// One element for each slot.
  var slots: [Slot] = []
  private var instructions: [[Instruction]] = []
  private var depths: [[Code.Depth]] = []
  private var needsClock: [Bool] = []
  private var needsTrade = false
  private var state: [Double] = []
  private var freshKernels: [UInt64] = []
  private var liveWords = 0
  private var scratchCount = 0
  /// The first output of each instruction.
  private var known: [Instruction.Meaning: Int32] = [:]
  private var constants: [Constant: Int32] = [:]
  /// Which of the definition's rules is being compiled, for errors.
  private var part = ""

  struct Slot {
    var value: Double
    /// nil: the same at every candle of every series.
    var series: Int?
    var isCondition = false
  }

  private struct Constant: Hashable {
    var bits: UInt64
    var isCondition: Bool
  }

  static let largestSeriesCount = 16
  static let largestStateCount = 2_000_000

  init(_ definition: StrategyDefinition, timeframe: RuleLength?) {
    self.definition = definition
    self.timeframe = timeframe?.plain
    for _ in 0..<FixedSlot.count { slots.append(Slot(value: .nan, series: 0)) }
  }

  // MARK: The definition

  mutating func addAll() throws(RuleError) -> Roots {
    _ = try seriesIndex(symbol: nil, length: nil)
    var roots = Roots()
    roots.entry = try addCondition(definition.entry, "entry")
    roots.exit = try addCondition(definition.exit, "exit")
    roots.shortEntry = try addCondition(definition.shortEntry, "short_entry")
    roots.shortExit = try addCondition(definition.shortExit, "short_exit")
    part = "exits"
    for exit in definition.exits { roots.exitValues += try addExit(exit) }
    part = "sizing"
    switch definition.sizing {
    case .volatility:
      roots.averageTrueRange = try number(.call(.indicator(.atr), [.whole(14)], output: 0), in: 0)
    case .deviation(_, _, let period):
      roots.deviation = try number(
        .call(.indicator(.stdev), [.field(.close), .whole(period)], output: 0), in: 0)
    default: break
    }
    part = "legs"
    for leg in definition.legs { roots.legs.append(try number(leg.ratio, in: 0)) }
    roots.operands = operandSlots
    return roots
  }

  private mutating func addCondition(_ rule: Rule?, _ name: String) throws(RuleError) -> Int32 {
    guard let rule else { return -1 }
    part = name
    let slot = try condition(rule, in: 0)
    try addOperands(of: rule, wrappers: [])
    return slot
  }

  private mutating func addExit(_ exit: ExitRule) throws(RuleError) -> [Int32] {
    switch exit {
    case .stop(let distance), .trailingStop(let distance), .takeProfit(let distance, _):
      return [try number(distance, in: 0)]
    case .stopLevel(let long, let short):
      return [try number(long, in: 0), try number(short, in: 0)]
    case .expansion(let value, _):
      return [try number(value, in: 0)]
    case .when(let rule, _):
      let slot = try condition(rule, in: 0)
      try addOperands(of: rule, wrappers: [])
      return [slot]
    case .breakEven, .takeProfitAtR:
      return [-1]
    }
  }

  // MARK: Operands

  /// What encloses a condition and belongs to each of its sides.
  private enum Wrapper {
    case ago(Rule)
    case on(RuleLength)
    case of(RuleSymbol)
  }

  /// Takes note of what `rule`, a condition, compares.
  private mutating func addOperands(of rule: Rule, wrappers: [Wrapper]) throws(RuleError) {
    switch rule {
    case .operation(.and, let parts), .operation(.or, let parts), .operation(.not, let parts):
      for part in parts { try addOperands(of: part, wrappers: wrappers) }
    case .operation(_, let sides), .call(.crossesAbove, let sides, _), .call(.crossesBelow, let sides, _):
      for side in sides { try addOperand(side, wrappers) }
    case .lasting(let condition, _):
      try addOperands(of: condition, wrappers: wrappers)
    case .ago(let condition, let count):
      try addOperands(of: condition, wrappers: [.ago(count)] + wrappers)
    case .on(let condition, let length):
      try addOperands(of: condition, wrappers: [.on(length)] + wrappers)
    case .of(let symbol, let condition):
      try addOperands(of: condition, wrappers: [.of(symbol)] + wrappers)
    default: break
    }
  }

  private mutating func addOperand(_ side: Rule, _ wrappers: [Wrapper]) throws(RuleError) {
    var rule = side
    for wrapper in wrappers {
      switch wrapper {
      case .ago(let count): rule = .ago(rule, count)
      case .on(let length): rule = .on(rule, length)
      case .of(let symbol): rule = .of(symbol, rule)
      }
    }
    let slot = try compile(rule, in: 0)
    guard slots[Int(slot)].series != nil else { return }
    let name = rule.text
    for known in operandNames where isSame(known, name) { return }
    operandNames.append(name)
    operandSlots.append(slot)
  }

  // MARK: Series

  /// The place of a series, with slots for its candles when it is new.
  mutating func seriesIndex(symbol: String?, length: RuleLength?) throws(RuleError) -> Int {
    for (index, key) in series.enumerated() where Self.matches(key, symbol, length) { return index }
    guard series.count < Self.largestSeriesCount else {
      throw refusal("at most \(Self.largestSeriesCount) series of candles", "one more")
    }
    series.append(SeriesKey(symbol: symbol, length: length))
    for _ in CandleField.allCases { slots.append(Slot(value: .nan, series: series.count - 1)) }
    firstFields.append(Int32(slots.count - CandleField.allCases.count))
    instructions.append([])
    depths.append([])
    needsClock.append(false)
    return series.count - 1
  }

  /// Where the fields of each series begin.
  private(set) var firstFields: [Int32] = []

  private static func matches(_ key: SeriesKey, _ symbol: String?, _ length: RuleLength?) -> Bool {
    guard key.length == length else { return false }
    if let name = key.symbol, let symbol { return isSame(name, symbol) }
    return key.symbol == nil && symbol == nil
  }

  func fieldSlot(_ field: CandleField, of index: Int) -> Int32 { firstFields[index] + Int32(field.rawValue) }

  /// The series of candles of `length` beside those of series `index`.
  mutating func seriesIndex(_ length: RuleLength, beside index: Int) throws(RuleError) -> Int {
    let length = length.plain
    guard let timeframe else { return try seriesIndex(symbol: series[index].symbol, length: length) }
    if length == timeframe { return try seriesIndex(symbol: series[index].symbol, length: nil) }
    guard length.isMultiple(of: timeframe) else {
      throw refusal(
        "a length that the strategy's candles (\(timeframe.text)) fit into a whole number of times", "@\(length.text)")
    }
    return try seriesIndex(symbol: series[index].symbol, length: length)
  }

  func refusal(_ expected: String, _ found: String) -> RuleError {
    RuleError(RulePlace(path: part), expected: expected, found: found)
  }

  mutating func predictionSlot(_ model: String, _ maximumAge: RuleLength) -> Int32 {
    for (index, key) in predictions.enumerated()
    where key.maximumAge == maximumAge && isSame(key.model, model) { return predictionSlots[index] }
    predictions.append(PredictionKey(model: model, maximumAge: maximumAge))
    slots.append(Slot(value: .nan, series: 0))
    predictionSlots.append(Int32(slots.count - 1))
    return predictionSlots.last!
  }

  private(set) var predictionSlots: [Int32] = []

  // MARK: Slots and instructions

  mutating func constant(_ value: Double, isCondition: Bool = false) -> Int32 {
    let key = Constant(bits: value.bitPattern, isCondition: isCondition)
    if let slot = constants[key] { return slot }
    slots.append(Slot(value: value, series: nil, isCondition: isCondition))
    constants[key] = Int32(slots.count - 1)
    return Int32(slots.count - 1)
  }

  mutating func noteTrade() { needsTrade = true }

  mutating func noteClock(ofSeries index: Int) { needsClock[index] = true }

  /// The first slot that an instruction of this meaning writes: of the one that is there, or of a new one.
  mutating func add(
    _ meaning: Instruction.Meaning, isCondition: Bool, shape: KernelShape? = nil, depth: Code.Depth,
    ring: Double = 0
  ) throws(RuleError) -> Int32 {
    if let slot = known[meaning] { return slot }
    let output = Int32(slots.count)
    for _ in 0..<(shape?.outputs ?? 1) {
      slots.append(Slot(value: isCondition ? 0 : .nan, series: meaning.series, isCondition: isCondition))
    }
    let isLive = meaning.operation == .kernel || meaning.operation == .sessionKernel
    let inputs = meaning.inputs
    instructions[meaning.series].append(
      Instruction(
        operation: meaning.operation, kernel: meaning.kernel, a: inputs.a, b: inputs.b, c: inputs.c, d: inputs.d,
        output: output, outputs: Int32(shape?.outputs ?? 1), state: Int32(state.count),
        fresh: Int32(freshKernels.count), live: isLive ? Int32(liveWords) : 0,
        words: Int32(shape?.words ?? 0), memoryCount: Int32(shape?.memoryCount ?? 0), length: Int32(meaning.length)))
    depths[meaning.series].append(depth)
    addState(meaning.operation, meaning.length, shape, ring)
    guard state.count <= Self.largestStateCount else {
      throw refusal("windows of at most \(Self.largestStateCount) values in all", "more")
    }
    if let shape {
      freshKernels += shape.bytes
      if isLive { liveWords += shape.words } else { scratchCount = max(scratchCount, shape.memoryCount) }
    }
    known[meaning] = output
    return output
  }

  private mutating func addState(
    _ operation: Instruction.Operation, _ length: Int, _ shape: KernelShape?, _ ring: Double
  ) {
    let count = Instruction.stateCount(
      operation, length: length, inputs: shape?.inputs ?? 0, memoryCount: shape?.memoryCount ?? 0)
    let start = state.count
    state += Array(repeating: 0, count: count)
    switch operation {
    case .crossesAbove, .crossesBelow: (state[start], state[start + 1]) = (.nan, .nan)
    case .lag: for place in 0..<length { state[start + 1 + place] = ring }
    case .openingHigh, .openingLow: (state[start], state[start + 1]) = (SessionMark.unseen, .nan)
    case .sessionKernel: state[start] = SessionMark.unseen
    default: break
    }
  }

  func code(_ roots: Roots) -> Code {
    var all: [Instruction] = []
    var ranges: [Range<Int>] = []
    for part in instructions {
      ranges.append(all.count..<(all.count + part.count))
      for var instruction in part {
        instruction.state += Int32(slots.count)
        all.append(instruction)
      }
    }
    return Code(
      instructions: all, ranges: ranges, values: slots.map { $0.value } + state, slotCount: slots.count,
      firstFields: firstFields, predictionSlots: predictionSlots, freshKernels: freshKernels, liveWords: liveWords,
      scratchCount: scratchCount, needsClock: needsClock, needsTrade: needsTrade,
      roots: roots, depths: depths.flatMap { $0 })
  }
}

extension Rule {
  static func whole(_ value: Int) -> Rule { .number(RuleNumber(digits: Int64(value))) }
}

extension RuleLength {
  /// The same length in the largest unit below a day that it is a whole number of.
  var plain: RuleLength {
    var (count, unit) = (count, unit)
    if unit == .second, count % 60 == 0 { (count, unit) = (count / 60, .minute) }
    if unit == .minute, count % 60 == 0 { (count, unit) = (count / 60, .hour) }
    return RuleLength(count: count, unit: unit)
  }

  /// A month counts as 30 days.
  var seconds: Int {
    switch unit {
    case .second: count
    case .minute: count * 60
    case .hour: count * 3600
    case .day: count * 86_400
    case .week: count * 604_800
    case .month: count * 2_592_000
    }
  }

  /// Whether candles of the shorter length make up whole candles of this one. Days, weeks and months are those of the
  /// calendar, and sessions are made of whole candles of whatever is shorter.
  func isMultiple(of shorter: RuleLength) -> Bool {
    guard seconds > shorter.seconds else { return false }
    switch (unit, shorter.unit) {
    case (.month, .month), (.week, .week), (.day, .day): return count % shorter.count == 0
    case (.month, .week): return false
    case (.month, _), (.week, _), (.day, _): return shorter.count == 1 || shorter.seconds < 86_400
    default: return seconds % shorter.seconds == 0
    }
  }
}
