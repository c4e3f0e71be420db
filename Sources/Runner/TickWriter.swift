import EngineStore
import Feeds
import LibPQ
import TradingCore

/// Stores batches of ticks, inside the batch's transaction.
struct TickWriter: ~Copyable {
  /// Some ticks may be stored already: those are left alone, at the price of a detour through a temporary table.
  var merges = false
  private var rows = CopyWriter(columnCount: TickBatch.columnCount, capacity: 1 << 20)
  /// Days that have their partitions.
  private var days: Set<Int64> = []

  /// Makes the daily partitions that these ticks need.
  mutating func ensurePartitions(_ store: EngineStore, for batch: TickBatch) async throws {
    var latest = Int64.min
    for tick in batch.ticks {
      let day = Self.day(tick.time)
      if day == latest { continue }
      latest = day
      if days.insert(day).inserted { try await store.ensureTickPartitions(from: tick.time, until: tick.time) }
    }
  }

  /// A transaction has failed: the partitions that it made are gone.
  mutating func forgetPartitions() { days = [] }

  private static func day(_ time: Timestamp) -> Int64 {
    let (day, rest) = time.microseconds.quotientAndRemainder(dividingBy: 86_400_000_000)
    return rest < 0 ? day - 1 : day
  }

  /// Hands the batch to the server, which stores while the caller goes on; the connection is taken until ``finish(_:)``.
  mutating func begin(_ batch: TickBatch, on connection: Connection) async throws -> CopyIn {
    let copy = try await EngineStore(connection).copyTicks(columns: TickBatch.columns, staged: merges)
    // A batch that failed halfway may have left some.
    rows.removeAll()
    batch.write(to: &rows)
    try await copy.send(&rows)
    try await copy.endData()
    return copy
  }

  mutating func finish(_ copy: CopyIn, on connection: Connection) async throws {
    try await copy.finish()
    guard merges else { return }
    try await EngineStore(connection).mergeStagedTicks(columns: TickBatch.columns)
  }
}

extension TradingSession {
  /// Feeds ticks from `index` on until the session wants something; the doubtful ones are left out.
  /// - Returns: the index of the next tick.
  mutating func run(_ batch: TickBatch, from index: Int) -> Int {
    var index = index
    while index < batch.ticks.count, !hasRequests {
      if !batch.isSuspicious[index] { begin(batch.ticks[index]) }
      index += 1
    }
    return index
  }
}
