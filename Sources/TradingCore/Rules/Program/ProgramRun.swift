/// The instructions of one series over one candle. Borrows the memory; allocates nothing.
struct ProgramRun {
  let values: UnsafeMutablePointer<Double>
  let kernels: UnsafeMutableRawPointer
  let freshKernels: UnsafeRawPointer
  /// Window memory of kernels that run anew at each candle.
  let scratch: UnsafeMutablePointer<Double>
  /// The session of the candle as a word (``SessionMark``), and the minutes since its opening at the close; NaN outside.
  let session: Double
  let minutes: Double

  func run(_ instructions: UnsafeBufferPointer<Instruction>) {
    guard var step = instructions.baseAddress else { return }
    for _ in instructions.indices {
      run(step)
      step += 1
    }
  }

  @inline(__always)
  private func run(_ step: UnsafePointer<Instruction>) {
    let (a, b) = (values[Int(step.pointee.a)], values[Int(step.pointee.b)])
    let output = values + Int(step.pointee.output)
    let state = values + Int(step.pointee.state)
    switch step.pointee.operation {
    case .crossesAbove:
      output.pointee = a > b && state[0] <= state[1] ? 1 : 0
      (state[0], state[1]) = (a, b)
    case .crossesBelow:
      output.pointee = a < b && state[0] >= state[1] ? 1 : 0
      (state[0], state[1]) = (a, b)
    case .lag:
      output.pointee = Self.exchange(a, state, ring: state + 1, Int(step.pointee.length))
    case .count:
      count(a, state, output, Int(step.pointee.length))
    case .lasting:
      let row = a == 0 ? 0 : min(state[0].word + 1, Int(step.pointee.length))
      state[0] = Double(word: row)
      output.pointee = row == Int(step.pointee.length) ? 1 : 0
    case .openingHigh: opening(a, state, output, Double(step.pointee.length), isHigh: true)
    case .openingLow: opening(a, state, output, Double(step.pointee.length), isHigh: false)
    case .kernel:
      advance(step, state)
    case .sessionKernel:
      if state[0].word != session.word {
        state[0] = session
        startAnew(step, state + 1)
      }
      advance(step, state + 1)
    case .window:
      replay(step, state)
    default:
      output.pointee = step.pointee.operation.result(a, b, values[Int(step.pointee.c)])
    }
  }

  /// Puts `x` in the place of the oldest value of a ring, which it returns.
  @inline(__always)
  private static func exchange(
    _ x: Double, _ place: UnsafeMutablePointer<Double>, ring: UnsafeMutablePointer<Double>, _ length: Int
  ) -> Double {
    let next = place.pointee.word
    let old = ring[next]
    ring[next] = x
    place.pointee = Double(word: next + 1 == length ? 0 : next + 1)
    return old
  }

  private func count(
    _ x: Double, _ state: UnsafeMutablePointer<Double>, _ output: UnsafeMutablePointer<Double>, _ length: Int
  ) {
    let old = Self.exchange(x, state, ring: state + 3, length)
    let seen = min(state[1].word + 1, length)
    let met = state[2].word + (x == 0 ? 0 : 1) - (old == 0 ? 0 : 1)
    state[1] = Double(word: seen)
    state[2] = Double(word: met)
    output.pointee = seen == length ? Double(met) : .nan
  }

  private func opening(
    _ x: Double, _ state: UnsafeMutablePointer<Double>, _ output: UnsafeMutablePointer<Double>, _ length: Double,
    isHigh: Bool
  ) {
    if state[0].word != session.word { (state[0], state[1]) = (session, .nan) }
    // Outside of sessions no comparison holds.
    if minutes <= length {
      state[1] = state[1].isNaN ? x : isHigh ? larger(state[1], x) : smaller(state[1], x)
    }
    output.pointee = minutes >= length ? state[1] : .nan
  }

  // MARK: Kernels

  @inline(never)
  private func advance(_ step: UnsafePointer<Instruction>, _ memory: UnsafeMutablePointer<Double>) {
    var stepper = Stepper(step: step, values: values, kernel: kernels + Int(step.pointee.live) * 8, memory: memory)
    try? step.pointee.kernel.visit(&stepper)
  }

  private func startAnew(_ step: UnsafePointer<Instruction>, _ memory: UnsafeMutablePointer<Double>) {
    let bytes = Int(step.pointee.words) * 8
    (kernels + Int(step.pointee.live) * 8).copyMemory(
      from: freshKernels + Int(step.pointee.fresh) * 8, byteCount: bytes)
    memory.update(repeating: 0, count: Int(step.pointee.memoryCount))
  }

