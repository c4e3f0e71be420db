/// A strategy's rules as a program: compiled once, shared by all agents that run the version, evaluated by a
/// ``StrategyMemory`` candle by candle.
///
/// All rules and what exits, sizing and legs compute are one list of instructions for each series of candles, in which equal
/// expressions stand once.
public struct StrategyProgram: Sendable {
  public let definition: StrategyDefinition
  /// What candles it looks at; the first are those that it acts on.
  public let series: [SeriesKey]
  /// What its rules compare, in the normal form of the language, each once: for signals and for the preview.
  public let operandNames: [String]
  /// Values that `evaluate` is given, in this order.
  public let predictions: [PredictionKey]
  /// Changes when a memory of one program is none of the other.
  public let fingerprint: UInt64

  /// The length of the strategy's candles; nil: every tick is one.
  public let timeframe: RuleLength?
  let code: Code

  /// - Parameter timeframe: the length of the candles that it acts on; nil: every tick is one.
  /// - Throws: `RuleError` for what the language's limits or the timeframe do not allow.
  public init(_ definition: StrategyDefinition, timeframe: RuleLength?) throws(RuleError) {
    var builder = ProgramBuilder(definition, timeframe: timeframe)
    let roots = try builder.addAll()
    code = builder.code(roots)
    series = builder.series
    operandNames = builder.operandNames
    predictions = builder.predictions
    fingerprint = code.fingerprint(series, predictions)
    self.definition = definition
    self.timeframe = timeframe
  }

  /// Whether the clock must be told with each candle of a series.
  public func needsClock(ofSeries index: Int) -> Bool { code.needsClock[index] }

  /// Whether its rules look at the position that it has led to, beyond its side.
  var needsTrade: Bool { code.needsTrade }

  /// Whether any series needs the clock.
  public var needsClock: Bool { code.needsClock.contains(true) }
}

/// Candles that a program looks at.
public struct SeriesKey: Sendable {
  /// Of another instrument; nil: of its own.
  public let symbol: String?
  /// Of another length; nil: of the strategy's.
  public let length: RuleLength?
}

/// A prediction that a program looks at.
public struct PredictionKey: Sendable {
  public let model: String
  public let maximumAge: RuleLength
}

/// The instructions of a program and what its memory starts with.
final class Code: Sendable {
  /// Of all series, one after the other.
  let instructions: [Instruction]
  /// The instructions of each series.
  let ranges: [Range<Int>]
  /// The first value of every slot and every double of state.
  let values: [Double]
  let slotCount: Int
  /// The slots of each series' candle fields, and those of predictions.
  let firstFields: [Int32]
  let predictionSlots: [Int32]
  /// The kernels as they are when nothing has come yet; those that go on are copied into the memory.
  let freshKernels: [UInt64]
  let liveWords: Int
  /// The largest window memory of a kernel that runs anew at each candle.
  let scratchCount: Int
  let needsClock: [Bool]
  let needsTrade: Bool
  let roots: Roots
  /// How far each instruction goes back.
  let depths: [Depth]

  /// What an instruction makes of the history that its inputs need, in candles of its series.
  struct Depth: Sendable {
    /// Candles before the present one that it needs to have a value.
    var first: Int
    var kernel: ProgramKernel?
    var parameters = IndicatorParameters()
    var fields = BarFields([])
    /// Whether it needs the whole session.
    var session = false
  }

  init(
    instructions: [Instruction], ranges: [Range<Int>], values: [Double], slotCount: Int, firstFields: [Int32],
    predictionSlots: [Int32], freshKernels: [UInt64], liveWords: Int, scratchCount: Int, needsClock: [Bool],
    needsTrade: Bool, roots: Roots, depths: [Depth]
  ) {
    self.instructions = instructions
    self.ranges = ranges
    self.values = values
    self.slotCount = slotCount
    self.firstFields = firstFields
    self.predictionSlots = predictionSlots
    self.freshKernels = freshKernels
    self.liveWords = liveWords
    self.scratchCount = scratchCount
    self.needsClock = needsClock
    self.needsTrade = needsTrade
    self.roots = roots
    self.depths = depths
  }
}

/// The slots in which the results of a program stand; -1: there is no such rule.
struct Roots: Sendable {
  var entry: Int32 = -1
  var exit: Int32 = -1
  var shortEntry: Int32 = -1
  var shortExit: Int32 = -1
  var exitValues: [Int32] = []
  var averageTrueRange: Int32 = -1
  var deviation: Int32 = -1
  var legs: [Int32] = []
  var operands: [Int32] = []
}

/// Slots that every program has: one for each `TradeField` and each `ClockField`, then what the others begin with.
enum FixedSlot {
  static let trade: Int32 = 0
  static let clock: Int32 = 6
  static let count: Int32 = 10
}
