/// Folds the ticks of one instrument into candles of one fixed width, in one pass and without allocation.
///
/// Candles cover `[bucket, bucket + resolution)`. Ticks of the same time keep their order of arrival. Time only moves
/// forward: a candle is closed by the first tick behind it or by `advance(to:)`, and what comes for it later is late.
///
/// Days, weeks and months have no fixed width, and end with a session: ``onCalendar()`` makes a builder that is told of each
/// span by ``open(_:)``, and that `close()` ends; what comes behind the end of its span is late too.
public struct CandleBuilder: Sendable {
  /// What became of a tick.
  public enum Outcome: Sendable, Equatable {
    /// Part of the forming candle.
    case folded
    /// The first of a new candle; the one before is complete.
    case closed(Candle)
    /// Older than the current bucket, or, on a calendar, outside of its span: not folded, counted in `lateTicks`.
    case late
    /// The price is not a positive number, or the size is negative or not a number.
    case refused
  }

  /// 366 days: the widest candle.
  public static let widestResolution: Int64 = 366 * Timestamp.microsecondsPerDay

  /// Microseconds in one candle; 0: on a calendar.
  public let resolution: Int64
  /// A boundary between candles, microseconds since 2000-01-01T00:00Z.
  public let origin: Int64
  public private(set) var lateTicks = 0

  /// Sum of price × size of the forming candle.
  private var turnover = 0.0
  private var candle = Candle(bucket: .earliest, open: 0, high: 0, low: 0, close: 0, volume: 0)
  private var isForming = false
  /// The current bucket is `[start, end)`. Before the first event both are the earliest time.
  private var start = Timestamp.earliest.microseconds
  private var end = Timestamp.earliest.microseconds
  /// On a calendar: what the candle is called by, and when its last session closes.
  private var label = Timestamp.earliest
  private var closing = Timestamp.earliest

  /// - Parameters:
  ///   - resolution: microseconds in one candle, from 1 to `widestResolution`.
  ///   - origin: any boundary between candles, microseconds since 2000-01-01T00:00Z.
  /// - Throws: `outOfRange`.
  public init(resolution: Int64, origin: Int64 = 0) throws(ParameterError) {
    guard resolution >= 1, resolution <= Self.widestResolution else {
      throw ParameterError(.outOfRange, "a candle of \(resolution) microseconds")
    }
    self.resolution = resolution
    // Only the phase matters, and a small one cannot overflow.
    self.origin = origin.modulo(resolution)
  }

  private init() {
    resolution = 0
    origin = 0
  }

  /// A builder whose candles are opened and closed from outside.
  public static func onCalendar() -> Self { Self() }

  public var isOnCalendar: Bool { resolution == 0 }

  /// No candle was ever begun.
  public var isUntouched: Bool { start == Timestamp.earliest.microseconds && start == end && !isForming }

  /// Begins the candle of this span, unless it has been closed already.
  public mutating func open(_ span: CandleSpan) {
    guard span.end > end || (span.begin.microseconds == start && start < end) else { return }
    if span.begin.microseconds != start { isForming = false }
    (start, end, label, closing) = (span.begin.microseconds, span.end, span.opensAt, span.closesAt)
  }

  /// On a calendar: the last time that the present candle has room for; nil when none is open.
  public var lastInstant: Timestamp? { isOnCalendar && start < end ? Timestamp(unchecked: end - 1) : nil }

  /// Of fixed width: where the forming candle ends; nil when there is none.
  public var formingEnd: Timestamp? { isForming && !isOnCalendar ? Timestamp(unchecked: end) : nil }

  /// On a calendar: when the last session of the present candle closes; nil when none is open.
  public var closesAt: Timestamp? { isOnCalendar && start < end ? closing : nil }

  /// Where the forming candle begins: what closed by then is complete; nil when there is none.
  public var formingBegin: Timestamp? { isForming ? Timestamp(unchecked: start) : nil }

  /// On a calendar: ends the present candle for good.
  /// - Returns: the candle, if anything traded, and when it closed.
  public mutating func close() -> (candle: Candle?, closedAt: Timestamp) {
    let complete = forming
    isForming = false
    start = end
    return (complete, closing)
  }

  /// The candle of the current bucket as far as it is known, nil when nothing traded yet.
  public var forming: Candle? {
    guard isForming else { return nil }
    var candle = candle
    candle.vwap = candle.volume > 0 ? turnover / candle.volume : .nan
    return candle
  }

  public mutating func update(_ tick: Tick) -> Outcome {
    guard tick.isUsable else { return .refused }
    let time = tick.time.microseconds
    if time < start || isOnCalendar && time >= end {
      lateTicks += 1
      return .late
    }
    if time < end && isForming {
      candle.high = max(candle.high, tick.price)
      candle.low = min(candle.low, tick.price)
      candle.close = tick.price
      candle.volume += tick.size
      candle.ticks += 1
      turnover += tick.price * tick.size
      return .folded
    }
    let complete = time < end ? nil : forming
    moveBucket(to: time)
    candle = Candle(
      bucket: isOnCalendar ? label : Timestamp(unchecked: start), open: tick.price, high: tick.price, low: tick.price,
      close: tick.price,
      volume: tick.size, ticks: 1)
    turnover = tick.price * tick.size
    isForming = true
    return complete.map { .closed($0) } ?? .folded
  }

