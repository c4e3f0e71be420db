import Feeds
import TradingCore

/// Which instruments of a live source have candles to close: all of them once a minute, those that wait for missing ticks
/// when they have them.
struct ClosingCandles: Sendable {
  private let instruments: Set<Int32>
  private let grace: Int64
  /// Minutes of the source's time, less the grace, that are over.
  private var minute = Int64.min
  private var owed: Set<Int32> = []
  /// The first tick of this feed; nil before it.
  private(set) var from: Timestamp?

  /// - Parameter from: the first tick of an earlier run that may not be in a closed candle.
  init(_ instruments: Set<Int32>, from: Timestamp?, grace: Int64) {
    self.instruments = instruments
    self.grace = grace
    self.from = from.map(Self.minute)
  }

  mutating func note(_ ticks: [LiveTick]) {
    if from == nil { from = ticks.map(\.time).min().map(Self.minute) }
  }

  mutating func due(at time: Timestamp, except waiting: Set<Int32>) -> [Int32] {
    let now = (time.microseconds - grace).quotientAndRemainder(dividingBy: MinuteFold.minute).quotient
    if now > minute {
      minute = now
      owed = instruments
    }
    let due = owed.subtracting(waiting)
    owed.subtract(due)
    return due.sorted()
  }

  /// Where the minute of a time begins.
  private static func minute(of time: Timestamp) -> Timestamp {
    let past = time.microseconds.quotientAndRemainder(dividingBy: MinuteFold.minute).remainder
    return (try? time.advanced(byMicroseconds: past < 0 ? -past - MinuteFold.minute : -past)) ?? .earliest
  }
}
