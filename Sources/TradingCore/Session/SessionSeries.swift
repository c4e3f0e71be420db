/// Candles that an agent looks at beside its own: of another length, or of another instrument.
public struct SessionSeries: Sendable {
  public let instrument: Int32
  /// As long as the agent's own, and not made of shorter bars: a feed of bars has them as they are.
  public let isOfBaseLength: Bool
  /// Where its candles begin and end; nil: they are of fixed width.
  public let calendar: CandleCalendar?
  /// Makes them out of ticks, or out of shorter bars.
  public var builder: CandleBuilder

  public init(instrument: Int32, isOfBaseLength: Bool, calendar: CandleCalendar?, builder: CandleBuilder) {
    self.instrument = instrument
    self.isOfBaseLength = isOfBaseLength
    self.calendar = calendar
    self.builder = builder
  }
}

/// A closed candle that an agent has still to take in.
public struct WaitingCandle: Sendable {
  /// 0: the agent's own.
  let series: Int
  var candle: Candle
  let closedAt: Timestamp

  /// What closes together is taken in before the candle of the agent's own.
  func isBefore(_ other: Self) -> Bool {
    if closedAt != other.closedAt { return closedAt < other.closedAt }
    return (series == 0 ? Int.max : series) < (other.series == 0 ? Int.max : other.series)
  }
}

extension SessionAgent {
  /// The forming candles of all series, and those that wait.
  var candleState: [UInt8] {
    var writer = StateWriter()
    writer.write(bytes: builder.state)
    writer.write(others.count)
    for other in others { writer.write(bytes: other.builder.state) }
    writer.write(waiting.count)
    for entry in waiting { entry.write(to: &writer) }
    return writer.bytes
  }

  /// Goes on with the candles of this state.
  ///
  /// - Throws: `badState` when it is not one of an agent that looks at candles of these lengths.
  public mutating func restoreCandles(_ state: [UInt8]) throws(ParameterError) {
    do throws(StateReader.Malformed) {
      var reader = StateReader(state)
      let (own, count) = (try reader.bytes(), try reader.int())
      guard count == others.count else { throw StateReader.Malformed() }
      builder = try Self.restored(builder, own)
      for index in others.indices { others[index].builder = try Self.restored(others[index].builder, reader.bytes()) }
      let waitingCount = try reader.int()
      guard waitingCount >= 0, waitingCount <= state.count else { throw StateReader.Malformed() }
      waiting = []
      for _ in 0..<waitingCount {
        let entry = try WaitingCandle(from: &reader)
        guard entry.series >= 0, entry.series <= others.count else { throw StateReader.Malformed() }
        waiting.append(entry)
      }
      guard reader.isAtEnd else { throw StateReader.Malformed() }
    } catch {
      throw .badState(of: "agent's candles")
    }
  }

  private static func restored(
    _ builder: CandleBuilder, _ state: [UInt8]
  ) throws(StateReader.Malformed) -> CandleBuilder {
    let restored =
      builder.isOnCalendar
      ? try? CandleBuilder.onCalendar(state: state)
      : try? CandleBuilder(resolution: builder.resolution, origin: builder.origin, state: state)
    guard let restored else { throw StateReader.Malformed() }
    return restored
  }
}

extension WaitingCandle {
  fileprivate func write(to writer: inout StateWriter) {
    writer.write(series)
    writer.write(closedAt.microseconds)
    writer.write(candle.bucket.microseconds)
    for value in [candle.open, candle.high, candle.low, candle.close, candle.volume, candle.vwap] {
      writer.write(value)
    }
    writer.write(candle.ticks)
  }

  fileprivate init(from reader: inout StateReader) throws(StateReader.Malformed) {
    series = try reader.int()
    closedAt = try reader.timestamp()
    candle = Candle(
      bucket: try reader.timestamp(), open: try reader.double(), high: try reader.double(), low: try reader.double(),
      close: try reader.double(), volume: try reader.double(), vwap: try reader.double(), ticks: try reader.int64())
  }
}