  /// Folds a finer candle, whose span lies within one bucket, as its ticks would be: prices are the same, sums of sizes up to
  /// rounding.
  public mutating func update(_ part: Candle) -> Outcome {
    guard part.isUsable, part.volume >= 0, part.volume < .infinity else { return .refused }
    let time = part.bucket.microseconds
    if time < start || isOnCalendar && time >= end {
      lateTicks += Int(part.ticks)
      return .late
    }
    let value = part.volume > 0 ? part.vwap * part.volume : 0
    if time < end && isForming {
      candle.high = max(candle.high, part.high)
      candle.low = min(candle.low, part.low)
      candle.close = part.close
      candle.volume += part.volume
      candle.ticks += part.ticks
      turnover += value
      return .folded
    }
    let complete = time < end ? nil : forming
    moveBucket(to: time)
    candle = part
    candle.bucket = isOnCalendar ? label : Timestamp(unchecked: start)
    turnover = value
    isForming = true
    return complete.map { .closed($0) } ?? .folded
  }

  /// Where the candle of a time begins.
  public func bucket(of time: Timestamp) -> Timestamp {
    let start = time.microseconds - (time.microseconds - origin).modulo(resolution)
    return Timestamp(unchecked: max(start, Timestamp.earliest.microseconds))
  }

  /// Tells that event time has reached `time`: returns the candle that is thereby complete, if there is one.
  public mutating func advance(to time: Timestamp) -> Candle? {
    guard time.microseconds >= end else { return nil }
    let complete = forming
    isForming = false
    moveBucket(to: time.microseconds)
    return complete
  }

  /// Multiplies the prices of the forming candle by `priceRatio` and its volume by the inverse, for a stock split.
  public mutating func rescale(by priceRatio: Double) { candle.rescale(by: priceRatio) }

  private mutating func moveBucket(to time: Int64) {
    if time < end { return }
    start = time - (time - origin).modulo(resolution)
    end = start + resolution
  }

  /// The complete state; `init(resolution:origin:state:)`, or `onCalendar(state:)`, goes on from it bit for bit.
  public var state: [UInt8] {
    var writer = StateWriter()
    writer.write(lateTicks)
    writer.write(start)
    writer.write(end)
    writer.write(isForming)
    writer.write(candle.open)
    writer.write(candle.high)
    writer.write(candle.low)
    writer.write(candle.close)
    writer.write(candle.volume)
    writer.write(candle.ticks)
    writer.write(turnover)
    if isOnCalendar {
      writer.write(label.microseconds)
      writer.write(closing.microseconds)
    }
    return writer.bytes
  }

  /// - Throws: `badState` when the state is not one of a builder on a calendar. One of fixed width that never began a candle
  ///   is as good as none: bars need no builder.
  public static func onCalendar(state: [UInt8]) throws(ParameterError) -> Self {
    var builder = Self()
    do throws(StateReader.Malformed) {
      var reader = StateReader(state)
      try builder.read(&reader)
      if !(reader.isAtEnd && builder.isUntouched) {
        builder.label = try reader.timestamp()
        builder.closing = try reader.timestamp()
      }
      guard reader.isAtEnd, builder.start <= builder.end, builder.start < builder.end || !builder.isForming,
        builder.start >= Timestamp.earliest.microseconds, builder.end <= Timestamp.latest.microseconds
      else { throw StateReader.Malformed() }
      builder.candle.bucket = builder.label
    } catch {
      throw .badState(of: "candle builder")
    }
    return builder
  }

  private mutating func read(_ reader: inout StateReader) throws(StateReader.Malformed) {
    lateTicks = try reader.int()
    start = try reader.int64()
    end = try reader.int64()
    isForming = try reader.bool()
    candle.open = try reader.double()
    candle.high = try reader.double()
    candle.low = try reader.double()
    candle.close = try reader.double()
    candle.volume = try reader.double()
    candle.ticks = try reader.int64()
    turnover = try reader.double()
    guard lateTicks >= 0 else { throw StateReader.Malformed() }
  }

  /// - Throws: `outOfRange`; `badState` when the state is not one of a builder with these parameters.
  public init(resolution: Int64, origin: Int64 = 0, state: [UInt8]) throws(ParameterError) {
    try self.init(resolution: resolution, origin: origin)
    do throws(StateReader.Malformed) {
      var reader = StateReader(state)
      try read(&reader)
      guard reader.isAtEnd else { throw StateReader.Malformed() }
      let earliest = Timestamp.earliest.microseconds
      let isBucket =
        start >= earliest - resolution && start <= Timestamp.latest.microseconds && end == start + resolution
        && (start - self.origin).modulo(resolution) == 0
      guard isUntouched || isBucket else { throw StateReader.Malformed() }
      candle.bucket = Timestamp(unchecked: start)
    } catch {
      throw .badState(of: "candle builder")
    }
  }
}
