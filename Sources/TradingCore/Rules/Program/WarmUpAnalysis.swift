/// How much history a program needs, in candles of each of its series, the present one included.
public struct WarmUpAnalysis: Sendable {
  /// What a value needs of one series.
  public struct Need: Sendable, Equatable {
    /// Of the program's series.
    public let series: Int
    /// Candles until the first value; TA-Lib's lookback and one more for an indicator alone.
    public let first: Int
    /// Candles after which it does not matter any more where the history began: a window function is then the same to the
    /// last bit, a recursive one (EMA, RSI, ATR …) within 10⁻⁹ of its size. nil: it always matters (on-balance volume).
    public let settled: Int?
  }

  public struct Operand: Sendable {
    public let name: String
    /// Of each series that it looks at.
    public let needs: [Need]
  }

  /// Of each series of the program, for everything that it computes.
  public let series: [Need]
  /// Of each operand of the program.
  public let operands: [Operand]
}

extension StrategyProgram {
  /// Candles of a series until everything that is computed from it has its first value.
  public func warmUp(ofSeries index: Int) -> Int {
    var analyser = WarmUpAnalyser(self, settles: false)
    analyser.run()
    return analyser.whole(index).first
  }

  /// What is not known from the formulas is found by trying: this takes from microseconds to some milliseconds.
  public func analyseWarmUp() -> WarmUpAnalysis {
    var analyser = WarmUpAnalyser(self, settles: true)
    analyser.run()
    return WarmUpAnalysis(
      series: series.indices.map { analyser.whole($0) },
      operands: zip(operandNames, code.roots.operands).map { name, slot in
        WarmUpAnalysis.Operand(name: name, needs: analyser.needs(slot))
      })
  }
}

private struct WarmUpAnalyser {
  private let program: StrategyProgram
  /// Whether settled candles are wanted, too.
  private let settles: Bool
  /// For each slot and series (slot × series): candles to the first value, and to the settled one.
  private var first: [Int]
  private var settled: [Int]

  /// Beyond every count: a value that depends on all of history.
  private static let never = 1 << 40

  init(_ program: StrategyProgram, settles: Bool) {
    self.program = program
    self.settles = settles
    first = Array(repeating: 0, count: program.code.slotCount * program.series.count)
    settled = first
  }

  private var seriesCount: Int { program.series.count }

  mutating func run() {
    let code = program.code
    for slot in 0..<Int(FixedSlot.count) { mark(slot, 0) }
    for slot in code.predictionSlots { mark(Int(slot), 0) }
    for (series, start) in code.firstFields.enumerated() {
      for field in CandleField.allCases { mark(Int(start) + field.rawValue, series) }
    }
    // What the strategy's own candles see of the others comes last.
    for series in program.series.indices.reversed() {
      for index in code.ranges[series] { add(code.instructions[index], code.depths[index], series) }
    }
  }

  private mutating func mark(_ slot: Int, _ series: Int) {
    first[slot * seriesCount + series] = 1
    settled[slot * seriesCount + series] = 1
  }

  private mutating func add(_ step: Instruction, _ depth: Code.Depth, _ series: Int) {
    var settling = depth.first
    if depth.session {
      settling = candlesOfADay(series)
    } else if settles, let kernel = depth.kernel, kernel.form == .recursive {
      settling = Settling.updates(kernel, depth.parameters, depth.fields).map { $0 - 1 } ?? Self.never
    }
    for other in 0..<seriesCount {
      let start = first[inputsOf: step, other, seriesCount]
      let end = settled[inputsOf: step, other, seriesCount]
      for output in step.output..<(step.output + step.outputs) {
        let place = Int(output) * seriesCount + other
        if other == series {
          first[place] = max(start, 1) + depth.first
          settled[place] = min(max(end, 1) + settling, Self.never)
        } else if start > 0 {
          first[place] = start + moved(depth.first, from: series, to: other)
          settled[place] = min(end + moved(settling, from: series, to: other), Self.never)
        }
      }
    }
  }

  /// Candles of another series that pass while so many of one do, at most.
  private func moved(_ count: Int, from series: Int, to other: Int) -> Int {
    guard count > 0, let seconds = seconds(series), let otherSeconds = self.seconds(other) else { return count }
    return min(count, count * seconds / otherSeconds + 1)
  }

  private func seconds(_ series: Int) -> Int? { (program.series[series].length ?? program.timeframe)?.seconds }

