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

  package func open(
    _ instruments: [SessionInstrument], of portfolios: [Int32], at cursors: [EngineStore.Cursor?]
  ) async throws -> [FeedPosition] {
    await close()
    pending = []
    isExhausted = false
    let connection = try await Connection.connect(options, retry: .standard)
    self.connection = connection
    try await EngineStore(connection).openBars(
      resolution: barResolution ?? 0, instruments: instruments.map(\.id), after: cursors[0]?.position,
      from: from, until: until)
    return []
  }

  package func next(limit: Int) async throws -> FeedBatch? {
    guard let connection else { return nil }
    // The cursor is a time: all bars that open then go together. They are known when a later one is.
    var end = pending.count
    while true {
      if pending.count >= limit {
        let last = pending[limit - 1].opensAt
        end = pending[limit...].firstIndex { $0.opensAt != last } ?? pending.count
        if end < pending.count { break }
      }
      if isExhausted {
        end = pending.count
        break
      }
      let more = try await EngineStore(connection).fetchBars(limit)
      isExhausted = more.count < limit
      pending += more
    }
    guard end > 0 else { return nil }
    let groups = Self.groups(pending[..<end])
    let last = pending[end - 1].opensAt
    pending.removeFirst(end)
    return FeedBatch(.bars(groups), cursors: [(name, last.microseconds, 0)])
  }

  /// Bars that open and close together make one event; of those that only open together the shorter ones come first.
  static func groups(_ bars: ArraySlice<BarEvent>) -> [[BarEvent]] {
    var groups: [[BarEvent]] = []
    var rest = bars
    while let first = rest.first {
      var together = rest.prefix { $0.opensAt == first.opensAt }
      rest = rest.dropFirst(together.count)
      while let closesAt = together.map(\.closesAt).min() {
        groups.append(together.filter { $0.closesAt == closesAt })
        together.removeAll { $0.closesAt == closesAt }
      }
    }
    return groups
  }

  package func close() async {
    await connection?.close()
    connection = nil
  }
}
