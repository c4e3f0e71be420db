/// What a batch of ticks adds to candles of one minute, in whatever order they come: one part for each instrument and
/// minute that occurs. The parts of any batches, added in any order, make the candle of all their ticks.
public struct MinuteFold: Sendable {
  public struct Part: Sendable {
    public let instrument: Int32
    /// Start of the minute, microseconds since 2000-01-01T00:00Z.
    public let bucket: Int64
    public internal(set) var summary: TickSummary
    /// Size of the latest tick.
    public internal(set) var lastSize: Double
  }

  private struct Key: Hashable {
    let instrument: Int32
    let bucket: Int64
  }

  /// In microseconds.
  public static let minute: Int64 = 60_000_000

  public private(set) var parts: [Part] = []
  /// The part of each instrument that took its latest tick: nearly always the one of the next, too.
  private var latest: [Int32: Int] = [:]
  private var places: [Key: Int] = [:]

  public init() {}

  /// The caller has looked at the tick: its price and size can be.
  @inline(__always)
  public mutating func add(_ tick: Tick) {
    let time = tick.time.microseconds
    let place: Int
    if let known = latest[tick.instrument], time >= parts[known].bucket, time < parts[known].bucket + Self.minute {
      place = known
    } else {
      place = findPart(tick.instrument, time - time.modulo(Self.minute))
    }
    parts[place].summary.add(.init(time: time, sequence: tick.sequence, price: tick.price), size: tick.size)
    let last = parts[place].summary.last
    if last.time == time, last.sequence == tick.sequence { parts[place].lastSize = tick.size }
  }

  private mutating func findPart(_ instrument: Int32, _ bucket: Int64) -> Int {
    let key = Key(instrument: instrument, bucket: bucket)
    let place = places[key] ?? parts.count
    if place == parts.count {
      parts.append(Part(instrument: instrument, bucket: bucket, summary: TickSummary(), lastSize: 0))
      places[key] = place
    }
    latest[instrument] = place
    return place
  }

  public mutating func removeAll() {
    parts.removeAll(keepingCapacity: true)
    latest.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
  }
}
