// What a closed candle costs a program, beside the kernels of its indicators alone. Compiled into one module with TradingCore.

import Glibc

private struct Strategy {
  let name: String
  let entry: String
  let exit: String
}

/// One of each family.
private let strategies = [
  Strategy(
    name: "trend",
    entry: """
      crosses_above(ema(close, 20), ema(close, 50)) and adx(14) > 25 and ema(close, 50)@1h > ema(close, 200)@1h \
      and volume > 1.5 * sma(volume, 20) and time between '09:30' and '15:00'
      """,
    exit: "crosses_below(ema(close, 20), ema(close, 50)) or close < sar()"),
  Strategy(
    name: "mean_reversion",
    entry: """
      close < bbands(close, 20, 2).lower and rsi(close, 14) < 30 and stoch(14, 3, 3).k < 20 \
      and volume > sma(volume, 20) and atr(14) / close < 0.03
      """,
    exit: "close > bbands(close, 20, 2).middle or rsi(close, 14) > 60"),
  Strategy(
    name: "momentum",
    entry: """
      macd(close, 12, 26, 9).histogram > 0 and roc(close, 10) > 2 and volume_surge(volume, 20) > 2 \
      and (engulfing() > 0 or hammer() > 0)
      """,
    exit: "roc(close, 10) < 0 for 2 bars or bars_since_entry >= 20"),
  Strategy(
    name: "pairs",
    entry: "zscore(close - hedge_ratio(close, 'X'.close, 60) * 'X'.close, 60) < -2",
    exit: "zscore(close - hedge_ratio(close, 'X'.close, 60) * 'X'.close, 60) > 0"),
  Strategy(
    name: "scalping",
    entry: "ema(close, 5) > ema(close, 12) and close > close[1] and close - lowest(low, 5) > 0.01",
    exit: "ema(close, 5) < ema(close, 12) or seconds_since_entry > 30"),
  Strategy(
    name: "swing",
    entry: "close > donchian(20).upper[1] and close > sma(close, 200) and rsi(close, 14) < 70",
    exit: "close < donchian(10).lower[1]"),
  Strategy(
    name: "opening_range",
    entry: "crosses_above(close, opening_high(15)) and session_minutes between 15 and 120 and volume > sma(volume, 20)",
    exit: "close < opening_low(15) or minutes_to_close <= 15"),
  Strategy(
    name: "vwap_reversion",
    entry: "close < vwap() - 2 * stdev(close - vwap(), 20) and count(close < open, 5) >= 3",
    exit: "close > vwap()"),
]

private let minute: Int64 = 60_000_000

/// Candles of a minute with sessions of 375 minutes, and what the clock says at their closes.
private struct Tape {
  var candles: [Candle] = []
  var closes: [Timestamp] = []
  var clocks: [ClockView] = []

  init(_ count: Int) {
    var random: UInt64 = 1
    func draw() -> Double {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(random >> 11) * 0x1p-53
    }
    var price = 100.0
    for place in 0..<count {
      let (day, number) = (Int64(place / 375), Int64(place % 375))
      let opening = (day * 1440 + 555) * minute
      let open = price
      price *= 1 + (draw() - 0.5) * 0.004
      if price < 20 || price > 500 { price = 100 }
      let start = opening + number * minute
      candles.append(
        Candle(
          bucket: Timestamp(unchecked: start), open: open, high: max(open, price) + 0.1 * draw(),
          low: min(open, price) - 0.1 * draw(), close: price, volume: (draw() * 10_000).rounded()))
      closes.append(Timestamp(unchecked: start + minute))
      clocks.append(
        ClockView(
          minuteOfDay: Double(556 + number), weekday: Int(day % 7) + 1,
          session: (Timestamp(unchecked: opening), Timestamp(unchecked: opening + 375 * minute))))
    }
  }
}

