/// Aroon: how fresh the highest high (up) and the lowest low (down) of the last `period + 1` bars are, 0...100:
/// 100 × (period − bars since) ÷ period; of equal extremes the newest counts.
///
/// Chande (1995), as TA-Lib. First value after `period + 1` updates.
public typealias Aroon = Indicator<AroonKernel>

public struct AroonKernel: PeriodKernel {
  public struct Output: OutputRecord {
    public var up, down: Double

    public static var columnCount: Int { 2 }
    public static var missing: Self { Self(up: .nan, down: .nan) }
    public var isPresent: Bool { !up.isNaN }
    @inline(__always) public func store(row: Int, to columns: OutputColumns<Self>) {
      columns.first[row] = up
      columns.second[row] = down
    }
  }

  public let memoryCount: Int
  private let period: Int
  private var count = 0
  private var highest: WindowExtremeAge<Highest>
  private var lowest: WindowExtremeAge<Lowest>

  public init(period: Int) throws(IndicatorError) {
    try IndicatorError.checkPeriod(period)
    self.period = period
    var plan = MemoryPlan()
    highest = WindowExtremeAge(period + 1, &plan)
    lowest = WindowExtremeAge(period + 1, &plan)
    memoryCount = plan.count
  }

  @inline(__always) public mutating func update(_ bar: HighLow, _ memory: Memory) -> Output {
    let sinceHigh = highest.add(bar.high, memory)
    let sinceLow = lowest.add(bar.low, memory)
    if count < period {
      count += 1
      return .missing
    }
    let n = Double(period)
    return Output(up: 100 * (n - sinceHigh) / n, down: 100 * (n - sinceLow) / n)
  }
}

extension OutputColumns where Row == AroonKernel.Output {
  public init(up: UnsafeMutableBufferPointer<Double>, down: UnsafeMutableBufferPointer<Double>) { self.init(up, down) }
}
