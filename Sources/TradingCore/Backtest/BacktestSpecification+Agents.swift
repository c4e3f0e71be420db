extension BacktestSpecification {
  /// The agent on each of its instruments, legs last.
  func agents() throws(BacktestError) -> [SessionAgent] {
    let program: StrategyProgram
    do throws(RuleError) {
      program = try StrategyProgram(
        StrategyDefinition(type: agent.type, json: agent.parameters), timeframe: agent.length)
    } catch {
      throw BacktestError(error)
    }
    var instruments: [Int32: SessionInstrument] = [:]
    for instrument in terms.instruments { instruments[instrument.terms.id] = instrument.terms }
    let candles = CandlePlan(
      months: agent.months, days: agent.days, length: agent.microseconds, barResolution: resolution,
      instruments: instruments, symbols: symbols, grids: grids)
    var agents: [SessionAgent] = []
    for id in agent.instruments + agent.legs {
      guard let instrument = instruments[id] else { throw .malformed("instruments has no \(id).") }
      agents.append(try seat(program, instrument, candles, isLeg: agents.count >= agent.instruments.count))
    }
    return agents
  }

  private func seat(
    _ program: StrategyProgram, _ instrument: SessionInstrument, _ candles: CandlePlan, isLeg: Bool
  ) throws(BacktestError) -> SessionAgent {
    let others: [SessionSeries]
    let calendar: CandleCalendar?
    do throws(CandlePlan.Problem) {
      calendar = try candles.calendar(of: instrument)
      others = isLeg ? [] : try candles.series(of: program, instrument)
    } catch {
      throw BacktestError(
        "TR531", "the strategy cannot run on \(instrument.symbol): \(error.description)",
        detail: "Strategy \(agent.name).", hint: "docs/strategies.md says what candles a strategy can have.")
    }
    do throws(ParameterError) {
      let terms = try TradingTerms(
        tickSize: instrument.tickSize, lot: instrument.lot, multiplier: instrument.multiplier,
        initialMargin: instrument.initialMargin)
      let plan = AgentPlan(
        exits: isLeg ? [] : program.definition.exits, sizing: program.definition.sizing, terms: terms,
        capitalPerTrade: agent.capitalPerTrade, isOnTicks: agent.microseconds == 0)
      var seated = SessionAgent(
        id: BacktestAgent.id, portfolio: self.terms.portfolios[0].id, instrument: instrument.id, name: agent.name,
        isActive: true, runtime: AgentRuntime(plan), memory: isLeg ? nil : StrategyMemory(program),
        builder: try candles.builder(of: instrument), calendar: calendar, isOnTicks: agent.microseconds == 0,
        isMadeOfBars: candles.isMadeOfBars, others: others, maximumPositions: agent.maximumPositions,
        legs: isLeg ? [] : agent.legs)
      seated.candlesToSkip = isLeg ? 0 : agent.candlesToSkip
      let sources = [instrument.id] + others.map { $0.instrument }
      let isRestated = self.terms.actions.contains { $0.split != nil && sources.contains($0.instrument) }
      if isRestated, !isLeg { seated.history = CandleHistory(program) }
      return seated
    } catch {
      throw .malformed(error.description + ".")
    }
  }
}
