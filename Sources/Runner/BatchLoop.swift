import EngineStore
import Feeds
import LibPQ
import ServiceLifecycle
import Tracing
import TradingCore

/// Batches one after the other, with the session that they change. A batch works on a copy of the session, which takes
/// the place of the original when it has committed: what failed leaves no trace in memory either.
final class BatchLoop {
  let runner: Runner
  private let runnerID: Int32
  let feed: any MarketFeed
  /// Has the portfolios and the doorbell, and the transactions of batches that store no ticks.
  let connection: Connection
  /// Those that do have theirs here; the first lane is that of the present batch. None before the first such batch.
  private var lanes: [TickLane] = []
  private var targets: TickLane.Targets = [:]
  /// Some ticks are stored already, by an import or another portfolio's run.
  private var merges = false
  let store: EngineStore
  let loader: SessionLoader
  let instruments: [SessionInstrument]
  let portfolios: [Int32]
  private let pace: Pace?
  /// How long it waits for the book of a portfolio; nil: as long as it takes.
  let patience: Duration?
  private var size: BatchSize
  /// The next batch, when it has been read already.
  private var next: Next?
  /// Where each cursor of the feed stands.
  var position: [FeedPosition]
  /// The last event of this feed that the tables have seen.
  private(set) var time: Timestamp?
  /// The last event of any earlier feed.
  let timeBefore: Timestamp?
  /// No batch of this feed has been committed yet.
  private var isAtBeginning: Bool
  var session: TradingSession?
  /// What the journal has still to know of the session's agents.
  var warmedUp: [SessionLoader.WarmedUp] = []
  /// Others stand at another place of the feed: latest prices may be of what is the future here.
  var isBehind: Bool
  /// Clocks of the portfolios after the last batch.
  var clocks: [String] = []
  private var marketData: MarketData
  /// What the source of the instruments had come to when there were no events the last time.
  var sourceTime: Timestamp?
  private var lastSign = ContinuousClock.now
  /// What came of the last transaction, and when its events were read.
  private var tally = SessionTally()
  private var readAt: ContinuousClock.Instant?
  /// Time that the session took of the last batch, without the database.
  private var evaluation = Duration.zero
  /// From the last statements of a transaction until it has committed.
  private var commitSpan: (any Span)?
  private let symbols: [Int32: String]

  init(
    runner: Runner, runnerID: Int32, feed: any MarketFeed, connection: Connection, loader: SessionLoader,
    instruments: [SessionInstrument], position: [FeedPosition], time: Timestamp?, timeBefore: Timestamp?,
    isAtBeginning: Bool, isBehind: Bool, marketData: MarketData
  ) {
    self.isBehind = isBehind
    self.runner = runner
    self.runnerID = runnerID
    self.feed = feed
    self.position = position
    self.connection = connection
    self.loader = loader
    self.instruments = instruments
    symbols = Dictionary(instruments.map { ($0.id, $0.symbol) }, uniquingKeysWith: { first, _ in first })
    self.time = time
    self.timeBefore = timeBefore
    self.isAtBeginning = isAtBeginning
    store = loader.store
    portfolios = loader.portfolios
    pace = runner.options.speed.map(Pace.init)
    // A replay has all the time of the world.
    patience = feed.hasEnd ? nil : runner.options.patience
    size = BatchSize(largest: pace == nil ? runner.options.batchSize : min(runner.options.batchSize, Pace.batchSize))
    self.marketData = marketData
  }

  /// To the end of a feed that has one.
  func run() async throws {
    let result: Result<Void, any Error>
    do { result = .success(try await runBatches()) } catch { result = .failure(error) }
    await close()
    try result.get()
  }

  func close() async {
    for lane in lanes { await lane.close() }
    await feed.close()
  }

  private func runBatches() async throws {
    while !Task.isShuttingDownGracefully {
      guard try await hasBatch() else { return try await finish() }
      guard try await runBatch() else { break }
      try await giveSign()
    }
    runner.note { $0.end = .stopped }
  }

