import EngineStore
import Feeds
import LibPQ
import Logging
import ServiceLifecycle
import Synchronization
import TradingCore

/// Stores what a live source brings, for runners and everybody else to read: the triggers of `market.ticks` judge each tick,
/// keep the candles and ring the doorbell. Batches follow the load: all that has come while the last one was stored.
/// Candles close by the source's time (``SourceClock``), also those of instruments that have no more ticks.
///
/// Killed at any moment it goes on behind what is stored; while the database is away, the source has to wait.
package final class LiveIngest: Service {
  private let database: ConnectionOptions
  private let transport: any LiveTransport
  private let codec: any LiveCodec
  private let symbols: [String]
  private let name: String
  private let broker: String?
  private let policy: LinkMachine.Policy
  private let logger: Logger
  private let metrics: FeedMetrics
  private let link = Mutex(false)

  /// Messages in one transaction, at most.
  private static let largestBatch = 20_000

  /// - Parameters:
  ///   - name: of the feed in `market.feed_positions` and `market.rejected_ticks`.
  ///   - symbols: as the source names them: our symbols, or the broker's aliases when there is a broker.
  package init(
    database: ConnectionOptions, transport: any LiveTransport, codec: any LiveCodec = GenericCodec(), symbols: [String],
    name: String, broker: String? = nil, policy: LinkMachine.Policy = .init(), logger: Logger
  ) {
    self.database = database
    self.transport = transport
    self.codec = codec
    self.symbols = symbols
    self.name = name
    self.broker = broker
    self.policy = policy
    self.logger = logger
    metrics = FeedMetrics(feed: name)
  }

  /// Whether the link to the source is up, and what comes is stored.
  package var isUp: Bool { link.withLock { $0 } }

  /// Runs until a graceful shutdown is asked for.
  package func run() async throws {
    try await cancelWhenGracefulShutdown { [self] in
      while !Task.isCancelled {
        do {
          try await serve()
        } catch let error as PostgresError where Runner.isOutage(error) {
          logger.warning("the server is away; connecting again", metadata: ["error": "\(error)"])
          metrics.reset()
          link.withLock { $0 = false }
          try? await Task.sleep(for: .milliseconds(500))
        } catch is CancellationError {}
      }
    }
  }

  /// One life of a database connection; a new one begins behind what is stored.
  private func serve() async throws {
    try await Connection.with(database, retry: .standard) { connection in
      let store = EngineStore(connection)
      let positions = try await store.livePositions(of: symbols, feed: name, broker: broker)
      let instruments = Dictionary(positions.map { ($0.symbol, $0.instrument) }, uniquingKeysWith: { $1 })
      let closing = ClosingCandles(
        Set(positions.map(\.instrument)), from: positions.compactMap(\.last?.time).min(),
        grace: try await store.candleGrace())
      let feed = LiveFeed(
        transport, codec: codec, positions: positions.map { ($0.symbol, $0.after) },
        last: positions.compactMap(\.last).max { $0.time < $1.time }, policy: policy,
        seed: UInt64.random(in: 0 ... .max))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await feed.run() }
        metrics.reset()
        group.addTask { [logger, metrics, closing] in
          var closing = closing
          var wasUp = false
          for await _ in feed.signals {
            let delivery = await feed.deliver()
            let ticks = delivery.ticks
            metrics.came(ticks.count)
            let start = ContinuousClock.now
            for start in stride(from: 0, to: ticks.count, by: Self.largestBatch) {
              try await store.storeLive(
                Self.rows(ticks[start..<min(ticks.count, start + Self.largestBatch)], instruments), feed: self.name)
            }
            if !ticks.isEmpty { metrics.stored(ticks.count, took: ContinuousClock.now - start) }
            closing.note(ticks)
            if let time = delivery.time, let from = closing.from {
              let due = closing.due(at: time, except: Set(delivery.waiting.compactMap { instruments[$0] }))
              if !due.isEmpty { try await store.closeLiveCandles(due, at: time, from: from) }
            }
            let figures = await feed.figures
            metrics.note(figures)
            self.link.withLock { $0 = figures.isUp }
            if figures.isUp != wasUp {
              wasUp = figures.isUp
              logger.info(
                wasUp ? "the feed is up" : "the feed is down",
                metadata: [
                  "feed": "\(self.name)", "links": "\(figures.links)", "last": "\(figures.lastFailure ?? "-")",
                ])
            }
          }
        }
        defer { group.cancelAll() }
        try await group.next()
      }
    }
  }

  private static func rows(_ ticks: ArraySlice<LiveTick>, _ instruments: [String: Int32]) -> EngineStore.LiveRows {
    var rows = EngineStore.LiveRows()
    for tick in ticks {
      guard let instrument = instruments[tick.symbol] else { continue }
      rows.instruments.append(instrument)
      rows.times.append(tick.time.microseconds)
      rows.received.append(tick.received.microseconds)
      rows.numbers.append(tick.number)
      rows.venues.append(tick.venue)
      switch tick.kind {
      case .trade(let price, let size, let condition, let isSuspicious):
        rows.prices.append(price)
        rows.sizes.append(size)
        rows.saleConditions.append(condition)
        rows.suspicious.append(isSuspicious)
        for column in [\EngineStore.LiveRows.bids, \.asks, \.bidSizes, \.askSizes] { rows[keyPath: column].append(nil) }
      case .quote(let bid, let ask, let bidSize, let askSize):
        rows.prices.append(nil)
        rows.sizes.append(nil)
        rows.saleConditions.append(nil)
        rows.suspicious.append(nil)
        rows.bids.append(bid)
        rows.asks.append(ask)
        rows.bidSizes.append(bidSize)
        rows.askSizes.append(askSize)
      }
    }
    return rows
  }
}
