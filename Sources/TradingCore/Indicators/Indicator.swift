/// A kernel with its own memory: a value that is copied, stored and sent like any other.
///
/// `var rsi = try RSI(period: 14); let value = rsi.update(close)`. Feeding a batch is the same as feeding its rows one
/// by one, to the last bit, and leaves the indicator ready for the next row.
public struct Indicator<K: Kernel>: Sendable {
  @usableFromInline var kernel: K
  @usableFromInline var memory: [Double]
  @usableFromInline var latest: K.Output

  public init(_ kernel: K) {
    self.kernel = kernel
    memory = Array(repeating: 0, count: kernel.memoryCount)
    latest = .missing
  }

  /// The latest result, NaN while warming up.
  @inlinable public var value: K.Output { latest }

  /// Whether `value` is a result and not the NaN of the warm-up.
  @inlinable public var isReady: Bool { latest.isPresent }

  /// Takes one value or bar in and returns the result, NaN while warming up.
  @inlinable @discardableResult
  public mutating func update(_ input: K.Input) -> K.Output {
    latest = memory.withUnsafeMutableBufferPointer { kernel.update(input, $0.baseAddress ?? Self.noMemory) }
    return latest
  }

  /// Takes all rows in and writes one result per row; `output` must have room for them.
  public mutating func update(_ input: Columns<K.Input>, into output: OutputColumns<K.Output>) {
    precondition(output.count >= input.count, "output columns shorter than the input")
    guard input.count > 0 else { return }
    // The last result is kept in `latest` by taking the last row on its own.
    let (head, tail) = (input.prefix(input.count - 1), input.count - 1)
    memory.withUnsafeMutableBufferPointer {
      let memory = $0.baseAddress ?? Self.noMemory
      let last = K.Input(row: tail, of: input)
      kernel.update(head, memory, into: output)
      latest = kernel.update(last, memory)
    }
    latest.store(row: tail, to: output)
  }

  /// What a kernel without windows gets as memory; it never looks.
  @usableFromInline static var noMemory: Memory { Memory(bitPattern: 8)! }
}

extension Indicator where K: PeriodKernel {
  public init(period: Int) throws(IndicatorError) { self.init(try K(period: period)) }
}

extension Indicator where K: PlainKernel {
  public init() { self.init(K()) }
}

extension Columns {
  func prefix(_ count: Int) -> Self { Self(count, first, second, third, fourth) }
}

extension Indicator where K.Input == HighLow {
  @inlinable @discardableResult
  public mutating func update(high: Double, low: Double) -> K.Output { update(HighLow(high: high, low: low)) }
}

extension Indicator where K.Input == HighLowClose {
  @inlinable @discardableResult
  public mutating func update(high: Double, low: Double, close: Double) -> K.Output {
    update(HighLowClose(high: high, low: low, close: close))
  }
}

extension Indicator where K.Input == HighLowCloseVolume {
  @inlinable @discardableResult
  public mutating func update(high: Double, low: Double, close: Double, volume: Double) -> K.Output {
    update(HighLowCloseVolume(high: high, low: low, close: close, volume: volume))
  }
}

extension Indicator where K.Input == OpenHighLowClose {
  @inlinable @discardableResult
  public mutating func update(open: Double, high: Double, low: Double, close: Double) -> K.Output {
    update(OpenHighLowClose(open: open, high: high, low: low, close: close))
  }
}

extension Indicator where K.Input == PriceVolume {
  @inlinable @discardableResult
  public mutating func update(price: Double, volume: Double) -> K.Output {
    update(PriceVolume(price: price, volume: volume))
  }
}

extension Indicator where K.Input == XY {
  @inlinable @discardableResult
  public mutating func update(x: Double, y: Double) -> K.Output { update(XY(x: x, y: y)) }
}
