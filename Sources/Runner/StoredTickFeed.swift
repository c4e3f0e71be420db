import EngineStore
import LibPQ
import TradingCore

/// Ticks that are in market.ticks, whoever put them there, in order of time.
///
/// One cursor per instrument: a tick counts once, and one that is stored later than others of its instrument with a
/// later time is too late to trade on. It corrects history, and does not change what was decided.
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
  ///   - follows: wait for new ticks at the end, and begin with what comes after the start; otherwise begin at `from`.
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

  package func open(_ instruments: [SessionInstrument], at cursors: [EngineStore.Cursor?]) async throws {
    await close()
    let connection = try await Connection.connect(options, retry: .standard)
    self.connection = connection
    let latest = hasEnd ? [] : try await EngineStore(connection).latestTicks(instruments.map(\.id))
    positions = instruments.indices.map { index in
      let instrument = instruments[index].id
      if let cursor = cursors[index] {
        return .init(instrument: instrument, time: cursor.position, sequence: cursor.sequence)
      }
      if !hasEnd, let tick = latest[index] { return tick }
      return .init(instrument: instrument, time: (from ?? .earliest).microseconds, sequence: -1)
    }
  }

  package func next(limit: Int) async throws -> FeedBatch? {
    guard let connection, !positions.isEmpty else { return nil }
    let ticks = try await EngineStore(connection).storedTicks(after: positions, until: until, limit: limit)
    if ticks.isEmpty { return nil }
    for index in positions.indices {
      guard let last = ticks.last(where: { $0.instrument == positions[index].instrument }) else { continue }
      positions[index].time = last.time.microseconds
      positions[index].sequence = Int32(last.sequence)
    }
    return FeedBatch(
      .ticks(ticks), cursors: positions.map { ("\(name)/\($0.instrument)", $0.time, $0.sequence) })
  }

  package func close() async {
    await connection?.close()
    connection = nil
  }
}
