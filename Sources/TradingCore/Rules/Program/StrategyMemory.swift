/// What a program remembers of the candles of one instrument (and of those that it looks at beside them): one for each agent
/// and instrument. Taking a candle in allocates nothing.
///
/// For each candle of the strategy's own: first `update` with the candles of other series that have closed by its close, in
/// the order of their closes, then `warmUp` or `evaluate`. A candle whose prices are not positive numbers is passed over.
public struct StrategyMemory: Sendable {
  public let program: StrategyProgram
  /// Slots, then what instructions keep, then window memory for kernels that run anew at each candle.
  var values: [Double]
  /// The kernels that go on.
  var kernels: [UInt64]
  private var exitValues: [Double]
  private var legRatios: [Double]

  public init(_ program: StrategyProgram) {
    self.program = program
    let code = program.code
    values = code.values + Array(repeating: 0, count: code.scratchCount)
    kernels = Array(repeating: 0, count: code.liveWords)
    for step in code.instructions where step.operation == .kernel || step.operation == .sessionKernel {
      for word in 0..<Int(step.words) { kernels[Int(step.live) + word] = code.freshKernels[Int(step.fresh) + word] }
    }
    exitValues = Array(repeating: .nan, count: program.code.roots.exitValues.count)
    legRatios = Array(repeating: .nan, count: program.code.roots.legs.count)
  }

  // MARK: Candles

  /// Takes in a closed candle of another series.
  ///
  /// - Parameter clock: what the clock of the candle's exchange says at its close, when `needsClock(ofSeries:)`.
  public mutating func update(series: Int, _ candle: Candle, closedAt: Timestamp, clock: ClockView? = nil) {
    precondition(series > 0 && series < program.series.count, "no such series")
    guard candle.isUsable else { return }
    run(series, candle, closedAt, clock)
  }

  /// Takes in a candle of the past, for its effect on the indicators alone.
  public mutating func warmUp(_ candle: Candle, closedAt: Timestamp, clock: ClockView?) {
    guard candle.isUsable else { return }
    tell(candle, closedAt, clock, .flat, [])
    run(0, candle, closedAt, clock)
  }

  /// Takes in a candle and says what the strategy wants.
  ///
  /// - Parameter predictions: the values of `program.predictions`, NaN for those that are not known or too old.
  public mutating func evaluate(
    _ candle: Candle, closedAt: Timestamp, clock: ClockView?, trade: TradeView, predictions: [Double] = []
  ) -> StrategyIntent {
    let action = look(at: candle, closedAt: closedAt, clock: clock, trade: trade, predictions: predictions)
    return intent(action, after: candle)
  }

  /// The same in two steps, of which the second is needed when somebody asks for more than the action.
  @inline(__always)
  mutating func look(
    at candle: Candle, closedAt: Timestamp, clock: ClockView?, trade: TradeView, predictions: [Double]
  ) -> StrategyIntent.Action? {
    guard candle.isUsable else { return nil }
    tell(candle, closedAt, clock, trade, predictions)
    run(0, candle, closedAt, clock)
    return action(of: trade.side, program.code)
  }

  mutating func intent(_ action: StrategyIntent.Action?, after candle: Candle) -> StrategyIntent {
    candle.isUsable ? intent(action, price: candle.close) : unknown(candle)
  }

  /// What its rules said at the last candle, with an action and a price of its own: an outside program's, perhaps.
  mutating func intent(_ action: StrategyIntent.Action?, price: Double) -> StrategyIntent {
    let roots = program.code.roots
    for index in exitValues.indices { exitValues[index] = value(roots.exitValues[index], .nan) }
    for index in legRatios.indices { legRatios[index] = value(roots.legs[index], .nan) }
    return StrategyIntent(
      action: action, price: price, exitValues: exitValues, averageTrueRange: value(roots.averageTrueRange, 0),
      deviation: value(roots.deviation, 0), legRatios: legRatios)
  }

  /// What the rules compare, as of the last candle: one value for each of `program.operandNames`, NaN for what is not known.
  public var operands: [Double] { program.code.roots.operands.map { value($0, .nan) } }

  // MARK: Inside

  @inline(__always)
  private func action(of side: Int, _ code: Code) -> StrategyIntent.Action? {
    if side > 0 { return holds(code.roots.exit) ? .exit(.rule) : nil }
    if side < 0 { return holds(code.roots.shortExit) ? .exit(.rule) : nil }
    if holds(code.roots.entry) { return .enterLong }
    return holds(code.roots.shortEntry) ? .enterShort : nil
  }

  @inline(__always)
  private func holds(_ root: Int32) -> Bool { root >= 0 && values[Int(root)] == 1 }

  private func value(_ root: Int32, _ without: Double) -> Double { root < 0 ? without : values[Int(root)] }

