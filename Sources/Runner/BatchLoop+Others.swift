import EngineStore
import LibPQ
import TradingCore

/// What happens without an event: others change the portfolios, and time passes.
extension BatchLoop {
  /// Time passes without events: what is due by then happens now.
  func advance(to now: Timestamp) async throws {
    guard let time, time < now else { return }
    do {
      try await reloadIfNeeded(at: time)
      try await transact { session, sessionStore in
        session.begin(passingTo: now)
        try await sessionStore.settle(&session)
        return self.position.map {
          EngineStore.saveCursor(
            self.portfolios, feed: $0.name, position: $0.position, sequence: $0.sequence, at: now, isFinished: false)
        }
      }
    } catch let error as PostgresError where error.sqlState == .lockNotAvailable && patience != nil {
      session = nil
      throw BooksLocked()
    }
  }

  /// Takes up what others did while there are no events, settles what a late price has come for, and closes candles of days,
  /// and settles days, when their source says that they are over.
  func refresh() async throws {
    if let time, try await store.hasLatePrices(portfolios, at: time) {
      try await withBooks { try await $0.settleLate(self.portfolios, at: time) }
    }
    try await reloadIfNeeded(at: time)
    guard let due = session?.nextDue else { return }
    // What it had come to at the look before: all that belongs before that time has been seen since.
    let now = sourceTime
    sourceTime = try await store.sourceTime(of: instruments.filter(\.isTraded).map(\.id))
    if let now, due < now { try await advance(to: now) }
  }

  /// Loads the session when there is none, or when somebody else has changed one of its portfolios.
  func reloadIfNeeded(at begin: Timestamp?) async throws {
    if session != nil, try await store.clocks(of: portfolios) == clocks { return }
    while true {
      do {
        return try await reload(at: begin)
      } catch let error as SessionLoader.UnfitAgents {
        try await fail(error.agents, at: time ?? begin)
      }
    }
  }

  private func reload(at begin: Timestamp?) async throws {
    session = nil
    try await withBooks { try await $0.adoptOrders(self.portfolios) }
    // Splits between an earlier feed and this one count; in a replay of older times none has happened yet.
    let splitsAfter = time ?? [timeBefore, begin].compactMap { $0 }.min()
    // One snapshot: a half of somebody else's change would be worse than none.
    let loaded = try await connection.transaction(isolation: .repeatableRead, readOnly: true) { _ in
      self.clocks = try await self.store.clocks(of: self.portfolios)
      var known = try await self.loader.instruments()
      if self.isBehind, let time = self.time {
        for index in known.indices where known[index].last.map({ $0.time > time }) ?? false {
          if let then = try await self.store.storedPrice(of: known[index].id, at: time) { known[index].last = then }
        }
      }
      if Set(known.map(\.id)) != Set(self.instruments.map(\.id)) { throw Runner.PortfoliosChanged() }
      return try await self.loader.load(
        instruments: known, time: self.time ?? begin, splitsAfter: splitsAfter, past: begin ?? self.time)
    }
    session = loaded.session
    warmedUp = loaded.warmedUp
    for agent in warmedUp {
      runner.logger.notice(
        "an agent was warmed up anew", metadata: ["agent": "\(agent.name)", "reason": "\(agent.reason)"])
    }
    runner.note { $0.agents = loaded.agentCount }
    runner.metrics.runs(loaded.agentCount)
  }

  /// Agents that cannot run do not run; nobody else is concerned.
  private func fail(_ agents: [SessionLoader.UnfitAgents.Agent], at: Timestamp?) async throws {
    for agent in agents {
      runner.logger.error(
        "an agent cannot run and is out of service",
        metadata: ["agent": "\(agent.name)", "portfolio": "\(agent.portfolio)", "reason": "\(agent.reason)"])
    }
    try await withBooks { store in
      try await store.run(agents.map { EngineStore.failAgent($0.id, of: $0.portfolio, $0.reason, at: at) })
    }
  }

  /// A transaction that changes portfolios outside of a batch.
  private func withBooks(_ body: nonisolated(nonsending) (EngineStore) async throws -> Void) async throws {
    do {
      try await connection.transaction { _ in
        if let patience = self.patience { try await self.store.lockPortfolios(of: self.portfolios, patience: patience) }
        try await body(self.store)
      }
    } catch let error as PostgresError where error.sqlState == .lockNotAvailable && patience != nil {
      throw BooksLocked()
    }
  }
}

extension BatchLoop {
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
}
