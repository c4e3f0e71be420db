import EngineStore
import Feeds
import TradingCore

/// The ticks of a made-up market, which the runner stores as it goes. Its name says that they are synthetic, and so does
/// their venue.
package actor SyntheticFeed: MarketFeed {
  package nonisolated let name: String
  package nonisolated let barResolution: Int64? = nil
  package nonisolated let hasEnd = true
  private let market: SyntheticMarket
  private var feed: SyntheticTickFeed?

  /// - Parameter label: tells this market from others: what its instruments and sessions were made from.
  package init(_ market: SyntheticMarket, _ terms: SyntheticMarket.Terms, label: String) {
    self.market = market
    name =
      "synthetic:seed=\(terms.seed):ticks=\(terms.ticksPerSession):volatility=\(terms.volatility):\(label)"
  }

  package nonisolated func cursors(for instruments: [SessionInstrument]) -> [String] { [name] }

  package func open(
    _ instruments: [SessionInstrument], of portfolios: [Int32], at cursors: [EngineStore.Cursor?]
  ) async -> [FeedPosition] {
    var feed = SyntheticTickFeed(market)
    if let cursor = cursors.first ?? nil {
      let end = Int(cursor.position)
      // In pieces: others get the thread in between.
      for row in stride(from: 0, to: end, by: 100_000) {
        feed.skip(to: row)
        await Task.yield()
      }
      feed.skip(to: end)
    }
    self.feed = feed
    return []
  }

  package func next(limit: Int) -> FeedBatch? {
    guard let batch = feed?.read(upTo: limit) else { return nil }
    return FeedBatch(.newTicks(batch), cursors: [(name, Int64(batch.lastRow), 0)])
  }

  package func close() { feed = nil }
}
