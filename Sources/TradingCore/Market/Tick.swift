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

  /// A positive, finite price and a finite size that is not negative.
  var isUsable: Bool { price > 0 && price < .infinity && size >= 0 && size < .infinity }
}
