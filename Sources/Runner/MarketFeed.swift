import EngineStore
import Feeds
import TradingCore

/// Where a runner's market events come from, in an order that is the same at every reading.
package protocol MarketFeed: Sendable {
  /// What it reads, for ops.runners.
  var name: String { get }
  /// Length of its bars in microseconds; nil for ticks.
  var barResolution: Int64? { get }
  /// False: at its end it waits for more.
  var hasEnd: Bool { get }

  /// The names of its cursors, now that the instruments are known.
  func cursors(for instruments: [SessionInstrument]) -> [String]
  /// Goes to where these cursors stand, nil being the beginning; again after each lost connection.
  /// - Returns: the places that it begins at, when a later start has to begin there too although nothing happened.
  func open(
    _ instruments: [SessionInstrument], of portfolios: [Int32], at cursors: [EngineStore.Cursor?]
  ) async throws -> [FeedPosition]
  /// The next events, about `limit` of them; nil when there are none (now).
  func next(limit: Int) async throws -> FeedBatch?
  func close() async
  /// Another reader of the same, for portfolios that stand at another place; asked of feeds without an end only.
  func another() -> any MarketFeed
}

extension MarketFeed {
  package func another() -> any MarketFeed { self }
}

/// Where a cursor stands.
package typealias FeedPosition = (name: String, position: Int64, sequence: Int64)

/// Events that are committed together.
package struct FeedBatch: Sendable {
  package enum Events: Sendable {
    /// Ticks that are stored already.
    case ticks([Tick])
    /// Ticks of a file, to be stored.
    case newTicks(TickBatch)
    /// Groups that open and close together.
    case bars([[BarEvent]])
  }

  package let events: Events
  /// Where each cursor of the feed stands afterwards.
  package let cursors: [FeedPosition]

  package init(_ events: Events, cursors: [FeedPosition]) {
    self.events = events
    self.cursors = cursors
  }

  package var count: Int {
    switch events {
    case .ticks(let ticks): ticks.count
    case .newTicks(let batch): batch.ticks.count
    case .bars(let groups): groups.reduce(0) { $0 + $1.count }
    }
  }

  /// The time of the first event.
  package var begin: Timestamp? {
    switch events {
    case .ticks(let ticks): ticks.first?.time
    case .newTicks(let batch): batch.ticks.first?.time
    case .bars(let groups): groups.first?.first?.opensAt
    }
  }
}