  @inline(never)
  private func replay(_ step: UnsafePointer<Instruction>, _ state: UnsafeMutablePointer<Double>) {
    var replay = Replay(
      step: step, values: values, kernel: freshKernels + Int(step.pointee.fresh) * 8, state: state, scratch: scratch)
    try? step.pointee.kernel.visit(&replay)
  }
}

/// Takes one row into a kernel that goes on. A row of which something is not known is passed over: its value is not known.
private struct Stepper: KernelVisitor {
  let step: UnsafePointer<Instruction>
  let values: UnsafeMutablePointer<Double>
  let kernel: UnsafeMutableRawPointer
  let memory: Memory

  @inline(__always)
  mutating func visit<K: Kernel>(_ type: K.Type) throws(IndicatorError) {
    let output = values + Int(step.pointee.output)
    var result = K.Output.missing
    if step.pointee.hasInputs(K.Input.columnCount, values) {
      let input = Columns<K.Input>(
        1, values + Int(step.pointee.a), values + Int(step.pointee.b), values + Int(step.pointee.c),
        values + Int(step.pointee.d))
      result = kernel.assumingMemoryBound(to: K.self).pointee.update(K.Input(row: 0, of: input), memory)
    }
    result.store(row: 0, to: OutputColumns<K.Output>(1, output, output + 1, output + 2))
    for column in 0..<K.Output.columnCount { output[column] = output[column].known }
  }
}

/// Keeps the last inputs of a kernel and runs a new one over them.
private struct Replay: KernelVisitor {
  let step: UnsafePointer<Instruction>
  let values: UnsafeMutablePointer<Double>
  let kernel: UnsafeRawPointer
  /// Place of the oldest row, rows seen, then the columns.
  let state: UnsafeMutablePointer<Double>
  let scratch: Memory

  @inline(__always)
  mutating func visit<K: Kernel>(_ type: K.Type) throws(IndicatorError) {
    let output = values + Int(step.pointee.output)
    let result = step.pointee.hasInputs(K.Input.columnCount, values) ? push(K.self) : K.Output.missing
    result.store(row: 0, to: OutputColumns<K.Output>(1, output, output + 1, output + 2))
    for column in 0..<K.Output.columnCount { output[column] = output[column].known }
  }

  @inline(__always)
  private func push<K: Kernel>(_ type: K.Type) -> K.Output {
    let length = Int(step.pointee.length)
    let columns = state + 2
    let place = state[0].word
    let next = place + 1 == length ? 0 : place + 1
    columns[place] = values[Int(step.pointee.a)]
    if K.Input.columnCount > 1 { columns[length + place] = values[Int(step.pointee.b)] }
    if K.Input.columnCount > 2 { columns[2 * length + place] = values[Int(step.pointee.c)] }
    if K.Input.columnCount > 3 { columns[3 * length + place] = values[Int(step.pointee.d)] }
    state[0] = Double(word: next)
    let seen = state[1].word
    guard seen + 1 >= length else {
      state[1] = Double(word: seen + 1)
      return .missing
    }
    state[1] = Double(word: length)

    let rows = Columns<K.Input>(length, columns, columns + length, columns + 2 * length, columns + 3 * length)
    scratch.update(repeating: 0, count: Int(step.pointee.memoryCount))
    var fresh = kernel.load(as: K.self)
    // From the oldest on; the newest is the one behind which the ring goes on.
    for row in next..<(next == 0 ? length - 1 : length) { _ = fresh.update(K.Input(row: row, of: rows), scratch) }
    if next > 1 {
      for row in 0..<(next - 1) { _ = fresh.update(K.Input(row: row, of: rows), scratch) }
    }
    return fresh.update(K.Input(row: place, of: rows), scratch)
  }
}

extension Instruction {
  /// Whether all inputs are known.
  @inline(__always)
  fileprivate func hasInputs(_ count: Int, _ values: UnsafeMutablePointer<Double>) -> Bool {
    var isKnown = !values[Int(a)].isNaN
    if count > 1 { isKnown = isKnown && !values[Int(b)].isNaN }
    if count > 2 { isKnown = isKnown && !values[Int(c)].isNaN }
    if count > 3 { isKnown = isKnown && !values[Int(d)].isNaN }
    return isKnown
  }
}
