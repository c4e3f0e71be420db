/// A kernel that a program runs: that of an indicator, or one that only rules have.
enum ProgramKernel: Hashable, Sendable {
  case indicator(IndicatorKind)
  case highest, lowest, sum, hedgeRatio

  @inline(__always)
  func visit<V: KernelVisitor>(_ visitor: inout V) throws(IndicatorError) {
    switch self {
    case .indicator(let kind): try kind.visit(&visitor)
    case .highest: try visitor.visit(HighestKernel.self)
    case .lowest: try visitor.visit(LowestKernel.self)
    case .sum: try visitor.visit(WindowSumKernel.self)
    case .hedgeRatio: try visitor.visit(HedgeRatioKernel.self)
    }
  }

  /// How a program computes it, so that the value of a window function depends on its window alone, to the last bit.
  enum Form {
    /// The kernel goes on from candle to candle. It looks at a window that no rounding gathers in (extremes, differences,
    /// patterns).
    case exact
    /// The kernel goes on from candle to candle, and what came long ago still counts.
    case recursive
    /// The kernel slides sums, whose last bits depend on where it began. A new one runs over the window at each candle.
    case replayed
  }

  var form: Form {
    switch self {
    case .highest, .lowest: .exact
    case .sum, .hedgeRatio: .replayed
    case .indicator(let kind):
      switch kind {
      case .roc, .mom, .willr, .aroon, .donchian, .doji, .hammer, .engulfing, .morningStar, .eveningStar: .exact
      case .sma, .wma, .stdev, .linregSlope, .zscore, .bbands, .cci, .stoch, .stochf, .ultosc, .mfi, .correlation,
        .volumeSurge:
        .replayed
      case .ema, .dema, .tema, .kama, .trix, .rsi, .macd, .stochrsi, .atr, .natr, .adx, .plusDI, .minusDI, .keltner,
        .supertrend, .sar, .obv, .vwap:
        .recursive
      }
    }
  }

  /// A number of its own for the fingerprint of a program.
  var code: Int32 {
    switch self {
    case .indicator(let kind): kind.rawValue
    case .highest: 1000
    case .lowest: 1001
    case .sum: 1002
    case .hedgeRatio: 1003
    }
  }
}

/// What a kernel with some parameters needs.
struct KernelShape: KernelVisitor {
  let parameters: IndicatorParameters
  private(set) var inputs = 0
  private(set) var outputs = 0
  /// Words of the kernel itself, and doubles of its window memory.
  private(set) var words = 0
  private(set) var memoryCount = 0
  private(set) var bytes: [UInt64] = []

  init(_ kernel: ProgramKernel, _ parameters: IndicatorParameters) throws(IndicatorError) {
    self.parameters = parameters
    try kernel.visit(&self)
  }

  mutating func visit<K: Kernel>(_ type: K.Type) throws(IndicatorError) {
    let kernel = try K(parameters)
    inputs = K.Input.columnCount
    outputs = K.Output.columnCount
    memoryCount = kernel.memoryCount
    words = (MemoryLayout<K>.stride + 7) / 8
    bytes = Array(repeating: 0, count: words)
    _ = bytes.withUnsafeMutableBytes { $0.baseAddress!.initializeMemory(as: K.self, to: kernel) }
  }
}

/// Runs a kernel of its own over made-up bars and counts how many it takes to the first value: TA-Lib's lookback + 1.
struct FirstValue: KernelVisitor {
  private let parameters: IndicatorParameters
  private let fields: BarFields
  private(set) var updates = 0

  static func updates(
    _ kernel: ProgramKernel, _ parameters: IndicatorParameters, _ fields: BarFields
  ) throws(IndicatorError) -> Int {
    var search = Self(parameters: parameters, fields: fields)
    try kernel.visit(&search)
    return search.updates
  }

  private init(parameters: IndicatorParameters, fields: BarFields) {
    self.parameters = parameters
    self.fields = fields
  }

  mutating func visit<K: Kernel>(_ type: K.Type) throws(IndicatorError) {
    var indicator = Indicator(try K(parameters))
    var bars = MadeUpBars()
    // The longest wait is that of three averages, one behind the other.
    let limit = 4 * IndicatorError.largestPeriod
    repeat {
      updates += 1
      bars.advance()
      indicator.update(bars.row(fields))
    } while !indicator.isReady && updates < limit
  }
}

/// Which columns of a bar a kernel takes in, by the raw values of ``CandleField``.
struct BarFields: Sendable {
  var first, second, third, fourth: Int

  /// Those that `function` takes from the candle; where an expression is its input, the close, then the volume.
  init(_ implicit: [CandleField]) {
    let fields = implicit.isEmpty ? [.close, .volume] : implicit
    func field(_ place: Int) -> Int { fields[min(place, fields.count - 1)].rawValue }
    (first, second, third, fourth) = (field(0), field(1), field(2), field(3))
  }
}

/// Bars that wander, the same at each run; each has a range, a body and a volume.
struct MadeUpBars {
  private var random: UInt64
  private var price: Double
  private var open = 0.0
  private var high = 0.0
  private var low = 0.0
  private var volume = 0.0

  init(seed: UInt64 = 1, price: Double = 100) {
    random = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    self.price = price
  }

  private mutating func draw() -> Double {
    random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(random >> 11) * 0x1p-53
  }

  /// - Parameter scale: of the price's steps; 1: up to one percent.
  mutating func advance(scale: Double = 1) {
    open = price
    price *= 1 + (draw() - 0.5) * 0.02 * scale
    high = larger(open, price) * (1 + 0.001 * draw())
    low = smaller(open, price) * (1 - 0.001 * draw())
    volume = 100 + (1000 * draw()).rounded(.down)
  }

  func row<Input: InputRecord>(_ fields: BarFields) -> Input {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 5) { bar in
      (bar[0], bar[1], bar[2], bar[3], bar[4]) = (open, high, low, price, volume)
      let start = UnsafePointer(bar.baseAddress!)
      return Input(
        row: 0,
        of: Columns(1, start + fields.first, start + fields.second, start + fields.third, start + fields.fourth))
    }
  }
}
