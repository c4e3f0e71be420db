import EngineStore
import Feeds
import Runner
import TradingCore

/// Ticks for measurements: a session of evenly spaced trades, instruments in turn at random, the same at every reading.
struct BenchTape: Sendable {
  let instruments: [Int32]
  let count: Int
  let batchSize: Int
  let start: Timestamp
  /// Microseconds from tick to tick.
  let step: Int64

  /// - Parameter seconds: event time from the first tick to the last.
  init(instruments: [Int32], count: Int, batchSize: Int, start: String, seconds: Int) throws {
    self.instruments = instruments
    self.count = count
    self.batchSize = batchSize
    self.start = try Timestamp(start)
    step = max(1, Int64(seconds) * 1_000_000 / Int64(count))
  }

  var batchCount: Int { (count + batchSize - 1) / batchSize }

  /// The days that it needs partitions for.
  var days: [Int64] {
    let last = start.microseconds + step * Int64(count)
    return Array(start.day...(last / 86_400_000_000))
  }

  func batch(_ index: Int) throws -> TickBatch {
    var batch = TickBatch()
    batch.reserveCapacity(batchSize)
    var random = UInt64(truncatingIfNeeded: index &+ 1) &* 0x9E37_79B9_7F4A_7C15
    for row in index * batchSize..<min(count, (index + 1) * batchSize) {
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      let place = Int(random >> 33) % instruments.count
      batch.append(
        Tick(
          instrument: instruments[place], time: try start.advanced(byMicroseconds: step * Int64(row)),
          price: 100 + Double(place) + Double(random & 1023) / 100, size: Double(1 + (random >> 10) & 511)))
    }
    return batch
  }
}

/// A tape as a feed, made as it is read.
actor BenchFeed: MarketFeed {
  nonisolated let name: String
  nonisolated let barResolution: Int64? = nil
  nonisolated let hasEnd = true
  private let tape: BenchTape
  private var next = 0

  init(_ tape: BenchTape, name: String = "bench") {
    self.tape = tape
    self.name = name
  }

  nonisolated func cursors(for instruments: [SessionInstrument]) -> [String] { [name] }

  func open(_ instruments: [SessionInstrument], of portfolios: [Int32], at cursors: [EngineStore.Cursor?])
    -> [FeedPosition]
  {
    next = Int(cursors[0]?.position ?? 0)
    return []
  }

  func next(limit: Int) throws -> FeedBatch? {
    guard next < tape.batchCount else { return nil }
    defer { next += 1 }
    return FeedBatch(.newTicks(try tape.batch(next)), cursors: [(name, Int64(next + 1), 0)])
  }

  func close() {}
}
