/// The trades of one span of time.
public struct Candle: Sendable, Equatable {
  /// The start of the span.
  public var bucket: Timestamp
  public var open: Double
  public var high: Double
  public var low: Double
  public var close: Double
  public var volume: Double
  /// The average price weighted by size; NaN when nothing but zero sizes traded, or when a vendor's bar has none.
  public var vwap: Double
  /// The number of trades; 0 when a vendor's bar does not say.
  public var ticks: Int64

  public init(
    bucket: Timestamp, open: Double, high: Double, low: Double, close: Double, volume: Double, vwap: Double = .nan,
    ticks: Int64 = 0
  ) {
    self.bucket = bucket
    self.open = open
    self.high = high
    self.low = low
    self.close = close
    self.volume = volume
    self.vwap = vwap
    self.ticks = ticks
  }
}

/// A candle that came as such from a vendor. The same thing to everything that computes.
public typealias Bar = Candle

extension Candle {
  /// Multiplies prices by `priceRatio` and the volume by the inverse, for a stock split.
  public mutating func rescale(by priceRatio: Double) {
    open *= priceRatio
    high *= priceRatio
    low *= priceRatio
    close *= priceRatio
    volume /= priceRatio
    vwap *= priceRatio
  }

  /// Whether all prices are positive, finite numbers.
  var isUsable: Bool {
    func isPrice(_ value: Double) -> Bool { value > 0 && value < .infinity }
    return isPrice(open) && isPrice(high) && isPrice(low) && isPrice(close)
  }
}
