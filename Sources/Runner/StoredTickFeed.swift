import EngineStore
import LibPQ
import TradingCore

/// Ticks that are in market.ticks, whoever put them there, in order of time.
///
/// One cursor per instrument: a tick counts once, and one that is stored later than others of its instrument with a
/// later time is too late to trade on. It corrects history, and does not change what was decided.
///
/// A feed that follows begins with what comes after its start. An instrument that concerns nothing but open orders begins
/// behind the last tick before the first of them: they do not trade on older prices, and miss none.
package actor StoredTickFeed: MarketFeed {
  package nonisolated let name: String
  package nonisolated let barResolution: Int64? = nil
  package nonisolated let hasEnd: Bool
  private let options: ConnectionOptions
  private let from: Timestamp?
  private let until: Timestamp?
  private var connection: Connection?
  private var positions: [EngineStore.TickPosition] = []

  /// - Parameters:
  ///   - follows: wait for new ticks at the end.
  ///   - from: time of the first tick, for a feed that does not follow; nil is the first there is.
  ///   - until: time that the last tick is before.
  package init(options: ConnectionOptions, follows: Bool, from: Timestamp? = nil, until: Timestamp? = nil) {
    self.options = options
    self.from = from
    self.until = until
    hasEnd = !follows
    var name = follows ? "live" : "ticks"
    if from != nil || until != nil { name += ":\(from?.description ?? "")..\(until?.description ?? "")" }
    self.name = name
  }

  package nonisolated func cursors(for instruments: [SessionInstrument]) -> [String] {
    instruments.map { "\(name)/\($0.id)" }
  }

  package func open(
    _ instruments: [SessionInstrument], of portfolios: [Int32], at cursors: [EngineStore.Cursor?]
  ) async throws -> [FeedPosition] {
    await close()
    let connection = try await Connection.connect(options, retry: .standard)
    self.connection = connection
    let ids = instruments.map(\.id)
    if hasEnd {
      // An instrument that comes in later begins where the others are.
      let beginning = cursors.compactMap { $0?.position }.max() ?? (from ?? .earliest).microseconds
      positions = zip(ids, cursors).map { id, cursor in
        .init(instrument: id, time: cursor?.position ?? beginning, sequence: cursor?.sequence ?? -1)
      }
      return []
    }
    let starts = try await EngineStore(connection).followingStarts(portfolios, ids)
    positions = zip(starts, cursors).map { start, cursor in
      guard let cursor else { return start.position }
      let known = EngineStore.TickPosition(
        instrument: start.position.instrument, time: cursor.position, sequence: cursor.sequence)
      return start.passesOver && known < start.position ? start.position : known
    }
    return cursorPositions
  }

  package func next(limit: Int) async throws -> FeedBatch? {
    guard let connection, !positions.isEmpty else { return nil }
    let store = EngineStore(connection)
    let ticks =
      hasEnd
      ? try await store.storedTicks(after: positions, until: until, limit: limit)
      : try await store.arrivedTicks(after: positions, until: until, limit: limit)
    if ticks.isEmpty { return nil }
    for index in positions.indices {
      guard let last = ticks.last(where: { $0.instrument == positions[index].instrument }) else { continue }
      positions[index].time = last.time.microseconds
      positions[index].sequence = last.sequence
    }
    return FeedBatch(.ticks(ticks), cursors: cursorPositions)
  }

  package nonisolated func another() -> any MarketFeed {
    StoredTickFeed(options: options, follows: !hasEnd, from: from, until: until)
  }

  private var cursorPositions: [FeedPosition] {
    positions.map { ("\(name)/\($0.instrument)", $0.time, $0.sequence) }
  }

  package func close() async {
    await connection?.close()
    connection = nil
  }
}
