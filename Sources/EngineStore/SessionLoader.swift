import LibPQ
import TradingCore

/// Reads from the tables everything that a ``TradingSession`` holds in memory.
package struct SessionLoader: Sendable {
  package let store: EngineStore
  package let portfolios: [Int32]
  /// Length of the feed's bars in microseconds; nil for a feed of ticks.
  package let barResolution: Int64?

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
  }

  /// - Parameters:
  ///   - time: the last event that the state in the tables has seen; nil before the first.
  ///   - splitsAfter: splits and dividends until then have been applied, but for late ones; nil: none has.
  ///   - warmUp: gets each agent that has no memory yet, or no candle of its calendar, to show it the past.
  /// - Throws: ``UnfitAgents`` with all of them, ``WrongFeed``.
  package nonisolated(nonsending) func load(
    instruments: [SessionInstrument], time: Timestamp?, splitsAfter: Timestamp?,
    warmUp: nonisolated(nonsending) (inout SessionAgent, SessionInstrument) async throws -> Void
  ) async throws -> Loaded {
    let portfolioRows = try await loadPortfolios(instruments)
    let byID = Dictionary(uniqueKeysWithValues: instruments.map { ($0.id, $0) })
    let orders = try await store.run([BookedOrder.selectOpen(portfolios)])[0].compactMap { try BookedOrder(openIn: $0) }
    let agents = try await loadAgents(byID, orders, warmUp)
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
        + (try await store.settlements(of: instruments.map(\.id), for: portfolios, at: time)), time: time)
    return Loaded(session: session, agentCount: agents.count)
  }

  // MARK: Tables

  private nonisolated(nonsending) func loadPortfolios(
    _ instruments: [SessionInstrument]
  ) async throws -> [SessionPortfolio] {
    let fees = try await store.feePlans(portfolios, for: instruments.map(\.id))
    let rows = try await store.connection.execute(
      """
      SELECT p.portfolio_id, p.slippage_bps, (extract(epoch FROM p.snapshot_interval) * 1000000)::bigint, a.cash + a.margin, a.available,
             p.market_order_buffer, p.fee_schedule, round(p.participation_percent / 100, 8), k.marked_until
        FROM trading.portfolios AS p
        JOIN ledger.portfolio_clocks AS k USING (portfolio_id)
        JOIN trading.accounts($1) AS a USING (portfolio_id)
       ORDER BY p.portfolio_id
      """, [.int4s(portfolios)])
    return try rows.map { row in
      SessionPortfolio(
        id: try row[0].int32, fees: fees[try row[6].string] ?? FeePlan([:]),
        slippageBasisPoints: try row[1].ratio, participation: try row[7].ifPresent.map { try $0.ratio },
        marketOrderBuffer: try row[5].ratio, snapshotInterval: try row[2].int64,
        nextPeriod: try row[8].time,
        account: SessionAccount(cash: try row[3].money, available: try row[4].money))
    }
  }

  /// Those that the portfolios' agents, open orders and positions concern, and what the contracts among them are on: who
  /// else trades that makes no difference to when they end. In the order of their symbols.
  package nonisolated(nonsending) func instruments() async throws -> [SessionInstrument] {
    let rows = try await store.connection.execute(
      """
      WITH traded AS (
        SELECT a.instrument_id FROM strategy.agent_instruments AS a WHERE a.portfolio_id = ANY ($1)
        UNION SELECT o.instrument_id FROM trading.orders AS o WHERE o.portfolio_id = ANY ($1) AND o.closed_at IS NULL
        UNION SELECT p.instrument_id FROM trading.positions AS p WHERE p.portfolio_id = ANY ($1) AND p.quantity <> 0
      ), wanted AS (
        SELECT t.instrument_id, true AS is_traded FROM traded AS t
        UNION ALL SELECT i.underlying_id, false FROM traded AS t JOIN market.instruments AS i USING (instrument_id)
      )
      SELECT i.instrument_id, i.symbol, i.tick_size, i.lot_size, i.multiplier, i.kind, i.exchange_id, q.last, q.ts, q.last_size,
             w.is_traded, i.initial_margin
        FROM (SELECT w.instrument_id, bool_or(w.is_traded) AS is_traded FROM wanted AS w GROUP BY w.instrument_id) AS w
        JOIN market.instruments AS i USING (instrument_id)
        JOIN market.exchanges AS e USING (exchange_id)
        LEFT JOIN market.quotes AS q USING (instrument_id)
       ORDER BY i.symbol, e.code
      """, [.int4s(portfolios)])
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

  private nonisolated(nonsending) func loadAgents(
    _ instruments: [Int32: SessionInstrument], _ orders: [BookedOrder],
    _ warmUp: nonisolated(nonsending) (inout SessionAgent, SessionInstrument) async throws -> Void
  ) async throws -> [SessionAgent] {
    let rows = try await store.connection.execute(
      """
      SELECT a.portfolio_id, a.agent_id, n.instrument_id, a.name, a.status, s.type, v.parameters::text,
             (extract(epoch FROM t.length) * 1000000)::bigint, n.state, i.exchange_id, i.is_active,
             (extract(year FROM t.length) * 12 + extract(month FROM t.length))::int, extract(day FROM t.length)::int,
             t.length = date_trunc('day', t.length)
        FROM strategy.agents AS a
        JOIN strategy.strategy_versions AS v USING (strategy_id, version)
        JOIN strategy.strategies AS s USING (strategy_id)
        CROSS JOIN LATERAL (SELECT justify_hours(v.timeframe) AS length) AS t
        LEFT JOIN (strategy.agent_instruments AS n JOIN market.instruments AS i USING (instrument_id)) USING (portfolio_id, agent_id)
       WHERE a.portfolio_id = ANY ($1) AND a.status IN ('running', 'paused')
       ORDER BY a.portfolio_id, a.agent_id, i.symbol
      """, [.int4s(portfolios)])
    var agents: [SessionAgent] = []
    var unfit: [UnfitAgents.Agent] = []
    for row in rows {
      let (portfolio, id, name) = (try row[0].int32, try row[1].int32, try row[3].string)
      do {
        guard let instrument = try row[2].ifPresent.flatMap({ instruments[try $0.int32] }) else {
          throw Unfit(description: "it has no instrument")
        }
        var agent = try agent(row, on: instrument, orders)
        let isNew = try row[8].isNull
        agent.isNew = isNew
        if isNew || agent.calendar != nil && agent.builder.isUntouched { try await warmUp(&agent, instrument) }
        agents.append(agent)
      } catch {
        guard let reason = Self.reason(error) else { throw error }
        if !unfit.contains(where: { $0.id == id }) {
          unfit.append(UnfitAgents.Agent(portfolio: portfolio, id: id, name: name, reason: reason))
        }
      }
    }
    if !unfit.isEmpty { throw UnfitAgents(agents: unfit) }
    return agents
  }

  /// What a person is told when it is the agent that is at fault; nil: it is not.
  private static func reason(_ error: any Error) -> String? {
    switch error {
    case is Unfit, is ParameterError, is ArithmeticError, is IndicatorError: "\(error)"
    case let error as StoreError: "its memory is damaged (\(error)); reset strategy.agent_instruments.state to NULL"
    default: nil
    }
  }

  private func agent(_ row: Row, on instrument: SessionInstrument, _ orders: [BookedOrder]) throws -> SessionAgent {
    let (id, name) = (try row[1].int32, try row[3].string)
    guard try row[10].bool else {
      throw Unfit(description: "its instrument \(instrument.symbol) trades no more (is_active is false)")
    }
    let type = try row[5].string
    guard type == "trend" else {
      throw Unfit(description: "its strategy is of type \(type), which this version does not know")
    }
    let timeframe = try row[7].int64
    if let barResolution, barResolution != timeframe {
      throw WrongFeed(
        description:
          "agent \"\(name)\" looks at candles of \(timeframe / 1_000_000) s, and this feed has bars of \(barResolution / 1_000_000) s"
      )
    }
    let calendar = try Self.calendar(row, timeframe)
    if barResolution == nil, calendar == nil, timeframe >= Self.day {
      throw Unfit(
        description: "its candles are neither of whole days nor of whole months, or longer than ten years")
    }
    let json = try row[6].string
    let parameters = try TrendParameters(json: json)
    let terms = try TradingTerms(
      tickSize: instrument.tickSize, lot: instrument.lot, multiplier: instrument.multiplier,
      initialMargin: instrument.initialMargin)
    let plan = parameters.plan(terms: terms)
    var strategy = try TrendStrategy(parameters)
    var runtime = AgentRuntime(plan)
    var builder = calendar == nil ? try CandleBuilder(resolution: timeframe) : .onCalendar()
    if let cell = try row[8].ifPresent {
      do {
        guard let state = SessionAgent.split(state: try cell.bytes) else {
          throw StoreError("its length is wrong")
        }
        builder =
          calendar == nil
          ? try CandleBuilder(resolution: timeframe, state: state.candle) : try .onCalendar(state: state.candle)
        let prefix = "\(name)/\(instrument.symbol)/"
        let own = orders.filter {
          $0.agent == id && $0.instrument == instrument.id && $0.clientOrderID.hasPrefix(prefix)
        }
        .compactMap { booked in
          AgentOrder(clientOrderID: String(booked.clientOrderID.dropFirst(prefix.count)), booked.order)
        }
        runtime = try AgentRuntime(plan, state: state.runtime, orders: own)
        strategy = try TrendStrategy(parameters, state: state.strategy)
      } catch let error as ParameterError {
        throw StoreError("\(error)")
      }
    }
    return SessionAgent(
      id: id, portfolio: try row[0].int32, instrument: instrument.id, name: name,
      isActive: try row[4].string == "running", strategy: strategy, runtime: runtime, builder: builder,
      calendar: calendar)
  }

  private static let day: Int64 = 86_400_000_000

  /// The calendar of candles of whole days or months; nil when they are of another length.
  private static func calendar(_ row: Row, _ timeframe: Int64) throws -> CandleCalendar? {
    let (months, days) = (try row[11].int32, try row[12].int32)
    guard timeframe >= day, try row[13].bool, (months == 0) != (days == 0), months <= 120, days <= 3_650 else {
      return nil
    }
    return CandleCalendar(exchange: try row[9].int32, months: months, days: days)
  }
}
