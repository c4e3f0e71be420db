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
  /// Indices of the files that are not done; the first is open.
  private var remaining: [Int] = []
  private var file: TickFileFeed?
  /// Rows that could not be used, counted once however often they are read, and the first twenty of them with their files.
  package private(set) var rejectedCount = 0
  package private(set) var rejects: [(path: String, row: RejectedRow)] = []
  /// Up to which row of each file they have been counted.
  private var countedRows: [Int: Int] = [:]

  /// - Parameter listings: what the files' symbols stand for; ticks of another one end the feed with ``FeedError``.
  package init(paths: [String], options: FileOptions, listings: [String: Listing]) throws {
    self.paths = paths
    self.listings = listings
    fileOptions = options
    names = try paths.map { try TickFileFeed($0, options: options, instruments: listings).name }
    name = names.joined(separator: ", ")
  }

  package nonisolated func cursors(for instruments: [SessionInstrument]) -> [String] { names }

  package func open(
    _ instruments: [SessionInstrument], of portfolios: [Int32], at cursors: [EngineStore.Cursor?]
  ) async throws -> [FeedPosition] {
    // Files are finished together, but one may have been fed alone before. Of the others those before the last one that was
    // begun are done.
    let open = cursors.indices.filter { cursors[$0]?.isFinished != true }
    let begun = open.last { cursors[$0] != nil }
    remaining = open.filter { $0 >= begun ?? 0 }
    try openNextFile()
    if let begun, let cursor = cursors[begun] {
      let end = Int(cursor.position)
      // In pieces: others get the thread in between.
      for row in stride(from: 0, to: end, by: 100_000) {
        try file?.skip(to: row)
        await Task.yield()
      }
      try file?.skip(to: end)
    }
    return []
  }

  package func next(limit: Int) throws -> FeedBatch? {
    while let file, let index = remaining.first {
      if let batch = try file.read(upTo: limit) {
        if batch.lastRow > countedRows[index, default: 0] {
          countedRows[index] = batch.lastRow
          rejectedCount += batch.rejected.count
          rejects += batch.rejected.prefix(max(0, 20 - rejects.count)).map { (paths[index], $0) }
        }
        return FeedBatch(.newTicks(batch), cursors: [(names[index], Int64(batch.lastRow), 0)])
      }
      remaining.removeFirst()
      try openNextFile()
    }
    return nil
  }

  private func openNextFile() throws {
    file = try remaining.first.map {
      try TickFileFeed(paths[$0], options: fileOptions, instruments: listings, skipsUnknown: false)
    }
  }

  package func close() { file = nil }
}