  /// Whether there is a batch (now).
  func hasBatch() async throws -> Bool {
    if next == nil { next = Next(batch: try await feed.next(limit: size.events)) }
    if next?.batch != nil { return true }
    next = nil
    return false
  }

  /// Deals with the next batch, which there is.
  /// - Returns: false when it was told to stop before.
  func runBatch() async throws -> Bool {
    guard var now = next, let batch = now.batch else { return true }
    next = nil
    if isAtBeginning, feed.hasEnd, let begin = batch.begin {
      // A replay of the past begins: prices of its future are not known yet.
      let forgotten = try await store.rewindQuotes(instruments.map(\.id), to: begin)
      if forgotten > 0 { runner.logger.notice("forgot \(forgotten) latest prices that are newer than this feed") }
      session = nil
    }
    isAtBeginning = false
    // Who has no memory is shown what was before the first event, now that it is known when that is.
    if time == nil { session = nil }
    if let pace, let begin = batch.begin, !(try await pace.wait(for: begin)) { return false }
    try await openLanes(for: batch)
    if now.stored == nil { now.stored = try await store(batch) }
    // The feed reads ahead while the batch commits, and the other lane stores what it has read. Not before the batch's own
    // ticks are stored: it might wait for those behind it, whose transaction waits for this one.
    let limit = size.events
    let lane = pace == nil && now.stored != nil ? lanes.last : nil
    let known = targets
    let feed = feed
    async let following = Self.readAhead(feed, limit: limit, storingIn: lane, known)
    let start = ContinuousClock.now
    readAt = pace == nil ? now.readAt : start
    var attempts = Attempts(merges: merges)
    var isCommitted = try await attempt(batch, now.stored, &attempts)
    var duration = ContinuousClock.now - start + (now.stored?.duration ?? .zero)
    var after = try await following
    if after.stored != nil, let lane, !(await lane.take()) { after.stored = nil }
    if !isCommitted {
      if after.stored != nil { try await lane?.rollback() }
      after.stored = nil
      while !isCommitted { isCommitted = try await attempt(batch, nil, &attempts) }
      duration = ContinuousClock.now - start
    }
    if after.stored != nil { lanes.swapAt(0, 1) }
    size.note(batch.count, took: duration)
    position = batch.cursors
    runner.metrics.committed(
      batch.count, took: duration, evaluation: evaluation, at: time, next: after.batch?.count ?? 0)
    runner.finishedBatch(batch.count, time)
    // What ended a moment ago may have more by now.
    next = after.batch == nil && !feed.hasEnd ? nil : after
    return true
  }

  // MARK: Batches

  /// The batch behind the present one, and what of it stands in a transaction of the other lane already.
  private struct Next: Sendable {
    var batch: FeedBatch?
    var stored: TickLane.Stored?
    let readAt = ContinuousClock.now
  }

  private static func readAhead(
    _ feed: any MarketFeed, limit: Int, storingIn lane: TickLane?, _ targets: TickLane.Targets
  ) async throws -> Next {
    let batch = try await feed.next(limit: limit)
    // A new day's partition is made when nothing is open: that locks the table.
    guard let lane, case .newTicks(let ticks)? = batch?.events, !ticks.isEmpty,
      ticks.days.allSatisfy({ targets[$0] != nil })
    else { return Next(batch: batch) }
    // What fails here is tried again, and dealt with, when it is this batch's turn.
    return Next(batch: batch, stored: try? await lane.beginAhead(ticks, targets: targets))
  }

  /// Stores new ticks in the first lane, unless some are known to be stored already; nil when there are none or it failed.
  private func store(_ batch: FeedBatch) async throws -> TickLane.Stored? {
    guard let lane = lanes.first, case .newTicks(let ticks) = batch.events, !ticks.isEmpty else { return nil }
    let missing = ticks.days.filter { targets[$0] == nil }
    if !missing.isEmpty {
      for (day, target) in zip(missing, try await store.tickTargets(days: missing)) { targets[day] = target }
    }
    return merges ? nil : try? await lane.begin(ticks, targets: targets, merging: false)
  }

