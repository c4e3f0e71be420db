import LibPQ
import TestSupport
import Testing
import TradingCore

@testable import EngineStore

@Suite(.needsServer, .commonTimeLimit)
struct SessionStoreTests {
  private static let day: Int64 = 86_400_000_000
  private static let setup = """
    SELECT market.add_instrument(symbol => s) FROM unnest('{AAA,BBB}'::text[]) AS s;
    SELECT trading.create_portfolio(name => 'main', capital => 100000, fee_schedule => 'us_equity', slippage_bps => 3, at => '2013-01-01');
    SELECT strategy.create_strategy('trend', 'trend', '1 day', '{"fast":2,"slow":4,"atr":3}', at => '2013-01-01');
    SELECT strategy.record_check(u.strategy, u.version, 'checked') FROM strategy.unchecked_versions AS u;
    SELECT strategy.create_agent('walker', 'main', 'trend', '{AAA,BBB}', at => '2013-01-01');
    SELECT strategy.start_agent('main', 'walker', at => '2013-01-01');
    SELECT market.add_split('AAA', '2013-03-04', 3, 2);
    """

  /// Day bars of both instruments that wander.
  private func bars(_ day: Int) throws -> [BarEvent] {
    try [Int32(1), 2].map { instrument in
      let phase = Double(day) / 1.7 + Double(instrument)
      let close = 100 + 8 * (phase - (phase / 6.3).rounded() * 6.3).magnitude
      let opensAt = try Timestamp("2013-02-01T14:30:00Z").advanced(byMicroseconds: Int64(day) * Self.day)
      return BarEvent(
        instrument: instrument, opensAt: opensAt, closesAt: try opensAt.advanced(byMicroseconds: 6 * 3_600_000_000),
        bar: Bar(bucket: opensAt, open: close - 0.5, high: close + 2, low: close - 3, close: close, volume: 1_000),
        isOfDays: true)
    }
  }

  private func load(_ store: EngineStore, _ time: Timestamp?) async throws -> TradingSession {
    let loader = SessionLoader(store: store, portfolios: [1], barResolution: Self.day)
    let first = try bars(0)[0].opensAt
    return try await loader.load(
      instruments: loader.instruments(), time: time ?? first, splitsAfter: time ?? first, past: nil
    ).session
  }

  /// Shows bars to a session and stores what comes of it, as a runner does.
  private func run(_ session: inout TradingSession, _ days: Range<Int>, _ connection: Connection) async throws {
    let store = EngineStore(connection)
    let clocks = try await store.clocks(of: [1])
    var next = session
    try await connection.transaction { _ in
      var sessionStore = SessionStore(store, portfolios: [1], clocks: clocks)
      for day in days {
        next.begin(try self.bars(day))
        try await sessionStore.settle(&next)
      }
      let states = next.takeStates().map {
        EngineStore.saveState(
          portfolio: $0.portfolio, agent: $0.agent, instrument: $0.instrument, at: $0.at, state: $0.state)
      }
      let left = try await sessionStore.finish([EngineStore.upsertQuotes(next.takePrices())] + states)
      #expect(left != nil)
    }
    session = next
  }

  private func text(_ connection: Connection, _ sql: String) async throws -> String {
    try await connection.query(sql).only()[0].string
  }

  @Test func aLoadedSessionGoesOnAsTheOneThatWasStored() async throws {
    let days = 80
    var fingerprints: [String] = []
    var memories: [String] = []
    for isReloaded in [false, true] {
      try await TestDatabase.withSchema(Self.setup) { _, connection in
        var session = try await load(EngineStore(connection), nil)
        for day in 0..<days {
          if isReloaded, day > 0 { session = try await load(EngineStore(connection), session.time) }
          try await run(&session, day..<day + 1, connection)
        }
        fingerprints.append(try await text(connection, "SELECT ops.fingerprint()"))
        memories.append(
          try await text(
            connection,
            "SELECT string_agg(state::text || at, E'\\n' ORDER BY instrument_id) FROM strategy.agent_instruments"))
        #expect(try await text(connection, "SELECT count(*) FROM ops.check_invariants()") == "0")
        #expect(try await text(connection, "SELECT count(*) > 10 FROM trading.fills") == "t")
        #expect(try await text(connection, "SELECT count(*) FROM trading.position_adjustments") == "1")
      }
    }
    #expect(fingerprints[0] == fingerprints[1])
    #expect(memories[0] == memories[1])
  }

  @Test func whatOthersChangeMeanwhileIsNoticed() async throws {
    try await TestDatabase.withSchema(Self.setup) { options, connection in
      let store = EngineStore(connection)
      let other = try await Connection.connect(options)
      let deposit = "SELECT ledger.deposit('main', 5, at => '2013-01-02')"
      func finish(
        _ clocks: [String], _ before: nonisolated(nonsending) (inout SessionStore) async throws -> Void
      ) async throws -> [String]? {
        try await connection.transaction { _ in
          var sessionStore = SessionStore(store, portfolios: [1], clocks: clocks)
          try await before(&sessionStore)
          return try await sessionStore.finish([])
        }
      }
      // Nobody: the clocks stay what they were.
      var clocks = try await store.clocks(of: [1])
      #expect(try await finish(clocks) { _ in } == clocks)
      // Between the look and the end of a batch that changed nothing itself.
      #expect(try await finish(clocks) { _ in try await other.script(deposit) } == nil)
      // Between the look and the first change, whose transaction number is higher.
      clocks = try await store.clocks(of: [1])
      var session = try await load(store, nil)
      session.begin(try bars(0))
      session.finish()
      #expect(
        try await finish(clocks) { sessionStore in
          try await other.script(deposit)
          try await sessionStore.settle(&session)
        } == nil)
      // Own changes are no surprise, and the clocks that come back are those that the next look shows.
      clocks = try await store.clocks(of: [1])
      session.finish()
      let own = try await finish(clocks) { try await $0.settle(&session) }
      #expect(own != clocks)
      #expect(try await store.clocks(of: [1]) == own)
      await other.close()
    }
  }

  @Test func unknownPortfoliosCannotBeHeld() async throws {
    try await TestDatabase.withSchema(Self.setup) { _, connection in
      await #expect(throws: PostgresError.self) {
        try await EngineStore(connection).run([EngineStore.lockPortfolios([1, 99])])
      }
    }
  }

  @Test func agentsThatCannotRunAreNamed() async throws {
    try await TestDatabase.withSchema(Self.setup) { _, connection in
      func load(_ resolution: Int64?) async throws -> SessionLoader.Loaded {
        let loader = SessionLoader(store: EngineStore(connection), portfolios: [1], barResolution: resolution)
        return try await loader.load(instruments: loader.instruments(), time: nil, splitsAfter: nil, past: nil)
      }
      // The feed is at fault.
      let error = await #expect(throws: SessionLoader.WrongFeed.self) { _ = try await load(25_200_000_000) }
      #expect(error?.description.contains("walker") == true)
      // Days are made of hours and of ticks too.
      #expect(try await load(3_600_000_000).agentCount == load(Self.day).agentCount)
      #expect(try await load(nil).agentCount == load(Self.day).agentCount)
      try await connection.script("UPDATE strategy.agent_instruments SET state = '\\x0301'")
      let unfit = await #expect(throws: SessionLoader.UnfitAgents.self) { _ = try await load(Self.day) }
      #expect(unfit?.agents.map(\.name) == ["walker"])
    }
  }
}
