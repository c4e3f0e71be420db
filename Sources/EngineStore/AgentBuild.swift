import TradingCore

/// Puts an agent together from its rows: its program, what of it is kept, and its open orders.
struct AgentBuild {
  let row: SessionLoader.AgentRow
  let instrument: SessionInstrument
  let instruments: [Int32: SessionInstrument]
  /// By the symbols that rules have.
  let identifiers: [String: Int32]
  let grids: [CandleGrid]
  let legs: [Int32]
  let barResolution: Int64?

  /// - Returns: the agent, and why its rules have to be shown the past although it is not new.
  func agent(
    _ program: StrategyProgram, _ orders: [BookedOrder]
  ) throws -> (agent: SessionAgent, outdated: String?) {
    guard row.instrumentTrades else {
      throw SessionLoader.Unfit(
        description: "its instrument \(instrument.symbol) trades no more (is_active is false)")
    }
    let days = row.isWholeDays ? row.days : 0
    if let barResolution,
      !CandlePlan.canBeMade(of: barResolution, months: row.months, days: days, length: row.timeframe)
    {
      throw SessionLoader.WrongFeed(
        description:
          "agent \"\(row.name)\" looks at candles of \(row.timeframe / 1_000_000) s, and this feed has bars of \(barResolution / 1_000_000) s"
      )
    }
    let candles = CandlePlan(
      months: row.months, days: days, length: row.timeframe, barResolution: barResolution,
      instruments: instruments, symbols: identifiers.map { ($0.key, $0.value) }, grids: grids)
    let calendar = try candles.calendar(of: instrument)
    let terms = try TradingTerms(
      tickSize: instrument.tickSize, lot: instrument.lot, multiplier: instrument.multiplier,
      initialMargin: instrument.initialMargin)
    let isLeg = row.leg != nil
    let plan = AgentPlan(
      exits: isLeg ? [] : program.definition.exits, sizing: program.definition.sizing, terms: terms,
      capitalPerTrade: row.capitalPerTrade, isOnTicks: row.timeframe == 0)
    var agent = SessionAgent(
      id: row.id, portfolio: row.portfolio, instrument: instrument.id, name: row.name, isActive: row.isActive,
      runtime: AgentRuntime(plan), memory: isLeg ? nil : StrategyMemory(program),
      builder: try candles.builder(of: instrument), calendar: calendar, isOnTicks: row.timeframe == 0,
      isMadeOfBars: candles.isMadeOfBars, others: isLeg ? [] : try candles.series(of: program, instrument),
      schedule: row.schedule,
      maximumPositions: row.maximumPositions, legs: legs, entersByRules: row.entersByRules)
    guard let state = row.state else {
      agent.isNew = true
      return (agent, nil)
    }
    do {
      let outdated = try restore(&agent, plan, program, state, own(orders))
      return (agent, outdated)
    } catch let error as ParameterError {
      throw StoreError("\(error)")
    }
  }

  /// - Returns: why the rules' part is none to go on from.
  private func restore(
    _ agent: inout SessionAgent, _ plan: AgentPlan, _ program: StrategyProgram, _ state: [UInt8], _ orders: [AgentOrder]
  ) throws -> String? {
    guard let parts = SessionAgent.split(state: state) else { throw StoreError("its length is wrong") }
    agent.runtime = try AgentRuntime(plan, state: parts.runtime, orders: orders)
    guard agent.memory != nil else {
      try agent.restoreCandles(parts.candles)
      return nil
    }
    do {
      agent.memory = try StrategyMemory(program, state: parts.rules)
    } catch .outdated {
      return "what its rules remembered is of another release"
    } catch .badState {
      throw StoreError("the rules' part is damaged")
    }
    try agent.restoreCandles(parts.candles)
    return nil
  }

  private func own(_ orders: [BookedOrder]) -> [AgentOrder] {
    let prefix = "\(row.name)/\(instrument.symbol)/"
    return orders.filter {
      $0.agent == row.id && $0.instrument == instrument.id && $0.clientOrderID.hasPrefix(prefix)
    }
    .compactMap { booked in
      AgentOrder(clientOrderID: String(booked.clientOrderID.dropFirst(prefix.count)), booked.order)
    }
  }
}
