import EngineStore
import Feeds
import LibPQ
import TradingCore

/// A session of the server's in which batches of new ticks are stored, each in the transaction that will also have all that
/// came of it. Two lanes take turns: while one batch ends (candles, orders, cursor, commit), the other lane copies in the
/// ticks of the next one. They commit in order; a batch that fails takes the one behind it along.
///
/// Ticks go straight into the days' partitions or chunks, with what they add to the candles computed here, which costs the
/// server a row for each instrument and minute.
package actor TickLane {
  package nonisolated let connection: Connection
  private let store: EngineStore
  private var rows: CopyWriter? = CopyWriter(columnCount: TickBatch.columnCount, capacity: 1 << 20)
  private var fold = MinuteFold()
  /// Undoes what was stored ahead, unless it is taken before.
  private var expiry: Task<Void, Never>?

  /// Longest time that ticks which are stored ahead wait for their turn. Somebody may want to lock the table and wait for them,
  /// while the batch before waits for him: a deadlock that the server cannot see.
  private static let patience = Duration.seconds(1)

  /// Ticks on which the server works while the next are being written.
  private static let piece = 2_000

  package init(_ connection: Connection) {
    self.connection = connection
    store = EngineStore(connection)
  }

  /// Where each day's ticks go, by UTC days since 2000-01-01.
  package typealias Targets = [Int64: EngineStore.TickTarget]

  /// What stands in the open transaction.
  package struct Stored: Sendable {
    /// What the ticks add to the candles; none when the table's trigger has done that.
    package var parts: [MinuteFold.Part] = []
    /// Ticks of a hypertable, which has no key: to be claimed before the commit.
    package var claims: [EngineStore.TickSpan] = []
    var duration = Duration.zero
  }

  /// Begins a transaction and stores ticks in it; when that fails there is none.
  /// - Parameters:
  ///   - targets: those of the ticks' days at least.
  ///   - merging: some may be stored already. Those are left alone, at the price of a detour through a temporary table and the
  ///     table's trigger, and only when the batches before have committed.
  package func begin(_ batch: TickBatch, targets: Targets, merging: Bool) async throws -> Stored {
    let start = ContinuousClock.now
    do {
      var stored = merging ? try await merge(batch, targets) : try await copy(batch, targets)
      stored.duration = ContinuousClock.now - start
      return stored
    } catch {
      try? await rollback()
      throw error
    }
  }

  /// Stores ticks whose turn has not come, for ``take()``.
  func beginAhead(_ batch: TickBatch, targets: Targets) async throws -> Stored {
    let stored = try await begin(batch, targets: targets, merging: false)
    expiry = Task {
      try? await Task.sleep(for: Self.patience)
      if !Task.isCancelled { await self.expire() }
    }
    return stored
  }

  /// - Returns: whether what was stored ahead still stands.
  func take() -> Bool {
    expiry?.cancel()
    defer { expiry = nil }
    return expiry != nil
  }

  private func expire() async {
    guard expiry != nil else { return }
    expiry = nil
    try? await rollback()
  }

  package func commit() async throws { try await connection.commit() }

  package func rollback() async throws { try await connection.rollback() }

  package func close() async {
    _ = take()
    try? await rollback()
    // At once: the server notices the end of a session a little later than the client.
    try? await store.unlockAll()
    await connection.close()
  }

  private func copy(_ batch: TickBatch, _ targets: Targets) async throws -> Stored {
    let days = batch.days
    let order = targets[days[0]]?.isChunk == true ? batch.byInstrument() : nil
    var begin = order == nil ? "BEGIN" : "BEGIN; \(EngineStore.directCompression)"
    var rows = self.rows.take() ?? CopyWriter(columnCount: TickBatch.columnCount)
    rows.removeAll()
    for day in days {
      let copy = try await store.copyTicks(columns: TickBatch.columns, into: targets[day]!.table, after: begin)
      for start in stride(from: 0, to: batch.count, by: Self.piece) {
        let places = start..<min(batch.count, start + Self.piece)
        batch.write(to: &rows, order: order?.indices, day: days.count == 1 ? nil : day, places: places)
        try await copy.send(&rows)
      }
      if day == days.last {
        // The server works on while this is summed up.
        try await copy.endData()
        fold.removeAll()
        for index in batch.ticks.indices where !batch.isSuspicious[index] { fold.add(batch.ticks[index]) }
      }
      try await copy.finish()
      begin = ""
    }
    self.rows = consume rows
    return Stored(parts: fold.parts, claims: order?.spans ?? [])
  }

  private func merge(_ batch: TickBatch, _ targets: Targets) async throws -> Stored {
    let isHypertable = targets[batch.days[0]]?.isChunk == true
    var rows = CopyWriter(columnCount: TickBatch.columnCount)
    batch.write(to: &rows)
    try await store.makeStagingTable()
    let copy = try await store.copyTicks(columns: TickBatch.columns, into: EngineStore.stagingTable, after: "BEGIN")
    try await copy.send(&rows)
    try await copy.finish()
    if isHypertable { _ = try await store.claimTicks(batch.byInstrument().spans) }
    try await store.mergeStagedTicks(columns: TickBatch.columns, isHypertable: isHypertable)
    return Stored()
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
