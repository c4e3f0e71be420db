import LibPQ
import TestSupport
import Testing

@testable import EngineStore
@testable import TradingCore

/// What comes later changes nothing before: of the strategies of `sql/reference`, at every candle. Real days for those that
/// look at days, made-up minutes and ticks for the others.
@Suite(.needsServer, .commonTimeLimit) struct BuiltInTruncationTests {
  /// A preview of a database that has everything does the same as one that is given each candle before a later one exists;
  /// and as one of a database that has lost what comes later.
  @Test func signalsDoNotDependOnWhatFollows() async throws {
    try await TestDatabase.withSchema { _, connection in
      let store = StrategyStore(connection)
      var strategies: [(stored: StoredStrategy, report: StrategyReport)] = []
      for stored in try await store.all() { strategies.append((stored, try await store.checked(stored))) }
      try #require(strategies.count == 8)
      let others = strategies.flatMap { $0.report.program.series.compactMap(\.symbol) }
      let markets = try await TruncationMarkets(connection, others: others)

      var all: [[Seen]] = []
      for (stored, report) in strategies {
        let market = markets.market(of: stored.timeframe)
        let rows = try await preview(stored, report, market, store)
        let calendar = try await markets.calendar(of: report.program, connection)
        let live = LivePreview(program: report.program, market: market, other: markets.other, calendar: calendar)
        expectEqual(rows, live.rows(), "\(stored.name), candle by candle")
        #expect(rows.count == market.own.count)
        let (longs, shorts) = (rows.count { $0.action == .buy }, rows.count { $0.action == .sell })
        #expect(longs > 0 && shorts > 0, "\(stored.name): \(longs) longs and \(shorts) shorts")
        all.append(rows)
      }

      for share in [0.83, 0.5, 0.17] {
        let lengths = try await markets.truncate(to: share, connection)
        for ((stored, report), rows) in zip(strategies, all) {
          let market = markets.market(of: stored.timeframe)
          let count = lengths[market.symbol]!
          let found = try await preview(stored, report, market, store)
          expectEqual(found, rows.prefix(count), "\(stored.name), after \(count) candles")
        }
      }
    }
  }

  private func preview(
    _ stored: StoredStrategy, _ report: StrategyReport, _ market: TruncationMarkets.Market, _ store: StrategyStore
  ) async throws -> [Seen] {
    var rows: [Seen] = []
    let (from, until) = (market.own[0].candle.bucket, try Timestamp("2100-01-01T00:00:00Z"))
    try await store.preview(stored, report, on: market.symbol, from: from, until: until) { _, row in
      rows.append(Seen(row))
    }
    return rows
  }
}

/// What a strategy did at a candle, and all that it saw and computed, bit for bit.
private struct Seen: Equatable, CustomStringConvertible {
  let action: Signal.Action?
  let bits: [UInt64]

  init(_ row: StrategyPreview.Row) {
    action = row.action
    bits = (row.operands + row.exitValues).map { $0.isNaN ? Double.nan.bitPattern : $0.bitPattern }
  }

  var description: String {
    "\(action.map { "\($0)" } ?? "nothing") at \(bits.map(Double.init(bitPattern:)))"
  }
}

/// A preview that is shown each candle while nothing later is at hand.
private struct LivePreview {
  let program: StrategyProgram
  let market: TruncationMarkets.Market
  /// Candles of whatever other instrument it looks at.
  let other: [TruncationMarkets.Row]
  let calendar: TruncationMarkets.Calendar

  func rows() -> [Seen] {
    var preview = StrategyPreview(program, from: .earliest)
    var before = Timestamp.earliest
    var otherCount = 0
    return market.own.indices.map { n in
      let own = market.own[...n]
      let now = own[n].closedAt
      while otherCount < other.count, other[otherCount].closedAt <= now { otherCount += 1 }
      var closed: [ClosedCandle] = []
      for (number, key) in program.series.enumerated().dropFirst() {
        let known = key.symbol == nil ? own : other.prefix(otherCount)
        closed += candles(of: known, key, number, after: before, until: now)
      }
      closed.sort { ($0.closedAt, $0.series) < ($1.closedAt, $1.series) }
      for candle in closed { _ = preview.take(candle, predictions: []) }
      before = now
      let last = ClosedCandle(own[n].candle, ofSeries: 0, closedAt: now, clock: own[n].clock)
      return Seen(preview.take(last, predictions: [])!)
    }
  }

  /// The candles of another series that have closed after one time and by another.
  private func candles(
    of known: ArraySlice<TruncationMarkets.Row>, _ key: SeriesKey, _ series: Int, after: Timestamp, until: Timestamp
  ) -> [ClosedCandle] {
    var found: [ClosedCandle] = []
    for row in known.reversed() {
      let period = key.length == nil ? nil : calendar[row.candle.bucket]![key.length!]!
      let closedAt = period?.closesAt ?? row.closedAt
      if closedAt > until { continue }
      if closedAt <= after { break }
      if let period, let folded = found.last?.candle, folded.bucket == period.bucket {
        // An earlier part of the same candle.
        found[found.count - 1] = ClosedCandle(
          Candle(
            bucket: period.bucket, open: row.candle.open, high: max(row.candle.high, folded.high),
            low: min(row.candle.low, folded.low), close: folded.close, volume: row.candle.volume + folded.volume),
          ofSeries: series, closedAt: closedAt, clock: row.clock)
        continue
      }
      var candle = row.candle
      if let period { candle.bucket = period.bucket }
      found.append(ClosedCandle(candle, ofSeries: series, closedAt: closedAt, clock: row.clock))
    }
    return found
  }
}
