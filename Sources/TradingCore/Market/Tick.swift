/// One trade of the tape.
public struct Tick: Sendable, Equatable {
  public var instrument: Int32
  /// Seconds after `time` within which an order has to have come to be filled at it: a live price that is older is
  /// stale. Negative: it was stale when it arrived, and fills nothing. A tape of the past fills whatever meets it.
  public var goodFor: Int32 = .max
  public var time: Timestamp
  public var price: Double
  public var size: Double
  /// The feed's order among ticks of the same time.
  public var sequence: Int64

  public init(
    instrument: Int32, time: Timestamp, price: Double, size: Double, sequence: Int64 = 0, goodFor: Int32 = .max
  ) {
    self.instrument = instrument
    self.time = time
    self.price = price
    self.size = size
    self.sequence = sequence
    self.goodFor = goodFor
  }

  /// What fits into an order's price, and neither overflows nor vanishes when sums of price × size are made of it.
  public static func isPrice(_ value: Double) -> Bool { value >= 1e-15 && value < 1e10 }
  /// From 1900 until before 2200. One tick of another year would take every clock along that follows events.
  public static func isTime(_ value: Timestamp) -> Bool {
    value.microseconds >= -36_524 * 86_400_000_000 && value.microseconds < 73_049 * 86_400_000_000
  }
  /// Zero, or what such sums can be made of.
  public static func isSize(_ value: Double) -> Bool { value == 0 || (value >= 1e-15 && value < 1e18) }

  /// A positive, finite price and a finite size that is not negative.
  var isUsable: Bool { price > 0 && price < .infinity && size >= 0 && size < .infinity }

  /// Orders that came later are not filled at it; nil when none is.
  var fillsUntil: Timestamp? {
    if goodFor < 0 { return nil }
    return goodFor == .max ? .latest : Timestamp(unchecked: time.microseconds + Int64(goodFor) * 1_000_000)
  }
}
