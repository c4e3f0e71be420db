/// One trade of the tape.
public struct Tick: Sendable, Equatable {
  public var instrument: Int32
  public var time: Timestamp
  public var price: Double
  public var size: Double
  /// The feed's order among ticks of the same time.
  public var sequence: Int64

  public init(instrument: Int32, time: Timestamp, price: Double, size: Double, sequence: Int64 = 0) {
    self.instrument = instrument
    self.time = time
    self.price = price
    self.size = size
    self.sequence = sequence
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
}