  private func openLanes(for batch: FeedBatch) async throws {
    guard lanes.isEmpty, case .newTicks = batch.events else { return }
    for _ in 0..<(pace == nil ? 2 : 1) {
      let connection = try await Connection.connect(runner.options.database)
      lanes.append(TickLane(connection))
      try await EngineStore(connection).joinRunner(portfolios)
    }
    // The portfolios are still this runner's: nobody can have taken them since the lanes have joined.
    try await store.touchRunner(runnerID)
  }

  /// How a batch has fared.
  private struct Attempts {
    let start = ContinuousClock.now
    var count = 0
    /// Some of its ticks are stored already.
    var merges: Bool
  }

  /// Somebody else has kept the book of one of the portfolios for longer than is waited for it; nothing has happened.
  struct BooksLocked: Error {}

  /// Ticks of a hypertable that are not newer than all that are stored.
  private struct LateTicks: Error {}

  /// Tries to commit a batch, beginning with what the tables say.
  /// - Parameter stored: its ticks, in the open transaction of the first lane.
  /// - Returns: false when it is to be tried again, because only bad luck kept it from committing, or ticks that are stored.
  private func attempt(
    _ batch: FeedBatch, _ stored: TickLane.Stored?, _ attempts: inout Attempts
  ) async throws -> Bool {
    attempts.count += 1
    do {
      let (count, merges) = (attempts.count, attempts.merges)
      try await runner.span("bourse.batch") { span in
        if let span {
          span.attributes["bourse.feed"] = feed.name
          span.attributes["bourse.events"] = batch.count
          span.attributes["bourse.attempt"] = count
          span.attributes["bourse.at"] = batch.begin?.description
        }
        try await commit(batch, stored, merging: merges)
      }
      return true
    } catch {
      try? await lanes.first?.rollback()
      switch error {
      case let error as PostgresError where error.sqlState == .lockNotAvailable && patience != nil:
        session = nil
        throw BooksLocked()
      case let error as PostgresError where error.sqlState == .uniqueViolation && !attempts.merges:
        attempts.merges = true
        merges = true
      case is LateTicks:
        attempts.merges = true
      case let error as PostgresError where error.isTransient:
        session = nil
        runner.metrics.met(error)
        runner.metrics.retried()
        let retry = runner.options.commitRetry
        let pause = retry.delay(afterAttempt: attempts.count)
        guard attempts.count < retry.maximumAttempts, ContinuousClock.now - attempts.start + pause <= retry.maximumTime
        else { throw BatchFailure(attempts: attempts.count, at: batch.begin, cause: error) }
        runner.logger.notice(
          "a batch collided with other transactions and is tried again",
          metadata: ["attempt": "\(attempts.count)", "detail": "\(error)"])
        try await Task.sleep(for: pause)
      default: throw error
      }
      return false
    }
  }

  private func commit(_ batch: FeedBatch, _ stored: TickLane.Stored?, merging: Bool) async throws {
    try await reloadIfNeeded(at: batch.begin)
    var data = marketData
    var lane: TickLane?
    var ticks = stored
    if case .newTicks(let new) = batch.events, !new.isEmpty {
      lane = lanes[0]
      if ticks == nil { ticks = try await lanes[0].begin(new, targets: targets, merging: merging) }
    }
    let candles = try data.requests(for: batch, ticks?.parts ?? [])
    try await transact(in: lane, candles: candles) { session, sessionStore in
      if let claims = ticks?.claims, !claims.isEmpty, try await sessionStore.store.claimTicks(claims) {
        throw LateTicks()
      }
      let start = ContinuousClock.now
      try await self.runner.span("bourse.evaluation") { _ in
        try await Self.apply(batch, to: &session, &sessionStore)
      }
      self.evaluation = ContinuousClock.now - start - sessionStore.tally.waited
      return batch.cursors.map {
        EngineStore.saveCursor(
          self.portfolios, feed: $0.name, position: $0.position, sequence: $0.sequence, at: session.time,
          isFinished: false)
      }
    }
    marketData = data
  }

