@testable import TradingCore

/// What an agent of a test is made of.
struct AgentKit {
  var id: Int32 = 1
  var portfolio: Int32 = 1
  let instrument: SessionInstrument
  var name = "walker"
  var isActive = true
  let json: String
  var type = StrategyType.custom
  /// Microseconds; 0: every tick is a candle.
  var resolution: Int64 = 60_000_000
  var calendar: CandleCalendar?
  var isMadeOfBars = false
  var instruments: [String: Int32] = ["ONE": 1, "TWO": 2, "THREE": 3]
  var isLeg = false
  var legs: [Int32] = []
  var schedule: SessionSchedule?
  var maximumPositions: Int?

  func agent(_ books: SessionBooks, state: [UInt8]? = nil) throws -> SessionAgent {
    let length = resolution == 0 ? nil : RuleLength(count: Int(resolution / 1_000_000), unit: .second)
    let definition = try StrategyDefinition(
      type: json.utf8.contains(UInt8(ascii: "(")) ? .custom : .trend, json: json)
    let program = try StrategyProgram(
      definition, timeframe: calendar == nil ? length : RuleLength(count: 1, unit: .day))
    let terms = try TradingTerms(tickSize: instrument.tickSize, lot: instrument.lot)
    let plan = AgentPlan(
      exits: isLeg ? [] : definition.exits, sizing: definition.sizing, terms: terms, isOnTicks: resolution == 0)
    var others: [SessionSeries] = []
    for key in isLeg ? [] : program.series.dropFirst() {
      let isDaily = key.length.map { $0.unit == .day } ?? false
      let source = key.symbol.flatMap { instruments[$0] } ?? instrument.id
      others.append(
        SessionSeries(
          instrument: source, isOfBaseLength: key.length == nil && !isMadeOfBars,
          calendar: isDaily ? CandleCalendar(exchange: 0, months: 0, days: 1) : nil,
          builder: isDaily
            ? .onCalendar() : try CandleBuilder(resolution: max(1, key.length?.microseconds ?? resolution))))
    }
    var agent = SessionAgent(
      id: id, portfolio: portfolio, instrument: instrument.id, name: name, isActive: isActive,
      runtime: AgentRuntime(plan), memory: isLeg ? nil : StrategyMemory(program),
      builder: calendar == nil ? try CandleBuilder(resolution: max(1, resolution)) : .onCalendar(), calendar: calendar,
      isOnTicks: resolution == 0, isMadeOfBars: isMadeOfBars, others: others, schedule: schedule,
      maximumPositions: maximumPositions, legs: legs)
    guard let state, let parts = SessionAgent.split(state: state) else { return agent }
    let prefix = "\(name)/\(instrument.symbol)/"
    let own = books.open.values.filter { $0.agent == id && $0.instrument == instrument.id }.compactMap { booked in
      AgentOrder(clientOrderID: String(booked.clientOrderID.dropFirst(prefix.count)), booked.order)
    }
    agent.runtime = try AgentRuntime(plan, state: parts.runtime, orders: own)
    try agent.restoreCandles(parts.candles)
    if !isLeg { agent.memory = try StrategyMemory(program, state: parts.rules) }
    return agent
  }
}
