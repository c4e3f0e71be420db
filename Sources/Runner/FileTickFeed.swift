import EngineStore
import Feeds
import TradingCore

/// Ticks of files, one file after the other, which the runner stores as it goes.
package actor FileTickFeed: MarketFeed {
  package nonisolated let name: String
  package nonisolated let barResolution: Int64? = nil
  package nonisolated let hasEnd = true
  private let paths: [String]
  private let fileOptions: FileOptions
  private let listings: [String: Listing]
  private nonisolated let names: [String]
  private var index = 0
  private var file: TickFileFeed?

  /// - Parameter listings: what the files' symbols stand for; ticks of another one end the feed with ``FeedError``.
  package init(paths: [String], options: FileOptions, listings: [String: Listing]) throws {
    self.paths = paths
    self.listings = listings
    fileOptions = options
    names = try paths.map { try TickFileFeed($0, options: options, instruments: listings).name }
    name = names.joined(separator: ", ")
  }

  package nonisolated func cursors(for instruments: [SessionInstrument]) -> [String] { names }

  package func open(_ instruments: [SessionInstrument], at cursors: [EngineStore.Cursor?]) throws {
    index = cursors.lastIndex { $0 != nil } ?? 0
    file = try openFile()
    if let cursor = cursors[index] { try file?.skip(to: Int(cursor.position)) }
  }

  package func next(limit: Int) throws -> FeedBatch? {
    while let file {
      if let batch = try file.read(upTo: limit) {
        return FeedBatch(.newTicks(batch), cursors: [(names[index], Int64(batch.lastRow), 0)])
      }
      index += 1
      self.file = index < paths.count ? try openFile() : nil
    }
    return nil
  }

  package func close() { file = nil }

  private func openFile() throws -> TickFileFeed {
    try TickFileFeed(paths[index], options: fileOptions, instruments: listings, skipsUnknown: false)
  }
}
