/// The window contents of one kernel: `memoryCount` doubles, zero at first, owned by whoever drives the kernel.
public typealias Memory = UnsafeMutablePointer<Double>

/// One indicator as a pure state machine: a plain value without pointers, plus memory that is passed at each call.
///
/// Because of that the same kernel runs over an array in the runner (``Indicator``) and over memory of an aggregate in
/// PostgreSQL, can be copied byte by byte, and allocates nothing after it was made. Its inputs must be finite: a NaN or
/// an infinity poisons recursive indicators for ever, so whoever reads the outside world refuses them first.
public protocol Kernel: BitwiseCopyable, Sendable {
  associatedtype Input: InputRecord
  associatedtype Output: OutputRecord

  /// Makes the kernel from numbers in the order of its own initialiser.
  init(_ parameters: IndicatorParameters) throws(IndicatorError)

  /// Doubles of window memory needed.
  var memoryCount: Int { get }

  /// Takes one value or bar in and returns the result, NaN while warming up.
  mutating func update(_ input: Input, _ memory: Memory) -> Output

  /// Takes all rows of `input` in, as `update` would one by one, and writes one result per row.
  ///
  /// A requirement, not only an extension: so each kernel's loop is specialised here and not in the caller's module.
  mutating func update(_ input: Columns<Input>, _ memory: Memory, into output: OutputColumns<Output>)
}

extension Kernel {
  public var memoryCount: Int { 0 }

  public mutating func update(_ input: Columns<Input>, _ memory: Memory, into output: OutputColumns<Output>) {
    // A local copy, so that the fields live in registers however the columns alias.
    var kernel = self
    for row in 0..<input.count {
      kernel.update(Input(row: row, of: input), memory).store(row: row, to: output)
    }
    self = kernel
  }
}

/// A kernel with one period.
public protocol PeriodKernel: Kernel {
  init(period: Int) throws(IndicatorError)
}

extension PeriodKernel {
  public init(_ p: IndicatorParameters) throws(IndicatorError) { try self.init(period: p.whole(p.first)) }
}

/// A kernel without parameters.
public protocol PlainKernel: Kernel {
  init()
}

extension PlainKernel {
  public init(_ parameters: IndicatorParameters) throws(IndicatorError) { self.init() }
}

/// Hands out parts of a kernel's memory while the kernel is being made.
struct MemoryPlan {
  private(set) var count = 0

  /// The offset of `size` fresh doubles.
  mutating func reserve(_ size: Int) -> Int {
    defer { count += size }
    return count
  }
}
