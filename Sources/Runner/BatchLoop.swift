import EngineStore
import Feeds
import LibPQ
import ServiceLifecycle
import TradingCore

/// Batches over one connection, with the session that they change. A batch works on a copy of the session, which takes
/// the place of the original when it has committed: what failed leaves no trace in memory either.
final class BatchLoop {
  private let runner: Runner
  private let runnerID: Int32
  private let connection: Connection
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
  private var tickWriter = TickWriter()
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
    var size = BatchSize(
      largest: pace == nil ? runner.options.batchSize : min(runner.options.batchSize, Pace.batchSize))
    let feed = runner.feed
    var holdsDoorbell = false
    var next = try await feed.next(limit: size.events)
    while !Task.isShuttingDownGracefully {
      guard let batch = next else {
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
        next = try await feed.next(limit: size.events)
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
      // The feed reads ahead while the batch commits.
      let limit = size.events
      async let following = feed.next(limit: limit)
      let start = ContinuousClock.now
      try await commit(batch)
      size.note(batch.count, took: ContinuousClock.now - start)
      next = try await following
      try await giveSign()
    }
    runner.note { $0.end = .stopped }
  }

  // MARK: Batches

  /// Commits a batch, and tries again what only bad luck kept from it. Each attempt begins with what the tables say.
  private func commit(_ batch: FeedBatch) async throws {
    let retry = runner.options.commitRetry
    let start = ContinuousClock.now
    var attempt = 0
    var isCommitted = false
    while !isCommitted {
      attempt += 1
      var data = marketData
      do {
        try await reloadIfNeeded(at: batch.begin)
        try await transact { session, sessionStore in
          try await self.apply(batch, to: &session, &sessionStore)
          return try data.requests(for: batch, self.tickWriter.candles)
            + batch.cursors.map {
              EngineStore.saveCursor(
                self.portfolios, feed: $0.name, position: $0.position, sequence: $0.sequence, at: session.time,
                isFinished: false)
            }
        }
        marketData = data
        isCommitted = true
      } catch let error as PostgresError where error.sqlState == .uniqueViolation && !tickWriter.merges {
        // Some of these ticks are stored already, by an import or another portfolio's run.
        tickWriter.merges = true
      } catch let error as PostgresError where error.isTransient {
        session = nil
        let pause = retry.delay(afterAttempt: attempt)
        guard attempt < retry.maximumAttempts, ContinuousClock.now - start + pause <= retry.maximumTime else {
          throw BatchFailure(attempts: attempt, at: batch.begin, cause: error)
        }
        runner.logger.notice(
          "a batch collided with other transactions and is tried again",
          metadata: ["attempt": "\(attempt)", "detail": "\(error)"])
        try await Task.sleep(for: pause)
      }
      if !isCommitted { tickWriter.forgetTargets() }
    }
    runner.finishedBatch(batch.count, time)
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

  private func apply(
    _ batch: FeedBatch, to session: inout TradingSession, _ sessionStore: inout SessionStore
  ) async throws {
    switch batch.events {
    case .ticks(let ticks):
      for tick in ticks {
        session.begin(tick)
        if session.hasRequests { try await sessionStore.settle(&session) }
      }
    case .newTicks(let ticks):
      if ticks.isEmpty { return }
      // The server stores while the session decides.
      let copy = try await tickWriter.begin(ticks, on: connection)
      var index = session.run(ticks, from: 0)
      try await tickWriter.finish(copy, on: connection)
      while index < ticks.ticks.count || session.hasRequests {
        try await sessionStore.settle(&session)
        index = session.run(ticks, from: index)
      }
    case .bars(let groups):
      for group in groups {
        session.begin(group)
        if session.hasRequests { try await sessionStore.settle(&session) }
      }
    }
  }

  /// Runs `body` on a copy of the session in a transaction, and commits with it prices, memories and cursors.
  private func transact(
    _ body: (inout TradingSession, inout SessionStore) async throws -> [Request]
  ) async throws {
    guard var next = session else { return }
    var newClocks: [String]?
    try await connection.transaction { _ in
      var sessionStore = SessionStore(self.store, portfolios: self.portfolios, clocks: self.clocks)
      let cursors = try await body(&next, &sessionStore)
      var requests = cursors
      let prices = next.takePrices()
      if !prices.isEmpty { requests.append(EngineStore.upsertQuotes(prices)) }
      for state in next.takeStates() {
        requests.append(
          EngineStore.saveState(
            portfolio: state.portfolio, agent: state.agent, instrument: state.instrument, at: state.at,
            state: state.state))
      }
      let stops = next.takeTrails()
      if !stops.isEmpty { requests.append(EngineStore.trailOrders(stops)) }
      newClocks = try await sessionStore.finish(requests)
    }
    time = next.time
    clocks = newClocks ?? []
    session = newClocks == nil || next.needsReload ? nil : next
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
