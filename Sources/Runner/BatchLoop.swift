import EngineStore
import Feeds
import LibPQ
import ServiceLifecycle
import TradingCore

/// Batches one after the other, with the session that they change. A batch works on a copy of the session, which takes
/// the place of the original when it has committed: what failed leaves no trace in memory either.
final class BatchLoop {
  private let runner: Runner
  private let runnerID: Int32
  /// Has the portfolios and the doorbell, and the transactions of batches that store no ticks.
  private let connection: Connection
  /// Those that do have theirs here; the first lane is that of the present batch. None before the first such batch.
  private var lanes: [TickLane] = []
  private var targets: TickLane.Targets = [:]
  /// Some ticks are stored already, by an import or another portfolio's run.
  private var merges = false
  private let store: EngineStore
  private let loader: SessionLoader
  private let instruments: [SessionInstrument]
  private let portfolios: [Int32]
  private let pace: Pace?
  /// The last event of this feed that the tables have seen.
  private var time: Timestamp?
  /// The last event of any earlier feed.
  private let timeBefore: Timestamp?
  /// No batch of this feed has been committed yet.
  private var isAtBeginning: Bool
  private var session: TradingSession?
  /// Event clocks of the portfolios after the last batch.
  private var clocks: [String] = []
  private var marketData: MarketData
  private var lastSign = ContinuousClock.now

  init(
    runner: Runner, runnerID: Int32, connection: Connection, loader: SessionLoader, instruments: [SessionInstrument],
    time: Timestamp?, timeBefore: Timestamp?, isAtBeginning: Bool, marketData: MarketData
  ) {
    self.runner = runner
    self.runnerID = runnerID
    self.connection = connection
    self.loader = loader
    self.instruments = instruments
    self.time = time
    self.timeBefore = timeBefore
    self.isAtBeginning = isAtBeginning
    store = loader.store
    portfolios = loader.portfolios
    pace = runner.options.speed.map(Pace.init)
    self.marketData = marketData
  }

  func run() async throws {
    let result: Result<Void, any Error>
    do { result = .success(try await runBatches()) } catch { result = .failure(error) }
    for lane in lanes { await lane.close() }
    try result.get()
  }

  private func runBatches() async throws {
    var size = BatchSize(
      largest: pace == nil ? runner.options.batchSize : min(runner.options.batchSize, Pace.batchSize))
    let feed = runner.feed
    var holdsDoorbell = false
    var next = Next(batch: try await feed.next(limit: size.events))
    while !Task.isShuttingDownGracefully {
      guard let batch = next.batch else {
        if feed.hasEnd { return try await finish() }
        try await refresh()
        if holdsDoorbell {
          try await waitForDoorbell()
          holdsDoorbell = false
        } else {
          // Writers notify from now on; those before are found by one more look.
          holdsDoorbell = try await store.lockDoorbell(runnerID)
          // Refused: some writer's transaction is open. Poll until it is not.
          if !holdsDoorbell { try await Task.sleep(for: .milliseconds(50)) }
        }
        next = Next(batch: try await feed.next(limit: size.events))
        continue
      }
      if holdsDoorbell {
        try await store.unlockDoorbell(runnerID)
        holdsDoorbell = false
      }
      if isAtBeginning, feed.hasEnd, let begin = batch.begin {
        // A replay of the past begins: prices of its future are not known yet.
        let forgotten = try await store.rewindQuotes(instruments.map(\.id), to: begin)
        if forgotten > 0 { runner.logger.notice("forgot \(forgotten) latest prices that are newer than this feed") }
        session = nil
      }
      isAtBeginning = false
      if let pace, let begin = batch.begin, !(try await pace.wait(for: begin)) { break }
      try await openLanes(for: batch)
      if next.stored == nil { next.stored = try await store(batch) }
      // The feed reads ahead while the batch commits, and the other lane stores what it has read. Not before the batch's own
      // ticks are stored: it might wait for those behind it, whose transaction waits for this one.
      let limit = size.events
      let lane = pace == nil && next.stored != nil ? lanes.last : nil
      let known = targets
      async let following = Self.readAhead(feed, limit: limit, storingIn: lane, known)
      let start = ContinuousClock.now
      var attempts = Attempts(merges: merges)
      var isCommitted = try await attempt(batch, next.stored, &attempts)
      var duration = ContinuousClock.now - start + (next.stored?.duration ?? .zero)
      next = try await following
      if next.stored != nil, let lane, !(await lane.take()) { next.stored = nil }
      if !isCommitted {
        if next.stored != nil { try await lane?.rollback() }
        next.stored = nil
        while !isCommitted { isCommitted = try await attempt(batch, nil, &attempts) }
        duration = ContinuousClock.now - start
      }
      if next.stored != nil { lanes.swapAt(0, 1) }
      size.note(batch.count, took: duration)
      runner.finishedBatch(batch.count, time)
      try await giveSign()
    }
    runner.note { $0.end = .stopped }
  }

  // MARK: Batches

