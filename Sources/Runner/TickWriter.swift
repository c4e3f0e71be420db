import EngineStore
import Feeds
import LibPQ
import TradingCore

/// Stores batches of ticks, inside the batch's transaction: straight into the days' partitions or chunks, with what they add to the
/// candles computed here, which costs the server a row for each instrument and minute.
struct TickWriter: ~Copyable {
  /// Some ticks may be stored already: those are left alone, at the price of a detour through a temporary table and the
  /// table's trigger.
  var merges = false
  private var rows = CopyWriter(columnCount: TickBatch.columnCount, capacity: 1 << 20)
  /// Where each day's ticks go.
  private var targets: [Int64: EngineStore.TickTarget] = [:]
  /// What the batch that is being written does not write directly.
  private var isStaged = false
  private var fold = MinuteFold()

  /// A transaction has failed: the partitions that it made are gone.
  mutating func forgetTargets() { targets = [:] }

  /// Hands the batch to the server, which stores while the caller goes on; the connection is taken until ``finish(_:)``.
  mutating func begin(_ batch: TickBatch, on connection: Connection) async throws -> CopyIn {
    let store = EngineStore(connection)
    // A batch that failed halfway may have left some.
    rows.removeAll()
    fold.removeAll()
    let days = Self.days(of: batch)
    let missing = days.filter { targets[$0] == nil }
    if !missing.isEmpty {
      for (day, target) in zip(missing, try await store.tickTargets(days: missing)) { targets[day] = target }
    }
    let isHypertable = days.first.flatMap { targets[$0]?.isChunk } ?? false
    let order = isHypertable ? batch.byInstrument() : nil
    isStaged = merges
    if let order, try await store.claimTicks(order.spans) { isStaged = true }
    var last: CopyIn?
    for day in isStaged ? [] : days {
      _ = try await last?.finish()
      let copy = try await store.copyTicks(columns: TickBatch.columns, into: targets[day]?.table)
      batch.write(to: &rows, order: order?.indices, day: days.count == 1 ? nil : day)
      try await copy.send(&rows)
      try await copy.endData()
      last = copy
    }
    if let last {
      for index in batch.ticks.indices where !batch.isSuspicious[index] { fold.add(batch.ticks[index]) }
      return last
    }
    let copy = try await store.copyTicks(columns: TickBatch.columns, into: nil)
    batch.write(to: &rows)
    try await copy.send(&rows)
    try await copy.endData()
    return copy
  }

  mutating func finish(_ copy: CopyIn, on connection: Connection) async throws {
    try await copy.finish()
    guard isStaged else { return }
    try await EngineStore(connection).mergeStagedTicks(
      columns: TickBatch.columns, isHypertable: targets.values.contains { $0.isChunk })
  }

  /// What the batch that was written last makes of candles; none when the trigger has done that.
  var candles: [MinuteFold.Part] { fold.parts }

  /// UTC days since 2000-01-01 of a batch's ticks, in order of appearance; nearly always one.
  private static func days(of batch: TickBatch) -> [Int64] {
    var days: [Int64] = []
    for tick in batch.ticks {
      let day = tick.time.day
      if day != days.last, !days.contains(day) { days.append(day) }
    }
    return days
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
