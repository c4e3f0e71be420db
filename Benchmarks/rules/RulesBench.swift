// What a closed candle costs the built-in strategies, exits and sizing included, beside the kernels of their indicators alone.
// Compiled into one module with TradingCore.

import Glibc

/// A built-in strategy, as `rules.sh` hands it over: name, type, the three parts of its timeframe and its parameters, with tabs
/// between them.
private struct Strategy {
  let name: String
  let program: StrategyProgram
  let timeframe: RuleLength?

  init(_ line: String) throws {
    let fields = line.split(separator: "\t").map(String.init)
    name = fields[0]
    timeframe = try RuleLength.timeframe(
      months: Int32(fields[2])!, days: Int32(fields[3])!, microseconds: Int64(fields[4])!)
    program = try StrategyProgram(
      StrategyDefinition(type: StrategyType(sql: fields[1])!, json: fields[5]), timeframe: timeframe)
  }
}

/// Candles of one length with sessions of 375 minutes, and what the clock says at their closes.
private struct Tape {
  private static let session: Int64 = 375 * 60

  private(set) var candles: [Candle] = []
  /// Of another instrument, which wanders around half of the price.
  private(set) var others: [Candle] = []
  private(set) var closes: [Timestamp] = []
  private(set) var clocks: [ClockView] = []
  private let perSession: Int

  /// - Parameter timeframe: nil: ticks, 5 seconds apart.
  init(_ count: Int, of timeframe: RuleLength?) {
    let length = min(Self.session, Int64(timeframe?.seconds ?? 5))
    perSession = Int(Self.session / length)
    var random: UInt64 = 1
    func draw() -> Double {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(random >> 11) * 0x1p-53
    }
    var (price, half) = (100.0, 0.5)
    let isTick = timeframe == nil
    let move = length == Self.session ? 0.04 : 0.004
    for place in 0..<count {
      let (day, number) = (Int64(place / perSession), Int64(place % perSession))
      let opening = day * 86_400 + 555 * 60
      let open = price
      price *= 1 + (draw() - 0.5) * move
      if price < 20 || price > 500 { price = 100 }
      let (start, end) = (opening + number * length, opening + (number + 1) * length)
      candles.append(
        Candle(
          bucket: Self.time(start), open: isTick ? price : open, high: isTick ? price : max(open, price) + 0.1 * draw(),
          low: isTick ? price : min(open, price) - 0.1 * draw(), close: price, volume: (draw() * 10_000).rounded()))
      half += 0.1 * (0.5 - half) + 0.2 * move * (draw() - 0.5)
      let (first, last) = (open * half, price * half)
      others.append(
        Candle(
          bucket: Self.time(start), open: first, high: max(first, last), low: min(first, last), close: last, volume: 100
        ))
      closes.append(Self.time(end))
      clocks.append(
        ClockView(
          minuteOfDay: Double(end - day * 86_400) / 60, weekday: Int(day % 7) + 1,
          session: (Self.time(opening), Self.time(opening + Self.session))))
    }
  }

  /// How many of its candles make one of a longer length.
  func count(in length: RuleLength) -> Int {
    switch length.unit {
    case .second, .minute, .hour: length.seconds * perSession / Int(Self.session)
    case .day: length.count * perSession
    case .week: length.count * perSession * 5
    case .month: length.count * perSession * 21
    }
  }

  private static func time(_ seconds: Int64) -> Timestamp { Timestamp(unchecked: seconds * 1_000_000) }
}

/// Runs a program over the tape, its other series along with it: of a longer length every so many-th of its candles. Who is in
/// for a hundred candles is stopped out. With `columns` it takes note of the inputs of each kernel.
private func run(_ program: StrategyProgram, _ tape: Tape, _ columns: inout [[Double]]?) -> Int {
  var memory = StrategyMemory(program)
  var entries = 0
  var trade = TradeView.flat
  let counts = program.series.map { $0.length.map(tape.count(in:)) ?? 1 }
  for place in tape.candles.indices {
    let (candle, close, clock) = (tape.candles[place], tape.closes[place], tape.clocks[place])
    for series in counts.indices.dropFirst() where (place + 1) % counts[series] == 0 {
      let other = program.series[series].symbol == nil ? candle : tape.others[place]
      memory.update(series: series, other, closedAt: close, clock: clock)
    }
    let intent = memory.evaluate(candle, closedAt: close, clock: clock, trade: trade)
    trade.barsSinceEntry += 1
    switch intent.action {
    case .enterLong, .enterShort:
      entries += 1
      let side = if case .enterLong = intent.action { 1 } else { -1 }
      trade = TradeView(
        side: side, barsSinceEntry: 1, enteredAt: close, entryPrice: candle.close, initialStopDistance: 1)
    case .exit: trade = .flat
    case nil: if trade.barsSinceEntry > 100 { trade = .flat }
    }
    if columns != nil {
      for (number, step) in program.kernels.enumerated() {
        for (input, slot) in [step.a, step.b, step.c, step.d].enumerated() {
          columns![number * 4 + input].append(memory.values[Int(slot)])
        }
      }
    }
  }
  return entries
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
    while let line = readLine() {
      let strategy = try Strategy(line)
      let program = strategy.program
      let (tape, half) = (Tape(count, of: strategy.timeframe), Tape(count / 2, of: strategy.timeframe))
      var columns: [[Double]]? = Array(repeating: [], count: 4 * program.kernels.count)
      let entries = run(program, tape, &columns)
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
      let operators = program.code.instructions.count - program.kernels.count
      let each = (whole - indicators) / Double(operators)
      print(
        "bench rules_\(strategy.name): \(Int(whole)) ns/candle, ratio \(rounded(whole / (indicators + 20 * Double(operators)))) of its \(program.kernels.count) indicators at \(Int(indicators)) ns plus 20 ns for each of \(operators) operators, which take \(Int(each)) ns (aim 1.00); \(entries) entries, nothing allocated"
      )
    }
  }

  private static func rounded(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}
