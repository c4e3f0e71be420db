import TradingCore

/// The ticks of a ``SyntheticMarket`` in batches, from the beginning or from where an earlier reader stopped.
package struct SyntheticTickFeed: Sendable {
  private var market: SyntheticMarket
  private var pending: [Tick] = []
  private var place = 0
  /// Ticks given out: the position to ``skip(to:)`` after a restart.
  package private(set) var row = 0

  package init(_ market: SyntheticMarket) { self.market = market }

  /// The next ticks, at most `limit`; nil at the end.
  package mutating func read(upTo limit: Int) -> TickBatch? {
    var batch = TickBatch()
    batch.firstRow = row + 1
    while batch.count < limit, fill() {
      let end = place + min(pending.count - place, limit - batch.count)
      for tick in pending[place..<end] { batch.append(tick, venue: SyntheticMarket.venue) }
      row += end - place
      place = end
    }
    batch.lastRow = row
    return batch.isEmpty ? nil : batch
  }

  /// Goes on behind tick `row`, counted from 1; those before are made and forgotten.
  package mutating func skip(to row: Int) {
    while self.row < row, fill() {
      let count = min(pending.count - place, row - self.row)
      place += count
      self.row += count
    }
  }

  /// Makes ticks when none is left; false at the end.
  private mutating func fill() -> Bool {
    while place == pending.count {
      pending.removeAll(keepingCapacity: true)
      place = 0
      if !market.nextMinute(into: &pending) { return false }
    }
    return true
  }
}
