/// Keltner channels: the EMA of the close plus and minus `width` average true ranges.
///
/// Keltner (1960) in Raschke's form with EMA and ATR; both are TA-Lib's. First value after
/// max(period, rangePeriod + 1) updates.
public typealias KeltnerChannels = Indicator<KeltnerChannelsKernel>

public struct KeltnerChannelsKernel: Kernel {
  private let width: Double
  private var average: EMAKernel
  private var range: ATRKernel

  public init(period: Int, rangePeriod: Int, width: Double) throws(IndicatorError) {
    try IndicatorError.checkFactor(width)
    self.width = width
    average = try EMAKernel(period: period)
    range = try ATRKernel(period: rangePeriod)
  }

  public init(_ p: IndicatorParameters) throws(IndicatorError) {
    try self.init(period: p.whole(p.first), rangePeriod: p.whole(p.second), width: p.third)
  }

  @inline(__always) public mutating func update(_ bar: HighLowClose, _ memory: Memory) -> Bands {
    let middle = average.update(bar.close)
    let reach = width * range.update(bar)
    if middle.isNaN || reach.isNaN { return .missing }
    return Bands(upper: middle + reach, middle: middle, lower: middle - reach)
  }
}

extension KeltnerChannels {
  public init(period: Int, rangePeriod: Int, width: Double) throws(IndicatorError) {
    self.init(try KeltnerChannelsKernel(period: period, rangePeriod: rangePeriod, width: width))
  }
}
