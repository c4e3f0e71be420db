/// Moving average convergence divergence: the fast EMA less the slow one, its EMA as signal, and their difference.
///
/// Appel (1979), as TA-Lib: the fast average starts together with the slow one, seeded with the mean of the last `fast`
/// of the first `slow` values. Periods in the wrong order are swapped. First value after slow + signal − 1 updates.
public typealias MACD = Indicator<MACDKernel>

public struct MACDKernel: Kernel {
  public struct Output: OutputRecord {
    public var macd, signal, histogram: Double

    public static var columnCount: Int { 3 }
    public static var missing: Self { Self(macd: .nan, signal: .nan, histogram: .nan) }
    public var isPresent: Bool { !macd.isNaN }
    @inline(__always) public func store(row: Int, to columns: OutputColumns<Self>) {
      columns.first[row] = macd
      columns.second[row] = signal
      columns.third[row] = histogram
    }
  }

  private var fast, slow, signal: EMAKernel
  private var count = 0
  private var fastSeed = 0.0

  public init(fast: Int, slow: Int, signal: Int) throws(IndicatorError) {
    self.fast = try EMAKernel(period: min(fast, slow))
    self.slow = try EMAKernel(period: max(fast, slow))
    self.signal = try EMAKernel(period: signal)
  }

  public init(_ p: IndicatorParameters) throws(IndicatorError) {
    try self.init(fast: p.whole(p.first), slow: p.whole(p.second), signal: p.whole(p.third))
  }

  /// Takes one of the first `slow` values in; the last `fast` of them seed the fast average.
  private mutating func seed(_ x: Double) {
    count += 1
    if count > slow.period - fast.period { fastSeed += x }
  }

  @inline(__always) public mutating func update(_ x: Double, _ memory: Memory) -> Output {
    let slowAverage = slow.update(x)
    guard !slowAverage.isNaN else {
      seed(x)
      return .missing
    }
    if count < slow.period {
      seed(x)
      fast.start(at: fastSeed / Double(fast.period))
    } else {
      fast.advance(x)
    }
    let line = fast.value - slowAverage
    let smooth = signal.update(line)
    return smooth.isNaN ? .missing : Output(macd: line, signal: smooth, histogram: line - smooth)
  }
}

extension MACD {
  public init(fast: Int, slow: Int, signal: Int) throws(IndicatorError) {
    self.init(try MACDKernel(fast: fast, slow: slow, signal: signal))
  }
}

extension OutputColumns where Row == MACDKernel.Output {
  public init(
    macd: UnsafeMutableBufferPointer<Double>, signal: UnsafeMutableBufferPointer<Double>,
    histogram: UnsafeMutableBufferPointer<Double>
  ) {
    self.init(macd, signal, histogram)
  }
}
