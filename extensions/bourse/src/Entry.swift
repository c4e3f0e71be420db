// What C calls. Compiled into one module with TradingCore as Embedded Swift: nothing here allocates, throws to C, calls
// the server, prints or starts a thread. All memory is the caller's.

/// What the makers return; the same numbers stand in `entry.h`.
private enum Status {
  static let made: Int32 = 0
  static let badPeriod: Int32 = 1
  static let badFactor: Int32 = 2
  static let unknown: Int32 = 3
}

/// Makes a kernel in `kernel` (`capacity` bytes), says how many bytes it took and how many doubles of window memory it
/// needs. When a parameter is refused, `refused` is its value.
@_cdecl("bourse_indicator_make")
func indicatorMake(
  _ kind: Int32, _ parameters: UnsafePointer<Double>, _ kernel: UnsafeMutableRawPointer, _ capacity: Int,
  _ kernelSize: UnsafeMutablePointer<Int>, _ memoryCount: UnsafeMutablePointer<Int>,
  _ refused: UnsafeMutablePointer<Double>
) -> Int32 {
  guard let kind = IndicatorKind(rawValue: kind) else { return Status.unknown }
  var maker = Maker(
    parameters: IndicatorParameters(parameters[0], parameters[1], parameters[2]), kernel: kernel, capacity: capacity)
  do {
    try kind.visit(&maker)
  } catch {
    refused.pointee = error.value
    return error.code == .badPeriod ? Status.badPeriod : Status.badFactor
  }
  kernelSize.pointee = maker.kernelSize
  memoryCount.pointee = maker.memoryCount
  return maker.kernelSize <= capacity ? Status.made : Status.unknown
}

/// Takes one row in and writes up to three results, NaN while warming up.
@_cdecl("bourse_indicator_update")
func indicatorUpdate(
  _ kind: Int32, _ kernel: UnsafeMutableRawPointer, _ memory: UnsafeMutablePointer<Double>,
  _ inputs: UnsafePointer<Double>, _ outputs: UnsafeMutablePointer<Double>
) {
  var stepper = Stepper(kernel: kernel, memory: memory, inputs: inputs, outputs: outputs)
  // A kind that was made exists, and the stepper does not throw.
  try? IndicatorKind(rawValue: kind)?.visit(&stepper)
}

private struct Maker: KernelVisitor {
  let parameters: IndicatorParameters
  let kernel: UnsafeMutableRawPointer
  let capacity: Int
  var kernelSize = 0
  var memoryCount = 0

  init(parameters: IndicatorParameters, kernel: UnsafeMutableRawPointer, capacity: Int) {
    self.parameters = parameters
    self.kernel = kernel
    self.capacity = capacity
  }

  mutating func visit<K: Kernel>(_ type: K.Type) throws(IndicatorError) {
    let made = try K(parameters)
    kernelSize = MemoryLayout<K>.stride
    memoryCount = made.memoryCount
    if kernelSize <= capacity { kernel.initializeMemory(as: K.self, to: made) }
  }
}

private struct Stepper: KernelVisitor {
  let kernel: UnsafeMutableRawPointer
  let memory: Memory
  let inputs: UnsafePointer<Double>
  let outputs: UnsafeMutablePointer<Double>

  @inline(__always)
  mutating func visit<K: Kernel>(_ type: K.Type) throws(IndicatorError) {
    let input = Columns<K.Input>(1, inputs, inputs + 1, inputs + 2, inputs + 3)
    let output = OutputColumns<K.Output>(1, outputs, outputs + 1, outputs + 2)
    kernel.assumingMemoryBound(to: K.self).pointee.update(K.Input(row: 0, of: input), memory)
      .store(row: 0, to: output)
  }
}

/// Bytes of a candle state.
@_cdecl("bourse_candle_size")
func candleSize() -> Int { MemoryLayout<TickSummary>.stride }

@_cdecl("bourse_candle_make")
func candleMake(_ state: UnsafeMutableRawPointer) { state.initializeMemory(as: TickSummary.self, to: TickSummary()) }

@_cdecl("bourse_candle_add")
func candleAdd(_ state: UnsafeMutableRawPointer, _ price: Double, _ size: Double, _ time: Int64, _ sequence: Int64) {
  state.assumingMemoryBound(to: TickSummary.self).pointee
    .add(TickSummary.Mark(time: time, sequence: sequence, price: price), size: size)
}

@_cdecl("bourse_candle_merge")
func candleMerge(_ state: UnsafeMutableRawPointer, _ other: UnsafeRawPointer) {
  state.assumingMemoryBound(to: TickSummary.self).pointee.merge(other.assumingMemoryBound(to: TickSummary.self).pointee)
}

/// Adds a finished candle: prices are open, high, low, close, volume, turnover; times the first and the last.
@_cdecl("bourse_candle_roll")
func candleRoll(
  _ state: UnsafeMutableRawPointer, _ values: UnsafePointer<Double>, _ times: UnsafePointer<Int64>, _ ticks: Int64
) {
  state.assumingMemoryBound(to: TickSummary.self).pointee.add(
    ticks: ticks, first: TickSummary.Mark(time: times[0], sequence: 0, price: values[0]),
    last: TickSummary.Mark(time: times[1], sequence: 0, price: values[3]), high: values[1], low: values[2],
    volume: values[4], turnover: values[5])
}

/// Writes open, high, low, close, volume, VWAP (NaN without volume) and the first and last time; returns the ticks.
@_cdecl("bourse_candle_read")
func candleRead(
  _ state: UnsafeRawPointer, _ values: UnsafeMutablePointer<Double>, _ times: UnsafeMutablePointer<Int64>
) -> Int64 {
  let summary = state.assumingMemoryBound(to: TickSummary.self).pointee
  values[0] = summary.first.price
  values[1] = summary.high
  values[2] = summary.low
  values[3] = summary.last.price
  values[4] = summary.volume
  values[5] = summary.vwap
  times[0] = summary.first.time
  times[1] = summary.last.time
  return summary.ticks
}
