import LibPQ
import TradingCore

/// Reads from the tables everything that a ``TradingSession`` holds in memory.
package struct SessionLoader: Sendable {
  package let store: EngineStore
  package let portfolios: [Int32]
  /// Length of the feed's bars in microseconds; nil for a feed of ticks.
  package let barResolution: Int64?
  let programs = ProgramCache()

  package init(store: EngineStore, portfolios: [Int32], barResolution: Int64?) {
    self.store = store
    self.portfolios = portfolios
    self.barResolution = barResolution
  }

  /// A feed of bars that are not those of an agent: another feed is wanted, and nothing is wrong with the agent.
  package struct WrongFeed: Error, CustomStringConvertible {
    package let description: String
  }

  /// Agents that cannot run, whatever the feed. Without them the others can be loaded.
  package struct UnfitAgents: Error {
    package struct Agent: Sendable {
      package let portfolio: Int32
      package let id: Int32
      package let name: String
      /// For a person: what is wrong with it.
      package let reason: String
    }
    package let agents: [Agent]
  }

  /// Why one agent cannot run.
  struct Unfit: Error, CustomStringConvertible {
    let description: String
  }

  package struct Loaded: Sendable {
    package let session: TradingSession
    package let agentCount: Int
    /// Agents whose rules were shown the past anew, because what they remembered is of another release.
    package let warmedUp: [WarmedUp]
  }

  package struct WarmedUp: Sendable {
    package let portfolio: Int32
    package let agent: Int32
    package let instrument: Int32
    package let name: String
    package let reason: String
  }

  /// - Parameters:
  ///   - time: the last event that the state in the tables has seen; nil before the first.
  ///   - splitsAfter: splits and dividends until then have been applied, but for late ones; nil: none has.
  ///   - past: ends where agents that have no memory begin; nil when there is none.
  /// - Throws: ``UnfitAgents`` with all of them, ``WrongFeed``.
  package nonisolated(nonsending) func load(
    instruments: [SessionInstrument], time: Timestamp?, splitsAfter: Timestamp?, past: Timestamp?
  ) async throws -> Loaded {
    let portfolioRows = try await loadPortfolios(instruments)
    let byID = Dictionary(uniqueKeysWithValues: instruments.map { ($0.id, $0) })
    let orders = try await store.run([BookedOrder.selectOpen(portfolios)])[0].compactMap { try BookedOrder(openIn: $0) }
    let (agents, warmedUp) = try await loadAgents(
      byID, orders, WarmUp(store: store, barResolution: barResolution, before: past))
    let positions = try await store.connection.execute(
      """
      SELECT p.portfolio_id, p.instrument_id, p.quantity, p.cost,
             -- What fills at the close itself is still part of the session.
             CASE WHEN p.intraday_quantity <> 0 THEN market.session_close(i.exchange_id, p.updated_at - interval '1 microsecond') END
        FROM trading.positions AS p JOIN market.instruments AS i USING (instrument_id)
       WHERE p.portfolio_id = ANY ($1) AND p.quantity <> 0
      """, [.int4s(portfolios)]
    ).map { row in
      SessionPosition(
        portfolio: try row[0].int32, instrument: try row[1].int32,
        holding: SessionHolding(quantity: try row[2].quantity, cost: try row[3].money),
        squareOffAt: try row[4].ifPresent.map { try $0.time })
    }
    let actions = try await store.actions(of: instruments.map(\.id), for: portfolios, after: splitsAfter)
    let session = try TradingSession(
      portfolios: portfolioRows, instruments: instruments, agents: agents, orders: orders, positions: positions,
      splits: actions.splits,
      duties: actions.dividends
        + (try await store.settlements(of: instruments.map(\.id), for: portfolios, at: time)),
      predictions: try await predictions(for: agents, at: time), inbox: try await inbox(), time: time)
    return Loaded(session: session, agentCount: agents.count, warmedUp: warmedUp)
  }

  // MARK: Tables

  private nonisolated(nonsending) func loadPortfolios(
    _ instruments: [SessionInstrument]
  ) async throws -> [SessionPortfolio] {
    let fees = try await store.feePlans(portfolios, for: instruments.map(\.id))
    let rows = try await store.connection.execute(
      """
      SELECT p.portfolio_id, p.slippage_bps, (extract(epoch FROM p.snapshot_interval) * 1000000)::bigint, a.cash + a.margin, a.available,
             p.market_order_buffer, p.fee_schedule, round(p.participation_percent / 100, 8), k.marked_until,
             p.slippage_ticks, p.impact_bps, (extract(epoch FROM p.latency) * 1000000)::bigint
        FROM trading.portfolios AS p
        JOIN ledger.portfolio_clocks AS k USING (portfolio_id)
        JOIN trading.accounts($1) AS a USING (portfolio_id)
       ORDER BY p.portfolio_id
      """, [.int4s(portfolios)])
    return try rows.map { row in
      SessionPortfolio(
        id: try row[0].int32, fees: fees[try row[6].string] ?? FeePlan([:]),
        slippageBasisPoints: try row[1].ratio, participation: try row[7].ifPresent.map { try $0.ratio },
        friction: try PaperFriction(
          slippageTicks: row[9].int32, impactBasisPoints: row[10].ratio, latency: row[11].int64),
        marketOrderBuffer: try row[5].ratio, snapshotInterval: try row[2].int64,
        nextPeriod: try row[8].time,
        account: SessionAccount(cash: try row[3].money, available: try row[4].money))
    }
  }

  /// Those that the portfolios' agents, open orders and positions concern, what agents' rules look at beside them, and what
  /// the contracts among them are on: who else trades that makes no difference to when they end. In the order of their
  /// symbols.
  package nonisolated(nonsending) func instruments() async throws -> [SessionInstrument] {
    let lookedAt = try await lookedAt()
    let rows = try await store.connection.execute(
      """
      WITH traded AS (
        SELECT a.instrument_id FROM strategy.agent_instruments AS a WHERE a.portfolio_id = ANY ($1)
        UNION SELECT o.instrument_id FROM trading.orders AS o WHERE o.portfolio_id = ANY ($1) AND o.closed_at IS NULL
        UNION SELECT p.instrument_id FROM trading.positions AS p WHERE p.portfolio_id = ANY ($1) AND p.quantity <> 0
      ), wanted AS (
        SELECT t.instrument_id, true AS is_traded FROM traded AS t
        UNION ALL SELECT i.underlying_id, false FROM traded AS t JOIN market.instruments AS i USING (instrument_id)
        UNION ALL SELECT l.instrument_id, false FROM unnest($2::int[]) AS l (instrument_id)
      )
      SELECT i.instrument_id, i.symbol, i.tick_size, i.lot_size, i.multiplier, i.kind, i.exchange_id, q.last, q.ts, q.last_size,
             w.is_traded, i.initial_margin
        FROM (SELECT w.instrument_id, bool_or(w.is_traded) AS is_traded FROM wanted AS w GROUP BY w.instrument_id) AS w
        JOIN market.instruments AS i USING (instrument_id)
        JOIN market.exchanges AS e USING (exchange_id)
        LEFT JOIN market.quotes AS q USING (instrument_id)
       ORDER BY i.symbol, e.code
      """, [.int4s(portfolios), .int4s(lookedAt)])
    return try rows.map { row in
      let id = try row[0].int32
      let last = try row[7].ifPresent.map { price in
        Tick(instrument: id, time: try row[8].time, price: try price.double, size: try row[9].ifPresent?.double ?? .nan)
      }
      guard let kind = InstrumentKind(sql: try row[5].string) else {
        throw StoreError("a kind of instrument that this version does not know")
      }
      return SessionInstrument(
        id: id, symbol: try row[1].string, tickSize: try row[2].price, lot: try row[3].quantity,
        multiplier: try row[4].ratio, initialMargin: try row[11].ratio, kind: kind, exchange: try row[6].int32,
        isTraded: try row[10].bool, last: last)
    }
  }
}
