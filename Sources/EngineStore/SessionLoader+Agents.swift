import LibPQ
import TradingCore

/// Agents as the tables have them.
extension SessionLoader {
  /// An agent on one of its instruments.
  struct AgentRow {
    let portfolio: Int32
    let id: Int32
    let name: String
    let isActive: Bool
    /// Nil: it has none.
    let instrument: Int32?
    let instrumentTrades: Bool
    /// Its place among the legs of the strategy, from 1; nil: its rules trade it.
    let leg: Int?
    /// Microseconds; 0: every tick is a candle.
    let timeframe: Int64
    /// Its parts, as an interval has them.
    let months: Int32
    let days: Int32
    let microseconds: Int64
    let type: String
    let parameters: String
    let entersByRules: Bool
    let capitalPerTrade: Money?
    let maximumPositions: Int?
    let schedule: SessionSchedule?
    let state: [UInt8]?

    init(_ row: Row) throws {
      portfolio = try row[0].int32
      id = try row[1].int32
      instrument = try row[2].ifPresent?.int32
      name = try row[3].string
      isActive = try row[4].string == "running"
      type = try row[5].string
      parameters = try row[6].string
      timeframe = try row[7].int64
      state = try row[8].ifPresent?.bytes
      instrumentTrades = try row[9].ifPresent?.bool ?? false
      months = try row[10].int32
      days = try row[11].int32
      microseconds = try row[12].int64
      leg = try row[13].ifPresent.map { Int(try $0.int32) }
      entersByRules = try row[14].string != "ai_powered"
      capitalPerTrade = try row[15].ifPresent?.money
      maximumPositions = try row[16].ifPresent.map { Int(try $0.int32) }
      let days = try row[17].ifPresent.map { try $0.string.split(separator: ",").compactMap { Int($0) } }
      let from = try row[18].ifPresent?.double
      let until = try row[19].ifPresent?.double
      let minutes = if let from, let until { (from: from, until: until) } else { nil as (from: Double, until: Double)? }
      schedule = days == nil && minutes == nil ? nil : SessionSchedule(days: days, minutes: minutes)
    }

    var isWholeDays: Bool { microseconds == 0 }

    /// Its candles as rules have them; nil: every tick is one.
    var length: RuleLength? {
      get throws(RuleError) { try RuleLength.timeframe(months: months, days: days, microseconds: microseconds) }
    }
  }

  /// - Parameter withMemory: false: what they remember, which may be much, is left out.
  nonisolated(nonsending) func agentRows(withMemory: Bool) async throws -> [AgentRow] {
    try await store.connection.execute(
      """
      SELECT a.portfolio_id, a.agent_id, n.instrument_id, a.name, a.status, s.type,
             CASE WHEN a.params = '{}' THEN v.parameters
                  ELSE jsonb_set(v.parameters, '{params}', coalesce(v.parameters -> 'params', '{}') || a.params) END::text,
             (extract(epoch FROM t.length) * 1000000)::bigint, CASE WHEN $2 THEN n.state END, i.is_active,
             (extract(year FROM t.length) * 12 + extract(month FROM t.length))::int, extract(day FROM t.length)::int,
             (extract(epoch FROM t.length - date_trunc('day', t.length)) * 1000000)::bigint, n.leg_no, a.kind,
             a.capital_per_trade, a.maximum_positions, array_to_string(a.schedule_days, ','),
             extract(epoch FROM a.schedule_from) / 60, extract(epoch FROM a.schedule_until) / 60
        FROM strategy.agents AS a
        JOIN strategy.strategy_versions AS v USING (strategy_id, version)
        JOIN strategy.strategies AS s USING (strategy_id)
        CROSS JOIN LATERAL (SELECT justify_hours(v.timeframe) AS length) AS t
        LEFT JOIN (strategy.agent_instruments AS n JOIN market.instruments AS i USING (instrument_id)) USING (portfolio_id, agent_id)
       WHERE a.portfolio_id = ANY ($1) AND a.status IN ('running', 'paused')
       ORDER BY a.portfolio_id, a.agent_id, n.leg_no NULLS FIRST, i.symbol
      """, [.int4s(portfolios), .bool(withMemory)]
    ).map { try AgentRow($0) }
  }

  func program(of row: AgentRow) throws -> StrategyProgram {
    try programs.program(
      ProgramCache.Key(type: row.type, timeframe: row.timeframe, months: row.months, parameters: row.parameters),
      timeframe: try row.length)
  }

  /// The instruments that agents' rules look at by name. Of what cannot run, or names none, ``load`` will speak.
  nonisolated(nonsending) func lookedAt() async throws -> [Int32] {
    try await identifiers(in: try await agentRows(withMemory: false)).values.sorted()
  }

  /// What the symbols in agents' rules name.
  private nonisolated(nonsending) func identifiers(in rows: [AgentRow]) async throws -> [String: Int32] {
    var symbols: [String] = []
    for row in rows where row.leg == nil {
      if let program = try? program(of: row) { symbols += program.series.compactMap(\.symbol) }
    }
    return try await store.identifiers(of: symbols)
  }

  nonisolated(nonsending) func loadAgents(
    _ instruments: [Int32: SessionInstrument], _ orders: [BookedOrder], _ warmUp: WarmUp
  ) async throws -> (agents: [SessionAgent], warmedUp: [WarmedUp]) {
    let rows = try await agentRows(withMemory: true)
    let identifiers = try await identifiers(in: rows)
    // In the order of their places.
    let legs = Dictionary(grouping: rows.filter { $0.leg != nil }) { $0.id }
    let grids = try await store.candleGrids(of: instruments.values.map(\.feeGroup.exchange))
    var agents: [SessionAgent] = []
    var unfit: [UnfitAgents.Agent] = []
    var warmedUp: [WarmedUp] = []
    for row in rows {
      do {
        guard let instrument = row.instrument.flatMap({ instruments[$0] }) else {
          throw Unfit(description: "it has no instrument")
        }
        let own = row.leg == nil ? legs[row.id] ?? [] : []
        let build = AgentBuild(
          row: row, instrument: instrument, instruments: instruments, identifiers: identifiers, grids: grids,
          legs: own.compactMap(\.instrument), barResolution: barResolution)
        var (agent, reason) = try build.agent(program(of: row), orders)
        if agent.isNew || reason != nil || agent.hasUntouchedCalendar {
          try await warmUp.show(&agent, instruments, rulesToo: agent.isNew || reason != nil)
        }
        if let reason {
          warmedUp.append(
            WarmedUp(
              portfolio: row.portfolio, agent: row.id, instrument: instrument.id, name: row.name, reason: reason))
        }
        agents.append(agent)
      } catch {
        guard let reason = Self.reason(error) else { throw error }
        if !unfit.contains(where: { $0.id == row.id }) {
          unfit.append(UnfitAgents.Agent(portfolio: row.portfolio, id: row.id, name: row.name, reason: reason))
        }
      }
    }
    if !unfit.isEmpty { throw UnfitAgents(agents: unfit) }
    return (agents, warmedUp)
  }

  /// What a person is told when it is the agent that is at fault; nil: it is not.
  private static func reason(_ error: any Error) -> String? {
    switch error {
    case let error as RuleError: "its strategy cannot run: \(error)"
    case is Unfit, is CandlePlan.Problem, is ParameterError, is ArithmeticError, is IndicatorError: "\(error)"
    case let error as StoreError: "its memory is damaged (\(error)); reset strategy.agent_instruments.state to NULL"
    default: nil
    }
  }
}