  /// Of the longest session; where every tick is a candle, as many as are looked back at most.
  private func candlesOfADay(_ series: Int) -> Int {
    seconds(series).map { max(1, 86_400 / $0) } ?? RuleLimits.lookback
  }

  func needs(_ slot: Int32) -> [WarmUpAnalysis.Need] {
    (0..<seriesCount).compactMap { series in
      let place = Int(slot) * seriesCount + series
      guard first[place] > 0 else { return nil }
      return need(series, first[place], settled[place])
    }
  }

  /// The most that any slot needs of a series. What always depends on all of history counts with its first value.
  func whole(_ series: Int) -> WarmUpAnalysis.Need {
    var (most, end) = (1, 1)
    for place in stride(from: series, to: first.count, by: seriesCount) {
      most = max(most, first[place])
      if settled[place] < Self.never { end = max(end, settled[place]) }
    }
    return need(series, most, max(end, most))
  }

  private func need(_ series: Int, _ first: Int, _ settled: Int) -> WarmUpAnalysis.Need {
    .init(series: series, first: first, settled: settled >= Self.never ? nil : settled)
  }
}

extension [Int] {
  /// The most that the inputs of an instruction need of a series.
  fileprivate subscript(inputsOf step: Instruction, series: Int, seriesCount: Int) -> Int {
    var most = 0
    for slot in [step.a, step.b, step.c, step.d] { most = Swift.max(most, self[Int(slot) * seriesCount + series]) }
    return most
  }
}

/// Tries after how many updates a recursive kernel gives the same, within 10⁻⁹, whatever came before.
///
/// One kernel has seen prices half as high again and twice as restless, another one starts now. Both then see the same bars.
struct Settling: KernelVisitor {
  private let parameters: IndicatorParameters
  private let fields: BarFields
  private(set) var updates: Int?

  /// nil: they never agree.
  static func updates(_ kernel: ProgramKernel, _ parameters: IndicatorParameters, _ fields: BarFields) -> Int? {
    var search = Self(parameters: parameters, fields: fields)
    try? kernel.visit(&search)
    guard kernel == .indicator(.kama), let updates = search.updates else { return search.updates }
    return max(updates, slowestKAMA + Int(parameters.first))
  }

  /// Kaufman's average follows the market at any pace; at its slowest, where prices go nowhere, with a weight of (2/31)².
  private static var slowestKAMA: Int {
    var (error, updates) = (1.0, 0)
    while error > 1e-9 {
      error *= 1 - (2.0 / 31) * (2.0 / 31)
      updates += 1
    }
    return updates
  }

  private init(parameters: IndicatorParameters, fields: BarFields) {
    self.parameters = parameters
    self.fields = fields
  }

  mutating func visit<K: Kernel>(_ type: K.Type) throws(IndicatorError) {
    var long = Indicator(try K(parameters))
    var short = Indicator(try K(parameters))
    var (past, present) = (MadeUpBars(seed: 3, price: 150), MadeUpBars(seed: 5, price: 100))
    var first = 0
    repeat {
      first += 1
      past.advance(scale: 2)
      long.update(past.row(fields))
    } while !long.isReady && first < 4 * IndicatorError.largestPeriod
    for _ in 0..<(first + 50) {
      past.advance(scale: 2)
      long.update(past.row(fields))
    }

    var size = [0.0, 0.0, 0.0]
    /// The last update at which they differed.
    var last = 0
    var update = 0
    let limit = 60 * first + 10_000
    while update < limit {
      update += 1
      present.advance()
      long.update(present.row(fields))
      short.update(present.row(fields))
      if !agree(long, short, &size) { last = update }
      if update > last + last / 4 + first + 100 {
        updates = last + 1
        return
      }
    }
  }

  /// Whether all outputs do, by the size that the second has had.
  private func agree<K: Kernel>(_ a: Indicator<K>, _ b: Indicator<K>, _ size: inout [Double]) -> Bool {
    guard b.isReady else { return false }
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: 6) { outputs in
      let start = outputs.baseAddress!
      a.value.store(row: 0, to: OutputColumns(1, start, start + 1, start + 2))
      b.value.store(row: 0, to: OutputColumns(1, start + 3, start + 4, start + 5))
      var agree = true
      for column in 0..<K.Output.columnCount {
        size[column] = larger(size[column], abs(outputs[3 + column]))
        if !(abs(outputs[column] - outputs[3 + column]) <= 1e-9 * size[column]) { agree = false }
      }
      return agree
    }
  }
}