  private mutating func unknown(_ candle: Candle) -> StrategyIntent {
    for index in exitValues.indices { exitValues[index] = .nan }
    for index in legRatios.indices { legRatios[index] = .nan }
    return StrategyIntent(
      action: nil, price: candle.close, exitValues: exitValues, averageTrueRange: .nan, deviation: .nan,
      legRatios: legRatios)
  }

  /// Writes what is known beside the candles into its slots.
  @inline(__always)
  private mutating func tell(
    _ candle: Candle, _ closedAt: Timestamp, _ clock: ClockView?, _ trade: TradeView, _ predictions: [Double]
  ) {
    let code = program.code
    precondition(
      predictions.isEmpty || predictions.count == code.predictionSlots.count, "not the program's predictions")
    for index in code.predictionSlots.indices {
      let value = index < predictions.count ? predictions[index].known : .nan
      values[Int(code.predictionSlots[index])] = value
    }
    if code.needsTrade { tell(trade, candle.close, closedAt) }
    guard code.needsClock[0] else { return }
    let session = clock?.session
    tell(.time, (clock?.minuteOfDay ?? .nan).known)
    tell(.weekday, clock.map { Double($0.weekday) } ?? .nan)
    tell(.sessionMinutes, session.map { Self.minutes(from: $0.opensAt, to: closedAt) } ?? .nan)
    tell(.minutesToClose, session.map { Self.minutes(from: closedAt, to: $0.closesAt) } ?? .nan)
  }

  private mutating func tell(_ field: ClockField, _ value: Double) {
    values[Int(FixedSlot.clock) + field.rawValue] = value
  }

  private mutating func tell(_ field: TradeField, _ value: Double) {
    values[Int(FixedSlot.trade) + field.rawValue] = value.known
  }

  private mutating func tell(_ trade: TradeView, _ close: Double, _ closedAt: Timestamp) {
    let isIn = trade.side != 0
    let profit = trade.side > 0 ? close - trade.entryPrice : trade.entryPrice - close
    tell(.position, isIn ? (trade.side > 0 ? 1 : -1) : 0)
    tell(.barsSinceEntry, isIn ? Double(trade.barsSinceEntry) : .nan)
    tell(.secondsSinceEntry, isIn ? Double(closedAt.microseconds(since: trade.enteredAt)) / 1_000_000 : .nan)
    tell(.entryPrice, isIn ? trade.entryPrice : .nan)
    tell(.openProfit, isIn ? profit : .nan)
    tell(.openProfitR, isIn ? profit / trade.initialStopDistance : .nan)
  }

  private static func minutes(from start: Timestamp, to end: Timestamp) -> Double {
    Double(end.microseconds(since: start)) / 60_000_000
  }

  private mutating func run(_ series: Int, _ candle: Candle, _ closedAt: Timestamp, _ clock: ClockView?) {
    // The memory holds it meanwhile: to count that at each candle would take a fifth of the time.
    Unmanaged.passUnretained(program.code)._withUnsafeGuaranteedRef { run($0, series, candle, closedAt, clock) }
  }

  @inline(__always)
  private mutating func run(
    _ code: Code, _ series: Int, _ candle: Candle, _ closedAt: Timestamp, _ clock: ClockView?
  ) {
    let session = clock?.session
    let mark = session.map { Double(word: Int($0.opensAt.microseconds)) } ?? SessionMark.outside
    let minutes = session.map { Self.minutes(from: $0.opensAt, to: closedAt) } ?? .nan
    let scratch = code.values.count
    let range = code.ranges[series]
    let firstField = Int(code.firstFields[series])
    values.withUnsafeMutableBufferPointer { values in
      kernels.withUnsafeMutableBytes { kernels in
        code.freshKernels.withUnsafeBytes { fresh in
          code.instructions.withUnsafeBufferPointer { instructions in
            let values = values.baseAddress!
            let fields = values + firstField
            fields[CandleField.open.rawValue] = candle.open
            fields[CandleField.high.rawValue] = candle.high
            fields[CandleField.low.rawValue] = candle.low
            fields[CandleField.close.rawValue] = candle.close
            fields[CandleField.volume.rawValue] = candle.volume.known
            ProgramRun(
              values: values, kernels: kernels.baseAddress ?? Self.nothing,
              freshKernels: UnsafeRawPointer(fresh.baseAddress ?? UnsafeRawPointer(Self.nothing)),
              scratch: values + scratch, session: mark, minutes: minutes
            ).run(UnsafeBufferPointer(rebasing: instructions[range]))
          }
        }
      }
    }
  }

  /// Stands for empty memory, at which nobody looks.
  private static var nothing: UnsafeMutableRawPointer { UnsafeMutableRawPointer(bitPattern: 8)! }
}
