import EngineStore
import Feeds
import FoundationEssentials
import LibPQ
import Logging
import ServiceLifecycle
import Synchronization
import Tracing
import TradingCore

#if canImport(Glibc)
  import Glibc
#endif

/// The service: takes market events from a feed, decides, and commits each batch with all that came of it in one
/// transaction: ticks, prices, fills, orders, signals, agents' memories and the feed's cursor.
///
/// Killed at any moment it loses the open batch or nothing. At the next start it goes on behind the cursors, with memory
/// from the tables, and decides the same again. When the server goes away it waits, connects anew and does likewise.
package final class Runner: Service {
  package let options: RunnerOptions
  let feed: any MarketFeed
  let logger: Logger
  let metrics: RunnerMetrics
  /// Nil: nobody has bootstrapped one.
  let tracer: (any Tracer)?
  /// Portfolios by their identifiers, for people.
  private let names = Mutex<[Int32: String]>([:])
  private let state = Mutex(RunnerVitals())
  private let report = Mutex(RunnerReport())
  private let progress: (@Sendable (RunnerReport) -> Void)?

  /// - Parameters:
  ///   - tracer: gets a span for each batch, its evaluation, each round of requests, each order and fill, and the commit.
  ///   - progress: gets the figures after each batch.
  package init(
    options: RunnerOptions, feed: any MarketFeed, logger: Logger, metrics: RunnerMetrics = RunnerMetrics(),
    tracer: any Tracer = InstrumentationSystem.tracer, progress: (@Sendable (RunnerReport) -> Void)? = nil
  ) {
    self.options = options
    self.feed = feed
    self.logger = logger
    self.metrics = metrics
    self.tracer = tracer is NoOpTracer ? nil : tracer
    self.progress = progress
  }

  /// The figures so far.
  package var figures: RunnerReport { report.withLock { $0 } }

  /// How it fares.
  package var vitals: RunnerVitals { state.withLock { $0 } }

  /// Whether its loop comes round. While the server is away it waits as long as its options say, and gives up by itself.
  package var isAlive: Bool { ContinuousClock.now - vitals.lastTurn < options.reconnectTime + Self.longestTurn }

  /// Longest time that a batch or the loading of memories may take before it looks as if it hung.
  private static let longestTurn = Duration.seconds(60)

  /// The loop has come round.
  func turn(_ state: RunnerVitals.State? = nil) {
    self.state.withLock { vitals in
      vitals.lastTurn = .now
      if let state { vitals.state = state }
    }
    if let state { metrics.isConnected(state == .running) }
  }

  /// Runs until the feed is at its end, or a graceful shutdown is asked for: then the present batch is finished first.
  package func run() async throws {
    let start = ContinuousClock.now
    defer { note { $0.duration = ContinuousClock.now - start } }
    var lostSince: ContinuousClock.Instant?
    while true {
      do {
        try await serve(isReturning: lostSince != nil) {
          lostSince = nil
          turn(.running)
        }
        return
      } catch let error as PostgresError where Self.isOutage(error) {
        turn(.disconnected)
        if Task.isShuttingDownGracefully { return }
        let now = ContinuousClock.now
        let since = lostSince ?? now
        lostSince = since
        guard now - since < options.reconnectTime else { throw error }
        logger.warning("the server is away; connecting again", metadata: ["error": "\(error)"])
        note { $0.reconnects += 1 }
        metrics.reconnects(after: error)
        try await Task.sleep(for: .milliseconds(200))
      } catch is PortfoliosChanged {
        logger.info("portfolios or instruments have changed; starting over with them")
      } catch is CancellationError where Task.isShuttingDownGracefully {
        // It was told to stop while it waited for the server or for another runner.
        return
      }
    }
  }

  struct PortfoliosChanged: Error {}

  static func isOutage(_ error: PostgresError) -> Bool {
    switch error.code {
    case .connectionLost, .closed, .timedOut, .commitUnknown: true
    // A wrong password or a database that is not there is no outage.
    case .connectionFailed: error.mayPassByWaiting
    default: [.adminShutdown, .crashShutdown, .cannotConnectNow].contains { $0 ~= error.sqlState }
    }
  }

  func note(_ change: (inout RunnerReport) -> Void) { report.withLock { change(&$0) } }

  /// One life of a connection.
  /// - Parameters:
  ///   - isReturning: the connection before was lost.
  ///   - connected: called when the runner has its portfolios.
  private func serve(isReturning: Bool, connected: () -> Void) async throws {
    let retry = RetryPolicy(
      maximumAttempts: 1_000, maximumTime: options.reconnectTime, maximumDelay: .seconds(1))
    let connection = try await cancelWhenGracefulShutdown { [options, logger] in
      do {
        return try await Connection.connect(options.database)
      } catch let error as PostgresError where Self.isOutage(error) {
        if !isReturning {
          logger.warning("the server cannot be reached; trying again", metadata: ["error": "\(error)"])
        }
        return try await Connection.connect(options.database, retry: retry)
      }
    }
    let sealing = JournalSealing(database: options.database, logger: logger)
    var runner: Int32?
    do {
      let portfolios = try await self.portfolios(EngineStore(connection))
      let id = try await takeLease(EngineStore(connection), portfolios, isReturning: isReturning)
      runner = id
      try await connection.listen(EngineStore.doorbellChannel)
      try await checkVersions(connection)
      connected()
      if feed.hasEnd {
        try await replay(connection, id, portfolios)?.run()
      } else {
        logger.info("running; waiting for ticks and orders")
        // The service looks after the ticks' partitions too; a replay of the past is no reason to drop any.
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { [self] in await TickRetention(database: options.database, logger: logger).run() }
          group.addTask { [sealing] in await sealing.run() }
          defer { group.cancelAll() }
          try await LiveLoop(runner: self, runnerID: id, connection: connection, portfolios: portfolios).run()
        }
      }
      await feed.close()
      try await EngineStore(connection).stopRunner(id)
      await connection.close()
      await sealing.seal()
    } catch {
      await feed.close()
      if let runner { try? await EngineStore(connection).stopRunner(runner) }
      await connection.close()
      throw error
    }
  }

  /// Parses versions of strategies that nobody has parsed yet, so that agents may run them.
  func checkVersions(_ connection: Connection) async throws {
    for (strategy, refusal) in try await StrategyStore(connection).checkAll() {
      let name: Logger.Metadata = ["strategy": "\(strategy.name)", "version": "\(strategy.version)"]
      if let refusal {
        logger.warning("a strategy cannot run: \(refusal)", metadata: name)
      } else {
        logger.debug("checked a strategy", metadata: name)
      }
    }
  }

  /// Those that it is to trade for.
  private func portfolios(_ store: EngineStore) async throws -> [Int32] {
    let all = try await store.portfolios(named: options.portfolios)
    let portfolios = all.filter(\.isPaper)
    names.withLock { $0 = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0.name) }) }
    if !options.portfolios.isEmpty, let other = all.first(where: { !$0.isPaper }) {
      throw RunnerRefusal(
        "portfolio \"\(other.name)\" trades at broker \"\(other.broker)\", which this version does not speak to")
    }
    if portfolios.isEmpty, feed.hasEnd {
      throw RunnerRefusal("there is no portfolio that trades on paper; create one with trading.create_portfolio(...)")
    }
    return portfolios.map(\.id)
  }

  /// Loads what a feed with an end needs; nil when the feed is done already.
  private func replay(_ connection: Connection, _ runner: Int32, _ portfolios: [Int32]) async throws -> BatchLoop? {
    let store = EngineStore(connection)
    let instruments = try await SessionLoader(
      store: store, portfolios: portfolios, barResolution: feed.barResolution
    ).instruments()
    if instruments.isEmpty {
      throw RunnerRefusal("no agent is running, and no order or position is open: there is nothing to replay for")
    }
    let cursors = try await self.cursors(store, portfolios, feed.cursors(for: instruments))
    if !cursors.isEmpty, cursors.allSatisfy({ $0?.isFinished == true }) {
      note {
        $0.end = .nothingNew; $0.at = cursors.compactMap { $0?.at }.max()
      }
      return nil
    }
    return try await batchLoop(connection, runner, portfolios, instruments, feed, cursors)
  }

  /// Opens a feed for portfolios that stand at the same place of it.
  /// - Parameter isBehind: others have seen more of it.
  func batchLoop(
    _ connection: Connection, _ runner: Int32, _ portfolios: [Int32], _ instruments: [SessionInstrument],
    _ feed: any MarketFeed, _ cursors: [EngineStore.Cursor?], isBehind: Bool = false
  ) async throws -> BatchLoop {
    let store = EngineStore(connection)
    let starts = try await feed.open(instruments, of: portfolios, at: cursors)
    try await store.run(
      starts.map {
        EngineStore.saveCursor(
          portfolios, feed: $0.name, position: $0.position, sequence: $0.sequence, at: nil, isFinished: false)
      })
    return BatchLoop(
      runner: self, runnerID: runner, feed: feed, connection: connection,
      loader: SessionLoader(store: store, portfolios: portfolios, barResolution: feed.barResolution),
      instruments: instruments, position: starts, time: cursors.compactMap { $0?.at }.max(),
      timeBefore: try await store.lastEventTime(portfolios), isAtBeginning: cursors.allSatisfy { $0 == nil },
      isBehind: isBehind,
      marketData: MarketData(
        feed: feed.name, watched: instruments.map(\.id),
        others: try await store.instrumentsClosed(with: instruments.map(\.id)),
        grace: try await store.candleGrace()))
  }

  /// Where all the portfolios stand in a feed that has an end.
  private func cursors(
    _ store: EngineStore, _ portfolios: [Int32], _ names: [String]
  ) async throws -> [EngineStore.Cursor?] {
    var cursors: [EngineStore.Cursor?] = []
    for name in names {
      let all = try await store.cursors(portfolios, feed: name)
      let first = all.first ?? nil
      if all.contains(where: { $0?.position != first?.position || $0?.sequence != first?.sequence }) {
        throw RunnerRefusal(
          "the portfolios stand at different places of feed \"\(name)\"; run them one by one with --portfolio")
      }
      cursors.append(first)
    }
    return cursors
  }

  /// - Parameter isReturning: its own lost session may still have the portfolios for a while.
  private func takeLease(_ store: EngineStore, _ portfolios: [Int32], isReturning: Bool) async throws -> Int32 {
    let start = ContinuousClock.now
    var hasSaid = false
    while true {
      do {
        return try await store.startRunner(
          name: options.name, host: Self.hostName, processID: getpid(), version: options.version, feed: feed.name,
          portfolios: portfolios)
      } catch let error as PostgresError where error.sqlState == "TR601" {
        guard options.waitsForLease || isReturning && ContinuousClock.now - start < options.reconnectTime else {
          throw error
        }
        turn(.waiting)
        if !hasSaid { logger.notice("waiting for another runner", metadata: ["detail": "\(error.detail ?? "")"]) }
        hasSaid = true
        try await cancelWhenGracefulShutdown { try await Task.sleep(for: .milliseconds(500)) }
      }
    }
  }

  /// Its name, as calls take it.
  func name(of portfolio: Int32) -> String { names.withLock { $0[portfolio] } ?? "\(portfolio)" }

  private static var hostName: String { ProcessInfo.processInfo.hostName }

  func finishedBatch(_ count: Int, _ at: Timestamp?) {
    note {
      $0.events += count
      $0.batches += 1
      $0.at = at ?? $0.at
    }
    turn()
    progress?(figures)
  }
}
