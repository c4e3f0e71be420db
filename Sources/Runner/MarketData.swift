import EngineStore
import Feeds
import LibPQ
import TradingCore

/// What a batch of ticks leaves behind besides the ticks themselves and what was traded on them: candles, journaled
/// closes, the latest prices of instruments that nobody trades, and what was not accepted.
struct MarketData {
  private let feed: String
  /// Instruments whose latest prices the session sets, when it has come to them.
  private let watched: Set<Int32>
  /// Event time after the end of a candle before it counts as closed, in microseconds.
  private let grace: Int64
  /// Instruments whose candles this feed closes.
  private var seen: Set<Int32>
  private var time = Timestamp.earliest
  /// Minutes of event time, less the grace, that are closed.
  private var closedMinute = Int64.min

  /// - Parameter others: instruments that an earlier run closed the candles of with the watched ones.
  init(feed: String, watched: [Int32], others: [Int32], grace: Int64) {
    self.feed = feed
    self.watched = Set(watched)
    self.grace = grace
    seen = self.watched.union(others)
  }

  /// - Parameter parts: what the batch adds to candles; none when the ticks' trigger does that.
  mutating func requests(for batch: FeedBatch, _ parts: [MinuteFold.Part]) throws -> [Request] {
    switch batch.events {
    case .bars: []
    case .ticks(let ticks): closes(at: ticks.last?.time)
    case .newTicks(let ticks):
      try rejections(of: ticks) + (ticks.isEmpty ? [] : candles(parts) + closes(at: ticks.ticks.last?.time))
    }
  }

  private func rejections(of batch: TickBatch) -> [Request] {
    let rejected = batch.rejected.compactMap { row in
      row.kind.map { EngineStore.RejectedTick(reason: $0.rawValue, detail: "line \(row.line): \(row.reason)") }
    }
    return rejected.isEmpty ? [] : [EngineStore.rejectTicks(rejected, feed: feed)]
  }

  private mutating func candles(_ parts: [MinuteFold.Part]) throws -> [Request] {
    if parts.isEmpty { return [] }
    var latest: [Int32: MinuteFold.Part] = [:]
    for part in parts where !watched.contains(part.instrument) {
      if let known = latest[part.instrument], part.bucket < known.bucket { continue }
      latest[part.instrument] = part
    }
    seen.formUnion(latest.keys)
    let prices = try latest.values.map {
      (
        instrument: $0.instrument, time: try Timestamp(microseconds: $0.summary.last.time),
        price: $0.summary.last.price,
        size: $0.lastSize
      )
    }
    return [EngineStore.addCandles(parts)] + (prices.isEmpty ? [] : [EngineStore.upsertQuotes(prices)])
  }

  /// Statements only when another minute is over.
  private mutating func closes(at latest: Timestamp?) -> [Request] {
    time = max(time, latest ?? time)
    let minute = (time.microseconds - grace).quotientAndRemainder(dividingBy: MinuteFold.minute).quotient
    if minute == closedMinute { return [] }
    closedMinute = minute
    return [EngineStore.closeCandles(seen.sorted(), at: time)]
  }
}