  /// The batch behind the present one, and what of it stands in a transaction of the other lane already.
  private struct Next: Sendable {
    var batch: FeedBatch?
    var stored: TickLane.Stored?
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
      try await commit(batch, stored, merging: attempts.merges)
      return true
    } catch {
      try? await lanes.first?.rollback()
      switch error {
      case let error as PostgresError where error.sqlState == .uniqueViolation && !attempts.merges:
        attempts.merges = true
        merges = true
      case is LateTicks:
        attempts.merges = true
      case let error as PostgresError where error.isTransient:
        session = nil
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
    try await transact(in: lane) { session, sessionStore in
      if let claims = ticks?.claims, !claims.isEmpty, try await sessionStore.store.claimTicks(claims) {
        throw LateTicks()
      }
      try await Self.apply(batch, to: &session, &sessionStore)
      return try data.requests(for: batch, ticks?.parts ?? [])
        + batch.cursors.map {
          EngineStore.saveCursor(
            self.portfolios, feed: $0.name, position: $0.position, sequence: $0.sequence, at: session.time,
            isFinished: false)
        }
    }
    marketData = data
  }

  /// A batch that collided with other transactions in every attempt; nothing of it has happened.
  struct BatchFailure: Error, CustomStringConvertible {
    let attempts: Int
    let at: Timestamp?
    let cause: PostgresError

    var description: String {
      let place = at.map { " at \($0)" } ?? ""
      return
        "the batch\(place) collided with other transactions in \(attempts) attempts, the last time: \(cause). Nothing of it is stored; start the runner again when the server is less busy"
    }
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
  /// - Parameter lane: has the transaction open already; otherwise it is one of the first connection.
  private func transact(
    in lane: TickLane? = nil,
    _ body: nonisolated(nonsending) (inout TradingSession, inout SessionStore) async throws -> [Request]
  ) async throws {
    guard var next = session else { return }
    var newClocks: [String]?
    if let lane {
      newClocks = try await write(&next, EngineStore(lane.connection), body)
      try await lane.commit()
    } else {
      try await connection.transaction { _ in newClocks = try await self.write(&next, self.store, body) }
    }
    time = next.time
    clocks = newClocks ?? []
    session = newClocks == nil || next.needsReload ? nil : next
  }

  /// - Returns: the event clocks that the transaction leaves behind; nil when the session has to be loaded anew.
  private nonisolated(nonsending) func write(
    _ session: inout TradingSession, _ store: EngineStore,
    _ body: nonisolated(nonsending) (inout TradingSession, inout SessionStore) async throws -> [Request]
  ) async throws -> [String]? {
    var sessionStore = SessionStore(store, portfolios: portfolios, clocks: clocks)
    var requests = try await body(&session, &sessionStore)
    let prices = session.takePrices()
    if !prices.isEmpty { requests.append(EngineStore.upsertQuotes(prices)) }
    for state in session.takeStates() {
      requests.append(
        EngineStore.saveState(
          portfolio: state.portfolio, agent: state.agent, instrument: state.instrument, at: state.at, state: state.state
        ))
    }
    let stops = session.takeTrails()
    if !stops.isEmpty { requests.append(EngineStore.trailOrders(stops)) }
    return try await sessionStore.finish(requests)
  }

  private func finish() async throws {
    try await reloadIfNeeded(at: time)
    let names = runner.feed.cursors(for: instruments)
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

  // MARK: What others do

  /// Loads the session when there is none, or when somebody else has changed one of its portfolios.
  private func reloadIfNeeded(at begin: Timestamp?) async throws {
    if session != nil, try await store.streamClocks(portfolios) == clocks { return }
    try await connection.transaction { _ in try await self.store.adoptOrders(self.portfolios) }
    let warmUp = WarmUp(store: store, barResolution: loader.barResolution, before: begin ?? time)
    // Splits between an earlier feed and this one count; in a replay of older times none has happened yet.
    let splitsAfter = time ?? [timeBefore, begin].compactMap { $0 }.min()
    // One snapshot: a half of somebody else's change would be worse than none.
    let loaded = try await connection.transaction(isolation: .repeatableRead, readOnly: true) { _ in
      self.clocks = try await self.store.streamClocks(self.portfolios)
      let known = try await self.loader.instruments()
      if Set(known.map(\.id)) != Set(self.instruments.map(\.id)) { throw Runner.PortfoliosChanged() }
      return try await self.loader.load(
        instruments: known, time: self.time ?? begin, splitsAfter: splitsAfter
      ) { agent, instrument in
        try await warmUp.show(&agent, instrument)
      }
    }
    session = loaded.session
    runner.note { $0.agents = loaded.agentCount }
  }

  /// Takes up what others did while there are no events.
  private func refresh() async throws {
    if runner.options.portfolios.isEmpty {
      let now = try await store.portfolios(named: []).filter { $0.broker == "paper" }.map(\.id)
      if now != portfolios { throw Runner.PortfoliosChanged() }
    }
    try await reloadIfNeeded(at: time)
  }

  // MARK: Sleep

  private func waitForDoorbell() async throws {
    let connection = connection
    _ = try await withGracefulShutdownHandler {
      try await connection.waitForNotification(timeout: .seconds(5))
    } onGracefulShutdown: {
      connection.wake()
    }
    try await store.unlockDoorbell(runnerID)
    try await giveSign()
  }

  private func giveSign() async throws {
    let now = ContinuousClock.now
    guard now - lastSign > .seconds(5) else { return }
    lastSign = now
    try await store.touchRunner(runnerID)
  }
}
