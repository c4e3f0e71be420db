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

  mutating func ensurePartitions(_ store: EngineStore, from: Timestamp, until: Timestamp) async throws {
    func day(_ time: Timestamp) -> Int64 { Int64((Double(time.microseconds) / 86_400_000_000).rounded(.down)) }
    let needed = Set(day(from)...day(until))
    if needed.isSubset(of: days) { return }
    try await store.ensureTickPartitions(from: from, until: until)
    days.formUnion(needed)
  }

  /// Hands the batch to the server, which stores while the caller goes on; the connection is taken until ``finish(_:)``.
  mutating func begin(_ batch: TickBatch, on connection: Connection) async throws -> CopyIn {
    let copy = try await EngineStore(connection).copyTicks(columns: TickBatch.columns, staged: merges)
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
