/// SuperTrend: a band `width` average true ranges from the bar's midpoint that only moves with the trend.
///
/// Seban. With m = (high + low) ÷ 2: the upper band is m + width·ATR, but does not rise while the previous close was
/// not above it; the lower band is the mirror. A falling trend (line = upper band) turns when the close is above the
/// upper band, a rising one (line = lower band) when it is below the lower. Starts falling, as TradingView's
/// ta.supertrend. First value after `period + 1` updates.
public typealias SuperTrend = Indicator<SuperTrendKernel>

public struct SuperTrendKernel: Kernel {
  public struct Output: OutputRecord {
    /// The stop line, in price units.
    public var line: Double
    /// 1 in a rising trend, −1 in a falling one.
    public var direction: Double

    public static var columnCount: Int { 2 }
    public static var missing: Self { Self(line: .nan, direction: .nan) }
    public var isPresent: Bool { !line.isNaN }
    @inline(__always) public func store(row: Int, to columns: OutputColumns<Self>) {
      columns.first[row] = line
      columns.second[row] = direction
    }
  }

  private let width: Double
  private var average: ATRKernel
  private var upper = Double.infinity
  private var lower = -Double.infinity
  private var previousClose = 0.0
  private var isRising = false

  public init(period: Int, width: Double) throws(IndicatorError) {
    try IndicatorError.checkFactor(width)
    self.width = width
    average = try ATRKernel(period: period)
  }

  public init(_ p: IndicatorParameters) throws(IndicatorError) {
    try self.init(period: p.whole(p.first), width: p.second)
  }

  @inline(__always) public mutating func update(_ bar: HighLowClose, _ memory: Memory) -> Output {
    let reach = width * average.update(bar)
    defer { previousClose = bar.close }
    guard !reach.isNaN else { return .missing }
    let middle = (bar.high + bar.low) / 2
    let isFirst = upper == .infinity
    if middle + reach < upper || previousClose > upper { upper = middle + reach }
    if middle - reach > lower || previousClose < lower { lower = middle - reach }
    if !isFirst { isRising = isRising ? bar.close >= lower : bar.close > upper }
    return isRising ? Output(line: lower, direction: 1) : Output(line: upper, direction: -1)
  }
}

extension SuperTrend {
  public init(period: Int, width: Double) throws(IndicatorError) {
    self.init(try SuperTrendKernel(period: period, width: width))
  }
}

extension OutputColumns where Row == SuperTrendKernel.Output {
  public init(line: UnsafeMutableBufferPointer<Double>, direction: UnsafeMutableBufferPointer<Double>) {
    self.init(line, direction)
  }
}