  private static func apply(
    _ batch: FeedBatch, to session: inout TradingSession, _ sessionStore: inout SessionStore
  ) async throws {
    switch batch.events {
    case .ticks(let ticks):
      for tick in ticks {
        session.begin(tick)
        if session.hasRequests { try await sessionStore.settle(&session) }
      }
    case .newTicks(let ticks):
      var index = 0
      while index < ticks.ticks.count || session.hasRequests {
        index = session.run(ticks, from: index)
        try await sessionStore.settle(&session)
      }
    case .bars(let groups):
      for group in groups {
        session.begin(group)
        if session.hasRequests { try await sessionStore.settle(&session) }
      }
    }
  }

  /// Runs `body` on a copy of the session in a transaction, and commits with it prices, memories and what it returns.
  /// - Parameters:
  ///   - lane: has the transaction open already; otherwise it is one of the first connection.
  ///   - candles: statements that make the candles of the batch's ticks.
  func transact(
    in lane: TickLane? = nil, candles: [Request] = [],
    _ body: nonisolated(nonsending) (inout TradingSession, inout SessionStore) async throws -> [Request]
  ) async throws {
    guard var next = session else { return }
    defer {
      commitSpan?.end()
      commitSpan = nil
    }
    var newClocks: [String]?
    if let lane {
      newClocks = try await write(&next, EngineStore(lane.connection), candles, body)
      try await lane.commit()
    } else {
      try await connection.transaction { _ in newClocks = try await self.write(&next, self.store, candles, body) }
    }
    runner.metrics.committed(tally, readAt: readAt)
    runner.tell(tally.steps, symbols)
    readAt = nil
    time = next.time
    clocks = newClocks ?? []
    warmedUp = []
    session = newClocks == nil || next.needsReload ? nil : next
  }

  /// - Returns: the clocks that the transaction leaves behind; nil when the session has to be loaded anew.
  private nonisolated(nonsending) func write(
    _ session: inout TradingSession, _ store: EngineStore, _ candles: [Request],
    _ body: nonisolated(nonsending) (inout TradingSession, inout SessionStore) async throws -> [Request]
  ) async throws -> [String]? {
    var sessionStore = SessionStore(
      store, portfolios: portfolios, instruments: instruments, clocks: clocks, barResolution: feed.barResolution,
      candles: candles, patience: patience, follows: runner.follows, tracer: runner.tracer)
    let newer = isBehind ? try await store.stepBackQuotes(to: session.latestPrices) : []
    var requests = try await body(&session, &sessionStore)
    let prices = session.takePrices()
    if !prices.isEmpty { requests.append(EngineStore.upsertQuotes(prices)) }
    for state in session.takeStates() {
      requests.append(
        EngineStore.saveState(
          portfolio: state.portfolio, agent: state.agent, instrument: state.instrument, at: state.at, state: state.state
        ))
    }
    if !warmedUp.isEmpty { requests.append(EngineStore.recordWarmUps(warmedUp, at: session.time)) }
    let stops = session.takeTrails()
    if !stops.isEmpty { requests.append(EngineStore.trailOrders(stops)) }
    if !newer.isEmpty { requests.append(EngineStore.upsertQuotes(newer)) }
    commitSpan = runner.tracer?.startSpan("bourse.commit")
    let clocks = try await sessionStore.finish(requests)
    tally = sessionStore.tally
    return clocks
  }

  private func finish() async throws {
    try await reloadIfNeeded(at: time)
    let names = feed.cursors(for: instruments)
    var cursors: [EngineStore.Cursor?] = []
    for name in names { cursors.append(try await store.cursors(portfolios, feed: name).first ?? nil) }
    try await transact { session, sessionStore in
      session.finish()
      try await sessionStore.settle(&session)
      return zip(names, cursors).map { name, cursor in
        EngineStore.saveCursor(
          self.portfolios, feed: name, position: cursor?.position ?? 0, sequence: cursor?.sequence ?? 0,
          at: session.time, isFinished: true)
      }
    }
    runner.note { $0.end = .finished }
  }

  private func giveSign() async throws {
    let now = ContinuousClock.now
    guard now - lastSign > .seconds(5) else { return }
    lastSign = now
    try await store.touchRunner(runnerID)
  }
}