/// Runs a program over the tape, its other series along with it: another instrument has the same candles, and an hour is
/// each sixtieth of them. With `columns` it takes note of the inputs of each kernel.
private func run(_ program: StrategyProgram, _ tape: Tape, _ columns: inout [[Double]]?) -> Int {
  var memory = StrategyMemory(program)
  var signals = 0
  var trade = TradeView.flat
  for place in tape.candles.indices {
    let (candle, close, clock) = (tape.candles[place], tape.closes[place], tape.clocks[place])
    for series in program.series.indices.dropFirst() where program.series[series].length == nil || place % 60 == 59 {
      memory.update(series: series, candle, closedAt: close, clock: clock)
    }
    let intent = memory.evaluate(candle, closedAt: close, clock: clock, trade: trade)
    trade.barsSinceEntry += 1
    switch intent.action {
    case .enterLong:
      signals += 1
      trade = TradeView(side: 1, barsSinceEntry: 1, enteredAt: close, entryPrice: candle.close, initialStopDistance: 1)
    case .exit: trade = .flat
    case .enterShort, nil: break
    }
    if columns != nil {
      for (number, step) in program.kernels.enumerated() {
        for (input, slot) in [step.a, step.b, step.c, step.d].enumerated() {
          columns![number * 4 + input].append(memory.values[Int(slot)])
        }
      }
    }
  }
  return signals
}

extension StrategyProgram {
  fileprivate var kernels: [Instruction] {
    code.instructions.filter { [.kernel, .sessionKernel, .window].contains($0.operation) }
  }
}

/// The kernel of an instruction over whole columns, sliding, as an indicator alone runs.
private struct Bare: KernelVisitor {
  let parameters: IndicatorParameters
  let columns: [[Double]]

  mutating func visit<K: Kernel>(_ type: K.Type) throws(IndicatorError) {
    var indicator = Indicator(try K(parameters))
    let count = columns[0].count
    var rows = columns.flatMap { $0 } + [Double](repeating: 0, count: 3 * count)
    rows.withUnsafeMutableBufferPointer { rows in
      let start = rows.baseAddress!
      indicator.update(
        Columns(count, start, start + count, start + 2 * count, start + 3 * count),
        into: OutputColumns(count, start + 4 * count, start + 5 * count, start + 6 * count))
    }
  }
}

private func bare(_ program: StrategyProgram, _ columns: [[Double]]) {
  var number = 0
  for (step, depth) in zip(program.code.instructions, program.code.depths)
  where [.kernel, .sessionKernel, .window].contains(step.operation) {
    var run = Bare(parameters: depth.parameters, columns: Array(columns[(number * 4)..<(number * 4 + 4)]))
    try! step.kernel.visit(&run)
    number += 1
  }
}

/// Of this thread's processor time: the best of several, since what disturbs only ever adds.
private func nanoseconds(_ body: () -> Void) -> Double {
  func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
  }
  return (0..<7).map { _ in
    let start = now()
    body()
    return now() - start
  }.min()!
}

/// How often `body` allocates, by the count that `malloc.c` keeps.
private func allocations(_ body: () -> Void) -> Int {
  let count = dlsym(nil, "malloc_count")!.assumingMemoryBound(to: Int.self)
  let before = count.pointee
  body()
  return count.pointee - before
}

@main struct Main {
  static func main() throws {
    let count = 200_000
    let (tape, half) = (Tape(count), Tape(count / 2))
    for strategy in strategies {
      let definition = StrategyDefinition(entry: try Rule.parse(strategy.entry), exit: try Rule.parse(strategy.exit))
      let program = try StrategyProgram(definition, timeframe: RuleLength(count: 1, unit: .minute))
      var columns: [[Double]]? = Array(repeating: [], count: 4 * program.kernels.count)
      let signals = run(program, tape, &columns)
      // What is not known is not fed.
      let known = columns!.map { column in column.map { $0.isNaN ? 1 : $0 } }
      var none: [[Double]]?
      let whole = nanoseconds { _ = run(program, tape, &none) } / Double(count)
      let indicators = nanoseconds { bare(program, known) } / Double(count)
      // Twice as many candles take no more than half as many: what is allocated is the memory itself.
      let (few, many) = (allocations { _ = run(program, half, &none) }, allocations { _ = run(program, tape, &none) })
      guard few > 0, few == many else {
        print("rules_\(strategy.name): \(many) allocations for \(count) candles, \(few) for half of them")
        exit(1)
      }
      let operators = program.code.instructions.count
      let each = (whole - indicators) / Double(operators)
      print(
        "bench rules_\(strategy.name): \(Int(whole)) ns/candle, ratio \(rounded(whole / (indicators + 20 * Double(operators)))) of its \(program.kernels.count) indicators at \(Int(indicators)) ns plus 20 ns for each of \(operators) steps, which take \(Int(each)) ns (aim 1.00); \(signals) entries, nothing allocated"
      )
    }
  }

  private static func rounded(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}
