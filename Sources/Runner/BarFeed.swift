import EngineStore
import LibPQ
import TradingCore

/// Imported bars out of market.bars, in order of their opening times. Reads through a cursor on a connection of its own,
/// so that its memory is bounded and the server reads ahead while a batch commits.
package actor BarFeed: MarketFeed {
  package nonisolated let name: String
  package nonisolated let barResolution: Int64?
  package nonisolated let hasEnd = true
  private let options: ConnectionOptions
  private let from: Timestamp?
  private let until: Timestamp?
  private var connection: Connection?
  /// Bars read and not given out yet; the last group may go on.
  private var pending: [BarEvent] = []
  private var isExhausted = false

  /// - Parameters:
  ///   - resolution: microseconds.
  ///   - from: opening time of the first bar; nil is the first there is.
  ///   - until: opening time that the last bar is before.
  package init(options: ConnectionOptions, resolution: Int64, from: Timestamp?, until: Timestamp?) {
    self.options = options
    self.from = from
    self.until = until
    barResolution = resolution
    var name = "bars:\(resolution / 1_000_000)s"
    if from != nil || until != nil { name += ":\(from?.description ?? "")..\(until?.description ?? "")" }
    self.name = name
  }

  package nonisolated func cursors(for instruments: [SessionInstrument]) -> [String] { [name] }

  package func open(_ instruments: [SessionInstrument], at cursors: [EngineStore.Cursor?]) async throws {
    await close()
    pending = []
    isExhausted = false
    let connection = try await Connection.connect(options, retry: .standard)
    self.connection = connection
    try await EngineStore(connection).openBars(
      resolution: barResolution ?? 0, instruments: instruments.map(\.id), after: cursors[0]?.position,
      from: from, until: until)
  }

  package func next(limit: Int) async throws -> FeedBatch? {
    guard let connection else { return nil }
    while !isExhausted, pending.count <= limit {
      let more = try await EngineStore(connection).fetchBars(limit)
      if more.count < limit { isExhausted = true }
      pending += more
    }
    // A group is complete when a later one has begun, or the feed is at its end.
    var groups: [[BarEvent]] = []
    var taken = 0
    while taken < pending.count, taken < limit {
      let first = pending[taken]
      var end = taken + 1
      while end < pending.count, pending[end].opensAt == first.opensAt, pending[end].closesAt == first.closesAt { end += 1 }
      if end == pending.count, !isExhausted { break }
      groups.append(Array(pending[taken..<end]))
      taken = end
    }
    guard let last = groups.last?.first else { return nil }
    pending.removeFirst(taken)
    // The cursor is a time: all groups that open then are dealt with.
    while let next = pending.first, next.opensAt == last.opensAt {
      let group = pending.prefix { $0.opensAt == next.opensAt && $0.closesAt == next.closesAt }
      groups.append(Array(group))
      pending.removeFirst(group.count)
    }
    return FeedBatch(.bars(groups), cursors: [(name, last.opensAt.microseconds, 0)])
  }

  package func close() async {
    await connection?.close()
    connection = nil
  }
}
